"""Staged files go into the lake in three commits: rejects, events, loads, each naming its files.

What a run that crashed has committed of a file is taken out before the file is loaded again.
"""

from collections.abc import Container
from dataclasses import dataclass
from datetime import date, datetime

import polars as pl

from nightporter.config import Feed, Settings
from nightporter.engine import session
from nightporter.errors import NightporterError
from nightporter.lake import Lake
from nightporter.schema import TABLES
from nightporter.sources.again import forget
from nightporter.sources.grown import make_room
from nightporter.sources.loaded import Loaded, shown
from nightporter.sources.sameness import find_duplicates
from nightporter.sources.staging import Scratch, Stage, Staged

# Grows when the same bytes would be read differently; loads remember who read them.
READER_VERSION = 1


@dataclass(frozen=True)
class _Added:
    """Events that one file brought to one day of one site."""

    file_id: str
    day: date
    site: str | None
    events: int


class Committer:
    """One feed's way into the lake."""

    def __init__(
        self,
        settings: Settings,
        feed: Feed,
        lake: Lake,
        now: datetime,
        scratch: Scratch,
        held: Container[date],
    ) -> None:
        self._settings, self._feed, self._lake = settings, feed, lake
        self._now, self._scratch, self._held = now, scratch, held
        # Each commit of a batch also notes the batch's number. A table that is ahead of loads
        # tells of a crash; asking the lake for files without a load each night would grow slow.
        tables = ("rejects", feed.source, "loads")
        last = {table: lake.committed(table, feed.name) or 0 for table in tables}
        self._batch = max(last.values())
        self._crashed = self._batch > last["loads"]

    def loaded(self) -> Loaded:
        """Return the files of this feed that this reader has loaded."""
        with session() as con:
            self._lake.view(con, "loads")
            found = con.execute(
                "SELECT file_id, bytes, path, ingested_at FROM loads WHERE feed = ? AND reader = ?",
                [self._feed.name, READER_VERSION],
            )
            return Loaded.of(found.fetchall(), self._settings.root, self._now)

    def commit(self, batch: list[Stage]) -> pl.DataFrame:
        """Write a batch of files; return their rows of `loads`."""
        self._batch += 1
        if self._crashed:
            # A half may have been read by another mapping, and its file be packed since then:
            # what is here now is read as if for the first time.
            forget(self._lake, self._feed, self._half_loaded())
            self._crashed = False
        self._append_rejects(batch)
        added, copies = self._append_events(batch)
        days: dict[str, list[_Added]] = {stage.log.file_id: [] for stage in batch}
        for each in added:
            days[each.file_id].append(each)
        ids = [stage.log.file_id for stage in batch]
        rows = [
            self._load(stage, days[file_id], copies.get(file_id, 0))
            for stage, file_id in zip(batch, ids, strict=True)
        ]
        loads = pl.DataFrame(rows, schema=TABLES["loads"].columns)
        self._lake.append("loads", loads, self._transactions(batch))
        return loads

    def _transactions(self, stages: list[Stage]) -> list[tuple[str, int]]:
        files = [(f"{self._feed.name}/{each.log.file_id}", READER_VERSION) for each in stages]
        return [*files, (self._feed.name, self._batch)]

    def _half_loaded(self) -> list[str]:
        """Return the files of which a run that crashed has added something: no load names them."""
        source, feed = self._feed.source, self._feed.name
        with session() as con:
            for table in ("rejects", source, "loads"):
                self._lake.view(con, table)
            found = con.execute(
                f"""SELECT file_id FROM rejects WHERE feed = $feed
                UNION SELECT file_id FROM {source} WHERE feed = $feed
                EXCEPT SELECT file_id FROM loads WHERE feed = $feed ORDER BY file_id""",
                {"feed": feed},
            )
            return [file_id for (file_id,) in found.fetchall()]

    def _append_rejects(self, stages: list[Stage]) -> None:
        stages = [stage for stage in stages if stage.rejects.rows]
        if stages:
            staged = Staged([stage.rejects for stage in stages], self._scratch)
            self._lake.adopt("rejects", staged.files(), self._transactions(stages))

    def _append_events(self, stages: list[Stage]) -> tuple[list[_Added], dict[str, int]]:
        """Add what is new of the staged events; return that, and each file's copies."""
        stages = [stage for stage in stages if stage.events.rows]
        if not stages:
            return [], {}
        con, source = self._scratch.con, self._feed.source
        staged = Staged([stage.events for stage in stages], self._scratch)
        span = (
            min(s.first_ts for s in stages if s.first_ts),
            max(s.last_ts for s in stages if s.last_ts),
        )
        logs, held = [stage.log for stage in stages], self._held
        make_room(con, self._settings, self._feed, self._lake, logs, held)
        ids = [log.file_id for log in logs]
        copies = find_duplicates(con, self._lake, source, self._feed.name, ids, span)
        added = self._without_copies() if len(copies) else _all_of(stages)
        if added:
            self._lake.adopt(source, staged.files(copies), self._transactions(stages))
        return added, dict(copies.group_by("file_id").len().iter_rows())

    def _without_copies(self) -> list[_Added]:
        found = self._scratch.con.execute(
            "SELECT file_id, day, site, count(*) FROM staged"
            " ANTI JOIN duplicates USING (file_id, line) GROUP BY ALL ORDER BY ALL"
        ).fetchall()
        return [_Added(file_id, day, site, events) for file_id, day, site, events in found]

    def _load(self, stage: Stage, days: list[_Added], copies: int) -> dict[str, object]:
        accepted, rejected = sum(each.events for each in days), stage.rejected
        if stage.lines != accepted + rejected + copies + stage.ignored:
            raise NightporterError(
                f"internal error: {stage.lines} lines became {accepted} events, {rejected}"
                f" rejects and {copies} duplicates; {stage.ignored} were ignored",
                path=stage.log.path,
                hint="nothing was noted as loaded; please report this with the file",
            )
        return {
            "feed": self._feed.name,
            "source": self._feed.source,
            "file_id": stage.log.file_id,
            "path": shown(stage.log.path, self._settings.root),
            "bytes": stage.log.size,
            "lines": stage.lines,
            "header_lines": stage.header_lines,
            "blank_lines": stage.blank_lines,
            "accepted": accepted,
            "rejected": rejected,
            "duplicates": copies,
            "ignored": stage.ignored,
            "future": stage.future,
            "days": [{"day": e.day, "site": e.site, "events": e.events} for e in days],
            "first_ts": stage.first_ts,
            "last_ts": stage.last_ts,
            "reader": READER_VERSION,
            "ingested_at": self._now,
        }


def _all_of(stages: list[Stage]) -> list[_Added]:
    """Return what staged files bring where nothing of them is held already."""
    return [
        _Added(stage.log.file_id, day, site, events)
        for stage in stages
        for (day, site), events in sorted(stage.days.items(), key=_by_day)
    ]


def _by_day(counted: tuple[tuple[date, str | None], int]) -> tuple[date, bool, str]:
    (day, site), _ = counted
    return day, site is None, site or ""
