"""Lakes for tests of the report, written straight: a row names only what matters."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import polars as pl

from nightporter import config
from nightporter.report import write_report
from nightporter.schema import TABLES
from nightporter.workspace import lake_of

DAY = date(2026, 6, 29)
NOON = datetime(2026, 6, 29, 12, tzinfo=UTC)
TOML = """\
[site.BER]
zone = "Europe/Berlin"
[[feed]]
name = "files"
source = "access"
paths = ["x.csv"]
format = "csv"
site = "BER"
fields = {}
"""
Row = dict[str, Any]


def finding(**said: Any) -> Row:
    return {
        "finding_id": "f1", "detector": "bulk", "version": "1", "title": "Bulk", "level": "high",
        "status": "open", "tactic": "collection", "about": '{"user_id":"ana"}', "user_id": "ana",
        "day": DAY, "sentence": "ana took 9 files", "columns": "{}", "found_at": NOON,
        "changed_at": NOON, **said,
    }  # fmt: skip


def evidence(**said: Any) -> Row:
    return {
        "finding_id": "f1", "detector": "bulk", "day": DAY, "event": "access/a/1",
        "source": "access", "ts": NOON, "local_ts": datetime(2026, 6, 29, 14), "user_id": "ana",
        "action": "download", "place": "pc-1", "object": "/a.txt", "feed": "files",
        "file_id": "a", "line": 1, "record": '{"day":"2026-06-29","site":"BER"}', **said,
    }  # fmt: skip


def load(**said: Any) -> Row:
    counts = dict.fromkeys(("lines", "accepted", "rejected", "duplicates", "ignored", "future"), 1)
    return {"feed": "files", "file_id": "a", "last_ts": NOON, **counts, **said}


def window(**said: Any) -> Row:
    return {"stage": "bulk", "status": "done", "run_id": "r", "day": DAY, **said}


class Site:
    """A workspace whose lake holds just what a test says."""

    def __init__(self, root: Path) -> None:
        self.root = root
        if not (root / "context").is_dir():  # else a copy of one
            (root / "nightporter.toml").write_text(TOML)
            (root / "context").mkdir()

    def holds(self, **tables: Sequence[Row]) -> None:
        for name, rows in tables.items():
            shape = TABLES[name].columns
            filled = [{column: row.get(column) for column in shape} for row in rows]
            frame = pl.DataFrame(filled, schema=pl.Schema(shape), orient="row")
            lake_of(config.load(self.root)).append(name, frame)

    def scanned(self, *findings: Row, day: date = DAY, run: str = "r") -> None:
        """One scanned day with these findings, and everybody in them on the list."""
        users = dict.fromkeys(row["user_id"] for row in findings if row["user_id"])
        stages = ("features", "bulk")
        self.holds(
            windows=[window(stage=stage, day=day, run_id=run) for stage in stages],
            findings=findings,
            risk=[
                {
                    "user_id": user,
                    "day": day,
                    "risk": 99.0 - at,
                    "rank": at + 1,
                    "factor": 1.0,
                    "reasons": [],
                    "parts": PARTS,
                }
                for at, user in enumerate(users)
            ],
            presence=[{"user_id": user, "day": day, "events": 1} for user in users],
        )

    def page(self, day: date | None = None, **more: Any) -> Path:
        settings = config.load(self.root)
        page = write_report(settings, lake_of(settings), DETECTORS, day=day, **more)
        assert page is not None
        return page

    def text(self, day: date | None = None, **more: Any) -> str:
        return self.page(day, **more).read_text("utf-8")


PARTS = '{"carried":3.0,"today":5.0,"spread":1.0,"tactics":1,"last_finding":"2026-06-29"}'
DETECTORS = pl.DataFrame(
    {
        "detector": ["bulk"], "tactic": ["collection"], "title": ["Bulk"], "level": ["high"],
        "status": ["stable"], "version": ["1"], "description": ["much"], "triage": [""],
        "falsepositives": [["an errand"]], "blindspots": [["paper"]], "features": [["downloads"]],
        "sources": [["access"]], "switch": ["on"],
    }
)  # fmt: skip


class Outline(HTMLParser):
    """The elements of a page in their order, and its texts; styles apart."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, tuple[str, ...]]] = []
        self.texts: list[str] = []
        self.values: list[tuple[str, str]] = []
        self.style = ""
        self._in_style = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in_style = tag == "style"
        self.elements.append((tag, tuple(name for name, _ in attrs)))
        self.values += [(name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        self._in_style = False

    def handle_data(self, data: str) -> None:
        if self._in_style:
            self.style += data
        else:
            self.texts.append(data)

    def count(self, tag: str) -> int:
        return sum(element == tag for element, _ in self.elements)
