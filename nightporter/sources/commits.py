"""Staged files go into the lake in three commits: rejects, events, loads, each naming its files.

What a run that crashed has committed is not committed again; the counts come out the same.
"""

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import polars as pl

from nightporter.config import Feed, Settings
from nightporter.errors import NightporterError
from nightporter.lake import Lake
from nightporter.schema import TABLES
from nightporter.sources.sameness import find_duplicates
from nightporter.sources.staging import Scratch, Stage, frame_of, gathered
from nightporter.window import Window

# Grows when the same bytes would be read differently; loads remember who read them.
READER_VERSION = 1
_ROWS = 65_536
_COUNTED = "SELECT file_id, day, site, count(*) AS n FROM {} GROUP BY ALL ORDER BY ALL"


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
        self, settings: Settings, feed: Feed, lake: Lake, now: datetime, scratch: Scratch
    ) -> None:
        self._root, self._feed, self._lake = settings.root, feed, lake
        self._now, self._con = now, scratch.con
        # Each commit of a batch also notes the batch's number. A table that is ahead of loads
        # tells of a crash; asking for every file's own transaction would grow slow with the log.
        tables = ("rejects", feed.source, "loads")
        last = {table: lake.committed(table, feed.name) or 0 for table in tables}
        self._batch = max(last.values())
        self._crashed = self._batch > last["loads"]

    def loaded(self) -> set[str]:
        """Return the files of this feed that this reader has loaded."""
        self._lake.view(self._con, "loads")
        found = self._con.execute(
            "SELECT file_id FROM loads WHERE feed = ? AND reader = ?",
            [self._feed.name, READER_VERSION],
        )
        return {file_id for (file_id,) in found.fetchall()}

    def commit(self, batch: list[Stage]) -> pl.DataFrame:
        """Write a batch of files; return their rows of `loads`."""
        self._batch += 1
        refused = self._committed(batch, "rejects")
        self._append_rejects([each for each in batch if each.log.file_id not in refused])
        kept = self._committed(batch, self._feed.source)
        added, copies = self._append_events([e for e in batch if e.log.file_id not in kept])
        added += self._kept_events(kept)
        rejected = self._kept_rejects(refused)
        days: dict[str, list[_Added]] = {stage.log.file_id: [] for stage in batch}
        for each in added:
            days[each.file_id].append(each)
        rows = []
        for stage in batch:
            file_id, mine = stage.log.file_id, days[stage.log.file_id]
            refusals = rejected.get(file_id, stage.rejected)
            same = None if file_id in kept else copies.get(file_id, 0)
            rows.append(self._load(stage, mine, refusals, same))
        loads = pl.DataFrame(rows, schema=TABLES["loads"].columns)
        self._lake.append("loads", loads, self._transactions(batch))
        return loads

    def _transactions(self, stages: list[Stage]) -> list[tuple[str, int]]:
        files = [(f"{self._feed.name}/{each.log.file_id}", READER_VERSION) for each in stages]
        return [*files, (self._feed.name, self._batch)]

    def _committed(self, batch: list[Stage], table: str) -> set[str]:
        """Return the files of a batch that a run which crashed has already put into `table`."""
        opened = self._lake.open(table) if self._crashed else None
        if opened is None:
            return set()
        ids = [stage.log.file_id for stage in batch]
        name = self._feed.name
        done = {each: opened.transaction_version(f"{name}/{each}") for each in ids}
        return {each for each in ids if done[each] == READER_VERSION}

    def _append_rejects(self, stages: list[Stage]) -> None:
        stages = [stage for stage in stages if stage.rejects.rows]
        if not stages:
            return
        piles = [stage.rejects for stage in stages]
        if gathered(piles, self._con, "refused"):
            rows = frame_of([frame for pile in piles for frame in pile.frames], "rejects")
            self._lake.append("rejects", rows, self._transactions(stages))
        else:
            reader = self._con.sql("FROM refused").to_arrow_reader(_ROWS)
            self._lake.append("rejects", reader, self._transactions(stages))

    def _append_events(self, stages: list[Stage]) -> tuple[list[_Added], dict[str, int]]:
        """Add what is new of the staged events; return that, and each file's copies."""
        stages = [stage for stage in stages if stage.events.rows]
        if not stages:
            return [], {}
        con, source = self._con, self._feed.source
        in_memory = gathered([stage.events for stage in stages], con, "staged")
        ids = [stage.log.file_id for stage in stages]
        find_duplicates(con, self._lake, source, self._feed.name, ids)
        found = con.execute("SELECT file_id, count(*) FROM duplicates GROUP BY ALL").fetchall()
        copies = {str(file_id): int(n) for file_id, n in found}
        new = "staged ANTI JOIN duplicates USING (file_id, line)" if copies else "staged"
        added = self._counted(new)
        if added:
            rows = con.sql(f"SELECT {_listed(source)} FROM {new}")
            given = rows.pl() if in_memory else rows.to_arrow_reader(_ROWS)
            self._lake.append(source, given, self._transactions(stages))
        return added, copies

    def _counted(self, relation: str) -> list[_Added]:
        found = self._con.execute(_COUNTED.format(relation)).fetchall()
        return [_Added(file_id, day, site, events) for file_id, day, site, events in found]

    def _kept_events(self, file_ids: set[str]) -> list[_Added]:
        """Return what is in the lake of files that are not in loads."""
        days = self._lake.days(self._feed.source) if file_ids else []
        if not days:
            return []
        self._lake.view(self._con, self._feed.source, Window(days[0], days[-1]), "kept")
        listed = ", ".join(f"'{file_id}'" for file_id in sorted(file_ids))
        name = self._feed.name
        return self._counted(f"(FROM kept WHERE feed = '{name}' AND file_id IN ({listed}))")

    def _kept_rejects(self, file_ids: set[str]) -> dict[str, int]:
        if not file_ids:
            return {}
        self._lake.view(self._con, "rejects", name="kept_rejects")
        found = self._con.execute(
            "SELECT file_id, count(*) FROM kept_rejects"
            " WHERE feed = ? AND list_contains(?, file_id) GROUP BY ALL",
            [self._feed.name, sorted(file_ids)],
        )
        return {str(file_id): int(n) for file_id, n in found.fetchall()}

    def _load(
        self, stage: Stage, days: list[_Added], rejected: int, duplicates: int | None
    ) -> dict[str, object]:
        accepted = sum(each.events for each in days)
        copies = (
            stage.lines - stage.ignored - accepted - rejected if duplicates is None else duplicates
        )
        if stage.lines != accepted + rejected + copies + stage.ignored or copies < 0:
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
            "path": _shown(stage.log.path, self._root),
            "bytes": stage.log.size,
            "lines": stage.lines,
            "header_lines": stage.header_lines,
            "blank_lines": stage.blank_lines,
            "accepted": accepted,
            "rejected": rejected,
            "duplicates": copies,
            "ignored": stage.ignored,
            "days": [{"day": e.day, "site": e.site, "events": e.events} for e in days],
            "first_ts": stage.first_ts,
            "last_ts": stage.last_ts,
            "reader": READER_VERSION,
            "ingested_at": self._now,
        }


def _listed(table: str) -> str:
    return ", ".join(f'"{column}"' for column in TABLES[table].columns)


def _shown(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)
