"""The ledger's law: whatever comes, each night leaves nothing undone within lateness, forgets
nothing older, and has nothing to do when it is asked again."""

import tempfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from nightporter import ledger
from nightporter.config import Feed, Settings, Site
from nightporter.lake import Lake
from nightporter.ledger import Plan
from nightporter.ledger.days import delivered
from nightporter.schema import TABLES
from nightporter.window import Window

FIRST = date(2026, 3, 1)
LATENESS = {"files": 3, "doors": 6}
VERSIONS = {"features": "1++a", "d": "1+1+a", "e": "1+1+a"}


def feed(name: str) -> Feed:
    words = {"source": "access", "paths": ("x",), "format": "csv", "fields": {}, "site": "A"}
    return Feed(name=name, lateness=f"{LATENESS[name]}d", **words)


SETTINGS = Settings(
    root=Path(), site={"A": Site(zone="UTC")}, feed=tuple(feed(name) for name in LATENESS)
)

# A night over a lake is slow: to shrink a failing story would take minutes.
PHASES = [Phase.explicit, Phase.reuse, Phase.generate]

arrivals = st.lists(
    st.tuples(st.sampled_from(sorted(LATENESS)), st.integers(0, 12), st.integers(1, 3)),
    max_size=4,
)
nights = st.lists(
    st.tuples(st.integers(0, 4), arrivals, st.sampled_from(["", "fails", "changes"])),
    min_size=2,
    max_size=4,
)


def load(lake: Lake, name: str, day: date, events: int) -> None:
    days = [{"day": day, "site": "A", "events": events}]
    row = dict.fromkeys(TABLES["loads"].columns) | {"feed": name, "days": days}
    lake.append("loads", pl.DataFrame([row]))


def scan(lake: Lake, plan: Plan, versions: dict[str, str], failing: str) -> None:
    """What a night does with a plan, without any stage: rows, and the count of its features."""
    ledger.record(lake, plan.stale)
    if plan.window is None:
        return
    counts = delivered(lake)
    rows = [
        {"stage": stage, "version": versions[stage], "day": day, "reason": None, "run_id": "r",
         "status": "failed" if stage == failing else "done", "rows": 0, "ms": 0,
         "events": sum(counts.get(day, {}).values()), "lake_version": lake.version("loads")}
        for stage, window in {**plan.windows, "features": plan.window}.items()
        for day in window
    ]  # fmt: skip
    empty = dict.fromkeys(TABLES["feed_day"].columns)
    counted = [
        {**empty, "day": day, "feed": name, "events": counts.get(day, {}).get(name, 0)}
        for day in plan.window
        for name in LATENESS
    ]
    shape = pl.Schema(TABLES["feed_day"].columns)
    lake.replace_days("feed_day", pl.DataFrame(counted, schema=shape), plan.window)
    ledger.record(lake, pl.DataFrame(rows, schema_overrides={"reason": pl.String}))


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck), phases=PHASES)
@given(nights)
@example([(0, [], ""), (3, [("files", 3, 1)], "")])
@example([(0, [], ""), (3, [("files", 9, 1)], "changes")])
def test_no_day_is_forgotten_and_none_is_done_twice(
    story: list[tuple[int, list[tuple[str, int, int]], str]],
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        lake, last, versions = Lake(folder), FIRST, dict(VERSIONS)
        load(lake, "files", FIRST, 1)
        for passed, arrived, event in story:
            last += timedelta(days=passed)
            for name, back, events in arrived:
                load(lake, name, max(FIRST, last - timedelta(days=back)), events)
            if event == "changes":
                versions["d"] += "'"
            as_of = datetime(last.year, last.month, last.day, 6, tzinfo=UTC) + timedelta(days=1)
            plan = ledger.plan(SETTINGS, lake, as_of, versions)
            scan(lake, plan, versions, "e" if event == "fails" else "")
            check(lake, last, versions)
            again = ledger.plan(SETTINGS, lake, as_of, versions)
            assert again.stale.is_empty()
            assert set(again.windows) <= ({"e"} if event == "fails" else set())


def check(lake: Lake, last: date, versions: dict[str, str]) -> None:
    counts, book = delivered(lake), {}
    for row in lake.read("windows").iter_rows(named=True):
        assert (row["stage"], row["day"]) not in book, "one row a stage and day"
        book[row["stage"], row["day"]] = row
    for stage in versions:
        for day in Window(FIRST, last):
            row = book[stage, day]
            assert row["events"] == sum(counts.get(day, {}).values()), "every event was counted"
            if row["status"] != "stale":
                assert row["status"] == "failed" or row["version"] == versions[stage]
            else:
                assert row["reason"]
                assert day <= last - timedelta(days=min(LATENESS.values())), "young days are done"
