"""Files of a feed are forgotten, so that a corrected mapping can read them again.

A note in state/ says which, before anything is taken out of the lake: a run that crashes is
finished by the next load of the feed, and until then nothing is read twice.
"""

import os
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import orjson

from nightporter.config import Feed, Settings
from nightporter.errors import LogError
from nightporter.lake import Lake
from nightporter.schema import TABLES
from nightporter.sources.checking import field_map
from nightporter.sources.reading import identify, matches


@dataclass(frozen=True)
class Again:
    """What will be read again, and how many files are gone whose events stay as they are."""

    file_ids: tuple[str, ...]
    days: tuple[date, ...]
    gone: int


def note_again(settings: Settings, feed: Feed, lake: Lake) -> Again:
    """Note that the feed's next load forgets first what it read of the files that still exist."""
    here = set(_identities(settings, feed))
    with duckdb.connect() as con:
        lake.view(con, "loads")
        loaded = con.execute(
            "SELECT file_id, list_transform(days, lambda d: d.day) FROM loads WHERE feed = ?",
            [feed.name],
        ).fetchall()
    again = {file_id: days for file_id, days in loaded if file_id in here}
    days = sorted({day for each in again.values() for day in each})
    _write(_note(settings, feed), {"file_ids": sorted(again), "days": days})
    return Again(tuple(sorted(again)), tuple(days), len({each for each, _ in loaded} - here))


def _identities(settings: Settings, feed: Feed) -> Iterable[str]:
    for path in matches(field_map(settings, feed))[0]:
        try:
            yield identify(path)[0].file_id
        except LogError:
            # The load that follows says so.
            continue


def _note(settings: Settings, feed: Feed) -> Path:
    return settings.root / "state" / f"again-{feed.name}.json"


def _write(path: Path, note: dict[str, object]) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_suffix(".new")
    with draft.open("wb") as file:
        file.write(orjson.dumps(note))
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def forget_noted(settings: Settings, feed: Feed, lake: Lake) -> None:
    """Take what a note names out of the lake; the note goes last. Without one do nothing."""
    path = _note(settings, feed)
    if not path.exists():
        return
    note = orjson.loads(path.read_bytes())
    if note["days"]:
        # No day has -1 events: what was found there is seen to rest on other logs.
        days = _listed(note["days"])
        lake.amend("windows", {"events": "-1"}, f"CAST(day AS VARCHAR) IN ({days})")
    forget(lake, feed, note["file_ids"])
    path.unlink()


def forget(lake: Lake, feed: Feed, file_ids: Collection[str]) -> None:
    """Take all that came of these files out of the lake, and that they were ever loaded."""
    if not file_ids:
        return
    files = _listed(file_ids)
    # Loads first: whatever is forgotten only in part is at least not held for loaded.
    for table in ("loads", "rejects", feed.source):
        lake.delete(table, f"feed = '{feed.name}' AND file_id IN ({files})")
        _unnote(lake, table, feed, file_ids)


def _unnote(lake: Lake, table: str, feed: Feed, file_ids: Iterable[str]) -> None:
    """Say in the table's log that these files are not in it, whatever an earlier load said."""
    if lake.open(table) is not None:
        unread = [(f"{feed.name}/{file_id}", 0) for file_id in file_ids]
        lake.append(table, TABLES[table].empty(), unread)


def _listed(texts: Iterable[str]) -> str:
    return ", ".join(f"'{text}'" for text in texts)
