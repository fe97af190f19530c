"""A finding as one line of CSV (RFC 4180) that a spreadsheet can open without running it.

Knows the columns of `findings`; how a cell is made harmless stands in `cells`.
"""

import csv
import io
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

import orjson

from nightporter.exports.cells import cell
from nightporter.schema import TABLES

COLUMNS = (*TABLES["findings"].columns, "events")
GATHERED = {"events": "count(*)"}


def line(row: Mapping[str, Any]) -> str:
    """Return a row of `findings`, with what `GATHERED` adds, as one line without its end."""
    return _joined(_text(row[column], column) for column in COLUMNS)


def head() -> str:
    """Return the names of the columns as one line without its end."""
    return _joined(COLUMNS)


def _joined(texts: Iterable[str]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow([cell(text) for text in texts])
    return line.getvalue()


def _text(value: Any, column: str) -> str:
    """Tags hold no blanks; the names of people may."""
    match value:
        case None:
            return "0" if column == "events" else ""
        case list() if column == "tags":
            return " ".join(value)
        case list():
            return orjson.dumps(value).decode()
        case datetime() | date():
            return value.isoformat().replace("+00:00", "Z")
        case _:
            return str(value)
