"""Commands for writing a detector, which stand beside `detectors list`, `show` and `test`."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from nightporter.cli import console
from nightporter.cli.detectors import pack_of
from nightporter.cli.options import Workspace, settings_of
from nightporter.errors import ConfigError, UsageError, did_you_mean
from nightporter.rules import ID, READS, TACTICS, blank, is_id
from nightporter.schema import SOURCES

_ADD = """\
name a folder of yours in nightporter.toml:
       [packs]
       paths = ["detectors"]"""


def new(
    id: str,
    /,
    *,
    tactic: Annotated[str, Parameter(help=f"the folder: {', '.join(TACTICS)}")],
    source: Annotated[
        str | None, Parameter(help=f"begin on events: {', '.join(SOURCES)} (default: access)")
    ] = None,
    on: Annotated[
        str | None,
        Parameter(help="begin on counts by person and day, user_day, or first times, seen"),
    ] = None,
    into: Annotated[
        Path | None, Parameter(help="the folder of detectors; default: the workspace's own")
    ] = None,
    workspace: Workspace = None,
) -> None:
    """Write a detector that passes its own gates, to be changed into yours; print its path."""
    if not is_id(id):
        raise UsageError(f"{id!r} cannot be an id", hint=ID)
    text = blank(tactic, _reads(source, on))
    folder = _own_folder(workspace) if into is None else into
    path = folder / tactic / f"{id}.sql"
    settings, pack = pack_of(workspace)
    for other in pack.files:
        if other.stem == id:
            raise UsageError(f"{id} is already {other}", hint="an id is the name of one file")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise UsageError(f"{path} is there already", hint="a file is never overwritten") from None
    console.out(str(path))
    if not any(_holds(settings.root / own, path) for own in settings.packs.paths):
        for line in f"no night reads this folder yet: {_ADD}".splitlines():
            console.say(line)
    console.say(f"replace what its comments name, then: nightporter detectors test {id} --strict")


def _reads(source: str | None, on: str | None) -> str:
    """Return the table that a new detector begins on."""
    if source is not None and on is not None:
        raise UsageError("--source and --on are two ways to begin: choose one")
    if source is not None and source not in SOURCES:
        raise UsageError(f"no source {source!r}", hint=did_you_mean(source, SOURCES))
    if on is not None and on not in (counted := [name for name in READS if name not in SOURCES]):
        raise UsageError(f"--on {on}", hint=did_you_mean(on, counted))
    return source or on or "access"


def _own_folder(workspace: Path | None) -> Path:
    """Return the first folder of the workspace's own detectors; make it if it is not there."""
    try:
        settings = settings_of(workspace)
    except ConfigError as error:
        if workspace is not None or error.line is not None:
            raise
        raise UsageError(
            "no workspace here says which folder is for your detectors",
            hint="choose one: --into FOLDER",
        ) from None
    if not settings.packs.paths:
        message = "this workspace has no folder of its own detectors"
        raise UsageError(message, hint=f"{_ADD}\n       or choose one: --into FOLDER")
    folder = settings.root / settings.packs.paths[0]
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _holds(folder: Path, path: Path) -> bool:
    return path.resolve().is_relative_to(folder.resolve())
