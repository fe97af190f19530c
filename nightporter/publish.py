"""The lake's findings as one file that any DuckDB opens, swapped in one instant.

Readers keep the file they opened; the next open sees the next whole state. Written in the
storage format of DuckDB 1.0, as tables, so that nothing in it points back at the lake.
"""

import hashlib
import os
from collections.abc import Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path

import duckdb
import orjson
import polars as pl

from nightporter import context
from nightporter.config import Settings
from nightporter.desk import apart_of, desk_frame, view_rows_shared, view_shared
from nightporter.lake import Lake
from nightporter.macros import write_comments, write_macros
from nightporter.names import Mask, mask_of, told
from nightporter.ranked import PEOPLE_DAY
from nightporter.window import Window
from nightporter.workspace import findings_file

STORAGE_VERSION = "v1.0.0"
# Raise it when the file gets other tables or columns: a file of the older shape is written anew.
SHAPE = 6
# Each with the order of its rows: that in which they are asked for, and told apart by.
PUBLISHED = {
    "findings": "day, finding_id",
    "finding_history": "ALL",
    "evidence": "finding_id, ts, event",
    "flagged": "user_id, ts, event",
    "nearby": "user_id, day, how, what, other",
    **dict.fromkeys(("risk", "cases", "places", "robots", "exceptions"), "ALL"),
    **dict.fromkeys(("windows", "feed_day", "loads", "verdicts"), "ALL"),
}
# The lake's name says whose events they are; here are no others.
CALLED = {"flagged": "events"}
# Written beside each other and the rest: no single one keeps all cores busy.
LARGE = ("evidence", "flagged")
# What an analyst looks up beside the logs.
REGISTERS = ("people", "doors", "hosts", "devices")


@dataclass(frozen=True)
class Known:
    """What a run knows beside the lake: a row a detector, a row a knob, the context files."""

    catalogue: pl.DataFrame
    knobs: pl.DataFrame
    tables: Mapping[str, pl.DataFrame]

    @property
    def digest(self) -> str:
        """Return what changes with anything of it that is published."""
        frames = (self.catalogue, self.knobs, *(self.tables.get(name) for name in REGISTERS))
        said = [None if frame is None else frame.write_json() for frame in frames]
        return hashlib.sha256(orjson.dumps(said)).hexdigest()


def publish(settings: Settings, lake: Lake, known: Known) -> Path:
    """Write findings.duckdb anew beside the old one and swap it; return its path.

    It tells nothing of people whose cases go to a separate recipient.

    Nothing is written when the file already holds the lake's present state.
    """
    target = findings_file(settings)
    mask, without = mask_of(settings, lake), apart_of(settings)
    state = _state(lake, known, mask, without)
    if target.exists() and _published_state(target) == state:
        return target
    fresh = target.with_name(f".{target.name}.new")
    fresh.unlink(missing_ok=True)
    Path(f"{fresh}.wal").unlink(missing_ok=True)
    _write(fresh, settings, lake, known, state, mask)
    fresh.chmod(0o600)
    fresh.replace(target)
    return target


def _state(lake: Lake, known: Known, mask: Mask, without: Collection[str]) -> str:
    versions = {table: lake.version(table) for table in (*PUBLISHED, "presence", "rejects")}
    shared = hashlib.sha256(orjson.dumps(sorted(without))).hexdigest()
    return orjson.dumps([SHAPE, versions, known.digest, mask.digest, shared]).decode()


def _published_state(target: Path) -> str | None:
    try:
        with duckdb.connect(str(target), read_only=True) as con:
            return str(con.execute("SELECT state FROM published").fetchall()[0][0])
    except (duckdb.Error, IndexError):
        return None


def _write(
    fresh: Path, settings: Settings, lake: Lake, known: Known, state: str, mask: Mask
) -> None:
    with duckdb.connect() as con:
        con.execute("SET timezone = 'UTC'")
        path = str(fresh).replace("'", "''")
        con.execute(f"ATTACH '{path}' AS target (STORAGE_VERSION '{STORAGE_VERSION}')")
        queries = {**_lake_queries(con, settings, lake), **registers(con, settings, known)}
        parts = [{name: queries.pop(name)} for name in LARGE]
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            list(pool.map(partial(_create, con, mask), [*parts, queries]))
        write_catalogue(con, known, "target")
        con.execute("CREATE TABLE target.published (state VARCHAR)")
        con.execute("INSERT INTO target.published VALUES (?)", [state])
        con.execute("USE target")
        write_macros(con)
        write_comments(con)
        con.execute("USE memory")
        con.execute("DETACH target")


def _create(con: duckdb.DuckDBPyConnection, mask: Mask, queries: Mapping[str, str]) -> None:
    with con.cursor() as own:
        own.execute("SET timezone = 'UTC'")
        # Ordered after: the order of names would tell names.
        for table, query in told(own, mask, queries).items():
            order = PUBLISHED.get(table, "ALL")
            own.execute(
                f"CREATE TABLE target.{CALLED.get(table, table)} AS FROM ({query}) ORDER BY {order}"
            )


def _lake_queries(con: duckdb.DuckDBPyConnection, settings: Settings, lake: Lake) -> dict[str, str]:
    """Create views of the lake; return what is asked of them, by table."""
    window, without = _horizon(settings, lake), apart_of(settings)
    for table in PUBLISHED:
        view = view_shared if table == "findings" else partial(view_rows_shared, table=table)
        view(con, lake, without=without, window=window)
    con.register("given", desk_frame(lake).to_arrow())
    con.execute("CREATE TABLE desk AS FROM given")  # what is registered only `con` sees
    con.unregister("given")
    lake.view(con, "presence", window)
    lake.view(con, "rejects")
    cases = cases_sql("cases")
    # A digest of names can be tried until it comes out.
    entries = "SELECT * EXCLUDE (digest) FROM exceptions"
    more = {"cases": cases, "exceptions": entries, "people_day": PEOPLE_DAY, "coverage": COVERAGE}
    return {**{table: f"FROM {table}" for table in (*PUBLISHED, "rejects")}, **more}


def registers(con: duckdb.DuckDBPyConnection, settings: Settings, known: Known) -> dict[str, str]:
    """Load all of `context/` into the database in use; return what is asked of the registers."""
    context.load_tables(con, settings, dict(known.tables))
    return {name: f"SELECT {_OPEN_ENDED.get(name, '*')} FROM {name}" for name in REGISTERS}


def write_catalogue(con: duckdb.DuckDBPyConnection, known: Known, database: str) -> None:
    """Create `detectors` and `knobs` in `database`."""
    for name, frame in (("detectors", known.catalogue), ("knobs", known.knobs)):
        con.register("frame", frame.to_arrow())
        con.execute(f"CREATE TABLE {database}.{name} AS FROM frame")
        con.unregister("frame")


# An end that nobody knows is no date.
_OPEN_ENDED = {
    "people": """* REPLACE (nullif(joined, TIMESTAMP '0001-01-01') AS joined,
        nullif("left", TIMESTAMP '9999-12-31') AS "left")""",
    "devices": """* REPLACE (
        CASE WHEN year(valid_from) > 1 THEN valid_from END AS valid_from,
        CASE WHEN year(valid_to) < 9998 THEN valid_to END AS valid_to)""",
}


def _horizon(settings: Settings, lake: Lake) -> Window | None:
    days = lake.days("windows")
    if not days:
        return None
    return Window(max(days[0], days[-1] - timedelta(days=settings.workspace.horizon)), days[-1])


def cases_sql(rows: str) -> str:
    """Return SQL: how the cases of the table `rows` stand by what analysts have said up to now (the
    table `desk`, of `desk_frame`), beside what the last night made of them."""
    return f"""
        SELECT c.* EXCLUDE (closed, verdict, held, reviewed), d.* EXCLUDE (case_id)
        FROM {rows} AS c JOIN desk AS d USING (case_id)"""


# One row a detector: how many days it judged, and why it could not judge the others.
COVERAGE = """
    SELECT stage AS detector, status, reason, count(*) AS days,
        min(day) AS first_day, max(day) AS last_day
    FROM windows WHERE stage <> 'features'
    GROUP BY ALL ORDER BY ALL"""
