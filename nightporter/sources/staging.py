"""What was read of a file waits here for its commit: few rows in memory, many in Parquet files.

The files are written as the lake will hold them, day by day, in a private folder: a commit only
moves them. Knows frames and files, not what sameness or a commit is.
"""

import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import count as counting
from pathlib import Path
from types import TracebackType

import duckdb
import polars as pl

from nightporter.lake import DataFile
from nightporter.schema import TABLES
from nightporter.sources.parsed import Parsed, Reject
from nightporter.sources.typed import Log

# Rows of one file that are held before they are written: about half a million.
_HELD_BYTES = 192 << 20
# Higher levels take longer, and columns of logs get no smaller.
_ZSTD = 1
# Clocks differ a little; a stamp further ahead is one of the future.
_AHEAD = timedelta(minutes=10)


class Scratch:
    """A private folder that goes away with its block, and a DuckDB that spills into it."""

    def __init__(self, cache: Path) -> None:
        cache.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.folder = Path(tempfile.mkdtemp(prefix="ingest-", dir=cache))
        self._opened = ExitStack()
        self._numbers = counting(1)
        self._writer = ThreadPoolExecutor(1)

    def __enter__(self) -> "Scratch":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._writer.shutdown(cancel_futures=True)
        self._opened.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    @cached_property
    def con(self) -> duckdb.DuckDBPyConnection:
        """Opened when it is first asked: a feed that brings nothing new needs none."""
        own = duckdb.connect(
            config={"temp_directory": str(self.folder / "spill"), "memory_limit": "1GB"}
        )
        con = self._opened.enter_context(own)
        con.execute("SET timezone = 'UTC'")
        return con

    def write_beside(self, frame: pl.DataFrame, table: str) -> Future[list[DataFile]]:
        """Write as `write` does, while the caller goes on."""
        return self._writer.submit(self.write, frame, table)

    def write(self, frame: pl.DataFrame, table: str) -> list[DataFile]:
        """Write rows as data files of `table`, one a day where the table has days."""
        if "day" not in TABLES[table].partition:
            return [self._write(frame, None)] if len(frame) else []
        first, last = frame["day"].min(), frame["day"].max()
        if first == last and isinstance(first, date):
            return [self._write(frame.drop("day"), first)]
        parts = frame.partition_by("day", maintain_order=True, include_key=False, as_dict=True)
        return [self._write(part, day) for (day,), part in sorted(parts.items())]

    def _write(self, frame: pl.DataFrame, day: date | None) -> DataFile:
        folder = self.folder / (f"day={day}" if day else "undated")
        folder.mkdir(exist_ok=True)
        path = folder / f"{next(self._numbers):06}.parquet"
        frame.write_parquet(path, compression="zstd", compression_level=_ZSTD)
        return DataFile(path, day, len(frame))


@dataclass
class Pile:
    """Rows of one table, in the order they came."""

    table: str
    scratch: Scratch
    frames: list[pl.DataFrame] = field(default_factory=list)
    rows: int = 0
    _held: int = 0
    _writing: list[Future[list[DataFile]]] = field(default_factory=list)

    @property
    def files(self) -> list[DataFile]:
        """The data files written so far, waited for."""
        return [file for writing in self._writing for file in writing.result()]

    def add(self, frame: pl.DataFrame) -> None:
        if not len(frame):
            return
        self.frames.append(frame)
        self.rows += len(frame)
        self._held += int(frame.estimated_size())
        if self._held > _HELD_BYTES:
            self.spill()

    def spill(self) -> None:
        """Write what is held in memory; no more than one such piece waits to be written."""
        if self._writing:
            self._writing[-1].result()
        if self.frames:
            self._writing.append(self.scratch.write_beside(pl.concat(self.frames), self.table))
        self.frames, self._held = [], 0


@dataclass
class Stage:
    """One file, read: its events, its rejects, its lines."""

    log: Log
    events: Pile
    rejects: Pile
    lines: int = 0
    ignored: int = 0
    header_lines: int = 0
    blank_lines: int = 0
    future: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    firsts: dict[str, Reject] = field(default_factory=dict)
    unmapped: Counter[str] = field(default_factory=Counter)
    first_reject: Reject | None = None
    first_ts: datetime | None = None
    last_ts: datetime | None = None
    days: Counter[tuple[date, str | None]] = field(default_factory=Counter)

    @property
    def rejected(self) -> int:
        return self.rejects.rows

    def add(
        self, parsed: Parsed, events: pl.DataFrame, rejects: list[Reject], feed: str, now: datetime
    ) -> None:
        """Add what one block held."""
        self.lines += parsed.records
        self.ignored += parsed.ignored
        self.header_lines += parsed.header_lines
        self.blank_lines += parsed.blank_lines
        self.events.add(events)
        if len(events):
            first, last = events.select(pl.min("ts"), pl.max("ts").alias("last")).row(0)
            self.first_ts = min(first, self.first_ts or first)
            self.last_ts = max(last, self.last_ts or last)
            for day, site, count in events.group_by("day", "site").len().iter_rows():
                self.days[day, site] += count
            self.unmapped.update(_unmapped(events))
            if last > now + _AHEAD:
                self.future += int((events["ts"] > now + _AHEAD).sum())
        if rejects:
            self.reasons.update(reject.reason for reject in rejects)
            for reject in sorted(rejects, key=lambda each: each.line):
                self.firsts.setdefault(reject.reason, reject)
            self.first_reject = self.first_reject or min(rejects, key=lambda each: each.line)
            self.rejects.add(_reject_rows(rejects, feed, self.log.file_id, now))


def _unmapped(events: pl.DataFrame) -> dict[str, int]:
    """Return the log's words that became `other`, with how often they came."""
    other = events.lazy().filter(pl.col("action") == "other", pl.col("app_action").is_not_null())
    counted = other.group_by("app_action").len().collect()
    return {str(word): int(times) for word, times in counted.rows()}


def _reject_rows(rejects: list[Reject], feed: str, file_id: str, now: datetime) -> pl.DataFrame:
    columns = TABLES["rejects"].columns
    rows = {name: [getattr(each, name) for each in rejects] for name in _OWN}
    same = {"feed": feed, "file_id": file_id, "ingested_at": now}
    frame = pl.DataFrame(rows, schema={name: columns[name] for name in _OWN})
    added = frame.with_columns(pl.lit(value).alias(name) for name, value in same.items())
    return added.select(pl.col(name).cast(kind) for name, kind in columns.items())


_OWN = ("line", "reason", "detail", "raw")


class Staged:
    """The rows of several files that go into one commit, as the view `staged` for DuckDB."""

    def __init__(self, piles: list[Pile], scratch: Scratch) -> None:
        self._table = piles[0].table
        self._scratch, self._piles = scratch, piles
        self._frame = None if any(pile.files for pile in piles) else _frame(piles)
        scratch.con.execute(f"CREATE OR REPLACE TEMP VIEW staged AS {self._rows()}")

    def _rows(self) -> str:
        if self._frame is not None:
            self._scratch.con.register("staged__held", self._frame.to_arrow())
            return "FROM staged__held"
        for pile in self._piles:
            pile.spill()
        columns = ", ".join(f'"{column}"' for column in TABLES[self._table].columns)
        paths = [str(file.path).replace("'", "''") for pile in self._piles for file in pile.files]
        listed = ", ".join(f"'{path}'" for path in paths)
        return f"SELECT {columns} FROM read_parquet([{listed}], hive_partitioning = true)"

    def files(self, copies: pl.DataFrame | None = None) -> list[DataFile]:
        """Return data files of all rows but `copies` (file_id, line)."""
        if self._frame is not None:
            return self._scratch.write(_without(self._frame, copies), self._table)
        written = [file for pile in self._piles for file in pile.files]
        if copies is None or copies.is_empty():
            return written
        return list(_thinned(written, copies))


def _frame(piles: list[Pile]) -> pl.DataFrame:
    return pl.concat(frame for pile in piles for frame in pile.frames)


def _without(rows: pl.DataFrame, copies: pl.DataFrame | None) -> pl.DataFrame:
    if copies is None or copies.is_empty():
        return rows
    return rows.join(copies, on=["file_id", "line"], how="anti", maintain_order="left")


def _thinned(files: list[DataFile], copies: pl.DataFrame) -> Iterator[DataFile]:
    """A data file holds rows of one raw file: those without copies stay as they are."""
    touched = set(copies["file_id"])
    for file in files:
        first = pl.read_parquet(file.path, columns=["file_id"], n_rows=1)
        if first.item() not in touched:
            yield file
            continue
        kept = _without(pl.read_parquet(file.path, hive_partitioning=False), copies)
        kept.write_parquet(file.path, compression="zstd", compression_level=_ZSTD)
        if len(kept):
            yield replace(file, rows=len(kept))
