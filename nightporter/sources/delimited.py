"""Delimited text becomes text columns: a clean block at once, an odd one line by line.

Every physical line is accounted for; line numbers are exact; raw bytes are kept for rejects.
"""

import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import polars as pl

from nightporter.config import Feed
from nightporter.errors import LogError
from nightporter.sources.blocks import LONG_LINE, Block, Blocks
from nightporter.sources.dialect import Dialect, reader
from nightporter.sources.outright import parse_fast
from nightporter.sources.parsed import Parsed, Reject, only_rejects

# A quoted record that has not closed after this many lines or bytes never will.
MOST_LINES = 1000
MOST_BYTES = 1 << 20
# Python's reader stops at 128 KiB a value; lines are bounded before they reach it.
csv.field_size_limit(LONG_LINE + MOST_BYTES)


def read(
    blocks: Blocks, feed: Feed, wanted: Sequence[str], check: Callable[[Sequence[str]], None]
) -> Iterator[Parsed]:
    """Yield the records of a file; `check` gets its header and raises if a column is missing."""
    dialect: Dialect | None = None
    for block in blocks:
        if block.rejects:
            yield only_rejects(block.rejects)
        if dialect is None and block.data:
            header, blank = _take_header(block, feed)
            if header:
                check(header)
                dialect = Dialect(feed, header, [name for name in wanted if name in header])
            yield only_rejects((), header_lines=1 if header else 0, blank_lines=blank)
        if dialect and block.data:
            yield parse_fast(block, dialect) or parse_exact(block, dialect)


def _take_header(block: Block, feed: Feed) -> tuple[list[str], int]:
    """Take the header line off `block`; return its names, and how many blank lines preceded."""
    block.skip_mark()
    blank = 0
    while block.data:
        line = block.drop(block.data.find(b"\n") + 1 or len(block.data))
        text = line.rstrip(b"\r\n")
        if text:
            return _names(text, feed), blank
        blank += 1
    return [], blank


def _names(line: bytes, feed: Feed) -> list[str]:
    text = line.decode(feed.encoding, "replace")
    if "\0" in text or "\r" in text or "\ufffd" in text:
        what = "carriage returns alone" if "\r" in text else "bytes that are no text"
        hint = f"export it as {feed.encoding} with one record a line, or correct `encoding`"
        raise LogError(f"the header holds {what}", line=1, text=repr(text)[:200], hint=hint)
    rows = csv.reader([text], delimiter=feed.delimiter, quotechar=feed.quote)
    return [name.strip() for name in next(rows)]


@dataclass
class _Exact:
    """The state of reading one block line by line."""

    block: Block
    dialect: Dialect
    raw: list[bytes]
    rows: list[list[str]] = field(default_factory=list)
    spans: list[tuple[int, int]] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    blank: int = 0

    def refuse(self, at: int, size: int, reason: str, detail: str) -> int:
        raw = b"\n".join(self.raw[at : at + size])
        self.rejects.append(Reject(self.block.first_line + at, reason, detail, raw))
        return at + size

    def accept(self, at: int, size: int, row: list[str]) -> int:
        expected = len(self.dialect.header)
        if len(row) != expected:
            detail = f"{len(row)} columns where the header has {expected}"
            return self.refuse(at, size, "wrong_columns", detail)
        self.rows.append(row)
        self.spans.append((at, size))
        return at + size


def parse_exact(block: Block, dialect: Dialect) -> Parsed:
    """Return the block's records one by one; give back a quoted record that goes on after it."""
    state = _Exact(block, dialect, list(block.raw_lines))
    texts = [_text(raw, dialect.feed.encoding) for raw in state.raw]
    at = 0
    while at < len(texts):
        after = _record(state, texts, at)
        if after == at:
            block.unread = len(block.data) - sum(len(raw) + 1 for raw in state.raw[:at])
            break
        at = after
    return _parsed(state)


def _text(raw: bytes, encoding: str) -> str | None:
    try:
        text = raw.removesuffix(b"\r").decode(encoding)
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text


def _record(state: _Exact, texts: list[str | None], at: int) -> int:
    """Take the record that starts at line `at`; return where the next starts, `at` if unknown."""
    text, feed = texts[at], state.dialect.feed
    if text is None:
        nul = b"\0" in state.raw[at]
        reason, what = (
            ("nul_byte", "a NUL byte") if nul else ("bad_utf8", "bytes that are no UTF-8")
        )
        return state.refuse(at, 1, reason, f"the line holds {what}")
    if not text:
        state.blank += 1
        return at + 1
    if feed.quote not in text:
        if "\r" in text:
            return state.refuse(at, 1, "stray_return", "a carriage return inside the line")
        return state.accept(at, 1, text.split(feed.delimiter))
    return _quoted(state, texts, at)


def _quoted(state: _Exact, texts: list[str | None], at: int) -> int:
    try:
        row = next(reader(iter([f"{texts[at]}\n"]), state.dialect))
    except csv.Error:
        return state.refuse(at, 1, "stray_return", "a carriage return inside the line")
    if not row[-1].endswith("\n"):
        return state.accept(at, 1, row)
    return _spanning(state, texts, at)


def _spanning(state: _Exact, texts: list[str | None], at: int) -> int:
    """Take a record that spans lines: strictly, so that a stray quote eats no followers."""
    taken = 0

    def lines() -> Iterator[str]:
        nonlocal taken
        size = 0
        for text, raw in zip(
            texts[at : at + MOST_LINES], state.raw[at : at + MOST_LINES], strict=True
        ):
            size += len(raw)
            if text is None or size > MOST_BYTES:
                return
            taken += 1
            yield text + ("\r\n" if raw.endswith(b"\r") else "\n")

    try:
        row = next(reader(lines(), state.dialect, strict=True))
        if len(row) == len(state.dialect.header):
            return state.accept(at, taken, row)
    except csv.Error:
        size = sum(map(len, state.raw[at : at + MOST_LINES]))
        ends_here = at + taken == len(texts) and taken < MOST_LINES and size < MOST_BYTES
        if ends_here and not state.block.closed:
            return at
    return state.refuse(at, 1, "unclosed_quote", "a quote opens here and never closes properly")


def _parsed(state: _Exact) -> Parsed:
    places, first = state.dialect.places, state.block.first_line
    columns = {
        name: pl.Series(name, [row[place] for row in state.rows], pl.String)
        for name, place in zip(state.dialect.wanted, places, strict=True)
    }
    return Parsed(
        pl.DataFrame(columns),
        pl.Series("line", [first + at for at, _ in state.spans], pl.Int64),
        lambda: [b"\n".join(state.raw[at : at + size]) for at, size in state.spans],
        state.rejects,
        blank_lines=state.blank,
        continued=sum(size - 1 for _, size in state.spans),
    )
