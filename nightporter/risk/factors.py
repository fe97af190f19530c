"""What is known of a person beside the logs: it weighs on the risk, and no detector reads it.

Each factor is shown apart with its reason; together they weigh at most `MOST`. How much each
is worth is an opinion: the evaluation runs without them.
"""

from collections.abc import Mapping
from datetime import date

import duckdb
import polars as pl

from nightporter.risk.scoring import WHOM
from nightporter.window import Window

# A document that is labelled, and not as public, or a sensitive door, in the findings of the
# last seven days.
ASSET = 1.25
LEAVER = 1.5
WATCHED = 1.5
# An investigation is on: opened on an earlier day, and not quiet for weeks.
CASE = 1.25
MOST = 2.0

# For how many days a finding about something of value goes on counting.
TOUCHED = 7

_BACKGROUND = {"user_id": pl.String, "reason": pl.String, "first": pl.Date, "last": pl.Date}
_NEVER = date(9999, 12, 31)


def background(tables: Mapping[str, pl.DataFrame], leaver: int) -> pl.DataFrame:
    """Return user_id, reason (`leaver` or `watch list`), first, last: the days on which it holds.

    `tables` are the context files as they were read; `leaver` says how many days before leaving
    somebody is a leaver. Who has left and still acts is one, too.
    """
    people = tables.get("people", pl.DataFrame())
    said = []
    if "left" in people.columns:
        left = people.filter(pl.col("left").is_not_null())
        first = _day("left").dt.offset_by(f"-{leaver}d")
        said.append(left.select("user_id", pl.lit("leaver").alias("reason"), first.alias("first")))
    if "watcher" in people.columns:
        watched = people.filter(pl.col("watcher") == "true")
        said.append(watched.select("user_id", pl.lit("watch list").alias("reason")))
    if (listed := tables.get("watch_list")) is not None:
        days = [_day(name).alias(as_) for name, as_ in _INTERVAL if name in listed.columns]
        said.append(listed.select("user_id", pl.lit("watch list").alias("reason"), *days))
    rows = pl.concat([pl.DataFrame(schema=_BACKGROUND), *said], how="diagonal")
    always = {"first": pl.lit(date.min), "last": pl.lit(_NEVER)}
    return rows.with_columns(pl.col(name).fill_null(value) for name, value in always.items())


_INTERVAL = (("from", "first"), ("to", "last"))


def _day(column: str) -> pl.Expr:
    day = pl.col(column).str.slice(0, 10).str.to_date()
    # Intervals are half-open: one that ends at midnight has nothing of that day.
    midnight = pl.col(column).str.slice(11, 8).is_in(["", "00:00:00"])
    back = pl.when(midnight).then(pl.lit("-1d")).otherwise(pl.lit("0d"))
    return day.dt.offset_by(back) if column == "to" else day


def write_factors(
    con: duckdb.DuckDBPyConnection, window: Window, known: pl.DataFrame | None
) -> None:
    """Create `factors` (user_id, day, reason, factor), one row a reason, for the people and days
    of `scores`; `known` is what `background` returned, None where no factor is wanted."""
    con.execute(
        "CREATE TEMP TABLE factors (user_id VARCHAR, day DATE, reason VARCHAR, factor DOUBLE)"
    )
    if known is None:
        return
    con.register("background", known.to_arrow())
    con.execute(f"INSERT INTO factors {_factors_sql(window)}")
    con.unregister("background")


def _factors_sql(window: Window) -> str:
    first = window.reaching_back(TOUCHED - 1).first
    return f"""
    WITH touched AS (
        SELECT DISTINCT finding_id FROM evidence
        WHERE day >= DATE '{first}'
            AND (coalesce(lower(record ->> '$.label'), 'public') <> 'public'
                OR record ->> '$.sensitive' = 'true')
    ),
    asset AS (
        SELECT DISTINCT day, {WHOM} AS user_id
        FROM findings SEMI JOIN touched USING (finding_id) WHERE status = 'open'
    )
    SELECT s.who AS user_id, s.day, b.reason,
        CASE b.reason WHEN 'leaver' THEN {LEAVER} ELSE {WATCHED} END AS factor
    FROM scores AS s JOIN background AS b
      ON b.user_id = s.who AND s.day BETWEEN b.first AND b.last
    UNION
    SELECT s.who, s.day, 'asset', {ASSET}
    FROM scores AS s JOIN asset AS a
      ON a.user_id = s.who AND a.day BETWEEN s.day - {TOUCHED - 1} AND s.day"""


def weighed_sql() -> str:
    """Return SQL: user_id, day, factor, reasons, from `factors`."""
    return f"""
    SELECT user_id, day, least({MOST}, product(factor)) AS factor,
        list(reason ORDER BY factor DESC, reason) AS reasons
    FROM factors GROUP BY user_id, day"""
