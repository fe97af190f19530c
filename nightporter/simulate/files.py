"""Lines become files: encoded, packed, and the same bytes each time."""

import gzip
import io
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from nightporter.simulate.dirt import LATIN_BYTE
from nightporter.simulate.feeds import Feed


def numbered(feed: Feed, lines: pl.DataFrame) -> pl.DataFrame:
    """Add `line`: the place in the file, counted from 1, the header included."""
    first = 2 if feed.header else 1
    return lines.with_columns(line=pl.int_range(pl.len()).over("file") + first)


def write_logs(out: Path, feed: Feed, lines: pl.DataFrame) -> None:
    """Write every file of one feed below `out`."""
    for (file,), part in lines.group_by("file", maintain_order=True):
        head = [feed.header] if feed.header else []
        write_file(out / str(file), encoded(feed, [*head, *part["text"]]))


def encoded(feed: Feed, texts: Sequence[str]) -> bytes:
    """Return the lines as the source would store them."""
    whole = feed.newline.join(texts) + feed.newline
    data = whole.encode(feed.encoding).replace(LATIN_BYTE.encode(), b"\xe4")
    return b"\xef\xbb\xbf" + data if feed.bom else data


def write_file(path: Path, data: bytes) -> None:
    """Write `data`, packed if the name ends in .gz, without any time stamp inside."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_packed(data) if path.suffix == ".gz" else data)


def _packed(data: bytes) -> bytes:
    # gzip.compress() writes another header from Python to Python; GzipFile does not.
    buffer = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", compresslevel=9, fileobj=buffer, mtime=0) as file:
        file.write(data)
    return buffer.getvalue()


def write_table(path: Path, frame: pl.DataFrame) -> None:
    """Write a small table as plain CSV."""
    write_file(path, frame.write_csv(line_terminator="\n").encode())
