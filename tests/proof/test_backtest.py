"""A detector on the past of a small house: what its nights said, and what a new one says."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from small import HEADER, House

from nightporter import config
from nightporter.cli.app import main
from nightporter.cli.backtest import _detector
from nightporter.errors import UsageError
from nightporter.proof import backtest as trying
from nightporter.proof.backtest import Trial, backtest, past
from nightporter.proof.diff import difference
from nightporter.proof.tally import tally
from nightporter.rules import read_detector, read_pack
from nightporter.schema import TABLES
from nightporter.window import Window
from nightporter.workspace import lake_of

MANY = """\
SELECT user_id, day, count(*) AS files, list(DISTINCT action) AS deeds,
    list(event ORDER BY event) AS events
FROM access WHERE action IN ('copy', 'download') GROUP BY user_id, day
HAVING count(*) >= knob('min_files', 3);
"""
SAYS = "{user_id} did {deeds}, {files} files"
TRIP = """\
[exception.trip]
who = { user_id = "ana" }
detector = "unseen"
owner = "bo"
reason = "away with a laptop"
ticket = "T-1"
from = 2026-03-06
expires = 2026-03-06
"""
RULE = """\
title: Somebody looked
level: low
tags: [attack.collection]
logsource: {category: file_access, product: windows}
detection:
  selection: {action: view}
  condition: selection
"""
# A name that moves the cursor.
EVE = "account:eve\x1b[31m"
DAYS = Window(date(2026, 3, 2), date(2026, 3, 6))


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    """Ana copies three files on Tuesday, she and Eve five on Thursday; no door log on Friday."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("nightporter.nightly.finish", lambda *_: [])  # no page is looked at here
        house = House(tmp_path_factory.mktemp("house"), patch)
        house.rule("many", MANY, SAYS)
        house.days(DAYS)
        (house.root / "logs" / "doors-2026-03-06.csv").unlink()
        house.files("ana-1", *[f"2026-03-03 11:{n:02} ana copy" for n in range(3)])
        house.files("ana-2", *[f"2026-03-05 11:{n:02} ana copy" for n in range(5)])
        (house.root / "logs" / "files-eve.csv").write_text(
            "time,who,what\n" + f"2026-03-05 13:00:00,{EVE.partition(':')[2]},download\n" * 5
        )
        assert house.night("2026-03-07").exit_code == 0
    return house


@pytest.fixture(scope="module")
def new(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same detector in no pack yet: it asks for five files, and of views, too."""
    path = tmp_path_factory.mktemp("new") / "misuse" / "many.sql"
    path.parent.mkdir()
    sql = MANY.replace("', 3)", "', 5)").replace("'download'", "'download', 'view'")
    path.write_text(HEADER.format(title="new", says=SAYS) + sql)
    return path


@pytest.fixture(scope="module")
def trials(house: House, new: Path) -> dict[str, Trial]:
    """Three detectors over the whole past of the house, in parts of three days, by their files;
    and one of them with a knob turned."""
    (house.root / "exceptions").mkdir()
    (house.root / "exceptions" / "trips.toml").write_text(TRIP)
    settings, pack = config.load(house.root), read_pack([house.root / "own"])
    lake = lake_of(settings)
    before = {table: lake.version(table) for table in TABLES}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trying, "AT_ONCE", 3)
        chosen = [pack["many"], pack["unseen"], read_detector(new), pack["many"]]
        knobs = [{}, {}, {}, {"min_files": 5.0}]
        *said, turned = backtest(settings, lake, pack, chosen, past(lake, 30), turned=knobs)
    assert {table: lake.version(table) for table in TABLES} == before
    assert list((house.root / "cache").iterdir()) == []
    return {**{trial.detector.title: trial for trial in said}, "turned": turned}


def test_a_knob_may_be_turned_for_one_of_two(trials: dict[str, Trial]) -> None:
    assert trials["many"].findings.height == 3
    assert sorted(trials["turned"].findings["day"]) == [date(2026, 3, 5)] * 2


def test_it_says_what_the_nights_said_though_it_asks_in_parts(
    house: House, trials: dict[str, Trial]
) -> None:
    stored = lake_of(config.load(house.root)).read("findings")
    mine = stored.filter((stored["detector"] == "many") & (stored["status"] == "open"))
    found = trials["many"].findings
    assert sorted(found["finding_id"]) == sorted(mine["finding_id"])
    assert found.height == 3


def test_its_figures_are_those_of_its_findings(trials: dict[str, Trial]) -> None:
    told = tally(trials["many"], 3, {"min_files": 3.0, "another": 9.0})
    assert [night["findings"] for night in told["nights"]] == [0, 1, 0, 2, 0]
    assert (told["findings"], told["people"], told["judged"]) == (3, 2, 5)
    assert told["rate"] == pytest.approx(3 * 1000 / (3 * 5))
    assert told["budget"] is None  # its level is low
    assert told["knobs"] == {"min_files": 3.0}
    assert [(row["who"], row["findings"]) for row in told["whom"]] == [("ana", 2), (EVE, 1)]
    deeds, files = told["reasons"]
    assert deeds["values"] == [
        {"value": "copy", "findings": 2}, {"value": "download", "findings": 1}
    ]  # fmt: skip
    assert (files["least"], files["median"], files["most"]) == (3, 5, 5)


def test_days_that_it_could_not_judge_are_named_with_the_reason(trials: dict[str, Trial]) -> None:
    (row,) = tally(trials["unseen"], 3, {})["unjudged"]
    assert (row["first_day"], row["days"]) == (date(2026, 3, 6), 1)
    assert "doors" in row["reason"]


def test_a_day_that_it_could_not_judge_is_no_silent_one_in_the_rate(
    trials: dict[str, Trial], said: Callable[..., tuple[str, str]]
) -> None:
    told = tally(trials["many"], 3, {})
    some = replace(trials["many"], unjudged=dict.fromkeys([*DAYS][:3], "no log"))
    assert tally(some, 3, {})["rate"] == pytest.approx(2 * 1000 / (3 * 2)) != told["rate"]
    none = replace(some, unjudged=dict.fromkeys(DAYS, "no log"))
    assert (tally(none, 3, {})["rate"], tally(none, 3, {})["findings"]) == (None, 3)
    out, _ = said("backtest", "unseen")
    assert " a thousand people and day of the 4 that it could judge; level low" in out


def test_what_exceptions_would_hide_is_counted_apart(
    trials: dict[str, Trial], said: Callable[..., tuple[str, str]]
) -> None:
    told = tally(trials["unseen"], 3, {})
    assert (told["hidden"], told["hidden_by"]) == (1, [{"exceptions": "trip", "findings": 1}])
    assert [(row["who"], row["last_day"]) for row in told["whom"]] == [("bo", date(2026, 3, 6))]
    assert told["findings"] == 1
    out, _ = said("backtest", "unseen")
    assert "\n  1 more would be hidden by exceptions: trip 1\n" in out


@pytest.mark.parametrize(("days", "until"), [(0, None), (3, date(2026, 3, 9))])
def test_days_that_were_never_scanned_are_refused(
    house: House, days: int, until: date | None
) -> None:
    with pytest.raises(UsageError):
        past(lake_of(config.load(house.root)), days, until)


def test_of_more_days_than_any_calendar_has_those_are_taken_that_were_scanned(
    house: House, trials: dict[str, Trial]
) -> None:
    assert past(lake_of(config.load(house.root)), 10**9) == DAYS


@pytest.fixture
def said(
    house: House,
    trials: dict[str, Trial],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[..., tuple[str, str]]:
    """What a command that went well printed on stdout and stderr; the trials are those above."""

    def tried(*given: Any) -> tuple[Trial, ...]:
        _, _, _, detectors, window, _ = given
        assert window == DAYS
        return tuple(trials[detector.title] for detector in detectors)

    monkeypatch.setattr(
        "nightporter.cli.backtest.load_pack", lambda _: read_pack([house.root / "own"])
    )
    monkeypatch.setattr("nightporter.cli.backtest.tried", tried)

    def typed(*words: str) -> tuple[str, str]:
        with pytest.raises(SystemExit) as end:
            main(["detectors", *words, "--workspace", str(house.root)])
        assert end.value.code == 0
        return capsys.readouterr()

    return typed


def test_a_file_of_no_pack_is_tried_and_shown_night_by_night(
    new: Path, said: Callable[..., tuple[str, str]]
) -> None:
    out, err = said("backtest", str(new), "--days", "9")
    lines = [" ".join(line.split()) for line in out.splitlines()]
    assert "2 findings about 2 of 3 people" in lines
    assert "2026-03-02 to 2026-03-04 0" in lines
    assert "2026-03-05 Thu 2 ##" in lines
    assert "eve\\x1b[31m" in out and "\x1b" not in out
    assert "9 days were asked for, 5 were scanned" in err


def test_a_detector_is_compared_with_the_one_that_shall_follow_it(
    new: Path, said: Callable[..., tuple[str, str]]
) -> None:
    out, _ = said("diff", "many", str(new), "--until", "2026-03-06")
    assert "  min_files: 3 -> 5" in out
    assert "2 the same (1 in other words), 0 gained, 1 lost" in out
    assert "\nLOST\n  2026-03-03  ana " in out


def test_a_knob_that_the_site_turned_stood_as_it_says(
    house: House, new: Path, said: Callable[..., tuple[str, str]]
) -> None:
    toml = (house.root / "nightporter.toml").read_text()
    (house.root / "nightporter.toml").write_text(f"{toml}\n[knobs.many]\nmin_files = 4\n")
    try:
        out, _ = said("diff", "many", str(new))
    finally:
        (house.root / "nightporter.toml").write_text(toml)
    assert "  min_files: 3 -> 5; nightporter.toml makes it 4 -> 4\n" in out


def test_what_is_lost_because_it_could_not_judge_is_said(
    said: Callable[..., tuple[str, str]],
) -> None:
    out, err = said("diff", "many", "unseen", "--days", "9")
    assert "\nNEW COULD NOT JUDGE 1 of 5 days\n  2026-03-06 Fri " in out
    assert "OLD COULD NOT" not in out
    assert "9 days were asked for, 5 were scanned" in err
    out, _ = said("diff", "many", "unseen", "--json")
    told = json.loads(out)
    assert [len(told[side]["unjudged"]) for side in ("old", "new")] == [0, 1]


def test_a_sigma_rule_of_no_pack_is_named_by_its_path(tmp_path: Path) -> None:
    path = tmp_path / "misuse" / "opened.yml"
    path.parent.mkdir()
    path.write_text(RULE)
    assert _detector(read_pack([]), str(path)).id == "opened"


def test_what_one_gains_the_other_way_round_is_lost(trials: dict[str, Trial]) -> None:
    whole = trials["many"]
    part = replace(whole, findings=whole.findings.filter(pl.col("day") < date(2026, 3, 5)))
    gained, lost = difference(part, whole), difference(whole, part)
    assert gained.gained["user_id"].to_list() == [EVE, "ana"] == lost.lost["user_id"].to_list()
    assert (gained.same.height, gained.reworded, gained.lost.height) == (1, 0, 0)


def test_findings_about_different_things_are_not_compared(
    house: House, trials: dict[str, Trial], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "misuse" / "many.sql"
    path.parent.mkdir()
    header = HEADER.format(title="", says=SAYS).replace(
        "-- ///\n\n", '-- about = ["files"]\n-- ///\n'
    )
    path.write_text(header.replace('title = ""', 'title = "x"') + MANY)
    (other,) = read_pack([tmp_path]).detectors
    monkeypatch.setattr(
        "nightporter.cli.backtest.load_pack", lambda _: read_pack([house.root / "own"])
    )
    with pytest.raises(UsageError, match="files and user_id"):
        difference(Trial(other, DAYS), trials["many"])
    (house.root / "cache").rmdir()
    with pytest.raises(SystemExit) as end:
        main(["detectors", "diff", str(path), "many", "--workspace", str(house.root)])
    assert end.value.code == 2
    assert not (house.root / "cache").exists(), "no day is read for that"
