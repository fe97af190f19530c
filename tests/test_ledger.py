"""What is left to do: new, failed, late and re-versioned days, each once."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from nightporter import ledger
from nightporter.config import Feed, Settings, Site
from nightporter.errors import UsageError
from nightporter.lake import Lake
from nightporter.window import Window

FIRST = date(2026, 3, 1)
AS_OF = datetime(2026, 3, 31, 8, tzinfo=UTC)
SETTINGS = Settings(root=Path(), site={"A": Site(zone="UTC")})


def loaded(lake: Lake, events: dict[date, int]) -> None:
    days = [{"day": day, "site": "A", "events": n} for day, n in events.items()]
    lake.append("loads", pl.DataFrame([{"feed": "f", "days": days}]).with_columns(
        pl.lit(None).alias(name) for name in ("source", "file_id", "path", "bytes", "lines",
        "header_lines", "blank_lines", "accepted", "rejected", "duplicates", "future", "first_ts",
        "last_ts", "reader", "ingested_at")))  # fmt: skip


def done(lake: Lake, stage: str, days: Window, version: str = "1", status: str = "done") -> None:
    rows = [
        {"stage": stage, "version": version, "day": day, "status": status, "reason": None,
         "run_id": "r", "events": 5, "lake_version": 0, "rows": 0, "ms": 0}
        for day in days
    ]  # fmt: skip
    ledger.record(lake, pl.DataFrame(rows, schema_overrides={"reason": pl.String}))


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    lake = Lake(str(tmp_path))
    loaded(lake, {FIRST + timedelta(days=n): 5 for n in range(30)})
    return lake


def windows(lake: Lake, **versions: str) -> dict[str, Window]:
    return ledger.plan(SETTINGS, lake, AS_OF, versions or {"d": "1"}).windows


def test_everything_is_due_at_first_and_nothing_twice(lake: Lake) -> None:
    whole = Window(FIRST, date(2026, 3, 30))
    assert windows(lake) == {"d": whole}
    done(lake, "d", whole)
    assert windows(lake) == {}


def test_days_missed_are_covered_by_the_next_run_all_of_them(lake: Lake) -> None:
    done(lake, "d", Window(FIRST, date(2026, 3, 20)))
    assert windows(lake) == {"d": Window(date(2026, 3, 21), date(2026, 3, 30))}


def test_a_failed_day_is_open_again_and_those_after_it(lake: Lake) -> None:
    done(lake, "d", Window(FIRST, date(2026, 3, 30)))
    done(lake, "d", Window(date(2026, 3, 27), date(2026, 3, 27)), status="failed")
    assert windows(lake) == {"d": Window(date(2026, 3, 27), date(2026, 3, 30))}


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 3, 24), {"d": Window(date(2026, 3, 24), date(2026, 3, 30))}),
        (date(2026, 3, 23), {}),
    ],
    ids=["within lateness", "older"],
)
def test_late_events_re_open_their_day_within_lateness(
    lake: Lake, day: date, expected: dict[str, Window]
) -> None:
    done(lake, "d", Window(FIRST, date(2026, 3, 30)))
    loaded(lake, {day: 1})
    assert windows(lake) == expected
    stale = ledger.plan(SETTINGS, lake, AS_OF, {"d": "1"}).stale
    assert stale == ({} if expected else {"d": 1})


def test_a_new_version_re_opens_the_last_week_and_marks_the_rest_stale(lake: Lake) -> None:
    done(lake, "d", Window(FIRST, date(2026, 3, 30)))
    plan = ledger.plan(SETTINGS, lake, AS_OF, {"d": "2"})
    assert plan.windows == {"d": Window(date(2026, 3, 24), date(2026, 3, 30))}
    assert plan.stale == {"d": 23}


def test_a_new_detector_sees_all_days_and_the_others_none(lake: Lake) -> None:
    done(lake, "d", Window(FIRST, date(2026, 3, 30)))
    assert windows(lake, d="1", e="1") == {"e": Window(FIRST, date(2026, 3, 30))}


@pytest.mark.parametrize(
    ("as_of", "last"),
    [
        ("2026-03-31T04:59:00+00:00", "2026-03-29"),  # the night of the 30th still runs
        ("2026-03-31T05:00:00+00:00", "2026-03-30"),
    ],
)
def test_a_business_day_ends_when_the_next_one_starts(as_of: str, last: str) -> None:
    moment = datetime.fromisoformat(as_of)
    assert ledger.last_ended_day(SETTINGS, moment) == date.fromisoformat(last)


def test_a_day_has_ended_only_when_it_has_ended_at_every_site() -> None:
    two = Settings(
        root=Path(), site={"A": Site(zone="Asia/Shanghai"), "B": Site(zone="America/New_York")}
    )
    moment = datetime(2026, 3, 31, 8, tzinfo=UTC)  # 16:00 in Shanghai, 04:00 in New York
    assert ledger.last_ended_day(two, moment) == date(2026, 3, 29)


def test_failed_days_are_tried_again_however_old_and_their_successors(lake: Lake) -> None:
    done(lake, "d", Window(FIRST, date(2026, 3, 30)))
    done(lake, "d", Window(date(2026, 3, 5), date(2026, 3, 6)), status="failed")
    assert windows(lake) == {"d": Window(date(2026, 3, 5), date(2026, 3, 30))}


def test_one_old_stamp_does_not_re_open_the_months_before_the_ledger(lake: Lake) -> None:
    done(lake, "d", Window(FIRST, date(2026, 3, 30)))
    loaded(lake, {date(2025, 9, 1): 1})
    plan = ledger.plan(SETTINGS, lake, AS_OF, {"d": "1"})
    assert plan.windows == {}
    assert plan.stale == {"d": (FIRST - date(2025, 9, 1)).days}


def test_a_day_that_still_runs_cannot_be_asked_for(lake: Lake) -> None:
    with pytest.raises(UsageError, match="outside 2026-03-01 to 2026-03-30"):
        ledger.plan(SETTINGS, lake, AS_OF, {"d": "1"}, date(2026, 3, 31))


@pytest.mark.parametrize(
    ("zone", "last"),
    [("America/Los_Angeles", "2026-03-29"), (None, "2026-03-29"), ("UTC", "2026-03-30")],
)
def test_a_feed_without_a_site_has_a_clock_of_its_own(zone: str | None, last: str) -> None:
    feed = Feed(name="f", source="access", paths=("x",), format="csv", zone=zone, fields={})
    settings = SETTINGS.model_copy(update={"feed": (feed,)})
    assert ledger.last_ended_day(settings, AS_OF) == date.fromisoformat(last)
