"""The small world of a case: rows written by hand become typed logs and context tables.

One site in UTC, Monday to Friday 08-18, no holidays; another that a row's `site` names is like it.
What a row leaves out is ordinary.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import count, islice
from pathlib import Path
from typing import Any

import polars as pl

from nightporter.config import Feed, Settings, Site
from nightporter.context.tables import TABLES as CONTEXT
from nightporter.errors import DetectorError
from nightporter.rules import Case, PipeTable, Row
from nightporter.rules.blindness import COLUMNS
from nightporter.schema import DEFAULTS, SOURCES, TABLES, WORDS, mappable
from nightporter.window import Window

SITE = "HQ"
NULL = "null"

# Actions that are about a document, and so have one even if the row names none.
_DOCUMENT: dict[str, tuple[str, ...]] = {
    "access": (
        "view", "preview", "download", "sync", "copy", "write", "rename", "delete", "print",
        "upload", "share", "archive",
    ),
    "usb": ("write", "read", "blocked"),
    "badge": (),
}  # fmt: skip
_SAMPLES = {
    "access": {"host": "pc-{user}", "account": "{user}"},
    "usb": {"host": "pc-{user}", "account": "{user}", "device_id": "dev-{user}"},
    "badge": {"door_id": "door-1", "badge_id": "card-{user}"},
}
_KEYS = {"access": ("accounts", "account"), "usb": ("accounts", "account")}
_BADGE_KEYS = ("badges", "badge_id")

Cells = dict[str, object]


@dataclass(frozen=True)
class World:
    """What a case gives to the pipeline."""

    settings: Settings
    events: dict[str, pl.DataFrame]
    context: dict[str, pl.DataFrame]
    detector_sources: pl.DataFrame
    window: Window


def build(case: Case, path: Path) -> World:
    """Return the world of `case`; `path` is the detector's, for errors."""
    written = {table.name: table for table in case.tables}
    settings = Settings(root=Path("/nonexistent"), site=_sites(written))
    events = {source: _events(source, written.get(source), settings, path) for source in SOURCES}
    days = pl.concat(frame["day"] for frame in events.values())
    if days.is_empty():
        raise DetectorError("the case has no event", path=path, line=case.line)
    return World(
        settings.model_copy(update={"feed": _feeds(events)}),
        events,
        _context(case),
        _sources_of(written.get("detector_sources")),
        Window(_date(days.min()), _date(days.max())),
    )


def _sites(written: dict[str, PipeTable]) -> dict[str, Site]:
    rows = [row for source in SOURCES if source in written for row in written[source].rows]
    named = {site for row in rows if (site := _site(row))}
    return {name: Site(zone="UTC") for name in sorted({SITE, *named})}


def _site(row: Row) -> str | None:
    name = row.cells.get("site") or SITE
    return None if name == NULL else name


def _feeds(events: dict[str, pl.DataFrame]) -> tuple[Feed, ...]:
    """Return a feed for every name that the rows of a source give."""
    names = {(name, source) for source, frame in events.items() for name in frame["feed"].unique()}
    nowhere = {"paths": ("x",), "format": "csv", "fields": {}}
    return tuple(
        Feed.model_validate({"name": name, "source": source, **nowhere})
        for name, source in sorted(names)
    )


def _sources_of(table: PipeTable | None) -> pl.DataFrame:
    rows = [[row.cells.get(column) for column in COLUMNS] for row in table.rows] if table else []
    return pl.DataFrame(rows, schema=dict.fromkeys(COLUMNS, pl.String), orient="row")


def _date(value: object) -> date:
    assert isinstance(value, date)
    return value


def _events(source: str, table: PipeTable | None, settings: Settings, path: Path) -> pl.DataFrame:
    """Return the events of a table: each row `rows` times a day on each of its `days`."""
    kinds = TABLES[source].columns
    columns: dict[str, list[object]] = {name: [] for name in kinds}
    documents: Counter[date] = Counter()
    for row in table.rows if table else ():
        cells = {"feed": source, **_typed(source, row, path), "site": _site(row)}
        times = _times(row, settings, path)
        if cells["action"] in _DOCUMENT[source] and "resource" not in cells:
            times["resource"] = [_next_document(documents, day) for day in times["day"]]
        for name, values in columns.items():
            values += times.get(name) or [cells.get(name)] * len(times["ts"])
    columns["line"] = list(range(1, 1 + len(columns["ts"])))
    columns["file_id"] = [f"case-{source}".ljust(64, "0")] * len(columns["ts"])
    return pl.DataFrame(columns, schema=dict(kinds))


def _times(row: Row, settings: Settings, path: Path) -> dict[str, list[Any]]:
    """Return what differs between the events of a row, by column."""
    stamps = list(_stamps(row, path))
    instants = [stamp.replace(tzinfo=UTC) for stamp in stamps]
    starts = settings.day_starts(SITE)
    before = timedelta(hours=starts.hour, minutes=starts.minute)
    loaded = row.cells.get("ingested_at")
    return {
        "ts": instants,
        "local_ts": stamps,
        "day": [(stamp - before).date() for stamp in stamps],
        "ingested_at": [_stamp(loaded, row, path).replace(tzinfo=UTC)] * len(stamps)
        if loaded
        else instants,
    }


def _next_document(documents: Counter[date], day: date) -> str:
    documents[day] += 1
    return f"doc-{documents[day]:04}"


def _stamps(row: Row, path: Path) -> Iterator[datetime]:
    first = _stamp(row.cells.get("local_ts") or row.cells["ts"], row, path)
    if first.tzinfo is not None:
        first = first.astimezone(UTC).replace(tzinfo=None)
    every = int(row.cells.get("every", "1"))
    for day in _days(row, first):
        for time in range(int(row.cells.get("rows", "1"))):
            yield first + timedelta(days=day, seconds=time * every)


def _stamp(text: str, row: Row, path: Path) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        hint = "a stamp looks like 2026-01-05 10:00"
        raise _fault(path, row, f"{text!r} is no stamp", hint) from None


def _days(row: Row, first: datetime) -> Iterator[int]:
    """Yield how many days after `first` the row is repeated."""
    if "workdays" not in row.cells:
        yield from range(int(row.cells.get("days", "1")))
        return
    ahead = (day for day in count() if (first + timedelta(days=day)).weekday() < 5)
    yield from islice(ahead, int(row.cells["workdays"]))


def _typed(source: str, row: Row, path: Path) -> Cells:
    """Return the cells of a row with their types, and what it leaves out filled in."""
    user = row.cells.get("user_id", "someone")
    cells: Cells = dict(DEFAULTS[source])
    if "user_id" in row.cells:
        cells |= {name: text.format(user=user) for name, text in _SAMPLES[source].items()}
    else:
        cells |= {"badge": {"door_id": "door-1"}, "usb": {"host": "pc-1"}}.get(source, {})
    cells |= {"direction": "in"} if source == "badge" else {}
    for column, text in row.cells.items():
        if column in mappable(source) and column != "ts":
            cells[column] = _value(source, column, text, row, path)
    if "feed" in row.cells:
        cells["feed"] = row.cells["feed"]
    if "action" not in row.cells:
        raise _fault(path, row, "the row has no action")
    return cells


def _value(source: str, column: str, text: str, row: Row, path: Path) -> object:
    if text == NULL:
        return None
    kind = TABLES[source].columns[column]
    words = WORDS[source].get(column)
    if words and text not in words:
        raise _fault(path, row, f"{column} {text!r}", f"one of {', '.join(words)}")
    try:
        if kind == pl.Int64:
            return int(text)
        if kind == pl.Boolean:
            return {"true": True, "false": False}[text.lower()]
    except (ValueError, KeyError):
        raise _fault(path, row, f"{column} cannot be {text!r}") from None
    return text


def _context(case: Case) -> dict[str, pl.DataFrame]:
    """Return the context tables as text; who a row is about is registered unless it says so."""
    tables = {
        table.name: [dict(row.cells) for row in table.rows]
        for table in case.tables
        if table.name in CONTEXT
    }
    for source in (table for table in case.tables if table.name in SOURCES):
        name, key = _KEYS.get(source.name, _BADGE_KEYS)
        known = tables.setdefault(name, [])
        for row in _implied(source, key, {each[key] for each in known if key in each}):
            known.append(row)
    return {name: _texts(rows) for name, rows in tables.items() if rows}


def _implied(table: PipeTable, key: str, known: set[str]) -> Iterator[dict[str, str]]:
    for row in table.rows:
        user = row.cells.get("user_id")
        if user is None:
            continue
        value = row.cells.get(key) or _SAMPLES[table.name][key].format(user=user)
        if value not in known and value != NULL:
            known.add(value)
            yield {key: value, "user_id": user}


def _texts(rows: Iterable[dict[str, str]]) -> pl.DataFrame:
    rows = list(rows)
    columns = list(dict.fromkeys(column for row in rows for column in row))
    values = [[_text(row.get(column)) for column in columns] for row in rows]
    return pl.DataFrame(values, schema=dict.fromkeys(columns, pl.String), orient="row")


def _text(cell: str | None) -> str | None:
    return None if cell == NULL else cell


def _fault(path: Path, row: Row, message: str, hint: str | None = None) -> DetectorError:
    shown = " | ".join(row.cells.values())
    return DetectorError(message, path=path, line=row.line, text=shown, hint=hint)
