"""Many days in several passes: the same is found as in one, and what breaks off goes on."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small import House
from test_night_laws import LAST, Log, calm, day, house, logs, put, results
from workspaces import asked

from nightporter import passes
from nightporter.ledger import Plan
from nightporter.window import Window
from tests.laws import tried

FIRST = date(2026, 3, 2)
DAYS = Window(FIRST, FIRST + timedelta(days=9))


def cut(counts: dict[int, int]) -> list[tuple[int, int]]:
    """Return the first and last day of each pass over DAYS, counted from the first day."""
    by_day = {FIRST + timedelta(days=n): events for n, events in counts.items()}
    plans = passes._parts(Plan({"features": DAYS}), DAYS, by_day)
    spans = [plan.windows["features"] for plan in plans]
    return [((span.first - FIRST).days, (span.last - FIRST).days) for span in spans]


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passes, "MOST_DAYS", 4)
    monkeypatch.setattr(passes, "MOST_EVENTS", 100)


@pytest.mark.usefixtures("small")
def test_a_pass_holds_so_many_days_or_so_many_events() -> None:
    assert cut({}) == [(0, 3), (4, 7), (8, 9)]
    assert cut({0: 50, 1: 50, 2: 1}) == [(0, 1), (2, 5), (6, 9)]
    assert cut({4: 500, 5: 101}) == [(0, 3), (4, 4), (5, 5), (6, 9)]


@pytest.mark.usefixtures("small")
def test_a_stage_takes_part_in_the_passes_over_its_days() -> None:
    late = Window(FIRST + timedelta(days=5), DAYS.last)
    plans = list(passes._parts(Plan({"features": DAYS, "odd": late}), DAYS, {}))
    assert [set(plan.windows) for plan in plans] == [
        {"features"},
        {"features", "odd"},
        {"features", "odd"},
    ]
    assert plans[1].windows["odd"] == Window(late.first, FIRST + timedelta(days=7))


@tried(2, shrinks=False)
@given(said=logs(), most=st.integers(4, 6))
def test_several_passes_say_what_one_says(said: list[Log], most: int) -> None:
    with house() as made, pytest.MonkeyPatch.context() as patch:
        patch.setattr(passes, "MOST_DAYS", most)
        for each in said:
            put(made, each)
        night = made.night(day(LAST + 1))
        found = results(made)
    assert night.window == Window(day(0), day(LAST))
    assert [d.window for d in night.detections] == [night.window] * 2
    once = calm(said)
    for table in once:
        assert found[table] == once[table], table


def test_what_breaks_off_between_two_passes_the_next_night_takes_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A day that was judged before is due only because an earlier one changed: the run that
    changed it must not end without a word of that."""
    made = House(tmp_path / "house", monkeypatch, pages=False)
    made.days(DAYS)
    made.night(DAYS.last + timedelta(days=1))
    calmly = results(made)
    monkeypatch.setattr(passes, "MOST_DAYS", 4)
    scan, seen = passes.scan, []

    def broken(run: Any, plan: Plan, step: Any) -> Any:
        seen.append(plan.window)
        if len(seen) == 2:
            raise KeyboardInterrupt
        return scan(run, plan, step)

    monkeypatch.setattr(passes, "scan", broken)
    with pytest.raises(KeyboardInterrupt):
        made.backfill(asked=DAYS)
    states = "SELECT status, count(DISTINCT day), min(reason) FROM windows GROUP BY ALL ORDER BY 1"
    assert asked(made.root, states) == [("done", 4, None), ("failed", 6, passes.BROKE_OFF)]
    again = made.night(DAYS.last + timedelta(days=1))
    assert again.window == Window(FIRST + timedelta(days=4), DAYS.last)
    assert asked(made.root, states) == [("done", 10, None)]
    assert results(made) == calmly
