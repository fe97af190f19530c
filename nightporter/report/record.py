"""What a report covered, kept beside it, so that the next one can say what is new.

Knows the folder of reports and the small report.json in each; not what a page shows.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import orjson

from nightporter.desk import Act
from nightporter.workspace import fresh

FILE_NAME = "report.json"


@dataclass(frozen=True)
class Record:
    """One report: its day, the newest change it knew, the state it was made of, what failed.

    `cases` is how each case stood, by id; None in a record that an older version wrote.
    """

    day: date
    mark: datetime | None
    state: str
    problems: tuple[str, ...]
    tables: Mapping[str, int]
    cases: Mapping[str, str] | None = None


def read_record(folder: Path) -> Record | None:
    """Return the record of the report in `folder`; None where there is none that can be read."""
    try:
        said: dict[str, Any] = orjson.loads((folder / FILE_NAME).read_bytes())
        mark = said["mark"]
        return Record(
            date.fromisoformat(said["day"]),
            datetime.fromisoformat(mark) if mark else None,
            said["state"],
            tuple(said["problems"]),
            said["tables"],
            said.get("cases"),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def record_before(reports: Path, day: date, read: Act | None) -> Record | None:
    """Return the record of the report that `read` says was read, as it was then; where nobody
    read one, or it is gone, the newest of a day before `day`."""
    found = read_record(reports / str(read.value)) if read else None
    if found and read and read.said_at:
        # The night may have been run again since.
        mark = min(found.mark, read.said_at) if found.mark else None
        return replace(found, mark=mark)
    older = sorted(
        (folder for folder in reports.glob("????-??-??") if folder.name < day.isoformat()),
        reverse=True,
    )
    return next((found for folder in older if (found := read_record(folder))), None)


def write_record(folder: Path, record: Record) -> None:
    """Write `record` beside its report, in one instant."""
    options = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE
    swap(folder / FILE_NAME, orjson.dumps(record, option=options))


def swap(target: Path, content: bytes) -> None:
    """Put `content` in the place of `target`: a reader sees the old whole or the new whole."""
    with fresh(target) as file:
        file.write(content)
