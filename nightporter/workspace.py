"""The folders of one site, and the lock that keeps two runs apart."""

import fcntl
import hashlib
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from nightporter.config import Settings, fault
from nightporter.errors import ConfigError, UsageError
from nightporter.lake import Lake
from nightporter.store import SCHEMES, Store

# What a run writes for itself alone. A killed run leaves it, and it holds records of employees.
_LEFT_BEHIND = (
    "cache/backtest-*",
    "cache/explain-*",
    "cache/ingest-*",
    "cache/night.duckdb*",
    "cache/sandbox-*",
    "cache/sql-*",
    ".findings.duckdb.new*",
    "reports/*/.*.new",
    "reports/*/people/.*.new",
)


def lake_of(settings: Settings) -> Lake:
    """Return the lake that nightporter.toml names; a relative path starts at the workspace."""
    named = settings.workspace.lake
    if "://" in named:
        return _lake_elsewhere(settings, named.rstrip("/"))
    return Lake(_readable(settings, (settings.root / named).resolve()))


def lake_if_any(settings: Settings) -> Lake | None:
    """Return the lake, or None where no folder is there yet: who asks for one makes it."""
    named = settings.workspace.lake
    here = "://" not in named
    return None if here and not (settings.root / named).is_dir() else lake_of(settings)


def _lake_elsewhere(settings: Settings, uri: str) -> Lake:
    if not uri.startswith(SCHEMES):
        scheme = uri.partition("://")[0]
        raise fault(
            settings,
            f"no lake can lie at {scheme}://",
            "workspace",
            "lake",
            hint=f"a folder, or an address that starts with {', '.join(SCHEMES)}",
        )
    if not re.fullmatch(r"\w+://[\w.-]+(@[\w.-]+)?(/[\w.-]+)*", uri):
        # The line is not shown: it may hold a key.
        raise ConfigError(
            "lake under [workspace] is no plain address of a bucket and a prefix",
            path=settings.path,
            hint="such as s3://bucket/prefix; credentials belong into the environment",
        )
    name = hashlib.sha256(uri.encode()).hexdigest()[:12]
    near = cache(settings).resolve() / "lake" / name
    return Lake(uri, Store(uri, Path(_readable(settings, near))))


def _readable(settings: Settings, folder: Path) -> str:
    if found := re.search(r"[%\[\]=*?\\]", str(folder)):
        raise fault(
            settings,
            f"the path of the lake holds {found[0]!r}: {folder}",
            "workspace",
            "lake",
            hint="readers take it for a pattern, a partition or a folder; name another folder",
        )
    return str(folder)


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


@contextmanager
def fresh(target: Path) -> Iterator[BinaryIO]:
    """Open a file, its owner's alone, that takes the place of `target` when all is written.

    A reader sees the old whole or the new whole; where writing fails, the old one stays.
    """
    new = target.with_name(f".{target.name}.new")
    new.unlink(missing_ok=True)
    new.touch(mode=0o600)
    try:
        with new.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        new.replace(target)
    finally:
        new.unlink(missing_ok=True)


def owner_only() -> None:
    """Make every file that this process writes readable by its owner alone."""
    os.umask(0o077)
