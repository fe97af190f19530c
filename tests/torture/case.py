"""A hostile file, what must come out of it, and what the real ingest made of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from nightporter.config import Settings
from tests.sources.feeds import rows, take, workspace, write

# Their bytes end where the archive breaks, maybe right after a line end.
CUT = ("truncated_archive", "corrupt_archive")


@dataclass(frozen=True)
class Feed:
    """How files of one format are read, and two good ones that lie before and after the hostile."""

    toml: str
    before: bytes
    after: bytes


@dataclass(frozen=True)
class Case:
    """A file: the lines that become events, those that are refused, and all the others, counted.

    `plain` is what it holds once unpacked, where that is not `data` itself. With `refused`,
    nothing of it is loaded, and that is said; `problem` is said of a file that is loaded.
    """

    name: str
    feed: Feed
    data: bytes
    accepted: Sequence[int] = ()
    rejected: Sequence[tuple[int, str]] = ()
    header: int = 0
    blank: int = 0
    continued: int = 0
    duplicates: int = 0
    ignored: int = 0
    future: int = 0
    plain: bytes | None = None
    refused: str = ""
    problem: str = ""
    columns: dict[str, list[Any]] = field(default_factory=dict)

    @property
    def text(self) -> bytes:
        return self.data if self.plain is None else self.plain

    @property
    def physical(self) -> int:
        """Return how many lines it has; what is left of a cut archive is one more."""
        cut = any(reason in CUT for _, reason in self.rejected)
        open_end = bool(self.text) and not self.text.endswith(b"\n")
        return self.text.count(b"\n") + (cut or open_end)


@dataclass(frozen=True)
class Outcome:
    """What the lake holds of the hostile file, and how many others were loaded beside it."""

    load: dict[str, Any] | None
    events: pl.DataFrame
    rejects: list[tuple[int, str, bytes]]
    problems: list[str]
    others: int


def outcome(case: Case, root: Path) -> Outcome:
    """Ingest the file between two good ones; return what came of it."""
    made = workspace(root, case.feed.toml)
    write(root, "0-before", case.feed.before)
    write(root, "5-hostile.csv", case.data)
    write(root, "9-after", case.feed.after)
    load = take(made)
    loads = rows(made, "loads")
    mine = loads.filter(pl.col("path") == "logs/5-hostile.csv")
    file_ids = mine["file_id"].to_list()
    return Outcome(
        mine.row(0, named=True) if len(mine) else None,
        _of(made, made.feed[0].source, file_ids),
        _of(made, "rejects", file_ids).select("line", "reason", "raw").rows(),
        [f"{problem}" for problem in load.problems],
        len(loads) - len(mine),
    )


def _of(made: Settings, table: str, file_ids: Sequence[str]) -> pl.DataFrame:
    return rows(made, table).filter(pl.col("file_id").is_in(list(file_ids))).sort("line")
