"""Parquet becomes text columns, batch by batch; a line is a row, counted from 1."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import orjson
import polars as pl
import pyarrow as pa
import pyarrow.parquet as parquet

from nightporter.errors import LogError
from nightporter.sources.parsed import Parsed, Reject

ROWS = 65_536


def read(
    path: Path,
    data: bytes | None,
    wanted: Sequence[str],
    check: Callable[[Sequence[str]], None],
) -> Iterator[Parsed]:
    """Yield the rows of a file, or of its bytes where `data` holds them.

    `check` gets the columns and raises if one is missing.
    """
    try:
        with parquet.ParquetFile(path if data is None else pa.BufferReader(data)) as opened:
            reach = _reachable(opened.schema_arrow)
            check(list(reach))
            wanted = [name for name in wanted if name in reach]
            first = 1
            for batch in opened.iter_batches(batch_size=ROWS):
                yield _parsed(batch, wanted, reach, first)
                first += batch.num_rows
    except (pa.ArrowException, OSError) as error:
        hint = "the file is damaged or no Parquet: fetch it again from its source"
        raise LogError(f"cannot be read as Parquet: {error}", path=path, hint=hint) from None


def _reachable(schema: pa.Schema) -> dict[str, tuple[str, ...]]:
    """Return every column, and with dots every member of a struct; literal names go first."""
    found: dict[str, tuple[str, ...]] = {}
    members: dict[str, tuple[str, ...]] = {}

    def walk(fields: Sequence[Any], above: tuple[str, ...]) -> None:
        for each in fields:
            place = (*above, each.name)
            (members if above else found)[".".join(place)] = place
            if pa.types.is_struct(each.type):
                walk([each.type.field(n) for n in range(each.type.num_fields)], place)

    walk(list(schema), ())
    return {**members, **found}


def _parsed(
    batch: pa.RecordBatch, wanted: Sequence[str], reach: dict[str, tuple[str, ...]], first: int
) -> Parsed:
    broken: set[int] = set()
    columns = {name: _column(batch, reach[name], broken) for name in wanted}
    lines = pl.int_range(first, first + batch.num_rows, eager=True).alias("line")
    frame = pl.DataFrame(columns)
    if not broken:
        return Parsed(frame, lines, lambda: _Rows(batch))
    rows = _Rows(batch)
    detail = "a text of the row holds bytes that are no UTF-8"
    rejects = [Reject(first + row, "bad_utf8", detail, rows[row]) for row in sorted(broken)]
    good = ~pl.Series(range(batch.num_rows)).is_in(sorted(broken))
    kept = good.arg_true().to_list()
    return Parsed(frame.filter(good), lines.filter(good), lambda: [rows[r] for r in kept], rejects)


def _column(batch: pa.RecordBatch, place: tuple[str, ...], broken: set[int]) -> pl.Series:
    column = batch.column(batch.schema.names.index(place[0]))
    for step in place[1:]:
        column = pa.compute.struct_field(column, step)
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if pa.types.is_timestamp(column.type):
        return pl.Series(pl.from_arrow(column.cast(pa.timestamp("us", column.type.tz), safe=False)))
    if pa.types.is_nested(column.type):
        texts = [None if value is None else _json(value).decode() for value in _values(column)]
        return pl.Series(texts, dtype=pl.String)
    return pl.Series(pl.from_arrow(_text(column, broken)), dtype=pl.String)


def _text(column: pa.Array, broken: set[int]) -> pa.Array:
    if not (_is_bytes(column.type) or _is_text(column.type)):
        return column.cast(pa.string())
    # Only the way through bytes looks at the UTF-8.
    raw = column.cast(pa.large_binary())
    try:
        return raw.cast(pa.large_string())
    except pa.ArrowInvalid:
        return pa.array(
            [_decoded(value, row, broken) for row, value in enumerate(raw.to_pylist())],
            pa.large_string(),
        )


def _is_bytes(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_binary(kind)
        or pa.types.is_large_binary(kind)
        or pa.types.is_binary_view(kind)
        or pa.types.is_fixed_size_binary(kind)
    )


def _is_text(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)
    )


def _decoded(value: bytes | None, row: int, broken: set[int]) -> str | None:
    try:
        return None if value is None else value.decode()
    except UnicodeDecodeError:
        broken.add(row)
        return None


class _Rows(Sequence[bytes]):
    """The rows of a batch as JSON."""

    def __init__(self, batch: pa.RecordBatch) -> None:
        self._batch = batch

    def __len__(self) -> int:
        return int(self._batch.num_rows)

    def __getitem__(self, row: Any) -> Any:
        one = self._batch.slice(row, 1)
        return _json({n: _value(c) for n, c in zip(one.schema.names, one.columns, strict=True)})


def _values(column: pa.Array) -> Sequence[object]:
    """Return all values; where one is too large for Python each is looked at alone."""
    try:
        values: list[object] = column.to_pylist()
    except (ValueError, OverflowError):
        values = [_value(column.slice(row, 1)) for row in range(len(column))]
    return values


def _value(column: pa.Array) -> object:
    """Return the only value; a time as text where Python's count no nanosecond and no such year."""
    try:
        return column.to_pylist()[0]
    except (ValueError, OverflowError) as error:
        if pa.types.is_nested(column.type):
            return str(column)
        broken = isinstance(error, UnicodeDecodeError)
        return column.cast(pa.binary() if broken else pa.string()).to_pylist()[0]


def _json(value: object) -> bytes:
    return orjson.dumps(value, default=_plain, option=orjson.OPT_NON_STR_KEYS)


def _plain(value: object) -> object:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
