"""One JSON object a line becomes text columns, by DuckDB; lines that are none are refused alone."""

from collections.abc import Callable, Iterator, Sequence

import duckdb
import polars as pl

from nightporter.sources.ahead import side_by_side
from nightporter.sources.blocks import Block, Blocks
from nightporter.sources.parsed import Parsed, Picked, Reject, only_rejects
from nightporter.sources.reach import paths, picks, quoted, reached

_KEYS_LOOKED_AT = 1000


def read(
    blocks: Blocks,
    wanted: Sequence[str],
    con: duckdb.DuckDBPyConnection,
    check: Callable[[Sequence[str], Sequence[str], int], None],
) -> Iterator[Parsed]:
    """Yield the records of a file.

    `check` gets the wanted columns that the first objects never have, the keys they have, and
    how many objects there were.
    """
    checked = False
    for parsing in side_by_side(lambda block: _parsed(block, wanted, con), blocks):
        parsed = parsing.result()
        if not checked and len(parsed.lines):
            check(*_absent(parsed, wanted, con))
            checked = True
        yield parsed


def _parsed(block: Block, wanted: Sequence[str], con: duckdb.DuckDBPyConnection) -> Parsed:
    if block.rejects:
        return only_rejects(block.rejects)
    block.skip_mark()
    with con.cursor() as own:
        return parse_fast(block, wanted, own) or parse_exact(block, wanted, own)


def parse_fast(
    block: Block, wanted: Sequence[str], con: duckdb.DuckDBPyConnection
) -> Parsed | None:
    """Return the block's objects in one go, or None unless every line is one."""
    data = block.data
    lines = _all_lines(block)
    if lines is None or not lines["text"].str.starts_with("{").all():
        return None
    lines = lines.with_row_index("line", block.first_line)
    con.register("ndjson_lines", lines.to_arrow())
    try:
        read: pl.DataFrame = con.sql(
            f"SELECT line, {_values(wanted)} FROM (SELECT line, text AS whole,"
            f" json_extract_string(text, {_pointers(wanted)}) AS v FROM ndjson_lines)"
        ).pl()
    except duckdb.Error:  # one malformed line fails the query
        return None
    numbers = read["line"].cast(pl.Int64)
    columns = read.select(pl.col(f"c{n}").alias(name) for n, name in enumerate(wanted))
    places, clean = numbers - block.first_line, not _escapes_nul(data)
    return Parsed(columns, numbers, lambda: Picked(block.raw_lines, places), clean=clean)


def _escapes_nul(data: bytes) -> bool:
    # One letter is found much faster than six, and most logs hold no backslash.
    return b"\\" in data and b"\\u0000" in data


def _all_lines(block: Block) -> pl.DataFrame | None:
    """Return the lines of a block as texts; None if that cannot be done by polars alone."""
    data = block.data
    # JSON forbids this character in a line, so that it can stand for a delimiter.
    if b"\x01" in data or b"\0" in data:
        return None
    try:
        lines = pl.scan_csv(
            data,
            has_header=False,
            schema={"text": pl.String},
            separator="\x01",
            quote_char=None,
            empty_string_is_null=False,
        ).collect()
    except pl.exceptions.PolarsError:
        return None
    return lines if len(lines) == block.lines else None


def parse_exact(block: Block, wanted: Sequence[str], con: duckdb.DuckDBPyConnection) -> Parsed:
    """Return the block's objects as columns of text, and every other line as a reject."""
    raw = list(block.raw_lines)
    lines, odd = _texts(raw, block.data)
    lines = lines.with_columns(line=pl.col("place") + block.first_line)
    blank = lines["text"].str.strip_chars() == ""
    read = _extracted(lines.filter(~blank), wanted, con)
    bad = read.filter(pl.col("kind").ne_missing("OBJECT"))
    rejects = [
        *(_odd(raw[at], at + block.first_line) for at in odd),
        *(
            _no_object(raw[at], line, kind)
            for at, line, kind in bad.select("place", "line", "kind").rows()
        ),
    ]
    good = read.filter(pl.col("kind").eq_missing("OBJECT"))
    return Parsed(
        good.select(pl.col(f"c{n}").alias(name) for n, name in enumerate(wanted)),
        good["line"],
        lambda: Picked(raw, good["place"]),
        sorted(rejects, key=lambda reject: reject.line),
        blank_lines=int(blank.sum()),
    )


def _texts(raw: list[bytes], data: bytes) -> tuple[pl.DataFrame, list[int]]:
    """Return the lines that are text, as `place` and `text`, and the places of the others."""
    whole = _decoded(data)
    if whole is not None:
        texts: list[str | None] = list(whole.removesuffix("\n").split("\n"))
    else:
        texts = [_decoded(line) for line in raw]
    frame = pl.DataFrame({"text": pl.Series(texts, dtype=pl.String)}).with_row_index("place")
    frame = frame.with_columns(pl.col("place").cast(pl.Int64))
    odd = frame.filter(pl.col("text").is_null())["place"].to_list()
    return frame.drop_nulls("text"), odd


def _decoded(data: bytes) -> str | None:
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text


def _extracted(
    lines: pl.DataFrame, wanted: Sequence[str], con: duckdb.DuckDBPyConnection
) -> pl.DataFrame:
    """Add `kind`, the JSON type of each line (null: no JSON), and c0, c1... for `wanted`."""
    con.register("ndjson_lines", lines.to_arrow())
    read: pl.DataFrame = con.sql(
        f"SELECT place, line, kind, {_values(wanted)} FROM ("
        " SELECT place, line, CASE WHEN json_valid(text) THEN text END AS whole,"
        " json_type(whole) AS kind,"
        f" json_extract_string(whole, {_pointers(wanted)}) AS v FROM ndjson_lines)"
    ).pl()
    return read


def _pointers(wanted: Sequence[str]) -> str:
    """Return all pointers as an SQL list: one pass over a line finds what is at each of them."""
    return "[" + ", ".join(quoted(path) for name in wanted for path in paths(name)) + "]"


def _values(wanted: Sequence[str]) -> str:
    """Return SQL for the columns c0, c1...: of the list v, and what is picked of `whole`."""
    return ", ".join(
        f"coalesce({', '.join(f'v[{at + 1}]' for at in places)}"
        f"{', ' + reached('whole', name) if picks(name) else ', NULL'}) AS c{n}"
        for n, (name, places) in enumerate(zip(wanted, _places(wanted), strict=True))
    )


def _places(wanted: Sequence[str]) -> list[range]:
    places, at = [], 0
    for name in wanted:
        size = len(paths(name))
        places.append(range(at, at + size))
        at += size
    return places


def _odd(raw: bytes, line: int) -> Reject:
    if b"\0" in raw:
        return Reject(line, "nul_byte", "the line holds a NUL byte", raw)
    return Reject(line, "bad_utf8", "the line holds bytes that are no UTF-8", raw)


def _no_object(raw: bytes, line: int, kind: str | None) -> Reject:
    if kind is None:
        return Reject(line, "bad_json", "the line is no JSON", raw)
    return Reject(line, "not_an_object", f"the line is JSON, but {kind}, not an object", raw)


def _absent(
    parsed: Parsed, wanted: Sequence[str], con: duckdb.DuckDBPyConnection
) -> tuple[list[str], list[str], int]:
    empty = [name for name in wanted if parsed.columns[name].null_count() == len(parsed.lines)]
    if not empty:
        return [], [], len(parsed.lines)
    raw = parsed.raw()
    texts = [raw[row].decode() for row in range(len(raw))]
    con.register("ndjson_objects", pl.DataFrame({"text": texts}).to_arrow())
    found = con.sql(
        f"SELECT {', '.join(_any_has(name) for name in empty)} FROM ndjson_objects"
    ).fetchall()[0]
    keys = con.sql(
        "SELECT DISTINCT unnest(json_keys(text)) FROM"
        f" (FROM ndjson_objects LIMIT {_KEYS_LOOKED_AT})"
    ).fetchall()
    absent = [name for name, has in zip(empty, found, strict=True) if not has]
    return absent, sorted(key for (key,) in keys), len(texts)


def _any_has(name: str) -> str:
    tests = [f"json_exists(text, {quoted(path)})" for path in paths(name)]
    if picks(name):
        tests.append(f"{reached('text', name)} IS NOT NULL")
    return f"bool_or({' OR '.join(tests)})"
