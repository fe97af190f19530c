"""The command that counts what a pack says where nobody does wrong: detectors quiet."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

from cyclopts import Parameter

from nightporter.cli import console
from nightporter.cli.detectors import end_with, pack_of
from nightporter.cli.options import Json, Workspace
from nightporter.evaluate.options import Options
from nightporter.evaluate.quiet import ALL, HISTORY, Quiet
from nightporter.evaluate.quiet import quiet as month
from nightporter.findings import ALL_DETECTORS, ONE_DETECTOR
from nightporter.hostile import brief


def quiet(
    *,
    people: Annotated[int, Parameter(help="of the invented organisation")] = 1000,
    days: Annotated[int, Parameter(help=f"that are counted, after {HISTORY} of history")] = 30,
    profile: Annotated[
        Literal["regular", "noisy"], Parameter(help="how untidy their days are")
    ] = "regular",
    keep: Annotated[bool, Parameter(negative="", help="keep the invented workspace")] = False,
    workspace: Workspace = None,
    json: Json = False,
) -> None:
    """Scan an invented organisation without insiders; end with 3 if the alert budget is exceeded.

    Detectors and knobs are the workspace's. What is invented lies in a folder of its own here.
    """
    settings, pack = pack_of(workspace)
    end_with(pack)
    options = Options(people, HISTORY + days, insiders=0, warm_up=HISTORY, choose=0)
    near = Path(tempfile.mkdtemp(prefix="quiet-", dir=Path.cwd()))
    try:
        found = month(near / "site", settings, pack.detectors, options, profile, console.stage)
    finally:
        if keep:
            console.say(f"kept: {near / 'site'}")
        else:
            shutil.rmtree(near, ignore_errors=True)
    if json:
        console.out_json(_data(found))
    else:
        for line in _lines(found):
            console.out(line)
    _end(found)


def _lines(found: Quiet) -> Iterator[str]:
    yield f"{found.window}, {found.people:,} people who did nothing wrong"
    yield "findings of level medium or above, a thousand people and day"
    yield f"{'':<36}{'findings':>9}{'people':>8}{'rate':>8}{'budget':>8}"
    for each in found.said:
        figures = f"{each.findings:>9,}{each.people:>8,}{each.rate:>8.2f}{ONE_DETECTOR:>8g}"
        yield f"{each.detector:<36}{figures}{'  OVER' if each.over else ''}"
    findings = sum(each.findings for each in found.said)
    over = "  OVER" if ALL in found.over else ""
    yield f"{ALL:<36}{findings:>9,}{'':>8}{found.total:>8.2f}{ALL_DETECTORS:>8g}{over}"
    if found.unjudged:
        yield f"judged no day of it: {', '.join(found.unjudged)}"


def _data(found: Quiet) -> dict[str, Any]:
    return {
        "first_day": found.window.first,
        "last_day": found.window.last,
        "people": found.people,
        "budget": {"one": ONE_DETECTOR, "all": ALL_DETECTORS},
        "detectors": [
            {"detector": each.detector, "findings": each.findings, "people": each.people,
             "rate": each.rate, "over": each.over}
            for each in found.said
        ],
        "rate": found.total,
        "over": found.over,
        "unjudged": found.unjudged,
        "problems": [str(problem) for problem in found.problems],
    }  # fmt: skip


def _end(found: Quiet) -> None:
    """A month that failed in part says nothing good of its pack; one over budget is over."""
    for problem in found.problems:
        console.say(f"a night said: {brief(str(problem))}")
    if found.over:
        console.say(f"over the alert budget: {', '.join(found.over)}")
        console.end(console.ExitCode.DETECTOR)
    if found.problems:
        console.end(console.ExitCode.INCOMPLETE)
