"""A detector that is switched off is not run and says nothing; it is never silently absent."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from small import House
from workspaces import asked, rows

from nightporter import ledger
from nightporter.cli.app import main
from nightporter.config import load
from nightporter.lake import Lake
from nightporter.ledger import OFF
from nightporter.morning import morning
from nightporter.nightly import Night
from nightporter.window import Window
from nightporter.workspace import lake_of

TOML = '\n[packs]\noff = ["odd"]\n'
SHOWN = "off (nightporter.toml)"
SAID = """SELECT strftime(day, '%d'), status, reason, events FROM windows
    WHERE stage = 'odd' AND day >= '2026-03-01' ORDER BY ALL"""


@dataclass
class Story:
    """One house over some nights: what each did, and what the ledger said of `odd` after it."""

    house: House
    nights: list[Night] = field(default_factory=list)
    said: list[list[tuple[Any, ...]]] = field(default_factory=list)
    found: list[list[tuple[Any, ...]]] = field(default_factory=list)

    def night(self, day: str) -> None:
        self.nights.append(self.house.night(day))
        self.said.append(asked(self.house.root, SAID))
        self.found.append(rows(self.house.root, "findings", "detector = 'odd'"))


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """Scanned with `odd`; without it, twice, late events between; and with it again."""
    with pytest.MonkeyPatch.context() as patch:
        house = House(tmp_path_factory.mktemp("house"), patch)
        for day in range(1, 13):
            house.files(f"2026-03-{day:02}", f"2026-03-{day:02} 10:00 ana download")
            house.doors(f"2026-03-{day:02}", f"2026-03-{day:02} 09:00 ana entry")
        story, toml = Story(house), house.root / "nightporter.toml"
        story.night("2026-03-03")
        toml.write_text(toml.read_text() + TOML)
        story.night("2026-03-04")
        house.files("late", "2026-03-02 11:00 ana download", "2026-03-03 11:00 ana download")
        story.night("2026-03-10")
        yield story


def test_its_days_are_not_evaluated_and_what_it_found_before_stands(story: Story) -> None:
    assert [found.detector for found in story.nights[0].detections] == ["odd", "unseen"]
    assert [found.detector for found in story.nights[1].detections] == ["unseen"]
    assert story.found[0] == story.found[1] == story.found[2] != []
    assert story.said[1] == [
        ("01", "done", None, 2),
        ("02", "done", None, 2),
        ("03", "not_evaluated", OFF, 2),
    ]


def test_late_events_overtake_what_it_judged_and_leave_the_others_as_they_are(
    story: Story,
) -> None:
    assert story.said[2] == [
        ("01", "done", None, 2),
        ("02", "stale", "late: events that came while it was switched off", 3),
        ("03", "not_evaluated", OFF, 3),
        *((f"{day:02}", "not_evaluated", OFF, 2) for day in range(4, 10)),
    ]


def test_it_is_shown_as_off_wherever_detectors_are(
    story: Story, capsys: pytest.CaptureFixture[str]
) -> None:
    root = story.house.root
    with duckdb.connect(str(root / "findings.duckdb"), read_only=True) as con:
        told = con.execute("SELECT detector, switch FROM detectors ORDER BY ALL").fetchall()
    assert told == [("odd", SHOWN), ("unseen", "on")]
    newest = morning(load(root), lake_of(load(root)))["newest"]
    assert (newest["detectors"], newest["blind"], newest["off"]) == (1, 0, 1)
    (page,) = (root / "reports").glob("2026-03-09*/index.html")
    assert page.read_text().count(f'<span class="chip">{SHOWN}</span>') == 1
    assert "1 detector off" in page.read_text()
    assert f"{SHOWN}: odd" in printed(root, capsys, "list")
    assert f"{SHOWN}\n    odd" in printed(root, capsys, "coverage")
    covered = json.loads(printed(root, capsys, "coverage", "--json"))["detectors"]
    assert {row["detector"]: row["state"] for row in covered}["odd"] == "off"


def printed(root: Path, capsys: pytest.CaptureFixture[str], *words: str) -> str:
    with pytest.raises(SystemExit) as end:
        main(["detectors", *words, "--workspace", str(root)])
    assert not end.value.code
    return capsys.readouterr().out


def test_a_backfill_of_it_is_refused(story: Story, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["backfill", "odd", "--workspace", str(story.house.root)])
    assert end.value.code == 2
    assert f"odd is {SHOWN}" in capsys.readouterr().err


@pytest.fixture
def left(story: Story, tmp_path: Path) -> Lake:
    """A copy of the lake as the story leaves it, to write into."""
    copied = shutil.copytree(story.house.root / "lake", tmp_path / "lake")
    return Lake(str(copied))


def planned(story: Story, lake: Lake) -> ledger.Plan:
    """What the night of the eleventh has to do when `odd` is on again."""
    on = dict.fromkeys(("features", "odd", "unseen"), "1")
    return ledger.plan(load(story.house.root), lake, datetime(2026, 3, 11, 6, tzinfo=UTC), on)


def test_switched_on_again_it_goes_back_as_far_as_logs_come_late(story: Story, left: Lake) -> None:
    plan = planned(story, left)
    assert plan.windows["odd"] == Window(date(2026, 3, 8), date(2026, 3, 10))
    assert plan.stale.filter(stage="odd", reason=OFF).is_empty()


def test_late_events_of_a_day_on_which_it_was_off_are_counted_there(
    story: Story, left: Lake
) -> None:
    record(left, date(2026, 3, 4), "not_evaluated", OFF, events=1)
    (row,) = planned(story, left).stale.filter(stage="odd", day=date(2026, 3, 4)).to_dicts()
    assert (row["status"], row["reason"], row["events"]) == ("not_evaluated", OFF, 2)


@pytest.mark.parametrize("status", ["failed", "waiting", "not_evaluated"])
def test_what_it_had_left_open_is_closed(left: Lake, status: str) -> None:
    record(left, date(2026, 3, 4), status, "x", events=2)
    (row,) = ledger.switched_off(left, ["odd"], [date(2026, 3, 4)], "run").to_dicts()
    assert (row["status"], row["reason"], row["open"]) == ("not_evaluated", OFF, False)


def record(lake: Lake, day: date, status: str, reason: str, events: int) -> None:
    row = {
        "stage": "odd", "version": "", "day": day, "status": status, "reason": reason,
        "run_id": "r", "events": events, "lake_version": 0, "rows": 0, "ms": 0,
    }  # fmt: skip
    ledger.record(lake, pl.DataFrame([row]))
