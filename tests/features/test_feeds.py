"""Silence is judged against the feed's own past; a holiday is not silence."""

from datetime import date, datetime, timedelta

import pytest
from stored import night, settings, stored

from nightporter import features
from nightporter.config import Site
from nightporter.window import Window


def said(silent_from: date, last: date) -> dict[date, tuple]:
    rows, day = [], date(2026, 1, 5)
    while day < silent_from:
        if day.weekday() < 5:
            rows += [{"at": f"{day}T10:0{n}", "account": "ana", "action": "view"} for n in range(9)]
        day += timedelta(days=1)
    con = night({"access": stored("access", rows)}, window=Window(date(2026, 1, 5), last))
    features.write(con, settings(), Window(date(2026, 1, 5), last))
    found = con.sql("SELECT day, events, silent, complete FROM feed_day WHERE feed = 'access'")
    return {row[0]: row[1:] for row in found.fetchall()}


def test_a_working_day_without_events_is_silent_and_a_weekend_is_not() -> None:
    days = said(silent_from=date(2026, 2, 10), last=date(2026, 2, 16))
    assert days[date(2026, 2, 9)] == (9, False, False)
    assert days[date(2026, 2, 10)] == (0, True, False)
    assert days[date(2026, 2, 14)] == (0, False, True)


def test_a_feed_that_died_stays_silent_for_as_long_as_it_is_dead() -> None:
    days = said(silent_from=date(2026, 2, 10), last=date(2026, 6, 1))
    working = [row for day, row in days.items() if day > date(2026, 2, 9) and day.weekday() < 5]
    holidays = 5  # Good Friday, Easter Monday, Labour Day, Ascension, Whit Monday
    assert sum(silent for _, silent, _ in working) >= len(working) - holidays


def test_a_feed_that_spoke_once_is_not_dead_for_ever() -> None:
    days = said(silent_from=date(2026, 1, 6), last=date(2026, 4, 1))
    assert [day for day, (_, silent, _) in days.items() if silent] == []


def test_a_day_knows_what_is_usual_and_when_the_feed_was_last_heard() -> None:
    rows = [
        {"at": f"2026-01-{day:02}T10:{n:02}", "account": "ana", "action": "view"}
        for day in (*range(5, 10), *range(12, 17))
        for n in range(20 if day == 16 else 10)
    ]
    window = Window(date(2026, 1, 4), date(2026, 1, 20))
    con = night({"access": stored("access", rows)}, window=window)
    features.write(con, settings(), window)
    found = con.sql("SELECT day, usual, last_day, last_at FROM feed_day WHERE feed = 'access'")
    said = {row[0]: row[1:] for row in found.fetchall()}
    assert said[date(2026, 1, 5)] == (None, None, None)
    assert said[date(2026, 1, 6)] == (None, date(2026, 1, 5), datetime(2026, 1, 5, 10, 9))
    assert said[date(2026, 1, 20)] == (10, date(2026, 1, 16), datetime(2026, 1, 16, 10, 19))


def test_a_day_is_complete_once_something_later_arrived() -> None:
    days = said(silent_from=date(2026, 2, 10), last=date(2026, 2, 10))
    assert days[date(2026, 2, 6)][2] is True
    assert days[date(2026, 2, 9)][2] is False


@pytest.mark.parametrize(
    ("loaded", "complete"),
    [("2026-02-10T05:00+01:00", True), ("2026-02-10T04:59+01:00", False)],
    ids=["after the day", "in the day's night"],
)
def test_a_day_is_complete_once_a_file_of_it_was_loaded_after_it_had_ended(
    loaded: str, complete: bool
) -> None:
    con = night({"access": stored("access", [{"at": "2026-02-09T10:00", "action": "view"}])})
    con.execute(
        f"""CREATE VIEW loaded_days AS SELECT 'access' AS feed, 'BER' AS site,
            DATE '2026-02-09' AS day, 1 AS events, 0 AS rejects,
            TIMESTAMPTZ '{loaded}' AS loaded_at"""
    )
    features.write(con, settings(), Window(date(2026, 2, 9), date(2026, 2, 9)))
    found = con.sql("SELECT complete FROM feed_day WHERE feed = 'access' AND site = 'BER'")
    assert found.fetchall() == [(complete,)]


@pytest.mark.parametrize(
    ("later", "complete"), [("2026-02-10", True), ("2040-01-01", False)], ids=["the next", "future"]
)
def test_a_stamp_of_the_future_does_not_make_a_day_complete(later: str, complete: bool) -> None:
    con = night({"access": stored("access", [{"at": "2026-02-09T10:00", "action": "view"}])})
    con.execute(
        f"""CREATE VIEW loaded_days AS SELECT 'access' AS feed, 'BER' AS site, day, 1 AS events,
            0 AS rejects, TIMESTAMPTZ '2026-02-09 20:00+01:00' AS loaded_at
        FROM (VALUES (DATE '2026-02-09'), (DATE '{later}')) AS t (day)"""
    )
    features.write(con, settings(), Window(date(2026, 2, 9), date(2026, 2, 9)))
    found = con.sql("SELECT complete FROM feed_day WHERE feed = 'access' AND site = 'BER'")
    assert found.fetchall() == [(complete,)]


def test_the_first_weekend_of_a_feed_keeps_nobody_waiting() -> None:
    days = said(silent_from=date(2026, 1, 10), last=date(2026, 1, 12))
    assert [day for day in Window(date(2026, 1, 9), date(2026, 1, 12)) if days[day][2]] == [
        date(2026, 1, 10), date(2026, 1, 11),
    ]  # fmt: skip


def test_an_outage_does_not_make_the_next_one_usual() -> None:
    down = [*Window(date(2026, 2, 9), date(2026, 2, 12)), date(2026, 2, 17)]
    assert silent_days(except_on=down) == down


def test_a_feed_that_has_nothing_on_two_days_of_every_week_is_not_silent() -> None:
    idle = [day for day in SPRING if day.weekday() in (2, 4)]
    assert silent_days(except_on=idle) == []


SPRING = Window(date(2026, 1, 5), date(2026, 3, 6))


def silent_days(except_on: list[date]) -> list[date]:
    """The silent days of a feed with 15 events on every working day but those."""
    rows = [
        {"at": f"{day}T10:{n:02}", "account": "ana", "action": "view"}
        for day in SPRING
        if day.weekday() < 5 and day not in except_on
        for n in range(15)
    ]
    con = night({"access": stored("access", rows)}, window=SPRING)
    features.write(con, settings(), SPRING)
    found = con.sql("SELECT day FROM feed_day WHERE feed = 'access' AND silent ORDER BY day")
    return [day for (day,) in found.fetchall()]


def test_a_young_feed_is_never_called_silent() -> None:
    days = said(silent_from=date(2026, 1, 8), last=date(2026, 1, 9))
    assert days[date(2026, 1, 9)] == (0, False, False)


def test_a_dead_working_day_is_silence_under_any_weekend() -> None:
    riyadh = Site(zone="Asia/Riyadh", weekend=["fri", "sat"])
    first, dead = date(2026, 1, 4), date(2026, 3, 8)  # Sundays
    rows = [
        {"at": f"{day}T10:{n:02}", "account": "ana", "action": "view"}
        for day in Window(first, dead - timedelta(days=1))
        if day.weekday() not in (4, 5)
        for n in range(50)
    ]
    con = night(
        {"access": stored("access", rows, "Asia/Riyadh")},
        with_settings=settings(BER=riyadh),
        window=Window(first, dead),
    )
    features.write(con, settings(BER=riyadh), Window(first, dead))
    found = con.execute("SELECT silent FROM feed_day WHERE feed = 'access' AND day = ?", [dead])
    assert found.fetchall() == [(True,)]


def test_a_feed_that_has_not_delivered_yet_is_silent() -> None:
    row = {"at": "2026-03-03T10:00", "account": "ana", "action": "view"}
    window = Window(date(2026, 3, 2), date(2026, 3, 3))
    con = night({"access": stored("access", [row])}, window=window)
    features.write(con, settings(), window)
    found = con.sql("SELECT feed, bool_and(silent), bool_or(silent) FROM feed_day GROUP BY feed")
    said = {feed: (every, some) for feed, every, some in found.fetchall()}
    assert said == {"access": (False, True), "usb": (True, True), "badge": (True, True)}
