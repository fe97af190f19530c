"""Where a message goes: an address is a secret, kept in the environment or in a file of its own.

No error shows one: only the name of the variable, or the path.
"""

import os
import re
import stat
from pathlib import Path

from nightporter.config import Settings
from nightporter.errors import NotificationError


def address(settings: Settings, told: str) -> str:
    """Return the address behind `env:NAME` or `file:PATH`; anything else is one itself.

    Raises NotificationError where there is none, or where others could read it.
    """
    kind, _, place = told.partition(":")
    if kind == "env":
        return _of_variable(place)
    return _of_file(settings.root / place) if kind == "file" else told


def _of_variable(name: str) -> str:
    if found := os.environ.get(name, "").strip():
        return found
    raise NotificationError(
        f"the environment has no {name}, which should hold an address",
        hint="whoever starts the night (systemd, cron, the worker) must hand it over",
    )


def _of_file(path: Path) -> str:
    try:
        mode = path.stat().st_mode
        text = path.read_text("utf-8").strip()
    except FileNotFoundError:
        hint = "write the address into it, and chmod 600"
        raise NotificationError("there is no such file", path=path, hint=hint) from None
    except (OSError, UnicodeDecodeError) as error:
        message = f"the address in it cannot be read: {type(error).__name__}"
        raise NotificationError(message, path=path) from None
    if stat.S_IMODE(mode) & 0o077:
        hint = f"chmod 600 {path}"
        raise NotificationError("others may read the address in it", path=path, hint=hint)
    if not text:
        raise NotificationError("it is empty and should hold an address", path=path)
    return text


def service(url: str) -> str:
    """Return what kind of service an address means (mailto, slack): the part that is no secret."""
    found = re.match(r"[a-z0-9]+(?=://)", url)
    return found[0] if found else "unknown"
