"""What the commands for exceptions say, and where the report and `explain` say it too."""

from pathlib import Path
from typing import Any

import orjson
import pytest
from reported import DAY, Outline, Site, evidence, finding

from nightporter.cli.app import main
from nightporter.config import load
from nightporter.exceptions import Site as Known
from nightporter.exceptions import expect, load_exceptions, settle
from nightporter.workspace import lake_of

FILE = """\
[exception.move]
who = { user_id = "ana" }
what = { device_id = "S1" }
detector = ["removable_media_surge"]
owner = "lena"
reason = "moves the \\u001b[31marchive"
ticket = "T-1"
from = 2026-06-20
expires = 2026-06-28

[exception.gate]
what = { door_id = "D1" }
detector = "*"
owner = "lena"
approved_by = "ida"
reason = "its sensor is broken"
ticket = "T-2"
expires = 2026-07-03
"""
SUPPRESSED = {"status": "suppressed", "suppressed_by": "move"}
AS_OF = ("--as-of", "2026-06-30T08:00Z")


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """Two findings that are hidden, and one that is open."""
    site = Site(tmp_path)
    (tmp_path / "exceptions").mkdir()
    (tmp_path / "exceptions" / "house.toml").write_text(FILE)
    site.scanned(
        finding(user_id="bo", sentence="bo took 7 files"),
        finding(finding_id="f2", **SUPPRESSED),
        finding(finding_id="f3", **SUPPRESSED),
    )
    site.holds(evidence=[evidence()])
    settings = load(tmp_path)
    known = Known({"removable_media_surge": frozenset()}, {})
    for note in (expect, settle):
        note(lake_of(settings), load_exceptions(settings, known))
    return site


def typed(site: Site, *words: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main([*words, "--workspace", str(site.root)])
    return int(ended.value.code or 0)


def test_the_list_says_how_each_stands_and_which_never_hid_anything(
    site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    assert typed(site, "exceptions", "list", *AS_OF) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"expiring  gate{'':<27}2026-06-04 to 2026-07-03   has never hidden anything",
        "          hides door_id D1: *",
        "          lena, approved by ida, T-2: its sensor is broken   exceptions/house.toml:11",
        f"expired   move{'':<27}2026-06-20 to 2026-06-28   2 findings, last {DAY}",
        "          hides user_id ana, device_id S1: removable_media_surge",
        "          lena, T-1: moves the \\x1b[31marchive   exceptions/house.toml:1",
    ]


def test_the_list_as_json_has_all_of_it(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    assert typed(site, "exceptions", "list", "--json", "--as-of", "2026-06-21T08:00Z") == 0
    move, gate = orjson.loads(capsys.readouterr().out)
    assert (move["name"], move["state"], move["findings"]) == ("move", "active", 2)
    assert (move["who"], move["people"]) == ({"user_id": ["ana"]}, ["ana"])
    assert (gate["name"], gate["state"], gate["findings"]) == ("gate", "active", 0)
    assert (gate["people"], gate["detectors"], gate["last_hidden"]) == (None, ["*"], None)


def test_lint_says_every_fault_with_its_line_and_ends_with_2(
    site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    assert typed(site, "exceptions", "lint") == 0
    (site.root / "context" / "people.csv").write_text("user_id,team\nana,net\nlenna,net\nida,net\n")
    text = FILE.replace("door_id", "dor_id").replace("media_surge", "media_surg")
    (site.root / "exceptions" / "house.toml").write_text(text)
    (site.root / "exceptions" / "more.toml").write_text(FILE.partition("\n\n")[0])
    assert typed(site, "exceptions", "lint") == 2
    said = capsys.readouterr().err
    for fault, hint in (
        (
            "house.toml:4: no detector is called 'removable_media_surg'",
            "did you mean removable_media_surge?",
        ),
        ("house.toml:12: no column 'dor_id'", "did you mean door_id?"),
        ("more.toml:5: people.csv has no 'lena'", "did you mean lenna?"),
    ):
        assert fault in said
        assert hint in said
    assert "exceptions that can be used: 1; faults: 3" in said


def test_hidden_findings_are_printed_when_asked_for(
    site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    assert typed(site, "findings") == 0
    assert "ana took" not in capsys.readouterr().out
    assert typed(site, "findings", "--suppressed") == 0
    said = capsys.readouterr().out
    assert said.count("hidden by move") == said.count("ana took 9 files") == 2
    assert "bo took" not in said


def test_the_report_says_what_is_hidden_what_has_ended_and_what_ends_soon(site: Site) -> None:
    outline = Outline(site.text())
    said = " ".join(" ".join(outline.texts).split())
    assert "2 findings of these days hidden" in said
    assert "move has expired: 2026-06-28 was its last day, findings of later days are open" in said
    assert "gate expires soon: 2026-07-03 is its last day. lena, T-2" in said
    assert "move hides 2 findings about 1 person, the last on 2026-06-29" in said
    assert "1 person to look at" in said


def test_a_report_without_exceptions_says_nothing_of_them(tmp_path: Path) -> None:
    site = Site(tmp_path)
    site.scanned(finding())
    assert "Hidden by exceptions" not in site.text()


def test_explain_names_what_would_count(monkeypatch: pytest.MonkeyPatch, site: Site) -> None:
    from nightporter.cli.explain import _lines
    from nightporter.explain import account

    monkeypatch.setattr(account, "_answers", lambda *_: ())
    settings = load(site.root)
    said: Any = account.explain(settings, lake_of(settings), None, "ana", DAY)  # type: ignore[arg-type]
    assert (len(said.findings), len(said.hidden)) == (0, 2)
    lines = list(_lines(said))
    assert "\nHIDDEN by exceptions: 2 findings of six weeks" in lines
    assert f"  {'bulk':<33} 2 by move" in lines
