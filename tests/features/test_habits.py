"""Hour surprise: own hours, the role's, the organisation's; and nights that only go on."""

import math
from datetime import date, datetime, timedelta
from typing import Any

import duckdb
import polars as pl
import pytest
from stored import everyone, night, settings, spanned, stored, table

from nightporter import features
from nightporter.window import Window

MONDAY = date(2026, 1, 5)
HOURS = (9, 10, 11, 14, 15, 16)


def worked(
    user: str,
    days: int,
    hours: tuple[int, ...] = HOURS,
    first: date = MONDAY,
    weekend: bool = False,
) -> list[dict[str, Any]]:
    """One view in each of `hours` on the working (or the weekend) days among `days`."""
    return [
        {"at": f"{datetime(day.year, day.month, day.day, hour)}", "account": user, "action": "view"}
        for day in (first + timedelta(days=n) for n in range(days))
        if (day.weekday() >= 5) is weekend
        for hour in hours
    ]


def told(rows: list[dict[str, Any]], tables: dict[str, pl.DataFrame] | None = None) -> Any:
    events = {"access": stored("access", rows)}
    con = night(events, {**everyone(events), **(tables or {})})
    features.write(con, settings(), spanned(events))
    return con


def surprise(con: duckdb.DuckDBPyConnection, user: str, day: str, hour: int) -> float:
    sql = "SELECT surprise FROM user_hour WHERE user_id = ? AND day = ? AND hour = ?"
    return con.execute(sql, [user, day, hour]).fetchall()[0][0]


def test_a_night_hour_surprises_who_works_by_day_and_not_who_works_by_night() -> None:
    rows = [row for n in range(9) for row in worked(f"p{n}", 60)]
    rows += worked("ana", 60) + worked("guard", 60, (22, 23, 0, 1, 2))
    con = told(rows + worked("ana", 1, (2,), date(2026, 3, 6)))
    assert surprise(con, "ana", "2026-03-05", 2) > 2
    assert surprise(con, "guard", "2026-03-04", 2) < 0.5
    assert surprise(con, "ana", "2026-03-05", 10) < 0.5


def test_a_neighbouring_hour_is_hardly_odd() -> None:
    con = told(worked("ana", 60) + worked("ana", 1, (17, 20), date(2026, 3, 5)))
    assert surprise(con, "ana", "2026-03-05", 17) < 1.5 < 2 < surprise(con, "ana", "2026-03-05", 20)


def test_nobody_is_odd_on_the_first_day() -> None:
    con = told(worked("ana", 1, (3, 10)))
    assert con.sql("SELECT DISTINCT surprise FROM user_hour").fetchall() == [(0.0,)]


def test_a_newcomer_is_judged_by_the_role() -> None:
    rows = [row for n in range(3) for row in worked(f"guard{n}", 56, (22, 23, 0, 1, 2))]
    rows += [row for n in range(9) for row in worked(f"clerk{n}", 56)]
    first = date(2026, 3, 2)
    rows += worked("new1", 1, (23,), first) + worked("new2", 1, (23,), first)
    people = table(
        "user_id role",
        *(f"guard{n} guard" for n in range(3)),
        *(f"clerk{n} clerk" for n in range(9)),
        "new1 guard",
        "new2 clerk",
    )
    con = told(rows, {"people": people})
    assert surprise(con, "new1", "2026-03-02", 23) < 0.5
    assert surprise(con, "new2", "2026-03-02", 23) > 1.5


def test_a_rest_day_has_hours_of_its_own() -> None:
    con = told(worked("ana", 70) + worked("ana", 70, (20,), weekend=True))
    assert surprise(con, "ana", "2026-03-14", 20) == 0
    con = told(worked("ana", 70) + worked("ana", 1, (20,), date(2026, 3, 12)))
    assert surprise(con, "ana", "2026-03-12", 20) > 2


def test_the_surprise_is_the_mass_of_hours_no_likelier() -> None:
    """By hand: one hour on 20 days and even odds before them, the person being everybody."""
    con = told(worked("ana", 28, (12,)) + worked("ana", 1, (12, 13, 20), date(2026, 2, 2)))
    day = date(2026, 2, 2)
    past = [MONDAY + timedelta(days=n) for n in range(28) if n % 7 < 5]
    weight = sum(2 ** (((past_day - day).days + 1) / 60) for past_day in past)
    kernel = {11: 0.25, 12: 0.5, 13: 0.25}
    site = [(weight * kernel.get(h, 0) + 1 / 24) / (weight + 1) for h in range(24)]
    own = [(weight * kernel.get(h, 0) + 5 * site[h]) / (weight + 5) for h in range(24)]
    for hour in (12, 13, 20):
        mass = sum(p for p in own if p <= own[hour] + 1e-12)
        expected = -math.log10(min(1, mass))
        assert surprise(con, "ana", "2026-02-02", hour) == pytest.approx(expected, abs=1e-5)


def test_nights_that_go_on_from_what_was_kept_say_what_one_pass_says() -> None:
    rows = worked("ana", 60) + worked("ana", 60, (21,), MONDAY + timedelta(days=1))
    rows += worked("bo", 58, (7, 8)) + worked("bo", 60, (12,), weekend=True)
    events = {"access": stored("access", rows)}
    whole = spanned(events)
    kept: dict[str, pl.DataFrame] = {}
    ends = [whole.first + timedelta(days=n) for n in (0, 4, 11, 12, 29, 43)] + [whole.last]
    firsts = [whole.first] + [end + timedelta(days=1) for end in ends]
    for window in map(Window, firsts, ends):
        of_days = pl.col("day").is_between(window.first, window.last)
        con = night({"access": events["access"].filter(of_days)}, everyone(events), window=window)
        _resume(con, kept)
        features.write(con, settings(), window)
        for name in ("user_hour", "hour_habit"):
            fresh = con.sql(f"FROM {name}").pl()
            kept[name] = pl.concat([kept[name], fresh]) if name in kept else fresh
        kept["presence"] = con.sql("FROM presence").pl()
    assert kept["hour_habit"]["day"].n_unique() < len(whole) / 6
    at_once = told(rows).sql("FROM user_hour ORDER BY ALL").fetchall()
    assert sorted(kept["user_hour"].rows()) == at_once


def _resume(con: duckdb.DuckDBPyConnection, kept: dict[str, pl.DataFrame]) -> None:
    """As a book does: the newest sums, and the hours since."""
    for name, frame in kept.items():
        newest = kept["hour_habit"]["day"].max() or date.min
        if name == "user_hour":
            frame = frame.filter(pl.col("day") > newest)
        if name == "hour_habit":
            frame = frame.filter(pl.col("day") == newest)
        con.register(f"kept_{name}", frame.to_arrow())
        con.execute(f"CREATE VIEW past_{name} AS FROM kept_{name}")
