"""What is covered: states by the ledger, articles by tags; in a terminal, a page and a layer."""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from small import HEADER, ODD

from nightporter.cli.app import main
from nightporter.lake import Lake
from nightporter.ledger import NEVER
from nightporter.overview.coverage import coverage
from nightporter.overview.navigator import layer
from nightporter.overview.page import render
from nightporter.rules import Detector, read_pack
from nightporter.schema import TABLES

HOSTILE = "<script>alert(1)</script>\x1b[2J"
FIRST = date(2026, 3, 2)
# Of each detector: its tags, and the status of four days, the oldest first.
LEDGER = {
    "always": (("attack.collection", "attack.t1213"), "done done stale done"),
    "at_times": (("attack.collection", "attack.t1052.001"), "not_evaluated done done waiting"),
    "blind": (("attack.exfiltration", "attack.t1052.001", "itm.if002"), "not_evaluated " * 4),
    "broken": (("attack.persistence", "attack.t1136"), "done done done failed"),
    "fresh": (("itm.me005",), ""),
}


@pytest.fixture
def detectors(tmp_path: Path) -> tuple[Detector, ...]:
    for name, (tags, _) in LEDGER.items():
        path = tmp_path / "own" / "collection" / f"{name}.sql"
        path.parent.mkdir(parents=True, exist_ok=True)
        head = HEADER.format(title=f"{name} & co", says="{user_id} took {n}")
        quoted = ", ".join(f'"{tag}"' for tag in tags)
        path.write_text(head.replace('"attack.collection"', quoted) + ODD)
    return read_pack([tmp_path / "own"]).detectors


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    lake = Lake(str(tmp_path / "lake"))
    rows = [
        {"stage": name, "day": FIRST + timedelta(days=n), "status": status,
         "reason": None if status == "done" else HOSTILE}
        for name, (_, said) in LEDGER.items()
        for n, status in enumerate(said.split())
    ]  # fmt: skip
    shape = TABLES["windows"].columns
    lacking = [
        pl.lit(None, kind).alias(name) for name, kind in shape.items() if name not in rows[0]
    ]
    lake.append("windows", pl.DataFrame(rows).with_columns(lacking))
    return lake


@pytest.fixture
def covered(lake: Lake, detectors: tuple[Detector, ...]) -> dict[str, Any]:
    return coverage(lake, detectors, 30)


def test_a_detector_stands_as_the_ledger_says(covered: dict[str, Any]) -> None:
    assert {row["detector"]: (row["state"], row["judged"]) for row in covered["detectors"]} == {
        "always": ("evaluated", 4),
        "at_times": ("partly", 2),
        "blind": ("no_data", 0),
        "broken": ("failed", 3),
        "fresh": ("never_ran", 0),
    }


def test_days_before_the_first_night_were_not_judged(
    lake: Lake, detectors: tuple[Detector, ...]
) -> None:
    rows = lake.read("windows").filter(pl.col("stage") == "always")
    older = rows.head(1).with_columns(
        day=pl.lit(FIRST - timedelta(days=1)), status=pl.lit("stale"), reason=pl.lit(NEVER)
    )
    lake.append("windows", older)
    told = {row["detector"]: row for row in coverage(lake, detectors, 30)["detectors"]}["always"]
    assert (told["state"], told["judged"], told["days"], told["reason"]) == ("partly", 4, 5, NEVER)


def test_only_the_newest_days_count(lake: Lake, detectors: tuple[Detector, ...]) -> None:
    covered = coverage(lake, detectors, 1)
    states = {row["detector"]: row["state"] for row in covered["detectors"]}
    assert (states["always"], states["at_times"]) == ("evaluated", "not_evaluated")
    assert states["blind"] == "no_data"
    assert covered["first_day"] == covered["last_day"] == date(2026, 3, 5)


def test_an_article_is_covered_by_those_who_judge(covered: dict[str, Any]) -> None:
    told = {row["id"]: (row["evaluated"], row["not_here"]) for row in covered["articles"]}
    assert told == {
        "collection": (["always", "at_times"], []),
        "exfiltration": ([], ["blind"]),
        "persistence": ([], ["broken"]),
        "T1052.001": (["at_times"], ["blind"]),
        "T1136": ([], ["broken"]),
        "T1213": (["always"], []),
        "IF002": ([], ["blind"]),
        "ME005": ([], ["fresh"]),
    }
    assert {row["id"]: row["section"] for row in covered["articles"]}["IF002"] == "Infringement"


def test_where_nothing_was_scanned_nothing_is_covered(
    tmp_path: Path, detectors: tuple[Detector, ...]
) -> None:
    covered = coverage(Lake(str(tmp_path / "empty")), detectors, 30)
    assert {row["state"] for row in covered["detectors"]} == {"never_ran"}
    assert not any(row["evaluated"] for row in covered["articles"])
    assert "Nothing was scanned yet" in render(covered)


def test_the_layer_is_one_that_the_navigator_reads(covered: dict[str, Any]) -> None:
    """The required properties of layer format 4.5, and their kinds."""
    made = layer(covered, "here")
    assert made["versions"] == {"navigator": "4.9.0", "layer": "4.5"}
    assert (made["name"], made["domain"]) == ("here", "enterprise-attack")
    scores = {each["techniqueID"]: each["score"] for each in made["techniques"]}
    assert scores == {"T1052.001": 1, "T1136": 0, "T1213": 1}
    gradient = made["gradient"]
    assert gradient["minValue"] < gradient["maxValue"] and len(gradient["colors"]) >= 2
    for each in made["techniques"]:
        assert all(set(row) == {"name", "value"} for row in each["metadata"])
    assert "\x1b" not in json.dumps(made, ensure_ascii=False)


def test_the_page_shows_the_matrices_and_no_markup_of_others(covered: dict[str, Any]) -> None:
    page = render(covered)
    assert page.count("●") == 5 and page.count("○") == 7
    assert "<script" not in page and "\x1b" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_the_layer_does_not_call_what_failed_a_lack_of_data(covered: dict[str, Any]) -> None:
    made = layer(covered, "here")
    told = [made["description"], *(each["label"] for each in made["legendItems"])]
    assert not any("data" in each or "nothing to judge" in each for each in told)
    comments = {each["techniqueID"]: each["comment"] for each in made["techniques"]}
    assert comments["T1136"].startswith("broken: failed on the newest day (")


def test_the_page_can_be_read_without_eyes_and_mouse(covered: dict[str, Any]) -> None:
    page = render(covered)
    assert page.count('<div class="wide" tabindex="0" role="region" aria-label=') == 5
    assert page.count('class="wide"') == 5
    assert page.count('role="img" aria-label="judged every day"') == 2


def test_the_command_prints_the_matrix_and_writes_both_files(
    lake: Lake,
    detectors: tuple[Detector, ...],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "nightporter.toml").write_text('[site.MAIN]\nzone = "UTC"\n')
    monkeypatch.setattr(
        "nightporter.cli.coverage.load_pack", lambda _: read_pack([tmp_path / "own"])
    )
    files = ["--html", str(tmp_path / "c.html"), "--navigator", str(tmp_path / "n.json")]
    with pytest.raises(SystemExit) as end:
        main(["detectors", "coverage", *files, "--workspace", str(tmp_path)])
    assert end.value.code == 0
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert lines[0] == "collect exfiltr persist ITM:IF ITM:ME"
    assert lines[1] == "always x"
    assert lines[3] == "blind - -"
    assert "T1052.001 covered Exfiltration over USB: at_times; not here: blind" in lines
    assert "T1136 NOT HERE Create Account: by none; not here: broken" in lines
    assert lines[-1] == "2 of 5 detectors judge something here (2026-03-02 to 2026-03-05)"
    assert "\x1b" not in "".join(lines)
    assert json.loads((tmp_path / "n.json").read_text())["name"] == f"nightporter: {tmp_path.name}"
    assert "Insider Threat Matrix" in (tmp_path / "c.html").read_text()


def test_a_file_that_is_no_detector_is_not_passed_over(
    lake: Lake, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "nightporter.toml").write_text('[site.MAIN]\nzone = "UTC"\n')
    (tmp_path / "own" / "misuse").mkdir(parents=True)
    (tmp_path / "own" / "misuse" / "broken.sql").write_text("SELEC")
    monkeypatch.setattr(
        "nightporter.cli.coverage.load_pack", lambda _: read_pack([tmp_path / "own"])
    )
    with pytest.raises(SystemExit) as end:
        main(["detectors", "coverage", "--workspace", str(tmp_path)])
    assert end.value.code == 3
    assert "broken.sql" in capsys.readouterr().err
