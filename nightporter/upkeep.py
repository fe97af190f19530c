"""The care of a lake that grows every night: small files merged, dead ones deleted, logs short.

Knows tables and their files, not what their rows mean. Costs a look at each table where there
is nothing to do.
"""

from collections import Counter
from collections.abc import Collection
from datetime import date

import orjson
from deltalake import DeltaTable, WriterProperties
from deltalake.exceptions import DeltaError
from deltalake.fs import DeltaStorageHandler

from nightporter.config import Settings
from nightporter.errors import LakeError, NightporterError
from nightporter.lake import Lake, day_of
from nightporter.schema import TABLES

# A table's turn comes after so many commits: about a month of nights, or a week of many feeds.
_COMMITS = 30
# A day, or a table without days, may lie in so many files.
_FILES = 4
# Larger files are not rewritten because a small one came late.
_LARGE = 64 << 20
# Whoever opened a table, here or elsewhere, has a week to read the files it named then.
_RETENTION_HOURS = 7 * 24


def keep_up(settings: Settings, lake: Lake, held: Collection[date] = ()) -> list[NightporterError]:
    """Tidy the tables whose turn it is, and the copies near; return what went wrong.

    The files of `held` days stay as they are.

    A lake that was not tidied is whole: the next night tries again.
    """
    try:
        for table in TABLES:
            tidy(lake, table, held)
        if lake.store is not None:
            lake.store.tidy(lake.names, settings.workspace.cache_size)
    except NightporterError as error:
        return [error]
    except (OSError, DeltaError) as error:
        return [LakeError(f"the lake {lake.uri} was not tidied: {type(error).__name__}")]
    return []


def tidy(lake: Lake, table: str, held: Collection[date] = ()) -> bool:
    """Tidy `table` if its turn has come, but for `held` days; return whether it had."""
    opened = lake.open(table)
    if opened is None or opened.version() < _COMMITS:
        return False
    with lake.asked():
        if opened.version() - _checkpointed(lake, table) < _COMMITS:
            return False
        _merge(opened, table, held)
        opened.vacuum(_RETENTION_HOURS, dry_run=False, full=True)
        opened.create_checkpoint()
        opened.cleanup_metadata()
    return True


def sweep(lake: Lake, table: str) -> None:
    """Delete the files of `table` whose rows a commit of more than a week ago took out."""
    if (opened := lake.open(table)) is not None:
        with lake.asked():
            opened.vacuum(_RETENTION_HOURS, dry_run=False)


def _checkpointed(lake: Lake, table: str) -> int:
    """Return the version of the newest checkpoint, -1 before the first; it ends a tidying."""
    place = DeltaStorageHandler(lake.place(table), lake.options)
    try:
        with place.open_input_file("_delta_log/_last_checkpoint") as file:
            return int(orjson.loads(file.read())["version"])
    except FileNotFoundError:
        return -1


def _merge(opened: DeltaTable, table: str, held: Collection[date]) -> None:
    """Merge the small files of a table without days, or of the days that have many."""
    files = opened.file_uris()
    many: list[tuple[str, str, list[str]]] | None = None
    if "day" in TABLES[table].partition:
        days = Counter(day_of(file) for file in files)
        some = [day for day, count in days.items() if count > _FILES and day not in held]
        many = [("day", "in", [str(day) for day in some])]
        if not many[0][2]:
            return
    elif len(files) <= _FILES:
        return
    opened.optimize.compact(
        many, target_size=_LARGE, writer_properties=WriterProperties(compression="ZSTD")
    )
