"""One detector over one window of the night's tables: the rows it returns, checked.

Knows tables and rows; neither files, nor processes, nor what becomes of a finding.
"""

import re
from collections.abc import Mapping

import duckdb
import polars as pl
import pyarrow as pa

from nightporter.errors import DetectorError, LimitError
from nightporter.hostile import brief
from nightporter.rules.allowed import DERIVED
from nightporter.rules.detector import SCANNED, Detector
from nightporter.schema import SOURCES
from nightporter.window import Window

MOST_ROWS = 1_000_000
# DuckDB quotes the value that it could not convert, whole: it may be a log of a gigabyte.
LONGEST_MESSAGE = 1000

# Arrow's streams say OSError for DuckDB's errors; a panic is no Exception.
_FAILURES = (
    duckdb.Error, OSError, pa.ArrowException, pl.exceptions.PolarsError,
    pl.exceptions.PanicException,
)  # fmt: skip
_DAILY = (*SOURCES, *DERIVED)
_LISTS = ("events", "candidates")
_LINE = re.compile(r"^LINE (\d+):", re.MULTILINE)


def run(
    con: duckdb.DuckDBPyConnection,
    detector: Detector,
    window: Window,
    knobs: Mapping[str, float],
) -> pl.DataFrame:
    """Return the findings of `detector` with a day in `window`, sorted.

    `con` is a UTC connection whose current database holds the night's tables; only
    temporary views and one macro are added to it.
    """
    lay(con, detector, window)
    return found(con, detector, window, knobs)


def lay(con: duckdb.DuckDBPyConnection, detector: Detector, window: Window) -> None:
    """Lay a view before each table that `detector` reads: it ends with `window`.

    Who asks much of one night lays once, and asks `found` for each SELECT over the same tables.
    """
    try:
        _write_views(con, detector, window)
    except duckdb.Error as error:
        raise fault(detector, error) from None


def found(
    con: duckdb.DuckDBPyConnection,
    detector: Detector,
    window: Window,
    knobs: Mapping[str, float],
) -> pl.DataFrame:
    """Return what `run` does, over the views that `lay` has laid."""
    try:
        _write_knobs(con, knobs)
    except duckdb.Error as error:
        raise fault(detector, error) from None
    try:
        rows = _dated(con, detector, _rows(con, detector))
        return _checked(detector, rows.filter(pl.col("day").is_between(window.first, window.last)))
    except _FAILURES as error:
        raise fault(detector, _unplanned(con, detector) or error) from None


def _unplanned(con: duckdb.DuckDBPyConnection, detector: Detector) -> duckdb.Error | None:
    """Return why the SELECT cannot be planned, if so: asked this way alone DuckDB says the line.

    It takes as long as a third of a small night, so only what failed is asked.
    """
    try:
        con.execute(f"PREPARE np_detector AS {detector.text}")
        con.execute("DEALLOCATE np_detector")
    except duckdb.Error as error:
        return error
    return None


def fault(detector: Detector, error: BaseException) -> DetectorError:
    """Return what DuckDB said as an error at the line of the file."""
    said = str(error)
    # DuckDB's own is the last: a value that it quotes before may look like one.
    found = [*_LINE.finditer(said)][-1:]
    line = int(found[0][1]) if found else None
    lines = detector.text.split("\n")
    shown = lines[line - 1] if line and line <= len(lines) else None
    message, _, rest = said[: found[0].start() if found else None].strip().partition("\n")
    # DuckDB's advice on settings is for those who can change them.
    hint = None if isinstance(error, duckdb.OutOfMemoryException) else " ".join(rest.split())
    return DetectorError(
        brief(message, LONGEST_MESSAGE),
        path=detector.path,
        line=line,
        text=shown,
        hint=brief(hint, LONGEST_MESSAGE) if hint else None,
    )


def _write_views(con: duckdb.DuckDBPyConnection, detector: Detector, window: Window) -> None:
    """A view of the same name lies before each table that the detector reads."""
    night = con.execute("SELECT current_database()").fetchall()[0][0]
    reaching = window.reaching_back(detector.header.lookback)
    for table in sorted(detector.query.tables):
        days = window if table in SCANNED else reaching
        cut = f" WHERE day BETWEEN DATE '{days.first}' AND DATE '{days.last}'"
        con.execute(
            f'CREATE OR REPLACE TEMP VIEW {table} AS SELECT * FROM "{night}".main.{table}'
            f"{cut if table in _DAILY else ''}"
        )


def _write_knobs(con: duckdb.DuckDBPyConnection, knobs: Mapping[str, float]) -> None:
    """Overrides are literals of a macro, so the text of the file stays as it is."""
    turned = "".join(f" WHEN '{name}' THEN {_literal(x)}" for name, x in knobs.items())
    body = f"CASE name{turned} ELSE fallback END" if turned else "fallback"
    con.execute(f"CREATE OR REPLACE TEMP MACRO knob(name, fallback) AS {body}")


def _literal(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else repr(float(value))


def _rows(con: duckdb.DuckDBPyConnection, detector: Detector) -> pl.DataFrame:
    answer = con.sql(detector.text)
    reader: pa.RecordBatchReader = answer.to_arrow_reader(50_000)
    names = reader.schema.names
    for name in names:
        if names.count(name) > 1:
            message = f"the SELECT returns two columns {name!r}"
            raise DetectorError(message, path=detector.path)
    for field, kind in zip(reader.schema, answer.types, strict=True):
        if _unheld(field.type):
            message = f"{field.name} is {kind}, which no finding holds: return a number or a text"
            raise _broken(detector, message)
    batches: list[pa.RecordBatch] = []
    count = 0
    for batch in reader:
        count += batch.num_rows
        if count > MOST_ROWS:
            message = f"more than {MOST_ROWS:,} rows: this detector finds everybody"
            raise LimitError(message, path=detector.path)
        batches.append(batch)
    return pl.DataFrame(pa.Table.from_batches(batches, reader.schema))


def _unheld(kind: pa.DataType) -> bool:
    """Tell whether polars knows no such values, or none within: it panics where there are none."""
    if pa.types.is_interval(kind) or pa.types.is_union(kind):
        return True
    return any(_unheld(kind.field(at).type) for at in range(kind.num_fields))


def _dated(con: duckdb.DuckDBPyConnection, detector: Detector, rows: pl.DataFrame) -> pl.DataFrame:
    """Give a row that says only when it happened the business day of that instant's event."""
    if "day" in rows.columns:
        if rows.schema["day"] != pl.Date:
            raise _broken(detector, f"day is {rows.schema['day']}, not a DATE")
        return rows
    if "happened_at" not in rows.columns:
        raise _broken(detector, "the SELECT returns neither day nor happened_at")
    sources = [source for source in SOURCES if source in detector.query.tables]
    if not sources or rows.schema["happened_at"] != pl.Datetime("us", "UTC"):
        raise _broken(detector, "without day, happened_at is the ts of an event that was read")
    days = pl.concat(
        con.sql(f"SELECT ts AS happened_at, min(day) AS day FROM {source} GROUP BY ts").pl()
        for source in sources
    )
    dated = rows.join(
        days.group_by("happened_at").agg(pl.col("day").min()), on="happened_at", how="left"
    )
    if dated["day"].null_count():
        raise _broken(detector, "happened_at is no event's ts: return its day as well")
    return dated


def _checked(detector: Detector, rows: pl.DataFrame) -> pl.DataFrame:
    for name in detector.header.about:
        if name not in rows.columns:
            raise _broken(detector, f"the SELECT returns no column {name!r}, which it is about")
        if rows[name].null_count():
            raise _broken(detector, f"{name} is NULL in {rows[name].null_count()} rows")
    for name in _LISTS:
        if name in rows.columns and rows.schema[name] not in (pl.List(pl.String), pl.List(pl.Null)):
            raise _broken(detector, f"{name} is {rows.schema[name]}, not a list of texts")
        if name in rows.columns:  # of a join without a match: it names nothing
            rows = rows.with_columns(pl.col(name).list.drop_nulls())
    if "user_id" in rows.columns and rows.schema["user_id"] not in (pl.String, pl.Null):
        raise _broken(detector, f"user_id is {rows.schema['user_id']}, not a text")
    if "surprise" in rows.columns:
        if not rows.schema["surprise"].is_numeric():
            raise _broken(detector, f"surprise is {rows.schema['surprise']}, not a number")
        endless = rows.height - int(
            rows["surprise"].fill_null(0).cast(pl.Float64).is_finite().sum()
        )
        if endless:
            raise _broken(detector, f"surprise is no finite number in {endless} rows")
    for name in rows.columns:
        _check_calendar(detector, rows[name])
    flat = [name for name, kind in rows.schema.items() if not kind.is_nested()]
    first = [*detector.header.about, "day"]
    return rows.sort([*first, *(name for name in flat if name not in first)], nulls_last=True)


def _check_calendar(detector: Detector, values: pl.Series) -> None:
    """Refuse instants that Python cannot hold: polars panics on them, wherever they are read."""
    nested = values.dtype.is_nested()
    if not nested and values.dtype not in (pl.Date, pl.Datetime):
        return
    try:
        if nested:
            values.to_list()
        else:
            values.min(), values.max()
    except (pl.exceptions.PanicException, ValueError, OverflowError):
        message = f"{values.name} holds a time outside the years 1 to 9999"
        raise _broken(detector, message) from None


def _broken(detector: Detector, message: str) -> DetectorError:
    return DetectorError(message, path=detector.path)
