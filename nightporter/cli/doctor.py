"""The command that proposes and never decides: doctor."""

import shutil
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated

from cyclopts import Parameter

from nightporter.cli import console
from nightporter.cli.options import Json, Workspace, settings_of
from nightporter.doctor import SECTIONS, Advice, examine
from nightporter.errors import UsageError
from nightporter.hostile import brief, safe
from nightporter.rules import load_pack
from nightporter.workspace import lake_of

# A name from a log is shown that far.
NAME = 80


def doctor(
    *,
    days: Annotated[int, Parameter(help="how many of the newest days to look at")] = 28,
    workspace: Workspace = None,
    json: Json = False,
) -> None:
    """Say what to correct in registers, calendars and clocks; change nothing."""
    if not 1 <= days <= 400:
        raise UsageError(f"--days {days}: 1 to 400")
    settings = settings_of(workspace)
    pack = load_pack(settings)
    today = datetime.now(UTC).date()
    advice = examine(settings, lake_of(settings), pack.detectors, days, today)
    if json:
        console.out_json([asdict(each) for each in advice])
        return
    for section in SECTIONS:
        said = [each for each in advice if each.section == section]
        _print_section(section, console.shown(said))
    console.say("nothing was changed; a proposal counts when a person has confirmed it")


def _print_section(section: str, advice: list[Advice]) -> None:
    console.out(f"{section.upper()}" if advice else f"{section.upper()}: nothing to say")
    for each in advice:
        sure = "" if each.sure == "certain" else f" ({each.sure})"
        _folded(f"{brief(each.about, NAME)}{sure}: {each.says}", "  ")
        _folded(f"-> {each.do}", "     ")
        if each.line is not None:
            console.out(f"        {safe(each.line)}")
    console.out()


def _folded(text: str, indent: str) -> None:
    width = max(60, shutil.get_terminal_size((100, 24)).columns)
    for at, line in enumerate(console.folded(safe(text), width - len(indent) - 3)):
        console.out(f"{indent}{'   ' if at else ''}{line}")
