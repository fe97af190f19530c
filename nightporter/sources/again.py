"""Files of a feed are forgotten, so that a corrected mapping can read them again.

A note in state/ says which, before anything is taken out of the lake: a run that crashes is
finished by the next load of the feed, and until then nothing is read twice.
"""

import os
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import TypeVar

import duckdb
import orjson

from nightporter.config import Feed, Settings
from nightporter.errors import LogError
from nightporter.lake import Lake
from nightporter.schema import TABLES
from nightporter.sources.checking import field_map
from nightporter.sources.reading import beginnings, identify, matches

Said = TypeVar("Said")


@dataclass(frozen=True)
class Again:
    """What will be read again, and how many files are gone whose events stay as they are."""

    file_ids: tuple[str, ...]
    days: tuple[date, ...]
    gone: int


def note_again(settings: Settings, feed: Feed, lake: Lake) -> Again:
    """Note that the feed's next load forgets first what it read of the files that still exist.

    What a file held before it grew goes as well: its lines are read with the others.
    """
    paths = matches(field_map(settings, feed))[0]
    loaded = _loaded(feed, lake)
    here = set(_each(paths, lambda path: identify(path)[0].file_id))
    before = {file_id: size for file_id, size, _ in loaded if file_id not in here}
    begun = _each(paths if before else (), partial(beginnings, known=before))
    began = frozenset[str]().union(*begun)
    again = {file_id: days for file_id, _, days in loaded if file_id in here | began}
    days = sorted({day for each in again.values() for day in each})
    _write(_note(settings, feed), {"file_ids": sorted(again), "days": days})
    gone = {each for each, _, _ in loaded} - here - began
    return Again(tuple(sorted(again.keys() & here)), tuple(days), len(gone))


def _each(paths: Iterable[Path], said: Callable[[Path], Said]) -> Iterator[Said]:
    for path in paths:
        try:
            yield said(path)
        except LogError:
            # The load that follows says so.
            continue


def _loaded(feed: Feed, lake: Lake) -> list[tuple[str, int, list[date]]]:
    """Return identity, bytes and days of every file that the feed has loaded."""
    with duckdb.connect() as con:
        lake.view(con, "loads")
        return con.execute(
            "SELECT file_id, bytes, list_transform(days, lambda d: d.day) FROM loads"
            " WHERE feed = ?",
            [feed.name],
        ).fetchall()


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


def forget_now(
    settings: Settings, feed: Feed, lake: Lake, file_ids: Collection[str], days: Collection[date]
) -> None:
    """Take these files and what was judged by them out of the lake; what a crash leaves of that
    the feed's next load does."""
    _write(_note(settings, feed), {"file_ids": sorted(file_ids), "days": sorted(days)})
    forget_noted(settings, feed, lake)


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
