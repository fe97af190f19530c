"""The context tables in DuckDB, typed, with open intervals filled and zones applied.

Knows how a value of a context file becomes a value of a table; not who asks for it.
"""

import duckdb
import polars as pl

from nightporter.config import Settings
from nightporter.context.tables import TABLES

BEGINNING = "TIMESTAMP '0001-01-01'"
END = "TIMESTAMP '9999-12-31'"

_OPEN = {"valid_from": BEGINNING, "valid_to": END, "joined": BEGINNING, "left": END}
_TYPES = {
    "text": "VARCHAR", "flag": "BOOLEAN", "number": "BIGINT", "clock": "TIME", "day": "DATE",
    "local": "TIMESTAMP", "instant": "TIMESTAMPTZ",
}  # fmt: skip


def _without_rows(name: str) -> str:
    columns = ", ".join(f'"{column}" {_TYPES[kind]}' for column, kind in TABLES[name].items())
    return f"CREATE OR REPLACE TABLE {name} ({columns})"


# Most sites, and nearly all cases of detectors, lack most tables.
_EMPTY = "; ".join(map(_without_rows, TABLES))


def load_tables(
    con: duckdb.DuckDBPyConnection, settings: Settings, tables: dict[str, pl.DataFrame]
) -> None:
    """Create all ten context tables; a missing one is empty, a missing column is NULL.

    An instant without an offset is wall-clock time at its person's site, else at the first site.
    """
    zones = [(name, site.zone) for name, site in settings.site.items()]
    con.register(
        "site_zones",
        pl.DataFrame(zones, schema={"site": pl.String, "zone": pl.String}, orient="row").to_arrow(),
    )
    default = zones[0][1] if zones else "UTC"
    con.execute(_EMPTY)
    for name in TABLES:
        if name in tables:
            _load(con, name, tables[name], default)
    con.execute("UPDATE accounts SET kind = 'person' WHERE kind IS NULL")
    con.unregister("site_zones")


def _load(
    con: duckdb.DuckDBPyConnection, name: str, frame: pl.DataFrame, default_zone: str
) -> None:
    columns = TABLES[name]
    con.register("given", _texts(name, frame).to_arrow())
    typed = ", ".join(_expression(column, kind) for column, kind in columns.items())
    zone = f"'{default_zone}'"
    source = "given"
    if "instant" in columns.values() and "user_id" in columns:
        source = "given LEFT JOIN people USING (user_id) LEFT JOIN site_zones USING (site)"
        zone = f"coalesce(site_zones.zone, '{default_zone}')"
    con.execute(
        f"CREATE OR REPLACE TABLE {name} AS SELECT {typed.replace('$zone', zone)} FROM {source}"
    )
    con.unregister("given")


def _texts(name: str, frame: pl.DataFrame) -> pl.DataFrame:
    """Return the columns that the table has, as text; what is missing is NULL."""
    missing = [column for column in TABLES[name] if column not in frame.columns]
    whole = frame.with_columns(pl.lit(None, pl.String).alias(column) for column in missing)
    return whole.cast(pl.String).select(list(TABLES[name]))


def _expression(column: str, kind: str) -> str:
    value = f'given."{column}"'
    typed = f"CAST({value} AS {_TYPES[kind]})"
    if kind == "local":
        typed = f"coalesce({typed}, {_OPEN.get(column, 'NULL')})"
    elif kind == "instant":
        typed = (
            f"CASE WHEN regexp_matches({value}, '[+-][0-9:]+$|Z$') AND length({value}) > 19"
            f" THEN {typed}"
            f" ELSE timezone($zone, coalesce(CAST({value} AS TIMESTAMP), {_OPEN[column]})) END"
        )
    return f'{typed} AS "{column}"'
