"""The context files: plain CSV, all optional, checked line by line when they are read.

Knows columns and kinds of values, not how they are joined to events.
"""

import csv
import hashlib
import io
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import polars as pl

from nightporter.config import Settings, fault
from nightporter.errors import ConfigError, did_you_mean

# Kinds of values: text, flag, number, clock, day; `instant`, where a date means midnight at the
# person's site; `local`, a wall-clock date or time that no zone changes.
TABLES: dict[str, dict[str, str]] = {
    "people": {
        "user_id": "text",
        "name": "text",
        "site": "text",
        "team": "text",
        "role": "text",
        "department": "text",
        "manager": "text",
        "privileged": "flag",
        "watcher": "flag",
        "joined": "local",
        "left": "local",
    },
    "accounts": {
        "account": "text",
        "user_id": "text",
        "kind": "text",
        "valid_from": "instant",
        "valid_to": "instant",
    },
    "badges": {
        "badge_id": "text",
        "user_id": "text",
        "kind": "text",
        "valid_from": "instant",
        "valid_to": "instant",
    },
    "doors": {
        "door_id": "text",
        "site": "text",
        "zone_from": "text",
        "zone_to": "text",
        "kind": "text",
        "owner": "text",
        "out_reader": "flag",
        "contact": "flag",
        "rex": "flag",
        "offline": "flag",
        "sensitive": "flag",
        "camera_days": "number",
    },
    "hosts": {"host": "text", "owner": "text", "zone": "text", "kind": "text"},
    "devices": {
        "device_id": "text",
        "user_id": "text",
        "host": "text",
        "device_class": "text",
        "approved": "flag",
        "valid_from": "instant",
        "valid_to": "instant",
    },
    "labels": {"prefix": "text", "label": "text", "project": "text"},
    "shifts": {
        "user_id": "text",
        "weekday": "text",
        "start": "clock",
        "end": "clock",
        "valid_from": "local",
        "valid_to": "local",
    },
    "absences": {"user_id": "text", "from": "local", "to": "local"},
    "calendar": {"site": "text", "day": "day", "day_type": "text"},
}

# A file of its own, named in [risk]: it weighs on the risk, and no view has it.
WATCH_LIST = {"user_id": "text", "from": "local", "to": "local"}
_SHAPES = {**TABLES, "watch_list": WATCH_LIST}

# Without these a row says nothing.
REQUIRED = {
    "people": ("user_id",), "accounts": ("account",), "badges": ("badge_id",),
    "doors": ("door_id",), "hosts": ("host",), "devices": ("device_id",),
    "labels": ("prefix", "label"), "shifts": ("user_id", "weekday", "start", "end"),
    "absences": ("user_id", "from", "to"), "calendar": ("site", "day", "day_type"),
    "watch_list": ("user_id",),
}  # fmt: skip

# One row for each of these; accounts, badges, devices, shifts and absences have dated ones.
KEYS = {
    "people": ("user_id",), "doors": ("door_id",), "hosts": ("host",),
    "labels": ("prefix",), "calendar": ("site", "day"),
}  # fmt: skip

# What names its things by a key: a changed line concerns the days of its key, not all days.
REGISTERS = {
    "people": "user_id", "accounts": "account", "badges": "badge_id", "devices": "device_id",
    "hosts": "host", "shifts": "user_id", "absences": "user_id",
}  # fmt: skip

# Registers of names that events write in any case.
FOLDED = ("accounts", "hosts")

DAY_TYPES = ("workday", "weekend", "holiday", "make_up", "short", "shutdown")
WORDS = {
    ("accounts", "kind"): (
        "person", "privileged", "service", "machine", "shared", "pool", "break_glass",
    ),
    ("calendar", "day_type"): DAY_TYPES,
    ("shifts", "weekday"): ("mon", "tue", "wed", "thu", "fri", "sat", "sun"),
}  # fmt: skip

_FLAGS = {"true": "true", "yes": "true", "1": "true", "false": "false", "no": "false", "0": "false"}


def read_tables(settings: Settings) -> dict[str, pl.DataFrame]:
    """Return every context file as a frame of strings; raise ConfigError at the first bad line.

    With them the watch list of [risk], as `watch_list`.
    """
    folder = settings.root / settings.context.path
    files = {name: folder / f"{name}.csv" for name in TABLES}
    found = {name: _read(path, name) for name, path in files.items() if path.is_file()}
    watched = settings.risk.watch_list if settings.risk.factors else None
    if watched is not None:
        path = settings.root / watched
        if not path.is_file():
            raise fault(settings, f"there is no file {watched}", "risk", "watch_list")
        found["watch_list"] = _read(path, "watch_list")
    return found


def fingerprint(settings: Settings) -> str:
    """Return what changes whenever a context file or a site's calendar changes."""
    digest = hashlib.sha256()
    folder = settings.root / settings.context.path
    for name in TABLES:
        file = folder / f"{name}.csv"
        digest.update(name.encode() + (file.read_bytes() if file.is_file() else b"-"))
    said = (settings.site, settings.context, settings.workspace.day_starts)
    digest.update(repr(said).encode())
    return digest.hexdigest()[:12]


def form(settings: Settings, tables: Mapping[str, pl.DataFrame]) -> str:
    """Return what changes with all that concerns every day: not with a line of a register.

    Of a register that is its columns, and whether it says anything.
    """
    digest = hashlib.sha256()
    for name in TABLES:
        frame = tables.get(name)
        if frame is None:
            said = "-"
        elif name in REGISTERS:
            said = f"{sorted(frame.columns)} {frame.is_empty()}"
        else:
            said = frame.write_csv()
        digest.update(f"{name} {said}\n".encode())
    sites = (settings.site, settings.context, settings.workspace.day_starts)
    digest.update(repr(sites).encode())
    return digest.hexdigest()[:12]


def _read(path: Path, name: str) -> pl.DataFrame:
    reader = csv.reader(io.StringIO(_decoded(path), newline=""), strict=True)
    columns = [column.strip() for column in next(reader, [])]
    _check_header(path, name, columns)
    kinds = [_SHAPES[name].get(column) for column in columns]
    rows, lines = [], []
    try:
        for row in reader:
            if row:
                rows.append(_row(path, reader.line_num, name, columns, kinds, row))
                lines.append(reader.line_num)
    except csv.Error as error:
        raise ConfigError(f"not CSV: {error}", path=path, line=reader.line_num) from None
    known = [column for column in columns if column in _SHAPES[name]]
    frame = pl.DataFrame(rows, schema=dict.fromkeys(known, pl.String), orient="row")
    _check_keys(path, name, frame, lines)
    return frame


def _decoded(path: Path) -> str:
    data = path.read_bytes()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        hint = "save it as UTF-8 (in Excel: CSV UTF-8)"
        raise ConfigError("not UTF-8", path=path, line=line, hint=hint) from None


def _check_keys(path: Path, name: str, frame: pl.DataFrame, lines: list[int]) -> None:
    """Two rows about one thing would count each of its events twice."""
    keys = KEYS.get(name)
    if keys is None:
        return
    first: dict[tuple[str, ...], int] = {}
    for line, said in zip(lines, frame.select(keys).iter_rows(), strict=True):
        key = tuple(map(str.lower, said)) if name in FOLDED else said
        if key in first:
            shown = ", ".join(said)
            message = f"{shown} stands in line {first[key]} already"
            raise ConfigError(message, path=path, line=line, text=shown)
        first[key] = line


def _check_header(path: Path, name: str, columns: list[str]) -> None:
    shown = ",".join(columns)
    for column in REQUIRED[name]:
        if column not in columns:
            hint = f"its columns may be: {', '.join(_SHAPES[name])}"
            raise ConfigError(f"no column {column}", path=path, line=1, text=shown, hint=hint)
    for column in columns:
        if column in _SHAPES[name] and columns.count(column) > 1:
            message = f"two columns {column}"
            raise ConfigError(message, path=path, line=1, text=shown, hint="name one of them else")
        if column not in _SHAPES[name] and "did you mean" in did_you_mean(column, _SHAPES[name]):
            hint = did_you_mean(column, _SHAPES[name])
            raise ConfigError(f"column {column}?", path=path, line=1, text=shown, hint=hint)


def _row(
    path: Path, line: int, name: str, columns: list[str], kinds: list[str | None], row: list[str]
) -> list[str | None]:
    if len(row) != len(columns):
        message = f"{len(row)} values for {len(columns)} columns"
        raise ConfigError(message, path=path, line=line, text=",".join(row))
    values: list[str | None] = []
    for column, kind, raw in zip(columns, kinds, row, strict=True):
        if kind is None:
            continue
        value = raw.strip() or None
        if value is None and column in REQUIRED[name]:
            raise ConfigError(f"{column} is empty", path=path, line=line, text=",".join(row))
        words = WORDS.get((name, column))
        if value is not None and words and value.lower() not in words:
            hint = did_you_mean(value, words)
            message = f"{column} {value!r}"
            raise ConfigError(message, path=path, line=line, text=",".join(row), hint=hint)
        try:
            values.append(_value(kind, value.lower() if words and value else value))
        except ValueError as error:
            raise ConfigError(
                f"{column}: {error}", path=path, line=line, text=",".join(row)
            ) from None
    return values


def _value(kind: str, value: str | None) -> str | None:
    if value is None or kind == "text":
        return value
    if kind == "flag":
        if value.lower() not in _FLAGS:
            raise ValueError(f"{value!r} is neither true nor false")
        return _FLAGS[value.lower()]
    if kind == "number":
        if not (value.isdecimal() and len(value) < 10):
            raise ValueError(f"{value!r} is not a whole number")
        return str(int(value))
    if kind == "clock":
        return _stamp(f"2000-01-01T{value}", "a time of day such as 22:00")[11:19]
    stamp = _stamp(value, "a date or time such as 2026-03-01 or 2026-03-01T12:30")
    if kind == "day":
        return f"{stamp[:10]} 00:00:00"
    return stamp if kind == "instant" else stamp[:19]


def _stamp(value: str, expected: str) -> str:
    try:
        return datetime.fromisoformat(value).isoformat(" ")
    except ValueError:
        raise ValueError(f"{value!r} is not {expected}") from None
