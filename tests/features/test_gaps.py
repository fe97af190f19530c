"""Hours without a word are seen in busy feeds, and innocent weeks are left alone."""

import random
from datetime import date, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from stored import night, settings, stored, table

from nightporter import features
from nightporter.features.gaps import judge_gaps
from nightporter.schema import TABLES
from nightporter.window import Window

SPRING = Window(date(2026, 1, 5), date(2026, 7, 12))
JUDGED = Window(date(2026, 3, 2), date(2026, 7, 12))  # 19 weeks, summer time begins in them
FEEDS = 60
HOLIDAYS = {date(2026, 4, 3), date(2026, 4, 6), date(2026, 5, 1), date(2026, 5, 14),
            date(2026, 5, 25)}  # fmt: skip
SHUTDOWN = date(2026, 5, 15)
Outages = dict[tuple[str, date], tuple[int, int]]


def week_of_an_office(feed: str, size: float, jobs: float, chance: random.Random) -> list[dict]:
    """Every hour of a feed: people who come and go, leave early on Fridays, and jobs at night.

    Days differ by a third, hours are over-dispersed, one week is odd, and jobs keep UTC.
    """
    odd = SPRING.first + timedelta(days=7 * chance.randrange(6, 27))
    rows: list[dict[str, Any]] = []
    for day in SPRING:
        rest = day.weekday() > 4 or day in HOLIDAYS or day == SHUTDOWN
        busy = chance.lognormvariate(0, 0.33) * (0.03 if rest else 1)
        busy *= 0.3 if 0 <= (day - odd).days < 7 else 1
        summer = day >= date(2026, 3, 29)
        for hour in range(5, 29):
            end = 15 if day.weekday() == 4 else 18
            people = size * busy * (1 if 8 <= hour < end else 0.15 if 6 <= hour < 20 else 0)
            nightly = jobs if hour - summer in (24, 25, 26) else 0
            events = counted(people * chance.gammavariate(2, 0.5) + nightly, chance)
            if events:
                rows.append(row(feed, day, hour, events))
    return rows


def counted(mean: float, chance: random.Random) -> int:
    spread = mean**0.5
    return max(0, round(chance.gauss(mean, spread))) if mean > 0 else 0


def row(feed: str, day: date, hour: int, events: int) -> dict[str, Any]:
    at = datetime(day.year, day.month, day.day) + timedelta(hours=hour)
    last = at + timedelta(minutes=59)
    return {"feed": feed, "site": "BER", "day": day, "hour": hour, "events": events,
            "first_at": at, "last_at": last}  # fmt: skip


@pytest.fixture(scope="module")
def office() -> pl.DataFrame:
    """Feeds from a dozen to thousands of events an hour; a third of them with nightly jobs."""
    chance = random.Random(11)
    rows = [
        each
        for n in range(FEEDS)
        for each in week_of_an_office(
            f"feed-{n:02}", 12 * 1.11**n, 300 if n % 3 == 0 else 0, chance
        )
    ]
    return pl.DataFrame(rows, schema=TABLES["feed_hour"].columns)


def gaps(hours: pl.DataFrame, window: Window = JUDGED) -> list[tuple[str, date, datetime]]:
    calendar = {"calendar": table("site day day_type", f"BER {SHUTDOWN} shutdown")}
    con = night({}, calendar, window=window.reaching_back(60))
    con.register("hours", hours.to_arrow())
    con.execute("CREATE TABLE feed_hour AS FROM hours")
    judge_gaps(con, window)
    return con.sql("SELECT feed, day, silent_from FROM feed_gap ORDER BY ALL").fetchall()


def without(hours: pl.DataFrame, outages: Outages) -> pl.DataFrame:
    keys = [(feed, day, hour) for (feed, day), span in outages.items() for hour in range(*span)]
    gone = pl.DataFrame(keys, schema=["feed", "day", "hour"], orient="row")
    return hours.join(gone, on=["feed", "day", "hour"], how="anti")


def test_a_thousand_innocent_feed_weeks_hold_no_gap(
    office: pl.DataFrame, record_property: Any
) -> None:
    weeks = FEEDS * len(JUDGED) / 7
    assert weeks > 1000
    found = gaps(office)
    record_property("false gaps in feed-weeks", f"{len(found)} in {weeks:.0f}")
    assert len(found) <= weeks / 1000


@pytest.mark.parametrize(
    ("length", "least"), [(2, 0.0), (3, 0.6), (4, 0.8), (6, 0.9), (9, 0.9)], ids=str
)
def test_planted_outages_are_found_the_more_the_longer(
    office: pl.DataFrame, length: int, least: float, record_property: Any
) -> None:
    """On working days, in office hours or to the end of the day; feeds of 60 an hour and more."""
    chance = random.Random(length)
    work = [day for day in JUDGED if day.weekday() < 5 and day not in HOLIDAYS | {SHUTDOWN}]
    planted: Outages = {}
    for n in range(16, FEEDS):
        for day in chance.sample(work, 2):
            starts = chance.randrange(8, 18 - min(length, 9))
            planted[f"feed-{n:02}", day] = (
                starts,
                29 if chance.random() < 0.3 else starts + length,
            )
    found = {(feed, day) for feed, day, _ in gaps(without(office, planted))}
    share = len(found & set(planted)) / len(planted)
    record_property(f"outages of {length} hours found", f"{share:.0%} of {len(planted)}")
    assert share >= least
    assert len(found - set(planted)) <= 1


def test_a_gap_says_since_when_and_the_odd_week_before_does_not_hide_it(
    office: pl.DataFrame,
) -> None:
    dead = Window(date(2026, 5, 4), date(2026, 5, 10))
    day = date(2026, 5, 19)
    outages: Outages = {("feed-50", each): (5, 29) for each in dead}
    found = gaps(without(office, {**outages, ("feed-50", day): (11, 29)}))
    assert [row for row in found if row[1] >= day] == [
        ("feed-50", day, datetime(2026, 5, 19, 10, 59))
    ]


def test_a_gap_is_the_same_whether_or_not_later_days_exist(office: pl.DataFrame) -> None:
    planted: Outages = {(f"feed-{n}", date(2026, 4, 20 + n % 5)): (10, 16) for n in range(30, 60)}
    hours = without(office, planted)
    until = date(2026, 4, 22)
    known = gaps(hours.filter(pl.col("day") <= until), Window(JUDGED.first, until))
    assert known
    assert known == [row for row in gaps(hours) if row[1] <= until]


def test_the_hours_of_earlier_nights_come_from_history() -> None:
    """The night counts its own days; what it knew before it is not counted again."""
    days = [day for day in Window(date(2026, 3, 2), date(2026, 3, 20)) if day.weekday() < 5]
    rows = [
        {"at": f"{day}T{hour:02}:{minute:02}", "account": "ana", "action": "view"}
        for day in days
        for hour in range(8, 18)
        for minute in range(0, 60, 2)
        if day != days[-1] or hour < 11
    ]
    last = Window(days[-1], days[-1])
    con = night({"access": stored("access", rows)}, window=Window(days[0], days[-1]))
    features.write(con, settings(), Window(days[0], days[-1]))
    once = con.sql("FROM feed_gap").fetchall()
    con.execute(f"CREATE TABLE kept AS FROM feed_hour WHERE day < '{last.first}'")
    con.execute("CREATE OR REPLACE TEMP VIEW past_feed_hour AS FROM kept")
    con.execute(f"DELETE FROM access WHERE day < '{last.first}'")
    features.write(con, settings(), last)
    assert [row[2:5] for row in once] == [(days[-1], 6, datetime(2026, 3, 20, 10, 58))]
    assert con.sql("FROM feed_gap").fetchall() == once
