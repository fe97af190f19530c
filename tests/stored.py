"""Stored events for tests: a row names only what matters."""

from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import polars as pl

from nightporter import context
from nightporter.config import Feed, Settings, Site
from nightporter.schema import DEFAULTS, SOURCES, TABLES
from nightporter.window import Window

BERLIN = Site(zone="Europe/Berlin", country="DE", hours="08:00-18:00")


def settings(**sites: Site) -> Settings:
    feeds = tuple(
        Feed(name=source, source=source, paths=("x",), format="csv", fields={})
        for source in SOURCES
    )
    return Settings(root=Path(), site=sites or {"BER": BERLIN}, feed=feeds)


def stored(source: str, rows: list[dict[str, Any]], zone: str = "Europe/Berlin") -> pl.DataFrame:
    """Rows with `at` (wall clock) become stored events of `source`; the rest has defaults."""
    shape = TABLES[source].columns
    filled = []
    for line, row in enumerate(rows, 1):
        wall = datetime.fromisoformat(row["at"])
        filled.append(
            {
                **DEFAULTS[source],
                "ts": wall.replace(tzinfo=ZoneInfo(zone)),
                "local_ts": wall,
                "day": (wall - timedelta(hours=5)).date(),
                "site": "BER",
                "feed": source,
                "file_id": f"{source:0<64}",
                "line": line,
                **{key: value for key, value in row.items() if key != "at"},
            }
        )
    return pl.DataFrame(
        [{column: row.get(column) for column in shape} for row in filled],
        schema=pl.Schema(shape),
        orient="row",
    )


def night(
    events: dict[str, pl.DataFrame],
    tables: dict[str, pl.DataFrame] | None = None,
    with_settings: Settings | None = None,
    window: Window | None = None,
) -> duckdb.DuckDBPyConnection:
    """A connection that holds the enriched tables of `events`."""
    con = duckdb.connect()
    con.execute("SET timezone = 'UTC'")
    for source in SOURCES:
        frame = events.get(source, TABLES[source].empty())
        con.register(f"raw_{source}", frame.to_arrow())
    context.write_views(con, with_settings or settings(), tables or {}, window or spanned(events))
    return con


def everyone(events: dict[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """A register in which each account is a person of the same name."""
    names = {
        name for frame in events.values() if "account" in frame.columns for name in frame["account"]
    }
    return {"people": table("user_id", *sorted(names))}


def spanned(events: dict[str, pl.DataFrame]) -> Window:
    days = [day for frame in events.values() for day in frame["day"]]
    return Window(min(days), max(days))


def table(columns: str, *rows: str) -> pl.DataFrame:
    """A context table from words: `table("account user_id", "wei u1")`; `-` is empty."""
    cells = [[None if cell == "-" else cell for cell in row.split()] for row in rows]
    return pl.DataFrame(cells, schema=dict.fromkeys(columns.split(), pl.String), orient="row")


def at(day: str, clock: str) -> str:
    return datetime.combine(date.fromisoformat(day), time.fromisoformat(clock)).isoformat()
