"""Silence is judged against the feed's own past; a holiday is not silence."""

from datetime import date, timedelta

from stored import night, settings, stored

from nightporter import features
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
    assert days[date(2026, 2, 14)] == (0, False, False)


def test_a_day_is_complete_once_something_later_arrived() -> None:
    days = said(silent_from=date(2026, 2, 10), last=date(2026, 2, 10))
    assert days[date(2026, 2, 6)][2] is True
    assert days[date(2026, 2, 9)][2] is False


def test_a_young_feed_is_never_called_silent() -> None:
    days = said(silent_from=date(2026, 1, 8), last=date(2026, 1, 9))
    assert days[date(2026, 1, 9)] == (0, False, False)
