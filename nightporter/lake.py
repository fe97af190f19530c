"""The Delta tables: atomic commits, idempotent loads, and their live files for DuckDB.

Knows tables and files, not what their rows mean.
"""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import unquote

import duckdb
import polars as pl
import pyarrow as pa
from deltalake import CommitProperties, DeltaTable, Transaction, WriterProperties, write_deltalake
from deltalake.exceptions import TableNotFoundError

from nightporter.schema import TABLES
from nightporter.window import Window

Rows: TypeAlias = pl.DataFrame | pa.RecordBatchReader
Transactions = tuple[str, int] | list[tuple[str, int]]


@dataclass(frozen=True)
class Lake:
    """The tables under one folder."""

    uri: str

    def __post_init__(self) -> None:
        Path(self.uri).mkdir(parents=True, exist_ok=True, mode=0o700)

    def place(self, table: str) -> str:
        return f"{self.uri}/{TABLES[table].name}"

    def open(self, table: str) -> DeltaTable | None:
        """Return the table as it is now, or None if nothing was ever written to it."""
        try:
            return DeltaTable(self.place(table))
        except TableNotFoundError:
            return None

    def committed(self, table: str, app: str) -> int | None:
        """Return the version that the application transaction `app` last committed."""
        opened = self.open(table)
        return opened.transaction_version(app) if opened else None

    def version(self, table: str) -> int:
        """Return the number of the table's newest commit, -1 before the first."""
        opened = self.open(table)
        return opened.version() if opened else -1

    def append(self, table: str, rows: Rows, transaction: Transactions | None = None) -> None:
        """Add `rows` in one commit, noting one or several transactions (name, version) with it."""
        self._write(table, rows, transaction, {"mode": "append"})

    def replace(self, table: str, rows: Rows, predicate: str) -> None:
        """Put `rows` in the place of the rows that match `predicate`, in one commit."""
        if self.open(table) is None:
            return self.append(table, rows)
        self._write(table, rows, None, {"mode": "overwrite", "predicate": predicate})
        return None

    def replace_days(self, table: str, rows: Rows, window: Window) -> None:
        """Put `rows` in the place of all rows whose day lies in `window`, in one commit."""
        self.replace(table, rows, f"day >= '{window.first}' AND day <= '{window.last}'")

    def delete(self, table: str, predicate: str) -> None:
        """Take out the rows that match `predicate`, in one commit."""
        if (opened := self.open(table)) is not None:
            opened.delete(predicate)

    def amend(self, table: str, values: dict[str, str], predicate: str) -> None:
        """Set columns to SQL expressions in the rows that match `predicate`, in one commit."""
        if (opened := self.open(table)) is not None:
            opened.update(updates=values, predicate=predicate)

    def _write(
        self, table: str, rows: Rows, transaction: Transactions | None, how: dict[str, Any]
    ) -> None:
        shape = TABLES[table]
        if isinstance(rows, pl.DataFrame):
            rows = rows.select(list(shape.columns)).cast(pl.Schema(shape.columns))
        named = [transaction] if isinstance(transaction, tuple) else transaction or []
        done = [Transaction(*each) for each in named] or None
        write_deltalake(
            self.place(table),
            rows,
            partition_by=list(shape.partition) or None,
            commit_properties=CommitProperties(app_transactions=done),
            writer_properties=WriterProperties(compression="ZSTD"),
            **how,
        )

    def files(self, table: str, window: Window | None = None) -> list[str]:
        """Return the live data files, of the days in `window` where the table has days."""
        opened = self.open(table)
        if opened is None:
            return []
        uris = [unquote(uri) for uri in opened.file_uris()]
        if window is None or "day" not in TABLES[table].partition:
            return uris
        return [uri for uri in uris if _day_of(uri) in window]

    def days(self, table: str) -> list[date]:
        """Return the days that have data files, sorted; no file is read."""
        return sorted({_day_of(uri) for uri in self.files(table)})

    def view(
        self,
        con: duckdb.DuckDBPyConnection,
        table: str,
        window: Window | None = None,
        name: str | None = None,
    ) -> None:
        """Create a view `name` (default: the table's) over the live files of `window`."""
        name = name or table
        files = self.files(table, window)
        if not files:
            con.execute(f'CREATE OR REPLACE VIEW "{name}" AS {_nothing(con, table)}')
            return
        columns = ", ".join(f'"{column}"' for column in TABLES[table].columns)
        by_day = "true" if "day" in TABLES[table].partition else "false"
        # Hive partitioning is asked for by name: a file's folder is the only place of its day.
        con.execute(
            f'CREATE OR REPLACE VIEW "{name}" AS SELECT {columns} FROM read_parquet('
            f"{_quoted(files)}, hive_partitioning = {by_day})"
        )

    def read(self, table: str, window: Window | None = None) -> pl.DataFrame:
        """Return the rows of a small table."""
        with duckdb.connect() as con:
            con.execute("SET timezone = 'UTC'")
            self.view(con, table, window)
            frame: pl.DataFrame = con.sql(f'SELECT * FROM "{table}"').pl()
        return frame.cast(pl.Schema(TABLES[table].columns))


def _nothing(con: duckdb.DuckDBPyConnection, table: str) -> str:
    """Return SQL for no rows of the table's shape."""
    empty = con.from_arrow(TABLES[table].empty().to_arrow())
    typed = zip(empty.columns, empty.types, strict=True)
    columns = ", ".join(f'NULL::{kind} AS "{column}"' for column, kind in typed)
    return f"SELECT {columns} WHERE false"


def _day_of(uri: str) -> date:
    return date.fromisoformat(uri.rpartition("day=")[2][:10])


def _quoted(texts: Iterable[str]) -> str:
    return "[" + ", ".join("'" + text.replace("'", "''") + "'" for text in texts) + "]"


def owner_only() -> None:
    """Make every file that this process writes readable by its owner alone."""
    os.umask(0o077)
