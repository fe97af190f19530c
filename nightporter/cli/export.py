"""The command export: findings for other programs."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from nightporter import exports
from nightporter.cli import console
from nightporter.cli.options import Workspace, day_of, settings_of
from nightporter.context import read_tables
from nightporter.desk import count_apart, hidden, reader_of
from nightporter.errors import UsageError
from nightporter.findings import LEVELS
from nightporter.lake import Lake
from nightporter.workspace import lake_of


def export(
    *,
    format: Annotated[
        Literal["ocsf", "csv", "jsonl"],
        Parameter(help="OCSF Detection Findings, CSV, or JSON lines with everything"),
    ],
    out: Annotated[Path | None, Parameter(help="write this file; default: stdout")] = None,
    since: Annotated[str | None, Parameter(help="first day, such as 2026-06-01")] = None,
    until: Annotated[str | None, Parameter(help="last day; default: the newest")] = None,
    level: Annotated[
        Literal["informational", "low", "medium", "high", "critical"],
        Parameter(help="findings of this level and above"),
    ] = "informational",
    status: Annotated[
        Literal["open", "suppressed", "withdrawn"] | None,
        Parameter(help="only these; default: all, each says what it is"),
    ] = None,
    workspace: Workspace = None,
) -> None:
    """Print findings with their evidence for other programs, or write them to a file."""
    settings = settings_of(workspace)
    lake = lake_of(settings)
    reader = reader_of(settings, read_tables(settings))
    chosen = exports.Selection(
        day_of("--since", since),
        day_of("--until", until),
        LEVELS[LEVELS.index(level)],
        exports.STATUSES if status is None else (status,),
        hidden(lake, reader),
    )
    if chosen.since and chosen.until and chosen.since > chosen.until:
        raise UsageError(f"--since {since} is later than --until {until}")
    _export(lake, format, chosen, out)


def _export(lake: Lake, format: str, chosen: exports.Selection, out: Path | None) -> None:
    counted = _Counted(exports.lines(lake, format, chosen, console.mask()))
    if out is None:
        for line in counted:
            console.out(line.removesuffix("\n"))
    else:
        _write(out, counted)
    count = counted.seen - (exports.FORMATS[format].head is not None)
    console.say(f"findings exported: {count:,}{f' to {out}' if out else ''}")
    if others := count_apart(lake, chosen.without):
        why = "about yourself, or for [desk] watchers_to"
        console.say(f"{others:,} more of the whole lake are not for you: {why}")


class _Counted:
    """Lines on their way, and how many of them have passed."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = lines
        self.seen = 0

    def __iter__(self) -> Iterator[str]:
        for line in self._lines:
            self.seen += 1
            yield line


def _write(out: Path, lines: Iterable[str]) -> None:
    if out.is_dir():
        raise UsageError(f"{out} is a folder", hint="name a file")
    try:
        exports.write(out, lines)
    except OSError as error:
        raise UsageError(f"{out} cannot be written: {error.strerror}") from None
