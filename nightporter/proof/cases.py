"""A detector's cases, run: rows -> context -> features -> the shipped SELECT -> verdict.

Knows the pipeline's order, not what any stage does.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal

import duckdb
import polars as pl

from nightporter import context, features
from nightporter.book import write_sources
from nightporter.engine import session
from nightporter.errors import DetectorError
from nightporter.proof.world import World
from nightporter.rules import Case, Detector, PipeTable, Row, sentence, shown

# So many rows of a mismatch are shown.
SHOWN = 10


@dataclass(frozen=True)
class CaseResult:
    """How a case ended: `faults` says in lines what is not as written; none is a pass."""

    detector: str
    case: Case
    findings: pl.DataFrame
    sentences: tuple[str, ...] = ()
    faults: tuple[str, ...] = field(default=())

    @property
    def passed(self) -> bool:
        return not self.faults

    def __str__(self) -> str:
        mark = "ok  " if self.passed else "FAIL"
        head = f"{mark} {self.detector}:{self.case.line} {self.case.kind}: {self.case.name}"
        return "\n".join([head, *(f"       {fault}" for fault in self.faults)])


@contextmanager
def night_of(
    world: World, *, reads: frozenset[str] | None = None
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Yield a connection that holds the night's tables of `world`, shut off from the machine.

    Of the derived tables it holds those of `reads`, and all for None.
    """
    with session(locked=True) as con:
        write_night(con, world, reads)
        yield con


def write_night(
    con: duckdb.DuckDBPyConnection, world: World, reads: frozenset[str] | None = None
) -> None:
    """Create the night's tables of `world`; of the derived ones those of `reads`, all for None."""
    for source, frame in world.events.items():
        con.register(f"raw_{source}", frame.to_arrow())
    context.write_views(con, world.settings, world.context, world.window, reads)
    features.write(con, world.settings, world.window, reads)
    write_sources(con, world.detector_sources)


def judge(detector: Detector, case: Case, findings: pl.DataFrame) -> CaseResult:
    """Compare what was found with what the case says."""
    sentences = tuple(sentence(detector, row) for row in findings.iter_rows(named=True))
    faults = tuple(_faults(detector, case, findings, sentences))
    return CaseResult(detector.id, case, findings, sentences, faults)


def _faults(
    detector: Detector, case: Case, findings: pl.DataFrame, sentences: tuple[str, ...]
) -> Iterator[str]:
    if case.kind == "silent":
        if len(findings):
            yield f"it found {len(findings)}:"
            yield from _few(sentences)
    elif case.expect is None:
        if findings.is_empty():
            yield "it found nothing"
    else:
        yield from _differences(detector, case.expect, findings)
    yield from _twice(detector, findings)


def _twice(detector: Detector, findings: pl.DataFrame) -> Iterator[str]:
    """Yield what several rows are about: a night makes one finding of them, and drops words."""
    key = list(dict.fromkeys((*detector.header.about, "day")))
    again = findings.group_by(key).len().filter(pl.col("len") > 1).drop("len")
    if again.height:
        yield f"several rows are about one thing ({' | '.join(key)}):"
        yield from _few(sorted(_line(row) for row in again.iter_rows()))


def _differences(detector: Detector, expect: PipeTable, findings: pl.DataFrame) -> Iterator[str]:
    for column in expect.columns:
        if column not in findings.columns:
            message = f"the SELECT returns no column {column!r} to expect"
            raise DetectorError(message, path=detector.path, line=expect.line)
    found = {
        tuple(_comparable(value) for value in row)
        for row in findings.select(expect.columns).iter_rows()
    }
    wanted = {
        tuple(_written(row, column, findings.schema[column]) for column in expect.columns)
        for row in expect.rows
    }
    head = " | ".join(expect.columns)
    if missing := sorted(wanted - found, key=repr):
        yield f"expected, but not found ({head}):"
        yield from _few([_line(row) for row in missing])
    if surplus := sorted(found - wanted, key=repr):
        yield f"found, but not expected ({head}):"
        yield from _few([_line(row) for row in surplus])


def _comparable(value: object) -> object:
    """Return a value in the one form in which it equals what a case can write."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int | float | Decimal):
        return round(float(value), 6)
    if isinstance(value, datetime):
        return value.replace(tzinfo=None)
    if isinstance(value, list):
        return tuple(_comparable(item) for item in value)
    return shown(value) if isinstance(value, dict | time) else value


def _written(row: Row, column: str, kind: pl.DataType) -> object:
    text = row.cells.get(column, "null")
    if text == "null":
        return None
    if isinstance(kind, pl.List):
        items = [item.strip() for item in text.split(",")]
        return tuple(_read(item, kind.inner) for item in items if item)
    return _read(text, kind)


def _read(text: str, kind: object) -> object:
    try:
        if kind == pl.Date:
            return date.fromisoformat(text)
        if kind == pl.Boolean:
            return {"true": True, "false": False}.get(text.lower(), text)
        if isinstance(kind, pl.DataType) and kind.is_numeric():
            return round(float(text), 6)
        if isinstance(kind, pl.Datetime):
            return datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        pass  # then it equals no value, and the difference shows it
    return text


def _line(row: tuple[object, ...]) -> str:
    return "  " + " | ".join(shown(value) for value in row)


def _few(lines: list[str] | tuple[str, ...]) -> Iterator[str]:
    yield from lines[:SHOWN]
    if len(lines) > SHOWN:
        yield f"... and {len(lines) - SHOWN} more"
