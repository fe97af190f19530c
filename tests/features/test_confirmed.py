"""Days that a verdict called malicious are nobody's habit, from the verdict on and no earlier."""

from datetime import date, timedelta

import duckdb
import polars as pl
import pytest
from stored import everyone, night, settings, spanned, stored

from nightporter import features
from nightporter.window import Window

FIRST, WILD = date(2026, 1, 5), date(2026, 2, 23)
SINCE, UNTIL = date(2026, 3, 25), date(2026, 4, 7)
LAST = date(2026, 4, 14)
THEFT = [WILD + timedelta(days=n) for n in range(19) if (WILD + timedelta(days=n)).weekday() < 5]


def rows() -> pl.DataFrame:
    """Ana and bo take 5 documents on each working day, ana 15 in three weeks of theft."""
    said = []
    for n in range((LAST - FIRST).days + 1):
        day = FIRST + timedelta(days=n)
        for user in ("ana", "bo"):
            count = 15 if user == "ana" and day in THEFT else 5 if day.weekday() < 5 else 0
            said += [
                {"at": f"{day} 10:{k:02}:00", "account": user, "action": "download",
                 "resource": f"/{user}/{k}"}
                for k in range(count)
            ]  # fmt: skip
    return stored("access", said)


def written(
    events: pl.DataFrame, known: bool, window: Window, past: duckdb.DuckDBPyConnection | None = None
) -> duckdb.DuckDBPyConnection:
    mine = {"access": events.filter(pl.col("day").is_between(window.first, window.last))}
    con = night(mine, everyone({"access": events}), window=window)
    con.execute(f"CREATE TEMP TABLE {features.CONFIRMED}")
    for day in THEFT if known else ():
        con.execute("INSERT INTO confirmed VALUES ('ana', ?, ?, ?)", [day, SINCE, UNTIL])
    for table in ("presence", "user_day") if past else ():
        kept = past.sql(f"FROM {table} WHERE day < DATE '{window.first}'").pl()
        con.register(f"kept_{table}", kept.to_arrow())
        con.execute(f"CREATE VIEW past_{table} AS FROM kept_{table}")
    features.write(con, settings(), window)
    return con


def days_of(con: duckdb.DuckDBPyConnection, first: date, last: date) -> list[tuple]:
    return con.execute(
        """SELECT user_id, day, usual, usual_max, n_days, x_capped FROM user_day
        WHERE feature = 'downloads' AND day BETWEEN ? AND ? ORDER BY ALL""",
        [first, last],
    ).fetchall()


@pytest.fixture(scope="module")
def events() -> pl.DataFrame:
    return rows()


@pytest.fixture(scope="module")
def both(events: pl.DataFrame) -> list[duckdb.DuckDBPyConnection]:
    whole = spanned({"access": events})
    return [written(events, known, whole) for known in (False, True)]


def test_they_leave_the_baseline_while_the_verdict_stands(
    both: list[duckdb.DuckDBPyConnection],
) -> None:
    plain, known = both
    day = timedelta(days=1)
    assert days_of(known, FIRST, SINCE - day) == days_of(plain, FIRST, SINCE - day)
    assert days_of(known, UNTIL + day, LAST) == days_of(plain, UNTIL + day, LAST)
    before, after = ({row[:2]: row for row in days_of(con, SINCE, UNTIL)} for con in both)
    gone = sum(one <= SINCE - timedelta(days=15) for one in THEFT)
    assert gone == 12
    for key in ((name, SINCE) for name in ("ana", "bo")):
        (_, _, usual, most, n, _), (_, _, now, most_now, n_now, _) = before[key], after[key]
        if key[0] == "ana":
            assert (most, most_now, n - n_now) == (15, 5, gone)
            assert now == pytest.approx(5, abs=0.1) and usual > 6
        else:
            assert (most, n) == (most_now, n_now)


def test_a_night_says_of_a_day_what_one_pass_says(
    events: pl.DataFrame, both: list[duckdb.DuckDBPyConnection]
) -> None:
    for day in (SINCE, UNTIL + timedelta(days=1)):
        con = written(events, True, Window(day, day), both[1])
        assert days_of(con, day, day) == days_of(both[1], day, day) != []
