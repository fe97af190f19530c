"""Commands that look and change nothing: findings, sql."""

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from shutil import which
from typing import Annotated, Any

import duckdb
import polars as pl
from cyclopts import Parameter

from nightporter.cli import console
from nightporter.cli.options import From, Json, To, Workspace, settings_of, window_of
from nightporter.config import Settings
from nightporter.errors import UsageError, did_you_mean
from nightporter.findings import LEVELS
from nightporter.hostile import brief, safe
from nightporter.publish import STORAGE_VERSION
from nightporter.rules import load_pack
from nightporter.schema import TABLES
from nightporter.window import Window
from nightporter.workspace import findings_file, lake_of

SHOWN = 40
# A name is shown that far; a cell of a table a little further. --json has all of it.
NAME = 60


def findings(
    *,
    user: Annotated[str | None, Parameter(help="one person's")] = None,
    detector: Annotated[str | None, Parameter(help="one detector's")] = None,
    level: Annotated[str | None, Parameter(help="of one level")] = None,
    from_: From = None,
    to: To = None,
    suppressed: Annotated[
        bool, Parameter(negative="", help="those that exceptions hide, instead of open ones")
    ] = False,
    every: Annotated[
        bool, Parameter(name="--all", negative="", help="print all, not the newest 40")
    ] = False,
    workspace: Workspace = None,
    json: Json = False,
) -> None:
    """Print open findings, newest first."""
    settings = settings_of(workspace)
    _check(settings, detector, level)
    status = "suppressed" if suppressed else "open"
    equal = {"status": status, "detector": detector, "level": level}
    rows = _found(settings, user, equal, window_of(from_, to))
    shown = rows if every or json else rows[:SHOWN]
    if json:
        console.out_json(shown)
        return
    for row in shown:
        who = row["user_id"] or row["about"]
        said = safe(row["sentence"])
        if row["candidates"]:
            said += f"; may be meant: {brief(', '.join(row['candidates']))}"
        console.out(f"{row['day']}  {row['level']:<13} {brief(who, NAME):<20} {said}")
        hidden = f"  hidden by {row['suppressed_by']}" if suppressed else ""
        console.out(f"            {row['detector']}  {row['finding_id']}{hidden}")
    console.say(
        f"{len(shown)} of {len(rows)} findings"
        + ("; --all prints the rest" if len(shown) < len(rows) else "")
    )


def _check(settings: Settings, detector: str | None, level: str | None) -> None:
    """A misspelt filter finds nothing, and nothing looks like peace."""
    if level is not None and level not in LEVELS:
        raise UsageError(f"no level is called {level!r}", hint=did_you_mean(level, LEVELS))
    if detector is not None:
        known = {each.id for each in load_pack(settings).detectors}
        if detector not in known:
            raise UsageError(
                f"no detector is called {detector!r}", hint=did_you_mean(detector, known)
            )


def _found(
    settings: Settings,
    user: str | None,
    equal: Mapping[str, str | None],
    window: Window | None,
) -> list[dict[str, Any]]:
    conditions: list[str] = []
    values: list[str] = []
    if user is not None:
        conditions.append("(user_id = ? OR list_contains(candidates, ?))")
        values += [user, user]
    for column, value in equal.items():
        if value is not None:
            conditions.append(f"{column} = ?")
            values.append(value)
    with duckdb.connect() as con:
        con.execute("SET timezone = 'UTC'")
        lake_of(settings).view(con, "findings", window)
        sql = (
            f"SELECT * FROM findings WHERE {' AND '.join(conditions)} ORDER BY day DESC, finding_id"
        )
        rows: pl.DataFrame = con.sql(sql, params=values).pl()
    return rows.to_dicts()


def sql(
    query: Annotated[
        str | None, Parameter(help="one query; without it, the duckdb shell opens")
    ] = None,
    *,
    file: Annotated[
        Path | None, Parameter(name=["--file", "-f"], help="read the query from a file")
    ] = None,
    save: Annotated[
        Path | None, Parameter(help="write views over the lake to this DuckDB file")
    ] = None,
    workspace: Workspace = None,
    json: Json = False,
) -> None:
    """Query the whole lake, read-only: its tables by name, as docs/tables.md lists them."""
    settings = settings_of(workspace)
    if save is not None:
        _save(settings, save)
        return
    text = _text(file) if file else query
    if text is None:
        _shell(settings)
        return
    with duckdb.connect() as con:
        _open_lake(con, settings)
        try:
            relation = con.sql(text)
            names = relation.columns if relation is not None else []
            rows = relation.fetchall() if relation is not None else []
        except duckdb.Error as error:
            raise UsageError(str(error)) from None
        if names:
            _print(names, rows, json)


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file} cannot be read: {error}") from None


def _open_lake(con: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    con.execute("SET timezone = 'UTC'")
    lake = lake_of(settings)
    for table in TABLES:
        lake.view(con, table)
    con.execute("CREATE OR REPLACE MACRO knob(name, fallback) AS fallback")


def _save(settings: Settings, path: Path) -> None:
    if path.exists():
        raise UsageError(
            f"{path} exists already", hint="name a new file; views need no copy of the lake"
        )
    with duckdb.connect() as con:
        quoted = str(path).replace("'", "''")
        con.execute(f"ATTACH '{quoted}' AS saved (STORAGE_VERSION '{STORAGE_VERSION}')")
        con.execute("USE saved")
        _open_lake(con, settings)
    console.say(f"views over {lake_of(settings).uri} as it is now: {path}")


def _shell(settings: Settings) -> None:
    shell = which("duckdb")
    path = findings_file(settings)
    if shell is None:
        raise UsageError(
            "no query given, and no duckdb shell is installed",
            hint="nightporter sql 'SELECT ...'   or: pip install duckdb-cli",
        )
    subprocess.run([shell, "-readonly", str(path)], check=False)


def _print(columns: Sequence[str], rows: list[tuple[Any, ...]], json: bool) -> None:
    if json:
        console.out_json([dict(zip(columns, row, strict=True)) for row in rows])
        return
    columns = [brief(name) for name in columns]
    cells = [[brief("" if value is None else value) for value in row] for row in rows]
    widths = [
        min(60, max([len(name), *(len(row[at]) for row in cells)]))
        for at, name in enumerate(columns)
    ]
    console.out("  ".join(name.ljust(width) for name, width in zip(columns, widths, strict=True)))
    for row in cells:
        console.out("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)))
    console.say(f"{len(rows):,} rows")
