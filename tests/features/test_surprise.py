"""Count surprise: the tail, the lag, the winsorising, cold starts and peers."""

import math
from datetime import date, datetime, timedelta
from typing import Any

import duckdb
import polars as pl
import pytest
import scipy.stats
from stored import everyone, night, settings, spanned, stored, table

from nightporter import features
from nightporter.features.surprise import _scored
from nightporter.window import Window

MONDAY = date(2026, 1, 5)
XS = sorted({round(1.35**n) for n in range(31)})  # 1 to 8,000


def exact_mid_p(x: int, m: float, a: float) -> float:
    """-log10 of P(X > x) + P(X = x)/2 of a negative binomial of mean m and dispersion a."""
    r = 1 / a
    fit = scipy.stats.nbinom(r, r / (r + m))
    return -math.log10(max(fit.sf(x) + fit.pmf(x) / 2, 1e-300))


# What docs/decisions/0003 claims, by the dispersions it claims it of.
STATED = [(a, 0.035) for a in (0.001, 0.05, 0.1, 0.5, 1.0, 2.0, 5.0)] + [(20.0, 0.07)]


@pytest.mark.parametrize(("a", "error"), STATED)
@pytest.mark.parametrize("m", [0.01, 0.05, 0.3, 1.0, 2.0, 7.0, 20.0, 200.0])
def test_the_closed_form_agrees_with_the_exact_tail(m: float, a: float, error: float) -> None:
    # Less than half as much again is never a surprise.
    values = [x for x in XS if x >= 1.5 * m and 2 <= exact_mid_p(x, m, a) <= 9.5]
    con = duckdb.connect()
    con.execute(
        """CREATE TABLE fitted (user_id VARCHAR, day DATE, feature VARCHAR, x DOUBLE, m DOUBLE,
            a DOUBLE, n BIGINT, g DOUBLE, e DOUBLE, usual_max DOUBLE, peers BIGINT);
        CREATE TABLE floors AS SELECT 'f' AS feature, 1.0 AS floor;
        CREATE TABLE presence (user_id VARCHAR, day DATE, day_type VARCHAR);
        CREATE TABLE kept_user_day (user_id VARCHAR, day DATE);
        CREATE TABLE new_counts
            (user_id VARCHAR, day DATE, feature VARCHAR, x DOUBLE, x_capped DOUBLE)"""
    )
    for x in values:
        con.execute(
            "INSERT INTO fitted VALUES (?, '2026-01-05', 'f', ?, ?, ?, 90, 0, 1, 0, 10)",
            [str(x), x, m, a],
        )
        con.execute("INSERT INTO new_counts VALUES (?, '2026-01-05', 'f', ?, ?)", [str(x), x, x])
    said = con.sql(f"SELECT x, surprise FROM ({_scored(Window(MONDAY, MONDAY))})").fetchall()
    assert len(said) == len(values)
    for x, surprise in said:
        assert surprise == pytest.approx(exact_mid_p(int(x), m, a), abs=error)


def downloads(
    user: str, first: date, days: int, count: int, hour: int = 10
) -> list[dict[str, Any]]:
    """`count` downloads on each working day."""
    rows = []
    for n in range(days):
        day = first + timedelta(days=n)
        if day.weekday() < 5:
            rows += [
                {
                    "at": f"{datetime(day.year, day.month, day.day, hour, k % 60)}",
                    "account": user,
                    "action": "download",
                    "resource": f"/{user}/{k}",
                }
                for k in range(count)
            ]
    return rows


def scored(rows: list[dict[str, Any]], tables: dict | None = None) -> duckdb.DuckDBPyConnection:
    events = {"access": stored("access", rows)}
    con = night(events, {**everyone(events), **(tables or {})})
    features.write(con, settings(), spanned(events))
    return con


def one(con: duckdb.DuckDBPyConnection, user: str, day: str, column: str = "surprise") -> Any:
    return con.execute(
        f"SELECT {column} FROM user_day WHERE user_id = ? AND day = ? AND feature = 'downloads'",
        [user, day],
    ).fetchall()[0][0]


def test_a_days_usual_count_is_no_surprise_and_ten_times_as_much_is() -> None:
    rows = downloads("ana", MONDAY, 80, 20) + downloads("ana", date(2026, 4, 1), 1, 200, hour=11)
    con = scored(rows)
    assert one(con, "ana", "2026-03-20") == 0
    assert one(con, "ana", "2026-04-01") > 4
    assert one(con, "ana", "2026-04-01", "usual") == pytest.approx(20, abs=1)


def test_the_same_count_surprises_for_a_clerk_and_not_for_an_analyst() -> None:
    rows = downloads("analyst", MONDAY, 70, 120) + downloads("clerk", MONDAY, 69, 5)
    con = scored(rows + downloads("clerk", date(2026, 3, 16), 1, 120, hour=12))
    assert one(con, "clerk", "2026-03-16") > 2
    assert one(con, "analyst", "2026-03-13") == 0


def test_the_newest_two_weeks_do_not_train_the_yardstick() -> None:
    rows = downloads("ana", MONDAY, 84, 5) + downloads("ana", date(2026, 3, 30), 12, 40)
    con = scored(rows)
    assert one(con, "ana", "2026-04-10", "usual") == pytest.approx(5, abs=0.6)


def test_one_wild_day_is_winsorised_before_it_becomes_history() -> None:
    rows = downloads("ana", MONDAY, 100, 5) + downloads("ana", date(2026, 3, 16), 1, 500, hour=12)
    con = scored(rows)
    assert one(con, "ana", "2026-03-16", "x") == 500
    assert one(con, "ana", "2026-03-16", "x_capped") < 60
    assert one(con, "ana", "2026-04-13", "usual") < 8


def test_a_newcomer_is_judged_by_peers_and_with_low_confidence() -> None:
    rows = [row for n in range(12) for row in downloads(f"p{n}", MONDAY, 60, 20)]
    rows += downloads("new", date(2026, 3, 4), 2, 20)
    people = table("user_id team", *(f"p{n} red" for n in range(12)), "new red")
    con = scored(rows, {"people": people})
    assert one(con, "new", "2026-03-04", "confidence") == "low"
    assert one(con, "new", "2026-03-04", "usual") == pytest.approx(20, abs=1)
    assert one(con, "new", "2026-03-04") == 0


def test_a_busy_day_of_the_whole_team_is_nobodys_surprise() -> None:
    rows = [row for n in range(12) for row in downloads(f"p{n}", MONDAY, 80, 10)]
    rows += [row for n in range(12) for row in downloads(f"p{n}", date(2026, 3, 31), 1, 22)]
    alone = [row for row in rows if not (row["at"] > "2026-03-31" and row["account"] != "p0")]
    assert one(scored(rows), "p3", "2026-03-31") == 0
    assert one(scored(rows), "p3", "2026-03-31", "exposure") > 2
    assert one(scored(alone), "p0", "2026-03-31") > 1


def test_a_later_day_changes_nothing_that_was_said_before() -> None:
    rows = downloads("ana", MONDAY, 60, 8) + downloads("bo", MONDAY, 60, 3)
    later = downloads("ana", date(2026, 3, 9), 5, 300) + downloads("cy", date(2026, 3, 9), 5, 50)
    said = "SELECT * FROM user_day WHERE day < '2026-03-06' ORDER BY ALL"
    assert scored(rows).sql(said).fetchall() == scored(rows + later).sql(said).fetchall()
    seen = "SELECT * FROM seen WHERE day < '2026-03-06' ORDER BY ALL"
    assert scored(rows).sql(seen).fetchall() == scored(rows + later).sql(seen).fetchall()


def test_automated_accounts_and_nameless_events_have_no_days() -> None:
    rows = [{**row, "account": "svc"} for row in downloads("svc", MONDAY, 10, 50)]
    con = scored(rows, {"accounts": table("account user_id kind", "svc - service")})
    assert con.sql("SELECT count(*) FROM user_day").fetchall() == [(0,)]
    assert con.sql("SELECT count(*) FROM presence").fetchall() == [(0,)]


def test_documents_without_a_name_count_one_by_one() -> None:
    rows = [{**row, "resource": None} for row in downloads("ana", MONDAY, 1, 50)]
    assert one(scored(rows), "ana", "2026-01-05", "x") == 50


def test_a_night_of_one_day_says_of_it_what_a_pass_over_many_days_says() -> None:
    """One day is summed otherwise than many: with rest days, a newcomer and a wild day."""
    rows = downloads("ana", MONDAY, 60, 8) + downloads("bo", MONDAY, 61, 3)
    rows += downloads("ana", date(2026, 2, 2), 1, 90, hour=12) + downloads(
        "cy", date(2026, 3, 4), 3, 9
    )
    rows += [
        {**row, "at": f"{day} 11:00:00"}
        for day in ("2026-01-10", "2026-01-17", "2026-01-24", "2026-01-31", "2026-03-07")
        for row in downloads("bo", MONDAY, 1, 4)
    ]
    events = {"access": stored("access", rows)}
    whole = scored(rows)
    for day in (date(2026, 3, 5), date(2026, 3, 7)):
        of_day = {"access": events["access"].filter(pl.col("day") == day)}
        con = night(of_day, everyone(events), window=Window(day, day))
        for table_name in ("presence", "user_day"):
            past = whole.sql(f"FROM {table_name} WHERE day < DATE '{day}'").pl()
            con.register(f"kept_{table_name}", past.to_arrow())
            con.execute(f"CREATE VIEW past_{table_name} AS FROM kept_{table_name}")
        features.write(con, settings(), Window(day, day))
        said = f"FROM user_day WHERE day = DATE '{day}' ORDER BY ALL"
        assert con.sql(said).fetchall() == whole.sql(said).fetchall() != []
