"""Sigma rules for tests, a few events as the night's tables hold them, and what is found."""

import textwrap
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import yaml

from nightporter.config import Settings, Site
from nightporter.proof import World, write_night
from nightporter.rules import Detector, run
from nightporter.rules.blindness import COLUMNS
from nightporter.rules.sigma.mapping import columns_of
from nightporter.schema import SOURCES, TABLES
from nightporter.window import Window

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
DAYS = Window(date(2026, 3, 1), date(2026, 3, 9))
HEAD = {"title": "A test", "level": "low", "status": "test", "tags": ["attack.t1213"]}
SECURITY = {"product": "windows", "service": "security"}
ACCESS = {"product": "nightporter", "service": "access"}

Events = Mapping[str, Iterable[Mapping[str, Any]]]


def rule(detection: Mapping[str, Any] | str, source: Any = None, **more: Any) -> dict[str, Any]:
    """Return a rule; a detection without a condition is one selection."""
    if isinstance(detection, str):
        detection = yaml.safe_load(textwrap.dedent(detection))
    if "condition" not in detection:
        detection = {"selection": detection, "condition": "selection"}
    return {**HEAD, "logsource": source or ACCESS, "detection": detection, **more}


def correlation(*bases: dict[str, Any], **said: Any) -> list[dict[str, Any]]:
    """Return a correlation and its rules, which are called r0, r1, ..."""
    named = [{**base, "title": f"r{n}", "name": f"r{n}"} for n, base in enumerate(bases)]
    said = {"rules": [base["name"] for base in named], "group-by": ["User"], **said}
    return [{**HEAD, "correlation": said}, *named]


def written(path: Path, *documents: Any) -> Path:
    """Write `documents` (or a text) into a pack below `path`; return the file."""
    file = path / "misuse" / "tested.yml"
    file.parent.mkdir(exist_ok=True)
    if len(documents) == 1 and isinstance(documents[0], str):
        file.write_text(textwrap.dedent(documents[0]), "utf-8")
    else:
        file.write_text(yaml.safe_dump_all(documents, sort_keys=False), "utf-8")
    return file


def at(minutes: float, **cells: Any) -> dict[str, Any]:
    """Return an event of ana so many minutes after noon."""
    return {"ts": NOON + timedelta(minutes=minutes), "account": "ana", "action": "view", **cells}


def tables(events: Events) -> duckdb.DuckDBPyConnection:
    """Return a connection with bare tables of these events, no context: user_id is the account."""
    con = duckdb.connect()
    con.execute("SET timezone = 'UTC'")
    for source, rows in events.items():
        frame = _frame(source, rows).with_columns(
            event=f"{source}/" + pl.col("line").cast(pl.String),
            user_id=pl.col("badge_id" if source == "badge" else "account").fill_null("nobody"),
            off_hours=pl.lit(False),
        )
        con.register(f"raw_{source}", frame.to_arrow())
        con.execute(f"CREATE TABLE {source} AS SELECT * FROM raw_{source}")
    return con


def night(events: Events, **context: list[dict[str, str]]) -> duckdb.DuckDBPyConnection:
    """Return the night that the real pipeline makes of `events`."""
    con = duckdb.connect(config={"threads": 1})
    con.execute("SET timezone = 'UTC'")
    write_night(
        con,
        World(
            Settings(root=Path("/nonexistent"), site={"HQ": Site(zone="UTC")}),
            {source: _frame(source, events.get(source, ())) for source in SOURCES},
            {name: pl.DataFrame(rows) for name, rows in context.items()},
            pl.DataFrame(schema=dict.fromkeys(COLUMNS, pl.String)),
            DAYS,
        ),
        frozenset(),
    )
    return con


def found(con: duckdb.DuckDBPyConnection, detector: Detector, window: Window = DAYS) -> set[int]:
    """Return the numbers of the events that `detector` finds."""
    lists = run(con, detector, window, {})["events"].to_list()
    return {int(event.rpartition("/")[2]) for events in lists for event in events}


def found_rows(con: duckdb.DuckDBPyConnection, detector: Detector) -> list[dict[str, Any]]:
    """Return what `detector` finds, row by row."""
    return list(run(con, detector, DAYS, {}).iter_rows(named=True))


def _frame(source: str, rows: Iterable[Mapping[str, Any]]) -> pl.DataFrame:
    shape = dict(TABLES[source].columns)
    filled = [
        {
            "local_ts": row["ts"].replace(tzinfo=None), "day": row["ts"].date(), "site": "HQ",
            "feed": source, "file_id": source.ljust(64, "0"), "ingested_at": row["ts"],
            "outcome": "success", "line": n, **row,
        }
        for n, row in enumerate(rows)
    ]  # fmt: skip
    assert all(set(row) <= set(shape) for row in filled)
    values = [[row.get(column) for column in shape] for row in filled]
    return pl.DataFrame(values, schema=shape, orient="row")


def named(table: str) -> set[str]:
    """Return the columns of `table` that a rule may name."""
    return set(columns_of(table))
