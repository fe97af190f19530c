"""A house of two people with two detectors of its own: a night takes a second or two."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from nightporter import config
from nightporter.backfill import backfill
from nightporter.config import Settings
from nightporter.nightly import Night, nightly
from nightporter.rules import Pack, read_pack
from nightporter.rules.pack import without
from nightporter.window import Window

TOML = """\
[workspace]
lateness = "3d"

[site.MAIN]
zone = "UTC"

[[feed]]
name = "files"
source = "access"
paths = ["logs/files-*.csv"]
format = "csv"
site = "MAIN"
  [feed.fields]
  ts = "time"
  account = "who"
  action = "what"

[[feed]]
name = "doors"
source = "badge"
paths = ["logs/doors-*.csv"]
format = "csv"
site = "MAIN"
lateness = "6d"
  [feed.fields]
  ts = "time"
  badge_id = "who"
  door_id = "door"
  action = "what"
"""
HEADER = """\
-- /// detector
-- title = "{title}"
-- level = "low"
-- status = "test"
-- tags = ["attack.collection"]
-- lookback = "0d"
-- says = "{says}"
-- ///

"""
# Late data takes such a finding away, and later data brings it back.
ODD = """\
SELECT user_id, day, count(*) AS n, list(event ORDER BY event) AS events
FROM access WHERE action = 'download' GROUP BY ALL HAVING count(*) % 2 = 1;
"""
# Stands on two sources: a log of doors that has not come must not make it speak.
UNSEEN = """\
SELECT a.user_id, a.day, count(*) AS n, list(a.event ORDER BY a.event) AS events
FROM access AS a ANTI JOIN badge AS b ON b.user_id = a.user_id AND b.day = a.day
WHERE a.action = 'view' GROUP BY ALL;
"""


class House:
    """The workspace, its logs, and nights over it; without `pages` they write no report."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch, *, pages: bool = True) -> None:
        self.root = root
        for folder in ("logs", "context", "own/misuse"):
            (root / folder).mkdir(parents=True)
        (root / "nightporter.toml").write_text(TOML)
        (root / "context" / "accounts.csv").write_text("account,user_id\nana,ana\nbo,bo\n")
        (root / "context" / "badges.csv").write_text("badge_id,user_id\nana,ana\nbo,bo\n")
        self.rule("odd", ODD, "{user_id} took {n}, an odd number")
        self.rule("unseen", UNSEEN, "{user_id} viewed {n} and was not seen at a door")
        if not pages:
            monkeypatch.setattr("nightporter.nightly.write_report", lambda *_: None)
        places = "nightly cli.run cli.backtest cli.coverage cli.detectors cli.scorecard"
        for place in places.split():
            monkeypatch.setattr(f"nightporter.{place}.load_pack", self.pack)

    def pack(self, settings: Settings) -> Pack:
        """Its own detectors stand alone: those that ship would take most of a night."""
        return without(read_pack([self.root / "own"]), settings.packs.off)

    def rule(self, name: str, sql: str, says: str) -> None:
        path = self.root / "own" / "misuse" / f"{name}.sql"
        path.write_text(HEADER.format(title=name, says=says) + sql)

    def files(self, name: str, *rows: str) -> None:
        """A log of the file server: `2026-03-02 10:00 ana view` becomes an event."""
        self._log("files", name, "time,who,what", [_cells(row) for row in rows])

    def doors(self, name: str, *rows: str) -> None:
        self._log("doors", name, "time,who,what,door", [f"{_cells(row)},gate" for row in rows])

    def _log(self, feed: str, name: str, head: str, rows: Sequence[str]) -> None:
        path = self.root / "logs" / f"{feed}-{name}.csv"
        path.write_text("\n".join([head, *rows, ""]))

    def days(self, window: Window) -> None:
        """Ordinary days: both come in, and each views something."""
        for day in window:
            self.files(str(day), f"{day} 10:00 ana view", f"{day} 10:05 bo view")
            self.doors(str(day), f"{day} 09:00 ana entry", f"{day} 09:05 bo entry")

    def night(self, day: date | str) -> Night:
        """The night on the morning of `day`: it scans up to the day before."""
        after = datetime.fromisoformat(f"{day}T06:00").replace(tzinfo=UTC)
        return nightly(config.load(self.root), after)

    def backfill(self, *stages: str, asked: Window | None = None) -> Night:
        return backfill(config.load(self.root), stages or None, asked)


def _cells(row: str) -> str:
    day, clock, who, what = row.split()
    return f"{day} {clock}:00,{who},{what}"
