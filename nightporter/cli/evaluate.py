"""The command that measures the ranking against insiders who are known: evaluate."""

import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal, NoReturn

from cyclopts import Parameter, validators

from nightporter import config
from nightporter.cli import console
from nightporter.cli.cert import measure_cert
from nightporter.cli.options import Json
from nightporter.errors import UsageError
from nightporter.evaluate.figures import write_figures
from nightporter.evaluate.options import Options
from nightporter.evaluate.page import glance, leaks
from nightporter.evaluate.references import forest_is_installed
from nightporter.evaluate.results import Figures, Result, summary
from nightporter.evaluate.seeds import Seed, evaluate_seeds, measure_apart
from nightporter.evaluate.tables import Table, percent, tables
from nightporter.evaluate.writing import write_files
from nightporter.hostile import brief

PROFILES = ("regular", "noisy")
# What is asked of invented organisations where nothing else is said.
_INVENTED: tuple[int, int, int, Literal["both"], None, int] = (2000, 180, 5, "both", None, 1)
_OF_INVENTED = "--people, --days, --seeds, --profile, --insiders and --first-seed"
# Widest cell of a table on a terminal; the JSON and the page hold whole names.
CELL = 60


People = Annotated[int, Parameter(help="of each invented organisation")]
Days = Annotated[int, Parameter(help="that its logs cover")]
Seeds = Annotated[int, Parameter(help="so many organisations of each profile")]
FirstSeed = Annotated[
    int,
    Parameter(
        validator=validators.Number(gte=1),
        help="number of the first; others than those on which something was chosen",
    ),
]
Profile = Annotated[
    Literal["regular", "noisy", "both"], Parameter(help="how untidy their days are")
]
Insiders = Annotated[
    int | None, Parameter(help="of each campaign and seed; default: the simulator's")
]
WarmUp = Annotated[int, Parameter(help="first days, which are history only")]
Choose = Annotated[int, Parameter(help="days after them, from which references learn")]
Known = Annotated[
    Path | None, Parameter(help="measure this workspace, whose truth/ is known, instead")
]
Cert = Annotated[
    Path | None, Parameter(help="measure the CERT r4.2 files in this folder instead (docs/cert.md)")
]
Out = Annotated[Path, Parameter(help="folder for the page, the JSON and the results")]
Replay = Annotated[
    bool, Parameter(negative="", help="scan the first seed night by night, too, and compare")
]
Ablations = Annotated[bool, Parameter(help="rank without each part of the ranking, too")]
Jobs = Annotated[
    int,
    Parameter(
        validator=validators.Number(gte=1),
        help="so many organisations at once; one of 1,000 people takes about 1.6 GB",
    ),
]


def _in_a_folder(_: object, path: Path | None) -> None:
    """Refuse before hours of work what could not be written after them."""
    if path is not None and not path.parent.is_dir():
        raise ValueError(f"{path.parent} is no folder")


Written = Annotated[
    Path | None,
    Parameter(
        name="--figures",
        validator=_in_a_folder,
        help="write each detector's own figures here, too",
    ),
]
Keep = Annotated[bool, Parameter(negative="", help="keep the invented workspaces")]


def evaluate(
    *,
    people: People = _INVENTED[0],
    days: Days = _INVENTED[1],
    seeds: Seeds = _INVENTED[2],
    first_seed: FirstSeed = _INVENTED[5],
    profile: Profile = _INVENTED[3],
    insiders: Insiders = _INVENTED[4],
    warm_up: WarmUp = 90,
    choose: Choose = 30,
    workspace: Known = None,
    cert: Cert = None,
    out: Out = Path("evaluation"),
    replay: Replay = False,
    ablations: Ablations = True,
    keep: Keep = False,
    jobs: Jobs = 1,
    figures: Written = None,
    json: Json = False,
) -> None:
    """Scan logs whose insiders are known, and say how many of them stood on the lists, and when.

    Each seed is an organisation that is invented, scanned by the real pipeline, scored and
    deleted. What was measured stays in OUT: interrupted, the same command goes on.
    """
    invented = (people, days, seeds, profile, insiders, first_seed) != _INVENTED
    _refuse_together(cert, workspace, invented=invented, more=replay or figures is not None)
    if cert is not None:
        measure_cert(cert, out / "cert", json=json)
    options = Options(people, days, insiders, warm_up, choose, ablations)
    _say_what_is_missing()
    if workspace is not None:
        results = [_measured(workspace, options, out, replay=replay)]
    else:
        chosen = _seeds(range(first_seed, first_seed + seeds), profile, options, replay)
        results = evaluate_seeds(chosen, options, out, console.say, keep=keep, jobs=jobs)
    _tell(results, out, figures, json=json)
    _end(results)


def _refuse_together(
    cert: Path | None, workspace: Path | None, *, invented: bool, more: bool
) -> None:
    if cert is not None and (workspace is not None or invented or more):
        raise UsageError("--cert goes with --out and --json alone")
    if workspace is not None and invented:
        hint = f"leave out {_OF_INVENTED}"
        raise UsageError("--workspace is measured as it is: nothing is invented for it", hint=hint)


def _end(results: Sequence[Result]) -> NoReturn:
    wrong = any(result.facts["problems"] for result in results)
    console.end(console.ExitCode.INCOMPLETE if wrong else console.ExitCode.RAN)


def _say_what_is_missing() -> None:
    if not forest_is_installed():
        console.say("the isolation forest is left out: pip install 'nightporter[evaluate]'")


def _measured(workspace: Path, options: Options, out: Path, *, replay: bool) -> Result:
    root = config.load(workspace).root
    facts = {"seed": root.name, "profile": "workspace", "mark": ""}
    folder = out / "results" / "workspace"
    return measure_apart(root, folder, options, facts, console.say, replay=replay)


def _seeds(numbers: range, profile: str, options: Options, replay: bool) -> list[Seed]:
    if not numbers:
        raise UsageError(f"--seeds {len(numbers)}: at least 1")
    if options.days <= options.before:
        raise UsageError(
            f"--days {options.days} leaves nothing to test after {options.before}",
            hint="more days, or less of --warm-up and --choose",
        )
    profiles = PROFILES if profile == "both" else (profile,)
    first = Seed(numbers[0], profiles[0])
    seeds = [Seed(seed, name) for seed in numbers for name in profiles]
    return [Seed(s.seed, s.profile, replay=replay and s == first) for s in seeds]


def _tell(results: Sequence[Result], out: Path, figures: Path | None, *, json: bool) -> None:
    profiles = summary(results)
    command = shlex.join(["nightporter", *sys.argv[1:]])
    page = write_files(out, profiles, command)
    if figures is not None:
        write_figures(figures, profiles, command)
    if json:
        console.out_json(profiles)
    else:
        for told in profiles:
            _print_profile(told)
    for said in dict.fromkeys(p for result in results for p in result.facts["problems"]):
        console.say(f"a night said: {brief(said)}")
    for told in profiles:
        if leaks(told):
            console.say(f"{told['profile']}: everybody is caught at 1: the invented logs leak")
    console.say(f"page: {page}")


def _print_profile(told: Figures) -> None:
    console.out(f"== {brief(told['profile'])}: {len(told['seeds'])} organisations ==")
    for table in tables(told):
        _print_table(table)
    line = glance(told)
    if whole := line["whole"]:
        console.out(
            f"\nat {line['at']}: {percent(whole['share'])} of {whole['cases']} insiders caught,"
            f" {percent(line['paid']['precision'])} of the places right;"
            f" {line['missed']} of {len(told['targets'])} targets missed\n"
        )


def _print_table(table: Table) -> None:
    rows = [[brief(cell, CELL) for cell in row] for row in (table.heads, *table.rows)]
    widths = [max(len(row[n]) for row in rows) for n in range(len(table.heads))]
    console.out(f"\n{table.title.upper()}")
    for row in rows:
        cells = [row[0].ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
        console.out("  ".join(cells).rstrip())
