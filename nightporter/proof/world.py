"""The small world of a case: rows written by hand become typed logs and context tables.

One site in UTC, Monday to Friday 08-18, no holidays; another that a row's `site` names is like it.
What a row leaves out is ordinary.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import count, islice
from pathlib import Path

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
    rows = {
        source: list(_events(source, written[source], settings, path)) if source in written else []
        for source in SOURCES
    }
    days = [day for found in rows.values() for event in found if (day := _date(event["day"]))]
    return World(
        settings.model_copy(update={"feed": _feeds(rows)}),
        {source: _frame(source, found) for source, found in rows.items()},
        _context(case),
        _sources_of(written.get("detector_sources")),
        Window(min(days), max(days)),
    )


def _sites(written: dict[str, PipeTable]) -> dict[str, Site]:
    rows = [row for source in SOURCES if source in written for row in written[source].rows]
    named = {site for row in rows if (site := _site(row))}
    return {name: Site(zone="UTC") for name in sorted({SITE, *named})}


def _site(row: Row) -> str | None:
    name = row.cells.get("site") or SITE
    return None if name == NULL else name


def _feeds(rows: dict[str, list[Cells]]) -> tuple[Feed, ...]:
    """Return a feed for every name that the rows of a source give."""
    names = {(str(row["feed"]), source) for source, found in rows.items() for row in found}
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


def _frame(source: str, rows: list[Cells]) -> pl.DataFrame:
    return pl.from_dicts(rows, schema=dict(TABLES[source].columns))


def _events(source: str, table: PipeTable, settings: Settings, path: Path) -> Iterator[Cells]:
    """Yield the events of a table: each row `rows` times a day on each of its `days`."""
    documents: dict[date, int] = {}
    line = 0
    for row in table.rows:
        cells = _typed(source, row, path)
        for stamp in _stamps(row, path):
            line += 1
            day = _business_day(stamp, settings)
            event = {**cells, "site": _site(row), **_place(stamp, day)}
            event["line"] = line
            if loaded := row.cells.get("ingested_at"):
                event["ingested_at"] = _stamp(loaded, row, path).replace(tzinfo=UTC)
            event.setdefault("feed", source)
            if cells["action"] in _DOCUMENT[source] and "resource" not in cells:
                documents[day] = documents.get(day, 0) + 1
                event["resource"] = f"doc-{documents[day]:04}"
            event["file_id"] = f"case-{source}".ljust(64, "0")
            yield event


def _place(stamp: datetime, day: date) -> Cells:
    ts = stamp.replace(tzinfo=UTC)
    return {"ts": ts, "local_ts": stamp, "day": day, "ingested_at": ts}


def _business_day(stamp: datetime, settings: Settings) -> date:
    starts = settings.day_starts(SITE)
    return (stamp - timedelta(hours=starts.hour, minutes=starts.minute)).date()


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
