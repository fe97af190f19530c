"""What was read of a file waits here for its commit: few rows in memory, many in a private folder.

Knows frames and files, not what sameness or a commit is.
"""

import shutil
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from pathlib import Path
from types import TracebackType

import duckdb
import polars as pl

from nightporter.schema import TABLES
from nightporter.sources.parsed import Parsed, Reject
from nightporter.sources.typed import Log

_HELD_BYTES = 64 << 20


class Scratch:
    """A private folder that goes away with its block, and a DuckDB that spills into it."""

    def __init__(self, cache: Path) -> None:
        cache.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.folder = Path(tempfile.mkdtemp(prefix="ingest-", dir=cache))
        self.con = duckdb.connect(
            config={"temp_directory": str(self.folder / "spill"), "memory_limit": "1GB"}
        )
        self.con.execute("SET timezone = 'UTC'")
        self._numbers = count(1)

    def __enter__(self) -> "Scratch":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.con.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def next_file(self) -> Path:
        return self.folder / f"{next(self._numbers):06}.parquet"


@dataclass
class Pile:
    """Rows of one table, in the order they came."""

    table: str
    scratch: Scratch
    frames: list[pl.DataFrame] = field(default_factory=list)
    paths: list[Path] = field(default_factory=list)
    rows: int = 0
    _held: int = 0

    def add(self, frame: pl.DataFrame) -> None:
        if not len(frame):
            return
        self.frames.append(frame)
        self.rows += len(frame)
        self._held += int(frame.estimated_size())
        if self._held > _HELD_BYTES:
            self._spill()

    def _spill(self) -> None:
        path = self.scratch.next_file()
        pl.concat(self.frames).write_parquet(path, compression="lz4")
        self.paths.append(path)
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
    reasons: Counter[str] = field(default_factory=Counter)
    firsts: dict[str, Reject] = field(default_factory=dict)
    unmapped: Counter[str] = field(default_factory=Counter)
    first_reject: Reject | None = None
    first_ts: datetime | None = None
    last_ts: datetime | None = None

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
            self.unmapped.update(_unmapped(events))
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


def gathered(piles: list[Pile], con: duckdb.DuckDBPyConnection, name: str) -> bool:
    """Create a view `name` over all rows of `piles`; return whether all are in memory."""
    columns = ", ".join(f'"{column}"' for column in TABLES[piles[0].table].columns)
    held = [frame for pile in piles for frame in pile.frames]
    con.register(f"{name}__held", frame_of(held, piles[0].table).to_arrow())
    parts = [f'SELECT {columns} FROM "{name}__held"']
    paths = [str(path).replace("'", "''") for pile in piles for path in pile.paths]
    if paths:
        listed = ", ".join(f"'{path}'" for path in paths)
        parts.insert(0, f"SELECT {columns} FROM read_parquet([{listed}])")
    con.execute(f'CREATE OR REPLACE TEMP VIEW "{name}" AS {" UNION ALL ".join(parts)}')
    return not paths


def frame_of(frames: list[pl.DataFrame], table: str) -> pl.DataFrame:
    """Return the frames as one, empty if there is none."""
    return pl.concat(frames) if frames else TABLES[table].empty()
