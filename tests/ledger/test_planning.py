"""What is left to do: new, failed, late and re-versioned days, each once."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from nightporter import ledger
from nightporter.config import Feed, Settings, Site
from nightporter.errors import UsageError
from nightporter.lake import Lake
from nightporter.schema import TABLES
from nightporter.window import Window

FIRST = date(2026, 3, 1)
AS_OF = datetime(2026, 3, 31, 8, tzinfo=UTC)
SETTINGS = Settings(root=Path(), site={"A": Site(zone="UTC")})


def loaded(lake: Lake, events: dict[date, int]) -> None:
    days = [{"day": day, "site": "A", "events": n} for day, n in events.items()]
    load = pl.DataFrame([{"feed": "f", "days": days}])
    lake.append("loads", load.with_columns(
        pl.lit(None, kind).alias(c) for c, kind in TABLES["loads"].columns.items()
        if c not in load.columns))  # fmt: skip


def done(lake: Lake, stage: str, days: Window, version: str = "1", status: str = "done") -> None:
    rows = [
        {"stage": stage, "version": version, "day": day, "status": status, "reason": None,
         "run_id": "r", "events": 5, "lake_version": 0, "rows": 0, "ms": 0}
        for day in days
    ]  # fmt: skip
    ledger.record(lake, pl.DataFrame(rows, schema_overrides={"reason": pl.String}))
    lake.replace_days("feed_day", counted(days), days)


def counted(days: Window) -> pl.DataFrame:
    """What the features stage keeps of days with five events each of the feed f."""
    rows = pl.DataFrame({"day": list(days)}).with_columns(feed=pl.lit("f"), events=5)
    shape = TABLES["feed_day"].columns
    return rows.with_columns(
        pl.lit(None, kind).alias(c) for c, kind in shape.items() if c not in rows.columns
    )


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
    assert stale(lake) == ({} if expected else {day: "late: f 1"})


def stale(lake: Lake, settings: Settings = SETTINGS, **versions: str) -> dict[date, str]:
    """The days that a night calls stale, and why."""
    rows = ledger.plan(settings, lake, AS_OF, versions or {"d": "1"}).stale
    return dict(rows.select("day", "reason").iter_rows())


def test_a_new_version_re_opens_the_last_week_and_marks_the_rest_stale(lake: Lake) -> None:
    done(lake, "d", Window(FIRST, date(2026, 3, 30)))
    plan = ledger.plan(SETTINGS, lake, AS_OF, {"d": "2"})
    assert plan.windows == {"d": Window(date(2026, 3, 24), date(2026, 3, 30))}
    assert plan.stale["day"].to_list() == list(Window(FIRST, date(2026, 3, 23)))
    assert set(plan.stale["reason"]) == {"the rule changed"}


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
    assert windows(lake) == {}
    assert stale(lake) == {date(2025, 9, 1): "never scanned: older than the first night"}


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


def feed(name: str, lateness: int | None) -> Feed:
    words = {"source": "badge", "paths": ("x",), "format": "csv", "fields": {}}
    return Feed(name=name, lateness=None if lateness is None else f"{lateness}d", **words)


@pytest.mark.parametrize(("lateness", "opened"), [(14, True), (None, False), (8, True), (7, False)])
def test_a_feed_re_opens_as_far_as_its_own_lateness(
    lake: Lake, lateness: int | None, opened: bool
) -> None:
    day = date(2026, 3, 23)  # eight days before the night
    settings = SETTINGS.model_copy(update={"feed": (feed("f", lateness), feed("other", 30))})
    done(lake, "d", Window(FIRST, date(2026, 3, 30)))
    loaded(lake, {day: 3})
    moment = AS_OF + timedelta(days=1)  # feeds without a site end their day twelve hours later
    plan = ledger.plan(settings, lake, moment, {"d": "1"})
    assert plan.windows == ({"d": Window(day, date(2026, 3, 30))} if opened else {})
    said = [(each.why, each.whose, each.days, each.events) for each in plan.opened]
    assert said == ([("late", "f", 1, 3)] if opened else [])


def test_a_stale_day_is_marked_once_and_says_all_that_overtook_it(lake: Lake) -> None:
    old = date(2026, 3, 5)
    done(lake, "d", Window(FIRST, date(2026, 3, 30)), version="1+1+a")
    loaded(lake, {old: 4})
    first = ledger.plan(SETTINGS, lake, AS_OF, {"d": "1+1+a"})
    ledger.record(lake, first.stale)
    assert stale(lake, d="1+1+a") == {}
    loaded(lake, {old: 2})
    assert stale(lake, d="1+1+a")[old] == "late: f 6"
    ledger.record(lake, ledger.plan(SETTINGS, lake, AS_OF, {"d": "1+1+a"}).stale)
    assert stale(lake, d="1+1+b")[old] == "late: f 6; the context changed"
    assert windows(lake, d="1+1+a") == {}


@pytest.mark.parametrize(
    ("version", "said"),
    [
        ("2+1+a", "the rule changed"),
        ("1+2+a", "its knobs changed"),
        ("1+1+b", "the context changed"),
    ],
)
def test_a_stale_day_says_what_changed(lake: Lake, version: str, said: str) -> None:
    done(lake, "d", Window(FIRST, date(2026, 3, 30)), version="1+1+a")
    assert set(stale(lake, d=version).values()) == {said}


def test_waiting_days_are_tried_again_when_a_night_or_a_log_has_come(lake: Lake) -> None:
    done(lake, "d", Window(FIRST, date(2026, 3, 29)))
    done(lake, "d", Window(date(2026, 3, 28), date(2026, 3, 28)), status="waiting")
    since = Window(date(2026, 3, 28), date(2026, 3, 30))
    assert windows(lake) == {"d": since}
    done(lake, "d", Window(date(2026, 3, 29), date(2026, 3, 30)))
    assert windows(lake) == {}, "nothing has come since the last try"
    loaded(lake, {date(2026, 4, 2): 1})
    assert windows(lake) == {"d": since}


def test_a_night_reads_of_the_ledger_the_last_days_and_those_in_question(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    done(lake, "d", Window(FIRST, date(2026, 3, 30)))
    done(lake, "d", Window(date(2026, 3, 4), date(2026, 3, 4)), status="failed")
    loaded(lake, {date(2026, 3, 9): 1})
    asked: set[date] = set()
    read = ledger.rows.read

    def noted(lake: Lake, days: set[date]) -> pl.DataFrame:
        asked.update(days)
        return read(lake, days)

    monkeypatch.setattr(ledger.rows, "read", noted)
    ledger.plan(SETTINGS, lake, AS_OF, {"d": "1"})
    recent = Window(date(2026, 3, 24), date(2026, 3, 30))
    assert asked == {*recent, date(2026, 3, 4), date(2026, 3, 9)}


def test_a_stage_that_was_off_for_a_while_goes_on_where_it_ended(lake: Lake) -> None:
    done(lake, "d", Window(FIRST, date(2026, 3, 30)))
    done(lake, "e", Window(FIRST, date(2026, 3, 12)))
    assert windows(lake, d="1", e="1") == {"e": Window(date(2026, 3, 13), date(2026, 3, 30))}


def test_a_corrected_register_reopens_late_days_and_marks_only_its_older_ones(lake: Lake) -> None:
    done(lake, "d", Window(FIRST, date(2026, 3, 30)))
    old, late = FIRST + timedelta(days=2), date(2026, 3, 29)
    said = dict.fromkeys((old, late), "the register changed: accounts ana")
    plan = ledger.plan(SETTINGS, lake, AS_OF, {"d": "1"}, None, said)
    assert plan.windows == {"d": Window(late, date(2026, 3, 30))}
    assert plan.stale.select("day", "reason").rows() == [(old, said[old])]
    ledger.record(lake, plan.stale)
    said[old] = "the register changed: badges 7"
    again = ledger.plan(SETTINGS, lake, AS_OF, {"d": "1"}, None, said)
    assert again.stale["reason"].to_list() == [said[old]]


@pytest.mark.parametrize("status", ["failed", "waiting"])
def test_what_a_removed_detector_left_open_is_closed_until_it_comes_back(
    lake: Lake, status: str
) -> None:
    whole = Window(FIRST, date(2026, 3, 30))
    done(lake, "d", whole)
    done(lake, "old", whole, status=status)
    closed = ledger.plan(SETTINGS, lake, AS_OF, {"d": "1"}).stale
    assert set(closed.select("stage", "status", "open").rows()) == {("old", "not_evaluated", False)}
    assert len(closed) == len(whole)
    ledger.record(lake, closed)
    assert ledger.plan(SETTINGS, lake, AS_OF, {"d": "1"}).stale.is_empty()
    assert "old" in windows(lake, d="1", old="1")
