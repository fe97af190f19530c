"""How one delimited file is written, and Python's reader of it."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nightporter.config import Feed


@dataclass(frozen=True)
class Dialect:
    """How one file is written, and which of its columns are read."""

    feed: Feed
    header: Sequence[str]
    wanted: Sequence[str]

    @property
    def places(self) -> list[int]:
        return [self.header.index(name) for name in self.wanted]


def reader(lines: Iterator[str], dialect: Dialect, strict: bool = False) -> Iterator[list[str]]:
    """Return rows as Python's csv module reads them from `lines`."""
    feed = dialect.feed
    return csv.reader(
        lines,
        delimiter=feed.delimiter,
        quotechar=feed.quote,
        skipinitialspace=feed.trim,
        strict=strict,
    )
