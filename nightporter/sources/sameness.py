"""Which staged events the lake, or an earlier file of the same batch, already holds.

Two events are the same if all they say is the same; where they came from does not count. The
k-th equal record of a file is new if every other file holds fewer than k of it.
"""

from datetime import datetime

import duckdb
import polars as pl

from nightporter.lake import Lake
from nightporter.schema import PROVENANCE, TABLES
from nightporter.window import Window


def find_duplicates(
    con: duckdb.DuckDBPyConnection,
    lake: Lake,
    source: str,
    feed: str,
    file_ids: list[str],
    span: tuple[datetime, datetime],
) -> pl.DataFrame:
    """Return (file_id, line) of the copies in the view `staged`, whose stamps lie in `span`.

    `file_ids` gives the order of the batch: what two of its files hold belongs to the earlier.
    Lines in the table `settled` are copies of what stands, whatever they say. All copies are also
    left in the table `duplicates`.
    """
    con.execute("CREATE OR REPLACE TEMP TABLE duplicates AS FROM settled")
    if _existing(con, lake, source, feed, span) or len(file_ids) > 1:
        con.execute(f"INSERT INTO duplicates {_query(source)}", {"order": file_ids})
    found: pl.DataFrame = con.sql("FROM duplicates").pl()
    return found


def _existing(
    con: duckdb.DuckDBPyConnection,
    lake: Lake,
    source: str,
    feed: str,
    span: tuple[datetime, datetime],
) -> bool:
    """Create the view `existing`: the feed's events on the staged days, between their stamps."""
    days = [row[0] for row in con.execute("SELECT DISTINCT day FROM staged ORDER BY 1").fetchall()]
    touched = set(lake.days(source)) & set(days)
    columns = ", ".join(f'"{column}"' for column in TABLES[source].columns)
    if not touched:
        con.execute("CREATE OR REPLACE TEMP VIEW existing AS SELECT * FROM staged WHERE false")
        return False
    lake.view(con, source, Window(min(touched), max(touched)), "lake_events")
    # Days go in as literals: only then are the files of the days between never opened.
    listed = ", ".join(f"DATE '{day}'" for day in sorted(touched))
    first, last = (f"TIMESTAMPTZ '{moment.isoformat()}'" for moment in span)
    name = feed.replace("'", "''")
    con.execute(
        f"CREATE OR REPLACE TEMP VIEW existing AS SELECT {columns} FROM lake_events"
        f" WHERE day IN ({listed}) AND feed = '{name}' AND ts BETWEEN {first} AND {last}"
    )
    return bool(con.execute("SELECT ts FROM existing LIMIT 1").fetchall())


def equal(source: str) -> str:
    """Return SQL: the event `s` says what `e` says."""
    return " AND ".join(f's."{c}" IS NOT DISTINCT FROM e."{c}"' for c in _content(source))


def _content(source: str) -> list[str]:
    return [column for column in TABLES[source].columns if column not in PROVENANCE]


def _query(source: str) -> str:
    content = _content(source)
    listed = ", ".join(f'"{column}"' for column in content)
    of_staged = ", ".join(f's."{column}"' for column in content)
    # Only stamps that occur twice are looked at closely; content, in full, decides.
    return f"""
        WITH shared AS (
            SELECT ts FROM existing
            UNION
            SELECT ts FROM staged GROUP BY ts HAVING min(file_id) <> max(file_id)
        ), candidates AS (
            SELECT *, row_number() OVER (PARTITION BY file_id, {listed} ORDER BY line) AS k
            FROM staged SEMI JOIN shared USING (ts)
        ), held AS (
            SELECT {listed}, count(*) AS n FROM existing GROUP BY {listed}
        ), judged AS (
            SELECT s.file_id, s.line, s.k, e.n, row_number() OVER (
                PARTITION BY s.k, {of_staged}
                ORDER BY list_position($order, s.file_id)
            ) AS turn
            FROM candidates s LEFT JOIN held e ON {equal(source)}
        )
        SELECT file_id, line FROM judged WHERE turn > 1 OR k <= coalesce(n, 0)
        EXCEPT FROM settled
    """
