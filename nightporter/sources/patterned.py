"""Lines of text become columns by the named groups of one pattern; what it does not fit is refused.

Knows lines, not records over several of them.
"""

from collections.abc import Iterator, Sequence

import polars as pl

from nightporter.config import Feed
from nightporter.sources.blocks import Block, Blocks
from nightporter.sources.parsed import Parsed, Picked, Reject, only_rejects

_WHOLE = "nightporter_line"


def read(blocks: Blocks, feed: Feed, wanted: Sequence[str]) -> Iterator[Parsed]:
    """Yield the records of a file."""
    for block in blocks:
        if block.rejects:
            yield only_rejects(block.rejects)
            continue
        block.skip_mark()
        yield parse(block, feed, wanted)


def parse(block: Block, feed: Feed, wanted: Sequence[str]) -> Parsed:
    """Return the block's lines as columns of text, and those that the pattern refuses."""
    raw = list(block.raw_lines)
    lines = _lines(raw, block.data, feed.encoding).with_row_index("place")
    blank = pl.col("text").str.strip_chars() == ""
    # They stay a struct: a group may have the name of a column here.
    groups = pl.col("text").str.extract_groups(f"(?P<{_WHOLE}>{feed.pattern})")
    found = lines.with_columns(blank=blank.fill_null(False), groups=groups)
    fits = pl.col("groups").struct.field(_WHOLE).is_not_null()
    good = found.filter(fits & ~pl.col("blank"))
    odd = found.filter(~fits & ~pl.col("blank"))
    return Parsed(
        good["groups"].struct.unnest().select(wanted),
        (good["place"].cast(pl.Int64) + block.first_line).alias("line"),
        lambda: Picked(raw, good["place"]),
        [
            _refused(raw[place], place + block.first_line, text)
            for place, text in odd.select("place", "text").rows()
        ],
        blank_lines=int(found["blank"].sum()),
    )


def _lines(raw: list[bytes], data: bytes, encoding: str) -> pl.DataFrame:
    """Return the lines as `text`, null where one is no text."""
    whole = _decoded(data, encoding)
    if whole is not None:
        texts: list[str | None] = list(whole.removesuffix("\n").split("\n"))
    else:
        texts = [_decoded(line, encoding) for line in raw]
    return pl.DataFrame({"text": pl.Series(texts, dtype=pl.String).str.strip_suffix("\r")})


def _decoded(data: bytes, encoding: str) -> str | None:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text


def _refused(raw: bytes, line: int, text: str | None) -> Reject:
    if b"\0" in raw:
        return Reject(line, "nul_byte", "the line holds a NUL byte", raw)
    if text is None:
        return Reject(line, "bad_utf8", "the line holds bytes that are no UTF-8", raw)
    return Reject(line, "no_match", "the line does not fit the feed's pattern", raw)
