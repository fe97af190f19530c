"""The cases below a detector's SELECT: pipe tables of logs and context, and what to expect.

Knows which tables and columns a case may name, not what kinds of values they hold.
"""

import re
from collections.abc import Iterator
from typing import Literal

from nightporter.context.tables import TABLES as CONTEXT
from nightporter.errors import did_you_mean
from nightporter.rules.blindness import COLUMNS
from nightporter.rules.detector import Case, PipeTable, Row
from nightporter.rules.sheet import Block, Sheet
from nightporter.schema import SOURCES, mappable

# How a row of logs is repeated: `rows` times a day, one each `every` seconds; on so many
# `days`, or on so many `workdays`, which leave out Saturdays and Sundays.
REPEATS = ("rows", "every", "days", "workdays")
_TITLE = re.compile(r"\s*(?P<name>\w+):\s*$")
_NUMBER = re.compile(r"\d{1,5}")


def case_tables() -> dict[str, tuple[str, ...]]:
    """Return the tables that a case may hold, and their columns."""
    logs = {
        source: ("user_id", "local_ts", "site", "feed", "ingested_at", *mappable(source), *REPEATS)
        for source in SOURCES
    }
    context = {name: tuple(columns) for name, columns in CONTEXT.items()}
    return {**logs, **context, "detector_sources": COLUMNS}


def read_case(sheet: Sheet, block: Block) -> Case:
    """Return the case that `block` holds; raise DetectorError at its first fault."""
    if not block.rest:
        raise sheet.fault(f"a case has a name: it {block.word} on ...", block.line)
    tables = list(_tables(sheet, block))
    expect = next((table for table in tables if table.name == "expect"), None)
    logs = tuple(table for table in tables if table.name != "expect")
    if not any(table.name in SOURCES for table in logs):
        raise sheet.fault("a case has a table of logs: access, usb or badge", block.line)
    if expect is not None and block.word == "silent":
        raise sheet.fault("a silent case expects nothing", expect.line)
    kind: Literal["fires", "silent"] = "fires" if block.word == "fires" else "silent"
    return Case(kind, block.rest, block.line, logs, expect)


def _tables(sheet: Sheet, block: Block) -> Iterator[PipeTable]:
    found: list[tuple[str, int, list[tuple[int, str]]]] = []
    for number, line in block:
        if title := _TITLE.match(line):
            if any(title["name"] == name for name, _, _ in found):
                raise sheet.fault(f"a second table {title['name']}", number)
            found.append((title["name"], number, []))
        elif line.strip():
            if not found:
                raise sheet.fault("a table starts with its name and a colon: `access:`", number)
            found[-1][2].append((number, line))
    return (_table(sheet, *part) for part in found)


def _table(sheet: Sheet, name: str, line: int, lines: list[tuple[int, str]]) -> PipeTable:
    valid = case_tables()
    if name not in valid and name != "expect":
        raise sheet.fault(f"no table {name!r}", line, did_you_mean(name, (*valid, "expect")))
    if len(lines) < 2:
        raise sheet.fault(f"table {name} has a line of column names and at least one row", line)
    head, columns = lines[0][0], tuple(_cells(lines[0][1]))
    _check_columns(sheet, name, head, columns, valid.get(name))
    rows = tuple(_row(sheet, columns, number, text) for number, text in lines[1:])
    if name in SOURCES:
        _check_logs(sheet, name, head, columns, rows)
    return PipeTable(name, head, columns, rows)


def _check_columns(
    sheet: Sheet, name: str, line: int, columns: tuple[str, ...], valid: tuple[str, ...] | None
) -> None:
    for column in columns:
        if not column.isidentifier() or columns.count(column) > 1:
            raise sheet.fault(f"column {column!r} of table {name} is no name, or twice there", line)
        if valid is not None and column not in valid:
            hint = did_you_mean(column, valid)
            raise sheet.fault(f"table {name} has no column {column!r}", line, hint)


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.split("|")]


def _row(sheet: Sheet, columns: tuple[str, ...], number: int, line: str) -> Row:
    cells = _cells(line)
    if len(cells) == len(columns) + 1 and not cells[-1]:
        cells.pop()  # trailing columns may be left out, with their bar or without
    if len(cells) > len(columns):
        raise sheet.fault(f"{len(cells)} cells for {len(columns)} columns", number)
    return Row(number, {column: cell for column, cell in zip(columns, cells, strict=False) if cell})


def _check_logs(
    sheet: Sheet, name: str, line: int, columns: tuple[str, ...], rows: tuple[Row, ...]
) -> None:
    if "local_ts" not in columns and "ts" not in columns:
        raise sheet.fault(f"table {name} has no local_ts", line)
    for row in rows:
        for repeat in REPEATS:
            count = row.cells.get(repeat, "1")
            if not _NUMBER.fullmatch(count):
                raise sheet.fault(f"{repeat} is a whole number, not {count!r}", row.line)
        if "local_ts" not in row.cells and "ts" not in row.cells:
            raise sheet.fault("the row has no local_ts", row.line)
        if "days" in row.cells and "workdays" in row.cells:
            raise sheet.fault("a row is repeated on days or on workdays, not both", row.line)
