"""What each route was told last, so that a run that changed nothing tells nothing.

A route is noted after its service took the message: whoever is killed between the two tells it
twice. The other order would lose it, and a lost alarm is worse than a doubled one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import orjson

from nightporter.config import Settings
from nightporter.errors import NotificationError
from nightporter.workspace import fresh


@dataclass(frozen=True)
class Told:
    """The last night that a route was told of, and the newest change that this covered."""

    night: date
    mark: datetime | None


def record_file(settings: Settings) -> Path:
    return settings.root / "state" / "notified.json"


def read_record(settings: Settings) -> dict[str, Told]:
    """Return what each route was told last; raise NotificationError for a file that is broken."""
    path = record_file(settings)
    try:
        said: Mapping[str, Any] = orjson.loads(path.read_bytes())
        return {name: _told(each) for name, each in said.items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise NotificationError(
            f"what was told cannot be read ({type(error).__name__}), so nothing is told",
            path=path,
            hint="delete it: every route is then told of all that is open",
        ) from None


def _told(said: Mapping[str, Any]) -> Told:
    mark = said["mark"]
    return Told(date.fromisoformat(said["night"]), datetime.fromisoformat(mark) if mark else None)


def write_record(settings: Settings, known: Mapping[str, Told]) -> None:
    """Keep what each route was told, in one instant."""
    options = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE
    record_file(settings).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with fresh(record_file(settings)) as file:
        file.write(orjson.dumps(known, option=options))
