"""Slow sums: a little more for a long time, own years, peers, and nights that only go on."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import duckdb
import polars as pl
import pytest

from nightporter.features import HISTORY_DAYS, slow_days
from nightporter.features.slow import write_slow
from nightporter.features.surprise import _write_people
from nightporter.schema import TABLES
from nightporter.window import Window

MONDAY = date(2025, 1, 6)
Counts = dict[tuple[str, int], int]


def counts(user: str, each: int, first: int, last: int) -> Counts:
    """`each` downloads on every working day from the `first` to before the `last`."""
    days = (n for n in range(first, last) if (MONDAY + timedelta(days=n)).weekday() < 5)
    return {(user, n): each for n in days}


def written(
    said: Counts, window: Window | None = None, kept: dict[str, pl.DataFrame] | None = None
) -> duckdb.DuckDBPyConnection:
    """The slow sums of people present on the days of `said`, whose counts may be 0.

    Of presence a night reads as much as it would of the lake.
    """
    days = [MONDAY + timedelta(days=n) for _, n in said]
    window = window or Window(min(days), max(days))
    con = duckdb.connect()
    rows = [(user, MONDAY + timedelta(days=n), float(x)) for (user, n), x in said.items()]
    frame = pl.DataFrame(
        rows, schema={"user_id": pl.String, "day": pl.Date, "x": pl.Float64}, orient="row"
    ).filter(pl.col("day").is_between(window.reaching_back(HISTORY_DAYS).first, window.last))
    con.register("said", frame.to_arrow())
    con.execute(
        f"""CREATE TABLE presence AS SELECT user_id, day, 'workday' AS day_type FROM said;
        CREATE TABLE people (user_id VARCHAR, team VARCHAR, role VARCHAR, department VARCHAR);
        CREATE TEMP TABLE past_counts AS SELECT user_id, day, 'downloads' AS feature, x,
            x AS x_capped FROM said WHERE x > 0 AND day >= DATE '{window.first}'"""
    )
    for name, rows_kept in (kept or {}).items():
        con.register(f"kept_{name}", rows_kept.to_arrow())
        con.execute(f"CREATE VIEW past_{name} AS FROM kept_{name}")
    _write_people(con)
    write_slow(con, window)
    return con


def told(con: duckdb.DuckDBPyConnection, user: str, n: int, *columns: str) -> Any:
    sql = f"SELECT {', '.join(columns)} FROM user_slow WHERE user_id = ? AND day = ?"
    found = con.execute(sql, [user, MONDAY + timedelta(days=n)]).fetchall()
    return found[0][0] if len(columns) == 1 else found[0]


def team(each: int, first: int, last: int, people: int = 11) -> Counts:
    return {key: x for n in range(people) for key, x in counts(f"p{n}", each, first, last).items()}


def test_sums_are_those_of_the_days() -> None:
    said = counts("ana", 3, 0, 402)
    con = written(said)
    for horizon in (14, 30, 90, 365):
        expected = sum(x for (_, n), x in said.items() if 400 - horizon < n <= 400)
        assert told(con, "ana", 400, f"x{horizon}") == expected


def test_a_little_more_each_day_surprises_over_months_and_not_over_days() -> None:
    before = team(6, 0, 290) | counts("ana", 6, 0, 200)
    con = written(before | counts("ana", 14, 200, 290))
    assert told(con, "ana", 203, "surprise30") == 0
    assert told(con, "ana", 288, "surprise90") > 2
    assert told(con, "ana", 288, "usual90") == pytest.approx(64 * 6, rel=0.05)
    assert told(con, "ana", 288, "cusum") > 20 > 1 > told(con, "p3", 288, "cusum")
    assert told(con, "p3", 288, "surprise90") == 0


def test_what_the_whole_team_does_is_nobodys_surprise() -> None:
    con = written(team(6, 0, 200, 12) | team(14, 200, 290, 12))
    assert told(con, "p0", 288, "surprise90") == 0
    assert told(con, "p0", 288, "peers90") == told(con, "p0", 288, "x90") > 800


def test_without_a_past_or_peers_nothing_is_said() -> None:
    assert told(written(counts("ana", 50, 0, 20)), "ana", 18, "surprise14") == 0


def test_a_newcomer_is_measured_by_peers() -> None:
    before = team(6, 0, 150, 11)
    con = written(before | counts("new", 6, 120, 150) | counts("bad", 60, 120, 150))
    assert told(con, "new", 149, "surprise30") == 0
    assert told(con, "bad", 149, "surprise30") > 1


def test_one_day_says_what_one_pass_says() -> None:
    """Each night reads only the days that it says it needs."""
    said = team(5, 0, 70, 3) | counts("ana", 2, 0, 60) | counts("ana", 30, 60, 70)
    said |= {("bo", n): 0 for n in range(30, 70)} | {("bo", 64): 9, ("bo", 68): 1}
    expected = written(said).sql("FROM user_slow ORDER BY ALL").fetchall()
    kept = {name: TABLES[name].empty() for name in ("slow_total", "user_slow")}
    for window in windows([0, 1, 2, 30, 31, 44, 60, 61, 62, 63, 69]):
        needed = slow_days(window, kept["slow_total"]["day"].unique().to_list())
        read = kept["slow_total"].filter(pl.col("day").is_in(list(needed)))
        con = written(said, window, {"slow_total": read})
        for name, rows in kept.items():
            kept[name] = pl.concat([rows, con.sql(f"FROM {name}").pl().select(rows.columns)])
    assert sorted(kept["user_slow"].rows()) == expected


def windows(ends: Sequence[int]) -> list[Window]:
    firsts = [0, *(end + 1 for end in ends)]
    return [
        Window(MONDAY + timedelta(days=first), MONDAY + timedelta(days=last))
        for first, last in zip(firsts, ends, strict=False)
    ]


def test_a_night_needs_a_handful_of_days_however_long_the_history_is() -> None:
    today = Window(date(2027, 1, 1), date(2027, 1, 1))
    for days in (400, 4000):
        stored = [today.first - timedelta(days=n) for n in range(1, days)]
        assert len(slow_days(today, stored)) <= 9


def test_later_days_change_nothing_of_earlier_ones() -> None:
    said = team(5, 0, 60) | counts("ana", 9, 0, 60)
    early = "SELECT * FROM user_slow WHERE day < '2025-02-20' ORDER BY ALL"
    later = said | counts("ana", 90, 60, 70) | team(50, 60, 70, 4)
    assert written(said).sql(early).fetchall() == written(later).sql(early).fetchall()


def test_who_is_long_away_is_nobodys_peer_in_one_pass_or_in_many() -> None:
    """A night does not know any more in whose team somebody was who left a year ago."""
    weeks = range(0, 420, 7)
    gone = {(f"p{n}", d): 1 + n % 3 for n in range(5) for d in weeks if d < 200}
    here = {(f"p{n}", d): 5 + n % 3 for n in range(5, 12) for d in weeks}
    said = gone | here
    first, last = MONDAY, MONDAY + timedelta(days=413)
    before = written(said, Window(first, last - timedelta(days=7)))
    kept = {t: before.sql(f"FROM {t}").pl() for t in ("slow_total", "user_slow")}
    night = written(said, Window(last, last), kept)
    rows = f"FROM user_slow WHERE day = DATE '{last}' ORDER BY ALL"
    whole = written(said, Window(first, last)).execute(rows).fetchall()
    assert night.execute(rows).fetchall() == whole != []


def test_who_does_it_for_the_first_time_later_is_not_a_peer_before() -> None:
    """One pass knows who will; a night cannot."""
    said = {(f"q{n}", day): 0 for n in range(15) for day in range(60)}
    said |= team(6, 0, 60) | {(f"q{n}", 55): 1 for n in range(15)}
    before = {key: x for key, x in said.items() if key[1] <= 54}
    until = f"day <= DATE '{MONDAY + timedelta(days=54)}'"
    for table in ("user_slow", "slow_total"):
        asked = f"FROM {table} WHERE {until} ORDER BY ALL"
        assert written(said).sql(asked).fetchall() == written(before).sql(asked).fetchall()
