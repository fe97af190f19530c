"""What every format hands on: text columns under the log's own names, and the lines it refused."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

# Why a line could not become an event: the code, and what it says. `docs/tables.md` lists them.
REASONS: dict[str, str] = {
    "wrong_columns": "more or fewer columns than the header",
    "unclosed_quote": "a quote opens and never closes properly",
    "truncated_line": "the file's last line: it breaks off and has no line end",
    "line_too_long": "more than 1 MB in one line; of one beyond 16 MB the first megabyte is kept",
    "stray_return": "a carriage return inside the line",
    "nul_byte": "a NUL byte in it",
    "bad_utf8": "bytes that are no UTF-8",
    "bad_json": "no JSON",
    "not_an_object": "JSON, but a list, a number, a text",
    "no_match": "it does not fit the feed's pattern",
    "bad_record": "a damaged record of a Windows event log",
    "cut_file": "an event log that ends too early; its records up to there were read",
    "several_events": "the list that must hold one event holds more, or none",
    "truncated_archive": "the archive ends too early; all lines before it were read",
    "corrupt_archive": "the archive is damaged from here on; all lines before it were read",
    "no_stamp": "no time",
    "bad_stamp": "no time of the feed's form, or one that no calendar and no clock has",
    "stamp_in_dst_gap": "a time that the clocks of that place skipped",
    "unknown_site": "the site is none of nightporter.toml",
    "bad_number": "no whole number of 64 bits",
    "bad_boolean": "neither a yes nor a no",
    "no_subject": "it speaks of nobody",
}


@dataclass(frozen=True)
class Reject:
    """A raw line that cannot become an event: why, in one word and in a sentence."""

    line: int
    reason: str
    detail: str
    raw: bytes

    def __post_init__(self) -> None:
        assert self.reason in REASONS, self.reason


@dataclass(frozen=True)
class Parsed:
    """Records of one block. `raw` returns the bytes of each row; it is called only for rejects.

    A record over several physical lines counts as one line; `continued` counts the others.
    `ignored` are records that the feed's configuration sets aside. `clean` means that no byte of
    the block is NUL, as it was written.
    """

    columns: pl.DataFrame
    lines: pl.Series
    raw: Callable[[], Sequence[bytes]]
    rejects: Sequence[Reject] = ()
    header_lines: int = 0
    blank_lines: int = 0
    continued: int = 0
    ignored: int = 0
    clean: bool = False

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
