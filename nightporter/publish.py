"""The lake's findings as one file that any DuckDB opens, swapped in one instant.

Readers keep the file they opened; the next open sees the next whole state. Written in the
storage format of DuckDB 1.0, as tables, so that nothing in it points back at the lake.
"""

from datetime import timedelta
from pathlib import Path

import duckdb
import orjson
import polars as pl

from nightporter.config import Settings
from nightporter.desk import desk_frame
from nightporter.lake import Lake
from nightporter.ranked import PEOPLE_DAY
from nightporter.window import Window
from nightporter.workspace import findings_file

STORAGE_VERSION = "v1.0.0"
_PUBLISHED = (
    "findings", "finding_history", "evidence", "risk", "cases", "places", "robots", "exceptions",
    "windows", "feed_day", "loads", "verdicts",
)  # fmt: skip


def publish(settings: Settings, lake: Lake, catalogue: pl.DataFrame) -> Path:
    """Write findings.duckdb anew beside the old one and swap it; return its path.

    `catalogue` is the table of detectors. Nothing is written when the file already holds the
    lake's present state.
    """
    target = findings_file(settings)
    state = _state(lake, catalogue)
    if target.exists() and _published_state(target) == state:
        return target
    fresh = target.with_name(f".{target.name}.new")
    fresh.unlink(missing_ok=True)
    Path(f"{fresh}.wal").unlink(missing_ok=True)
    _write(fresh, settings, lake, catalogue, state)
    fresh.chmod(0o600)
    fresh.replace(target)
    return target


def _state(lake: Lake, catalogue: pl.DataFrame) -> str:
    versions = {table: lake.version(table) for table in (*_PUBLISHED, "presence", "rejects")}
    return orjson.dumps([versions, catalogue.select("version", "switch").rows()]).decode()


def _published_state(target: Path) -> str | None:
    try:
        with duckdb.connect(str(target), read_only=True) as con:
            return str(con.execute("SELECT state FROM published").fetchall()[0][0])
    except (duckdb.Error, IndexError):
        return None


def _write(
    fresh: Path, settings: Settings, lake: Lake, catalogue: pl.DataFrame, state: str
) -> None:
    with duckdb.connect() as con:
        con.execute("SET timezone = 'UTC'")
        path = str(fresh).replace("'", "''")
        con.execute(f"ATTACH '{path}' AS target (STORAGE_VERSION '{STORAGE_VERSION}')")
        window = _horizon(settings, lake)
        for table in _PUBLISHED:
            lake.view(con, table, window)
            con.execute(f"CREATE TABLE target.{table} AS FROM {table} ORDER BY ALL")
        con.register("desk", desk_frame(lake).to_arrow())
        con.execute(f"CREATE OR REPLACE TABLE target.cases AS {_CASES}")
        lake.view(con, "presence", window)
        con.execute(f"CREATE TABLE target.people_day AS {PEOPLE_DAY} ORDER BY day")
        lake.view(con, "rejects")
        con.execute("CREATE TABLE target.rejects AS FROM rejects ORDER BY feed, file_id, line")
        con.register("catalogue", catalogue.to_arrow())
        con.execute("CREATE TABLE target.detectors AS FROM catalogue")
        con.execute(f"CREATE TABLE target.coverage AS {_COVERAGE}")
        con.execute("CREATE TABLE target.published (state VARCHAR)")
        con.execute("INSERT INTO target.published VALUES (?)", [state])
        con.execute("DETACH target")


def _horizon(settings: Settings, lake: Lake) -> Window | None:
    days = lake.days("windows")
    if not days:
        return None
    return Window(max(days[0], days[-1] - timedelta(days=settings.workspace.horizon)), days[-1])


# How a case stands by what analysts have said up to now, beside what the last night made of it.
_CASES = """
    SELECT c.* EXCLUDE (closed, verdict, held, reviewed), d.* EXCLUDE (case_id)
    FROM cases AS c JOIN desk AS d USING (case_id) ORDER BY ALL"""

# One row a detector: how many days it judged, and why it could not judge the others.
_COVERAGE = """
    SELECT stage AS detector, status, reason, count(*) AS days,
        min(day) AS first_day, max(day) AS last_day
    FROM windows WHERE stage <> 'features'
    GROUP BY ALL ORDER BY ALL"""
