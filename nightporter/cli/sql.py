"""The command that asks the whole lake: one query, a shell, or a file of views for other tools."""

import re
import subprocess
from collections.abc import Sequence
from pathlib import Path
from shutil import which
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import duckdb
from cyclopts import Parameter

from nightporter import context
from nightporter.cli import console
from nightporter.cli.options import Json, Workspace, settings_of
from nightporter.config import Settings
from nightporter.errors import UsageError
from nightporter.hostile import brief
from nightporter.publish import STORAGE_VERSION, Known
from nightporter.rules import Pack, load_pack
from nightporter.rules.catalogue import catalogue, knobs
from nightporter.whole import write_whole
from nightporter.wording import many
from nightporter.workspace import cache, lake_of

# Tables and macros that say what detectors are, not what they found.
_ASKED = re.compile(r"knob|detectors", re.IGNORECASE)


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
        # Half a second for all detector files, which who does not ask for them need not wait.
        _open_lake(con, settings, load_pack(settings) if _ASKED.search(text) else Pack(()))
        try:
            relation = con.sql(console.mask().real(text))
            names = relation.columns if relation is not None else []
            rows = relation.fetchall() if relation is not None else []
        except duckdb.Error as error:
            raise UsageError(str(error)) from None
        if names:
            _print(names, [tuple(map(_read, row)) for row in console.shown(rows)], json)


def _read(value: Any) -> Any:
    """Raw lines are shown as the text that they nearly always are."""
    return value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else value


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file} cannot be read: {error}") from None


def _open_lake(con: duckdb.DuckDBPyConnection, settings: Settings, pack: Pack) -> None:
    turned = knobs(pack, settings.knobs)
    known = Known(catalogue(pack), turned, context.read_tables(settings))
    write_whole(con, settings, lake_of(settings), known)


def _save(settings: Settings, path: Path) -> None:
    if path.exists():
        raise UsageError(
            f"{path} exists already", hint="name a new file; views need no copy of the lake"
        )
    _write(settings, path)
    console.say(f"views over {lake_of(settings).uri} as it is now: {path}")


def _write(settings: Settings, path: Path) -> None:
    with duckdb.connect() as con:
        quoted = str(path).replace("'", "''")
        try:
            con.execute(f"ATTACH '{quoted}' AS saved (STORAGE_VERSION '{STORAGE_VERSION}')")
        except duckdb.Error as error:
            raise UsageError(f"{path} cannot be written: {error}") from None
        path.chmod(0o600)
        con.execute("USE saved")
        _open_lake(con, settings, load_pack(settings))


def _shell(settings: Settings) -> None:
    """Open DuckDB's own shell on views that live as long as it does."""
    shell = which("duckdb")
    if shell is None:
        raise UsageError(
            "no query given, and no duckdb shell is installed",
            hint="nightporter sql 'SELECT ...'   or: pip install duckdb-cli",
        )
    with TemporaryDirectory(prefix="sql-", dir=cache(settings)) as folder:
        views = Path(folder) / "lake.duckdb"
        _write(settings, views)
        subprocess.run([shell, "-readonly", str(views)], check=False)


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
    console.say(many(len(rows), "row"))
