"""The days of flagged people: their events with context joined, and who was near them.

Copied from the night's book while it lies there, so that nobody reads the lake again to tell
what a person did on a day with a finding.
"""

from collections.abc import Iterator
from contextlib import nullcontext
from itertools import chain
from pathlib import Path

import duckdb
import polars as pl
import pyarrow as pa

from nightporter.book import readable
from nightporter.lake import Lake
from nightporter.schema import SOURCES, TABLES
from nightporter.shapes import Table
from nightporter.window import Window

# A place, host or document that more others shared says nothing of anybody: their number stands
# there, and no names.
CROWD = 50
# Rows held in memory at a time, and what DuckDB may hold: where half a house of ten thousand is
# flagged, pairs of people are millions.
BATCH = 100_000
MEMORY = "1GB"


def write_flagged(book: Path, lake: Lake, window: Window, findings: pl.DataFrame) -> None:
    """Put the events of flagged people in `window`, and who was near, in the place of the old.

    `findings` are all findings of the window; of those withdrawn nothing is kept.
    """
    whose = flagged_days(findings)
    with readable(book) if whose.height else nullcontext() as con:
        for table, query in {"flagged": _EVENTS, "nearby": _NEARBY}.items():
            rows = _found(con, query, whose, TABLES[table]) if con else iter(())
            first = next(rows, None)
            # Most days of a calm house flag nobody: an empty commit would cost more than the look.
            if first is None and not any(day in window for day in lake.days(table)):
                continue
            together = chain([first] if first else [], rows)
            schema = TABLES[table].empty().to_arrow().schema
            lake.replace_days(table, pa.RecordBatchReader.from_batches(schema, together), window)


def _found(
    con: duckdb.DuckDBPyConnection, query: str, whose: pl.DataFrame, shape: Table
) -> Iterator[pa.RecordBatch]:
    """Yield the rows of `query`: never all of them at once."""
    con.execute(f"SET memory_limit = '{MEMORY}'")
    con.register("whose", whose.to_arrow())
    for batch in con.sql(query).to_arrow_reader(BATCH):
        rows = pl.DataFrame(batch).select(list(shape.columns)).cast(pl.Schema(shape.columns))
        yield from rows.to_arrow().to_batches()


def flagged_days(findings: pl.DataFrame) -> pl.DataFrame:
    """Return (user_id, day) of everybody whom a finding that holds is about, or may mean."""
    holds = findings.filter(pl.col("status") != "withdrawn")
    meant = holds.select(pl.col("candidates").alias("user_id"), "day").explode("user_id")
    together = pl.concat([holds.select("user_id", "day"), meant], how="vertical_relaxed")
    return together.drop_nulls().unique().sort("user_id", "day")


_EVENTS = (
    " UNION ALL BY NAME ".join(
        f"SELECT '{source}' AS source, * FROM {source} SEMI JOIN whose USING (user_id, day)"
        for source in SOURCES
    )
    + " ORDER BY day, user_id, ts, event"
)

# Who stands at a host that stands in a room is in that room.
_TOUCHES = """
    SELECT user_id, day, ts, local_ts, 'zone' AS how, zone AS what FROM badge
    WHERE outcome <> 'failure'
    UNION ALL SELECT user_id, day, ts, local_ts, 'zone', zone FROM access
    WHERE fixed AND NOT automated
    UNION ALL SELECT user_id, day, ts, local_ts, 'host', host FROM access WHERE NOT automated
    UNION ALL SELECT user_id, day, ts, local_ts, 'host', host FROM usb WHERE NOT automated
    UNION ALL SELECT user_id, day, ts, local_ts, 'device', device_id FROM usb WHERE NOT automated
    UNION ALL SELECT user_id, day, ts, local_ts, 'document', resource FROM access
    WHERE NOT automated
    UNION ALL SELECT user_id, day, ts, local_ts, 'document', resource FROM usb
    WHERE NOT automated"""


def _is_thing(user: str) -> str:
    """Return SQL: whether `user` is a door or a host that stands there for nobody."""
    return f"(starts_with({user}, 'door:') OR starts_with({user}, 'host:'))"


# Own things first: the day's other things are then never grouped.
_NEARBY = f"""
    WITH touches AS ({_TOUCHES}),
    mine AS MATERIALIZED (
        SELECT DISTINCT user_id, day, how, what, ts
        FROM touches SEMI JOIN whose USING (user_id, day) WHERE what IS NOT NULL
    ),
    things AS MATERIALIZED (SELECT DISTINCT user_id, day, how, what FROM mine),
    present AS MATERIALIZED (
        FROM touches SEMI JOIN things USING (day, how, what) WHERE NOT {_is_thing("user_id")}
    ),
    counted AS (
        SELECT day, how, what, count(DISTINCT user_id) AS present
        FROM present GROUP BY day, how, what
    ),
    others AS (
        SELECT t.*, c.present - (NOT {_is_thing("t.user_id")})::INTEGER AS people
        FROM things AS t JOIN counted AS c USING (day, how, what)
    ),
    together AS (
        SELECT t.*, p.user_id AS other, p.ts, p.local_ts
        FROM others AS t JOIN present AS p ON p.day = t.day AND p.how = t.how
            AND p.what = t.what AND p.user_id <> t.user_id
        WHERE t.people <= {CROWD}
    ),
    apart AS (
        SELECT t.*, least(date_diff('minute', b.ts, t.ts), date_diff('minute', t.ts, a.ts)) AS gap
        FROM together AS t
        ASOF LEFT JOIN mine AS b ON b.user_id = t.user_id AND b.day = t.day AND b.how = t.how
            AND b.what = t.what AND t.ts >= b.ts
        ASOF LEFT JOIN mine AS a ON a.user_id = t.user_id AND a.day = t.day AND a.how = t.how
            AND a.what = t.what AND t.ts <= a.ts
    )
    SELECT user_id, day, how, what, other, people, count(*) AS events, min(local_ts) AS first_at,
        max(local_ts) AS last_at, min(gap) AS minutes
    FROM apart GROUP BY user_id, day, how, what, other, people
    UNION ALL BY NAME
    SELECT user_id, day, how, what, people FROM others WHERE people > {CROWD}
    ORDER BY day, user_id, how, what, other"""
