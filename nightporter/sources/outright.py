"""Delimited text without surprises becomes text columns, a whole block at once.

A block where any line might not be exactly one record is left to those who read line by line.
"""

import polars as pl
import pyarrow as pa
import pyarrow.csv as arrow_csv

from nightporter.sources.blocks import Block
from nightporter.sources.dialect import Dialect, reader
from nightporter.sources.parsed import Parsed


def parse_fast(block: Block, dialect: Dialect) -> Parsed | None:
    """Return the block's columns in one go, or None unless every line is exactly one record."""
    data = block.data
    if not _is_plain(data, dialect):
        return None
    count = block.lines
    few = len(dialect.header) > 2 * len(dialect.wanted)
    if few or dialect.feed.quote.encode() in data:
        columns = _some_columns(data, dialect, count)
    else:
        columns = _all_columns(data, dialect, count)
    if columns is None:
        return None
    lines = pl.int_range(block.first_line, block.first_line + count, eager=True)
    return Parsed(columns, lines.alias("line"), lambda: block.raw_lines, clean=True)


def _is_plain(data: bytes, dialect: Dialect) -> bool:
    feed = dialect.feed
    # A delimiter or quote beyond ASCII, and a lone carriage return, are read line by line.
    return (
        len(dialect.header) > 1
        and feed.delimiter.isascii()
        and feed.quote.isascii()
        and b"\0" not in data
        and (b"\r" not in data or data.count(b"\r") == data.count(b"\r\n"))
    )


def _all_columns(data: bytes, dialect: Dialect, count: int) -> pl.DataFrame | None:
    """Read text without quotes: no line has more delimiters than it should, and none less."""
    feed = dialect.feed
    names = [str(n) for n in range(len(dialect.header))]
    try:
        text = data if data.isascii() else data.decode(feed.encoding).encode()
        # Only if it reads all columns does polars see that a line has more of them; and not in
        # a last line without an end.
        text = text if text.endswith(b"\n") else text + b"\n"
        columns = pl.scan_csv(
            text,
            has_header=False,
            schema=dict.fromkeys(names, pl.String),
            separator=feed.delimiter,
            quote_char=None,
            empty_string_is_null=False,
            extra_columns="raise",
            missing_columns="raise",
        ).collect()
    except (pl.exceptions.PolarsError, UnicodeDecodeError):
        return None
    if len(columns) != count or (_may_lack(columns) and not _fits(data, dialect, count)):
        return None
    placed = zip(dialect.wanted, dialect.places, strict=True)
    return columns.select(pl.col(names[place]).alias(name) for name, place in placed)


def _may_lack(columns: pl.DataFrame) -> bool:
    """Say whether a line may have too few columns: polars takes those it lacks as empty."""
    return bool((columns.to_series(-1) == "").any())


def _fits(data: bytes, dialect: Dialect, count: int) -> bool:
    delimiters = data.count(dialect.feed.delimiter.encode())
    return delimiters == count * (len(dialect.header) - 1)


def _some_columns(data: bytes, dialect: Dialect, count: int) -> pl.DataFrame | None:
    # A blank line, or a blank before a quote, is read differently by pyarrow.
    trimmed = dialect.feed.trim and dialect.feed.quote.encode() in data
    if trimmed or data[:1] in b"\r\n" or b"\n\n" in data or b"\n\r\n" in data:
        return None
    table = _arrow_table(data, dialect)
    if table is None or table.num_rows != count or _is_open(data, dialect):
        return None
    return pl.DataFrame(table)


def _arrow_table(data: bytes, dialect: Dialect) -> pa.Table | None:
    feed, names = dialect.feed, [str(n) for n in range(len(dialect.header))]
    wanted = [str(place) for place in dialect.places]
    if feed.encoding == "latin-1":
        data = data.decode("latin-1").encode()
    try:
        table = arrow_csv.read_csv(
            pa.py_buffer(data),
            arrow_csv.ReadOptions(column_names=names, block_size=len(data) + 1),
            arrow_csv.ParseOptions(
                delimiter=feed.delimiter,
                quote_char=feed.quote,
                newlines_in_values=False,
                ignore_empty_lines=False,
                invalid_row_handler=lambda _: "error",
            ),
            arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(wanted, pa.string()),
                include_columns=wanted,
                strings_can_be_null=False,
                check_utf8=True,
            ),
        )
    except pa.ArrowInvalid:
        return None
    return table.rename_columns(list(dialect.wanted))


def _is_open(data: bytes, dialect: Dialect) -> bool:
    """Say whether the last line leaves a quote open; all others would have eaten a newline."""
    last = data[data.rfind(b"\n", 0, -1) + 1 :].decode("latin-1").rstrip("\r\n")
    if dialect.feed.quote not in last:
        return False
    return next(reader(iter([last + "\n"]), dialect))[-1].endswith("\n")
