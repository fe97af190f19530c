"""A held case: what it stands on is copied, proved by its hash, and left alone by upkeep."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import polars as pl
import pytest
from reported import DAY, Site, evidence, finding, load

from nightporter.cli.app import main
from nightporter.config import load as settings_of
from nightporter.desk import analysts, held_days
from nightporter.workspace import lake_of

LOG = b"2026-06-29 ana download /a.txt\n2026-06-29 ana download /b.txt\n"
GONE = "e" * 64
RULE = "removable_media_surge"
Typed = Callable[..., int]


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A case of two findings on three raw logs: one has grown since, one is another, one gone."""
    site = Site(tmp_path)
    file_id = hashlib.sha256(LOG).hexdigest()
    (tmp_path / "grown.csv").write_bytes(LOG + b"2026-06-30 bo view /c.txt\n")
    (tmp_path / "other.csv").write_bytes(b"written over\n")
    site.scanned(
        finding(case_id="aa01"), finding(finding_id="f2", case_id="aa01", detector=RULE),
        finding(finding_id="f3", user_id="bo"),
    )  # fmt: skip
    site.holds(
        cases=[
            {"case_id": "aa01", "user_id": "ana", "opened": DAY, "level": "high", "findings": 2,
             "status": "open", "days": [{"day": DAY, "findings": 2, "level": "high"}]}
        ],
        evidence=[
            evidence(file_id=file_id, line=1), evidence(file_id=file_id, line=2),
            evidence(finding_id="f2", file_id="d" * 64), evidence(finding_id="f2", file_id=GONE),
            evidence(finding_id="f3", file_id="c" * 64),
        ],
        loads=[
            load(file_id=file_id, path="grown.csv", bytes=len(LOG)),
            load(file_id="d" * 64, path=str(tmp_path / "other.csv"), bytes=9),
            load(file_id=GONE, path=str(tmp_path / "gone.csv"), bytes=9),
        ],
        access=[{"day": DAY, "account": "ana", "feed": "files", "file_id": file_id, "line": 1}],
    )  # fmt: skip
    return site


@pytest.fixture
def typed(site: Site, monkeypatch: pytest.MonkeyPatch) -> Typed:
    def run(account: str, *words: str) -> int:
        monkeypatch.setattr(analysts, "machine_account", lambda: account)
        with pytest.raises(SystemExit) as ended:
            main([*words, "--workspace", str(site.root)])
        return int(ended.value.code or 0)

    return run


def held(site: Site) -> list[Any]:
    return sorted(held_days(lake_of(settings_of(site.root))))


def test_a_hold_copies_what_the_case_stands_on_and_says_what_is_gone(
    site: Site, typed: Typed, capsys: pytest.CaptureFixture[str]
) -> None:
    assert typed("lena", "case", "hold", "aa", "--note", "for the court") == 0
    said = capsys.readouterr()
    path = Path(said.out.strip())
    manifest = orjson.loads(path.read_bytes())
    assert path.parent == site.root / "exports"
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert digest in said.err
    assert typed("lena", "case", "show", "aa") == 0
    assert f"hold, SHA-256 {digest[:12]}...: for the court" in capsys.readouterr().out
    raw = {row["sha256"]: (row["state"], row["lines"]) for row in manifest["raw"]}
    file_id = hashlib.sha256(LOG).hexdigest()
    assert raw == {file_id: ("kept", 2), "d" * 64: ("changed", 1), GONE: ("missing", 1)}
    assert "changed: " in said.err and "held: 1 of 3 raw logs" in said.err
    (copy,) = [site.root / row["copy"] for row in manifest["raw"] if row["copy"]]
    assert copy.read_bytes() == LOG
    rows = {row["table"]: row["rows"] for row in manifest["rows"]}
    assert (rows["findings"], rows["evidence"], rows["cases"]) == (2, 4, 1)
    named = [*manifest["rows"], *(row for row in manifest["detectors"] if row["file"])]
    for row in named:
        assert hashlib.sha256((site.root / row["file"]).read_bytes()).hexdigest() == row["sha256"]
    detectors = {row["detector"]: row for row in manifest["detectors"]}
    assert detectors["bulk"]["now"] is None and detectors[RULE]["spoke_as"] == ["1"]
    assert "SELECT" in (site.root / detectors[RULE]["file"]).read_text("utf-8")
    (lake_file,) = manifest["lake"]
    assert (lake_file["table"], f"day={DAY}" in lake_file["file"]) == ("access", True)
    assert (manifest["days"], manifest["reason"]) == ([str(DAY)], "for the court")
    for file in (site.root / "holds").rglob("*"):
        assert file.stat().st_mode & 0o077 == 0, file


def test_a_hold_has_what_may_mean_the_person_or_was_hidden_too(
    site: Site, typed: Typed, capsys: pytest.CaptureFixture[str]
) -> None:
    """Such findings are in no case, and may be what opened it."""
    both = {"user_id": None, "candidates": ["bo", "ana"]}
    site.holds(
        findings=[finding(finding_id="f4", **both), finding(finding_id="f5", status="suppressed")],
        evidence=[evidence(finding_id="f4", file_id="b" * 64)],
    )
    assert typed("lena", "case", "hold", "aa", "--note", "n") == 0
    manifest = orjson.loads(Path(capsys.readouterr().out.strip()).read_bytes())
    (rows,) = [row for row in manifest["rows"] if row["table"] == "findings"]
    found = pl.read_parquet(site.root / rows["file"])["finding_id"].to_list()
    assert sorted(found) == ["f1", "f2", "f4", "f5"]
    assert "b" * 64 in [row["sha256"] for row in manifest["raw"]]


@pytest.mark.parametrize("original", [LOG, b"written over"], ids=["still there", "gone, too"])
def test_a_copy_that_is_no_longer_what_was_read_is_not_called_kept(
    site: Site, typed: Typed, capsys: pytest.CaptureFixture[str], original: bytes
) -> None:
    words = ("case", "hold", "aa", "--note", "n")
    assert typed("lena", *words) == 0
    file_id = hashlib.sha256(LOG).hexdigest()
    copy = site.root / "holds" / "aa01" / "raw" / file_id
    copy.write_bytes(b"forged")
    (site.root / "grown.csv").write_bytes(original)
    capsys.readouterr()
    assert typed("lena", *words) == 0
    manifest = orjson.loads(Path(capsys.readouterr().out.strip()).read_bytes())
    (raw,) = [row for row in manifest["raw"] if row["sha256"] == file_id]
    if original == LOG:
        assert (raw["state"], copy.read_bytes()) == ("kept", LOG)
    else:
        assert (raw["state"], raw["copy"]) == ("changed", None)


def test_a_hold_ends_when_a_second_person_says_so(
    site: Site, typed: Typed, capsys: pytest.CaptureFixture[str]
) -> None:
    assert typed("lena", "case", "release", "aa", "--note", "n") == 2
    assert "this case is not held" in capsys.readouterr().err
    assert typed("lena", "case", "hold", "aa") == 2
    assert "needs a reason" in capsys.readouterr().err and not (site.root / "holds").exists()
    assert typed("lena", "case", "hold", "aa", "--note", "n" * 4001) == 2
    assert not (site.root / "holds").exists()
    assert typed("lena", "case", "hold", "aa", "--note", "n") == 0
    assert held(site) == [DAY]
    assert typed("lena", "case", "release", "aa", "--note", "settled") == 0
    assert held(site) == [DAY]
    assert typed("lena", "triage", "aa", "--approve") == 2
    assert typed("ida", "triage", "aa", "--approve") == 0
    assert held(site) == []
    assert len(list((site.root / "holds").rglob("*.parquet"))) == 5


def test_a_held_day_is_not_forgotten_to_be_read_again(
    site: Site, typed: Typed, capsys: pytest.CaptureFixture[str]
) -> None:
    assert typed("lena", "case", "hold", "aa", "--note", "n") == 0
    assert typed("lena", "ingest", "files", "--again") == 2
    assert f"a held case stands on {DAY}" in capsys.readouterr().err
    lake = lake_of(settings_of(site.root))
    assert lake.read("access").select("account").equals(pl.DataFrame({"account": ["ana"]}))


def test_days_that_a_held_case_grows_by_are_held_too(site: Site, typed: Typed) -> None:
    assert typed("lena", "case", "hold", "aa", "--note", "n") == 0
    lake = lake_of(settings_of(site.root))
    later = DAY.replace(day=30)
    row = lake.read("cases").with_columns(
        days=pl.lit([{"day": later, "findings": 1, "level": "high"}])
    )
    lake.replace("cases", row, "true")
    assert held(site) == [DAY, later]
