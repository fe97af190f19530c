"""Commands for writing a detector, which stand beside `detectors list`, `show` and `test`."""

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated

import orjson
from cyclopts import Parameter

from nightporter.cli import console
from nightporter.cli.detectors import pack_of
from nightporter.cli.options import Json, Workspace, settings_of
from nightporter.errors import ConfigError, UsageError, did_you_mean
from nightporter.hostile import safe
from nightporter.proof import Linted, Linter, has_look
from nightporter.rules import ID, READS, TACTICS, Pack, blank, is_id
from nightporter.schema import SOURCES
from nightporter.wording import many


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
    _write(path, text)
    console.out(str(path))
    if not any(_holds(settings.root / own, path) for own in settings.packs.paths):
        own = _add(_seen_from(settings.root, folder))
        for line in f"no night reads this folder yet: {own}".splitlines():
            console.say(line)
    console.say(f"replace what its comments name, then: nightporter detectors test {id} --strict")


def _write(path: Path, text: str) -> None:
    """Write a new file; raise UsageError where one is already, or none can be."""
    if path.exists():
        raise UsageError(f"{path} is there already", hint="a file is never overwritten")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}") from None


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
        raise UsageError(
            message, hint=f"{_add(Path('detectors'))}\n       or choose one: --into FOLDER"
        )
    folder = settings.root / settings.packs.paths[0]
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _add(folder: Path) -> str:
    quoted = orjson.dumps(str(folder)).decode()  # TOML's basic strings are JSON's
    return f"name a folder of yours in nightporter.toml:\n       [packs]\n       paths = [{quoted}]"


def _seen_from(root: Path, folder: Path) -> Path:
    """Return `folder` as nightporter.toml in `root` names it."""
    whole = folder.resolve()
    return whole.relative_to(root.resolve()) if _holds(root, whole) else whole


def _holds(folder: Path, path: Path) -> bool:
    return path.resolve().is_relative_to(folder.resolve())


def lint(
    ids: Annotated[tuple[str, ...], Parameter(help="detectors; default: all")] = (),
    /,
    *,
    workspace: Workspace = None,
    json: Json = False,
) -> None:
    """Print every fault of detector files with its line and a hint; end with 3 if there is one."""
    _, pack = pack_of(workspace)
    paths = [path for id in ids for path in _files(pack, id)] or sorted(
        pack.files, key=lambda path: path.stem
    )
    shown: list[dict[str, object]] = []
    faults = 0
    with Linter() as linter:
        for path in paths:
            # Of many this takes minutes: each is said as it ends.
            found: Linted = console.stage(f"lint {path.stem}", partial(linter.lint, path))
            linted = _with_second(found, pack)
            faults += len(linted.faults)
            shown += _rows(linted)
            if not json:
                _print(linted)
    if json:
        console.out_json(shown)
    if not has_look():
        console.say("the look of the SQL was not asked: install nightporter[lint] for sqlfluff")
    console.say(f"{many(len(paths), 'file')}, {many(faults, 'fault')}")
    if faults:
        console.end(console.ExitCode.DETECTOR)


def _files(pack: Pack, id: str) -> list[Path]:
    """Return the file of a detector, and what else has its name."""
    return [path for path in pack.files if path.stem == id] or [pack[id].path]


def _with_second(linted: Linted, pack: Pack) -> Linted:
    """Add what no file shows alone: that another has the same id."""
    known = {fault.message for fault in linted.faults}
    more = [e for e in pack.errors if e.path == linted.path and e.message not in known]
    return replace(linted, faults=(*more, *linted.faults))


def _print(linted: Linted) -> None:
    for fault in linted.faults:
        for line in str(fault).split("\n"):
            console.out(safe(line))
    for note in linted.notes:
        console.out(safe(f"note   {linted.path.stem}: {note}"))


def _rows(linted: Linted) -> list[dict[str, object]]:
    about = {"detector": linted.path.stem, "path": str(linted.path)}
    empty = {"line": None, "text": None, "hint": None}
    return [
        about | {"kind": "fault"} | {key: getattr(f, key) for key in ("message", *empty)}
        for f in linted.faults
    ] + [about | empty | {"kind": "note", "message": note} for note in linted.notes]
