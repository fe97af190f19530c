"""Names that an adversary would choose, and a small workspace in which they become findings."""

import csv
import io
import json
import re
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from reported import Outline

from nightporter.window import Window

# Each is an account, and part of a host, a path, a device and a door.
STRINGS = (
    "<script>alert(1)</script>",
    "\"><img src=x onerror='alert(2)'>",
    "'; DROP TABLE findings;--",
    "x' OR 1=1 --",
    "'\"`${7*7}{{7*7}}{user_id}%s%n",
    "\u202egnp.exe\u2066\u200b",
    "\x1b[31mred\x1b[0m",
    "\x1b]0;owned\x07",
    "\x9b31mc1\x85next\x7f",
    "two\nlines\r\nand\ttabs",
    "lines\u2028set\u2029apart",
    '=cmd|"/C calc"!A0',
    "@SUM(1+9)*cmd",
    "[bold red]loud[/] [link=https://example.org]here[/link]",
    "..\\..\\etc/passwd",
    "L" + "o" * 10_000 + "ng",
)
# Lines that are no events: text that is no text, and what only looks like JSON.
BROKEN = (
    b'{"time": "2026-03-20T10:00:00Z", "user": "nul\\u0000in", "op": "view", "path": "/x"}',
    b'{"time": "2026-03-20T10:00:00Z", "user": "\\ud800lone", "op": "view", "path": "/x"}',
    b'{"time": "2026-03-20T10:00:00Z", "user": "\xff\xfe\x1b[31m", "op": "view", "path": "/x"}',
    b'{"time": "\x1b[31m[bold red]never", "user": "ana", "op": "view", "path": "/x"}',
)
# C0 but the newlines that end our own lines, DEL and C1, and marks that turn or hide writing.
RAW = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
WORK = Window(date(2026, 1, 12), date(2026, 3, 20))
AS_OF = "2026-03-21T12:00"

TOML = """\
[site.MAIN]
zone = "UTC"

[[feed]]
name = "files"
source = "access"
paths = ["logs/files.ndjson"]
format = "ndjson"
site = "MAIN"
  [feed.fields]
  ts = "time"
  account = "user"
  host = "host"
  action = "op"
  resource = "path"
  bytes = "size"

[[feed]]
name = "sticks"
source = "usb"
paths = ["logs/sticks.csv"]
format = "csv"
site = "MAIN"
  [feed.fields]
  ts = "time"
  account = "user"
  host = "host"
  action = "op"
  device_id = "serial"
  resource = "path"
  bytes = "size"
  [feed.constants]
  device_class = "mass_storage"
  serial_quality = "real"

[[feed]]
name = "doors"
source = "badge"
paths = ["logs/doors.csv"]
format = "csv"
site = "MAIN"
  [feed.fields]
  ts = "time"
  badge_id = "card"
  door_id = "door"
  action = "op"
"""


def hostile_workspace(root: Path) -> Path:
    """Write ten weeks of quiet work by everybody in STRINGS, then one night of theft.

    Every second account is registered, under a harmless user_id and the hostile name; the
    others belong to nobody, and the register of cards gives them that very user_id.
    """
    (root / "logs").mkdir(parents=True)
    (root / "context").mkdir()
    (root / "nightporter.toml").write_text(TOML)
    _write_context(root / "context")
    events = [json.dumps(event).encode() for event in _accesses()]
    (root / "logs" / "files.ndjson").write_bytes(b"\n".join([*events, *BROKEN, b""]))
    _write_csv(root / "logs" / "sticks.csv", "time user host op serial path size", _sticks())
    _write_csv(root / "logs" / "doors.csv", "time card door op", _entries())
    return root


def user_ids() -> list[str]:
    """Return the user_id of each of STRINGS."""
    return [
        f"person-{at}" if at % 2 else f"account:{name.lower()}" for at, name in enumerate(STRINGS)
    ]


def _write_context(folder: Path) -> None:
    known = [(at, name) for at, name in enumerate(STRINGS) if at % 2]
    rows = [(f"person-{at}", name) for at, name in known]
    _write_csv(folder / "people.csv", "user_id name", rows)
    _write_csv(folder / "accounts.csv", "account user_id", [(name, id) for id, name in rows])
    cards = [(f"card {name}", user) for name, user in zip(STRINGS, user_ids(), strict=True)]
    _write_csv(folder / "badges.csv", "badge_id user_id", cards)
    _write_csv(folder / "devices.csv", "device_id user_id", [("of the house", "person-1")])
    doors = [("main", "building", ""), *((f"door {name}", "room", "true") for name in STRINGS)]
    _write_csv(folder / "doors.csv", "door_id kind sensitive", doors)


def _write_csv(path: Path, columns: str, rows: Iterable[tuple[str, ...]]) -> None:
    text = io.StringIO()
    csv.writer(text).writerows([columns.split(), *rows])
    path.write_bytes(text.getvalue().encode())


def _days() -> list[date]:
    return [day for day in WORK if day.weekday() < 5]


def _accesses() -> Iterable[dict[str, str | int]]:
    for name in STRINGS:
        for day in _days():
            yield _access(name, f"{day}T10:00:00Z", "view", "a")
        for at in range(60):
            yield _access(name, f"{WORK.last}T22:{at:02}:00Z", "download", str(at))


def _access(name: str, time: str, action: str, document: str) -> dict[str, str | int]:
    path, size = f"/{name}/{document}", 1000 + STRINGS.index(name)
    return {
        "time": time, "user": name, "host": f"pc {name}", "op": action, "path": path, "size": size,
    }  # fmt: skip


def _sticks() -> Iterable[tuple[str, ...]]:
    for name in STRINGS:
        for at in range(60):
            yield (
                f"{WORK.last}T23:{at:02}:00Z", name, f"pc {name}", "write",
                f"dev {name}", f"E:/{name}/{at}", str(1000 + STRINGS.index(name)),
            )  # fmt: skip


def _entries() -> Iterable[tuple[str, ...]]:
    for name in STRINGS:
        for day in _days():
            yield f"{day}T09:00:00Z", f"card {name}", "main", "entry"
        yield f"{WORK.last}T21:50:00Z", f"card {name}", f"door {name}", "entry"


def harmless(page: Path) -> Outline:
    """Return what `page` shows; nothing in it runs, loads, or turns the direction of writing."""
    outline = Outline(page.read_text("utf-8"))
    assert RAW.findall("".join([*outline.texts, *(value for _, value in outline.values)])) == []
    assert {tag for tag, _ in outline.elements} & {"script", "img", "iframe", "object"} == set()
    names = {name for _, attributes in outline.elements for name in attributes}
    assert [name for name in names if name.startswith("on") or name in ("style", "src")] == []
    return outline
