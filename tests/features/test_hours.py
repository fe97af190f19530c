"""Hours: what the report's picture of the weeks is drawn from."""

from datetime import date
from typing import Any

from stored import everyone, night, settings, spanned, stored, table

from nightporter import features


def hours(*rows: dict[str, Any], accounts: str | None = None) -> list[tuple[Any, ...]]:
    events = {
        "access": stored("access", [{"account": "ana", "action": "view", **row} for row in rows])
    }
    known = everyone(events)
    if accounts:
        known["accounts"] = table("account user_id kind", accounts)
    con = night(events, known)
    features.write(con, settings(), spanned(events))
    return con.sql("SELECT * EXCLUDE (surprise) FROM user_hour ORDER BY ALL").fetchall()


def test_an_hour_after_midnight_belongs_to_the_business_day_before() -> None:
    rows = hours({"at": "2026-03-03T23:10"}, {"at": "2026-03-04T01:20"})
    tuesday = date(2026, 3, 3)
    assert rows == [("ana", tuesday, 1, "access", 1, 1), ("ana", tuesday, 23, "access", 1, 1)]


def test_an_hour_that_own_hours_cut_counts_both_sides() -> None:
    """The site closes at 18:00."""
    rows = hours(*({"at": f"2026-03-03T{clock}"} for clock in ("17:30", "18:00", "18:30")))
    assert [row[2:] for row in rows] == [(17, "access", 1, 0), (18, "access", 2, 1)]


def test_a_robot_has_no_hours() -> None:
    assert hours({"at": "2026-03-03T23:10"}, accounts="ana ana service") == []


def test_what_a_feed_calls_a_machines_doing_is_not_its_persons() -> None:
    """Indexers, previews and sync clients run under the person's own account."""
    at = "2026-03-03T23:10"
    assert hours({"at": at, "automated": True}) == []
    assert [row[4] for row in hours({"at": at, "automated": False}, {"at": at})] == [2]


def test_names_that_somebody_tried_are_not_people_who_came() -> None:
    """Sprayed names must not be the crowd among whom a finding is rare."""
    tried = ({"account": f"guess{n}", "action": "logon_failed"} for n in range(3))
    locked = {"account": "ghost", "action": "logon", "outcome": "failure"}
    rows = [{"at": "2026-03-03T10:00", **row} for row in (*tried, locked)]
    events = {"access": stored("access", [*rows, {**rows[0], "account": "ana", "action": "view"}])}
    con = night(events, everyone(events))
    features.write(con, settings(), spanned(events))
    assert con.sql("SELECT user_id FROM presence").fetchall() == [("ana",)]
    told = con.sql("SELECT surprise IS NULL, count(*) FROM user_hour GROUP BY ALL").fetchall()
    assert sorted(told) == [(False, 1), (True, 4)], "their hours stay, and are no habit"
