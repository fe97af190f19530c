"""The Delta tables: atomic commits, idempotent loads, and their live files for DuckDB.

Knows tables and files, not what their rows mean. A lake in an object store is read through
copies of its files that lie near.
"""

import time
import uuid
from collections.abc import Container
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import unquote

import duckdb
import polars as pl
import pyarrow as pa
from deltalake import CommitProperties, DeltaTable, Transaction, WriterProperties, write_deltalake
from deltalake.exceptions import TableNotFoundError
from deltalake.transaction import AddAction, RemoveAction

from nightporter.engine import session
from nightporter.errors import ConfigError
from nightporter.schema import TABLES
from nightporter.store import Store, move
from nightporter.window import Window

Rows: TypeAlias = pl.DataFrame | pa.RecordBatchReader
Transactions = tuple[str, int] | list[tuple[str, int]]


@dataclass(frozen=True)
class DataFile:
    """A Parquet file written elsewhere: rows of one table, all of one day where it has days."""

    path: Path
    day: date | None
    rows: int


@dataclass(frozen=True)
class Lake:
    """The tables under one folder, or under one address of an object store."""

    uri: str
    store: Store | None = None
    _known: dict[str, DeltaTable] = field(
        default_factory=dict, init=False, compare=False, repr=False
    )

    def __post_init__(self) -> None:
        if self.store is None:
            Path(self.uri).mkdir(parents=True, exist_ok=True, mode=0o700)

    def place(self, table: str) -> str:
        return f"{self.uri}/{TABLES[table].name}"

    def open(self, table: str) -> DeltaTable | None:
        """Return the table as it is now, or None if nothing was ever written to it."""
        if known := self._known.get(table):
            with self.asked():
                known.update_incremental()
            return known
        try:
            with self.asked():
                opened = DeltaTable(self.place(table), storage_options=self.options)
        except TableNotFoundError:
            return None
        _check_columns(opened, table)
        # Asking what is new costs a tenth of reading the log again; in a store one request.
        self._known[table] = opened
        return opened

    @property
    def options(self) -> dict[str, str] | None:
        """What the client of an object store is told; None for a folder."""
        return self.store.options if self.store else None

    def asked(self) -> AbstractContextManager[None]:
        """Turn what an object store's client raises into errors that teach."""
        return self.store.asked() if self.store else nullcontext()

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

    def adopt(
        self, table: str, files: list[DataFile], transaction: Transactions | None = None
    ) -> None:
        """Move data files into the table and add their rows in one commit."""
        shape = TABLES[table]
        opened = self.open(table) or self._created(table)
        added: list[AddAction | RemoveAction] = []
        for file in files:
            name, size = f"{_folder(file)}{uuid.uuid4()}.parquet", file.path.stat().st_size
            self.put(table, file.path, name)
            added.append(_added(file, name, size))
        with self.asked():
            opened.create_write_transaction(
                added,
                "append",
                opened.schema(),
                list(shape.partition),
                commit_properties=_properties(transaction),
            )

    def _created(self, table: str) -> DeltaTable:
        shape = TABLES[table]
        with self.asked():
            return DeltaTable.create(
                self.place(table),
                shape.empty().to_arrow().schema,
                mode="ignore",
                partition_by=list(shape.partition) or None,
                storage_options=self.options,
            )

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
            with self.asked():
                opened.delete(predicate)

    def amend(self, table: str, values: dict[str, str], predicate: str) -> None:
        """Set columns to SQL expressions in the rows that match `predicate`, in one commit."""
        if (opened := self.open(table)) is not None:
            with self.asked():
                opened.update(updates=values, predicate=predicate)

    def _write(
        self, table: str, rows: Rows, transaction: Transactions | None, how: dict[str, Any]
    ) -> None:
        shape = TABLES[table]
        if isinstance(rows, pl.DataFrame):
            rows = rows.select(list(shape.columns)).cast(pl.Schema(shape.columns))
        with self.asked():
            write_deltalake(
                self.place(table),
                rows,
                partition_by=list(shape.partition) or None,
                commit_properties=_properties(transaction),
                writer_properties=WriterProperties(compression="ZSTD"),
                storage_options=self.options,
                **how,
            )

    def put(self, table: str, file: Path, name: str) -> None:
        """Move a local file to `name` in the folder of `table`; no reader sees it uncommitted."""
        if self.store is None:
            move(file, Path(self.place(table)) / name)
        else:
            self.store.put(TABLES[table].name, file, name)

    def files(self, table: str, window: Container[date] | None = None) -> list[str]:
        """Return the live data files, of the days in `window` where the table has days."""
        opened = self.open(table)
        if opened is None:
            return []
        if self.store is None:
            return _of_days([unquote(uri) for uri in opened.file_uris()], table, window)
        sizes = _sizes(opened)
        wanted = _of_days(list(sizes), table, window)
        return self.store.bring(TABLES[table].name, {name: sizes[name] for name in wanted})

    def names(self, table: str) -> set[str]:
        """Return the names of the live files in the folder of `table`."""
        opened = self.open(table)
        return set(_sizes(opened)) if opened else set()

    def days(self, table: str) -> list[date]:
        """Return the days that have data files, sorted; no file is read."""
        opened = self.open(table)
        return sorted({day_of(uri) for uri in opened.file_uris()}) if opened else []

    def extremes(self, table: str, column: str) -> list[tuple[date, tuple[Any, Any]]]:
        """Return each file's day with the least and the greatest `column`, None where unknown.

        The table's log keeps them; no file is read.
        """
        opened = self.open(table)
        if opened is None:
            return []
        known = pa.table(opened.get_add_actions(flatten=True)).to_pylist()
        ends = (f"min.{column}", f"max.{column}")
        return [(file["partition.day"], (file.get(ends[0]), file.get(ends[1]))) for file in known]

    def view(
        self,
        con: duckdb.DuckDBPyConnection,
        table: str,
        window: Container[date] | None = None,
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
            f"{_listed(files)}, hive_partitioning = {by_day})"
        )

    def read(self, table: str, window: Container[date] | None = None) -> pl.DataFrame:
        """Return the rows of a small table."""
        with session() as con:
            self.view(con, table, window)
            frame: pl.DataFrame = con.sql(f'SELECT * FROM "{table}"').pl()
        return frame.cast(pl.Schema(TABLES[table].columns))


def _check_columns(opened: DeltaTable, table: str) -> None:
    has = {column.name for column in opened.schema().fields}
    if lacking := [column for column in TABLES[table].columns if column not in has]:
        raise ConfigError(
            f"the lake's table {table} has no column {lacking[0]!r}: an earlier version wrote it",
            hint="name a new folder as `lake` under [workspace]: the raw logs are read anew",
        )


def _properties(transaction: Transactions | None) -> CommitProperties:
    named = [transaction] if isinstance(transaction, tuple) else transaction or []
    return CommitProperties(app_transactions=[Transaction(*each) for each in named] or None)


def _folder(file: DataFile) -> str:
    return f"day={file.day}/" if file.day else ""


def _added(file: DataFile, name: str, size: int) -> AddAction:
    days = {"day": str(file.day)} if file.day else {}
    stats = f'{{"numRecords": {file.rows}}}'
    return AddAction(name, size, days, round(time.time() * 1000), True, stats)


def _nothing(con: duckdb.DuckDBPyConnection, table: str) -> str:
    """Return SQL for no rows of the table's shape."""
    empty = con.from_arrow(TABLES[table].empty().to_arrow())
    typed = zip(empty.columns, empty.types, strict=True)
    columns = ", ".join(f'NULL::{kind} AS "{column}"' for column, kind in typed)
    return f"SELECT {columns} WHERE false"


def _sizes(opened: DeltaTable) -> dict[str, int]:
    """Return the live files below the table's own folder, and their bytes."""
    added = pa.table(opened.get_add_actions(flatten=True))
    names = [unquote(path) for path in added["path"].to_pylist()]
    return dict(zip(names, added["size_bytes"].to_pylist(), strict=True))


def _of_days(files: list[str], table: str, window: Container[date] | None) -> list[str]:
    if window is None or "day" not in TABLES[table].partition:
        return files
    return [file for file in files if day_of(file) in window]


def day_of(uri: str) -> date:
    """Return the day whose folder a data file lies in."""
    return date.fromisoformat(uri.rpartition("day=")[2][:10])


def _listed(files: list[str]) -> str:
    """Return the files as SQL, one of mean size first: DuckDB takes each for as long as that. Else
    events may seem few, and are hashed for the sake of a register."""
    sizes = {file: Path(file).stat().st_size for file in files}
    mean = sum(sizes.values()) / len(sizes)
    first = min(files, key=lambda file: abs(sizes[file] - mean))
    listed = [file.replace("'", "''") for file in sorted(files, key=lambda file: file != first)]
    return f"""['{"', '".join(listed)}']"""
