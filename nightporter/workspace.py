"""The folders of one site, and the lock that keeps two runs apart."""

import fcntl
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nightporter.config import Settings, fault
from nightporter.errors import UsageError
from nightporter.lake import Lake

# What a run writes for itself alone. A killed run leaves it, and it holds records of employees.
_LEFT_BEHIND = (
    "cache/ingest-*",
    "cache/night.duckdb*",
    "cache/sandbox-*",
    ".findings.duckdb.new*",
    "reports/*/.*.new",
)


def lake_of(settings: Settings) -> Lake:
    """Return the lake that nightporter.toml names; a relative path starts at the workspace."""
    path = str((settings.root / settings.workspace.lake).resolve())
    if found := re.search(r"[%\[\]=*?]", path):
        raise fault(
            settings,
            f"the path of the lake holds {found[0]!r}: {path}",
            "workspace",
            "lake",
            hint="Parquet readers take it for a pattern or a partition; name another folder",
        )
    return Lake(path)


def cache(settings: Settings) -> Path:
    """Return the folder for what can be thrown away at any time."""
    return _private(settings.root / "cache")


def findings_file(settings: Settings) -> Path:
    return settings.root / "findings.duckdb"


def reports(settings: Settings) -> Path:
    """Return the folder that holds a folder for each day's report."""
    return _private(settings.root / "reports")


def log_file(settings: Settings) -> Path:
    """Where the talk of every night is kept."""
    return settings.root / "state" / "nightly.log"


@contextmanager
def locked(settings: Settings) -> Iterator[None]:
    """Hold the workspace for one run; raise UsageError if another run holds it.

    The lock belongs to the open file, so a killed run leaves none behind; what else it left is
    cleared away first.
    """
    file = _private(settings.root / "state") / "lock"
    with file.open("a+") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            handle.seek(0)
            raise UsageError(
                f"another run holds this workspace ({handle.read().strip() or 'unknown'})",
                path=file,
                hint="wait for it to end; a killed run holds nothing",
            ) from None
        handle.truncate(0)
        handle.write(f"process {os.getpid()}\n")
        handle.flush()
        _clear(settings.root)
        yield


def _clear(root: Path) -> None:
    """Delete what a killed run left; the lock says that no living one needs it."""
    for pattern in _LEFT_BEHIND:
        for path in root.glob(pattern):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)


def _private(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder
