"""What every format hands on: text columns under the log's own names, and the lines it refused."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import polars as pl


@dataclass(frozen=True)
class Reject:
    """A raw line that cannot become an event: why, in one word and in a sentence."""

    line: int
    reason: str
    detail: str
    raw: bytes


@dataclass(frozen=True)
class Parsed:
    """Records of one block. `raw` returns the bytes of each row; it is called only for rejects.

    A record over several physical lines counts as one line; `continued` counts the others.
    `ignored` are records that the feed's configuration sets aside.
    """

    columns: pl.DataFrame
    lines: pl.Series
    raw: Callable[[], Sequence[bytes]]
    rejects: Sequence[Reject] = ()
    header_lines: int = 0
    blank_lines: int = 0
    continued: int = 0
    ignored: int = 0

    @property
    def records(self) -> int:
        return len(self.lines) + len(self.rejects) + self.ignored

    @property
    def physical(self) -> int:
        return self.records + self.header_lines + self.blank_lines + self.continued

    def without(
        self, gone: pl.Series, rejects: Sequence[Reject] = (), ignored: int = 0
    ) -> "Parsed":
        """Return the block without the rows that are `gone`: refused or set aside."""
        kept = ~gone
        return replace(
            self,
            columns=self.columns.filter(kept),
            lines=self.lines.filter(kept),
            raw=lambda: Picked(self.raw(), kept.arg_true()),
            rejects=[*self.rejects, *rejects],
            ignored=self.ignored + ignored,
        )


class Picked(Sequence[bytes]):
    """The raw lines at some places."""

    def __init__(self, raw: Sequence[bytes], places: pl.Series) -> None:
        self._raw, self._places = raw, places

    def __len__(self) -> int:
        return len(self._places)

    def __getitem__(self, row: Any) -> Any:
        return self._raw[self._places[row]]


def only_rejects(rejects: Sequence[Reject], header_lines: int = 0, blank_lines: int = 0) -> Parsed:
    """Return a block without a single record."""
    none = pl.Series("line", [], pl.Int64)
    return Parsed(pl.DataFrame(), none, list, rejects, header_lines, blank_lines)
