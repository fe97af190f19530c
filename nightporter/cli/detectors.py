"""Commands for the people who write detectors: list, show, test."""

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from nightporter import config
from nightporter.cli import console
from nightporter.cli.options import Json, Workspace
from nightporter.config import Settings
from nightporter.errors import ConfigError
from nightporter.proof import Proved, prove
from nightporter.rules import Pack, load_pack
from nightporter.wording import many

app = App(name="detectors", help="List, show and prove detectors.")
app.command("nightporter.cli.backtest:backtest", name="backtest")
app.command("nightporter.cli.backtest:diff", name="diff")
app.command("nightporter.cli.quiet:quiet", name="quiet")
app.command("nightporter.cli.coverage:coverage", name="coverage")
app.command("nightporter.cli.coverage:docs", name="docs")
app.command("nightporter.cli.scorecard:scorecard", name="scorecard")
app.command("nightporter.cli.authoring:new", name="new")
app.command("nightporter.cli.authoring:lint", name="lint")


@app.command(name="list")
def list_(*, workspace: Workspace = None, json: Json = False) -> None:
    """Print every detector, and every file that is none."""
    _, pack = pack_of(workspace)
    rows = [
        {"detector": d.id, "tactic": d.tactic, "level": d.level, "status": d.header.status,
         "cases": len(d.cases), "title": d.title, "switch": pack.switch(d)}
        for d in pack.known
    ]  # fmt: skip
    if json:
        console.out_json(rows)
    else:
        for row in rows:
            off = "" if row["switch"] == "on" else f"{row['switch']}: "
            console.out(
                f"{row['tactic']:<13} {row['detector']:<30} {row['level']:<14}{off}{row['title']}"
            )
    end_with(pack)


@app.command
def show(id: str, *, workspace: Workspace = None) -> None:
    """Print what a detector means, its knobs with their values and where those come from."""
    settings, pack = pack_of(workspace)
    d = pack[id]
    off = "" if pack.switch(d) == "on" else f", {pack.switch(d)}"
    console.out(f"{d.id}  ({d.tactic}, {d.level}, {d.header.status}{off})   {d.path}")
    console.out(d.title)
    console.out(f"\n{d.header.description.strip()}\n")
    own = settings.knobs.get(id, {})
    for knob in d.query.knobs:
        origin = "nightporter.toml" if knob.name in own else f"line {knob.line}"
        value = own.get(knob.name, knob.default)
        console.out(f"  {knob.name:<24} {value:<8g} {origin:<18} {knob.reason}")
    for title, texts in (
        ("false positives", d.header.falsepositives),
        ("blind spots", d.header.blindspots),
        ("references", d.header.references),
    ):
        if texts:
            console.out(f"\n{title}:")
        for text in texts:
            console.out(f"  - {text}")
    if d.header.triage:
        console.out(f"\ntriage:\n{d.header.triage.strip()}")


@app.command
def test(
    ids: Annotated[tuple[str, ...], Parameter(help="detectors; default: all")] = (),
    /,
    *,
    strict: Annotated[
        bool,
        Parameter(negative=(), help="run the gates too: knobs, boundaries, mutants, look-ahead"),
    ] = False,
    workspace: Workspace = None,
) -> None:
    """Run the cases of detectors through the real pipeline, offline; end with 3 if one breaks."""
    _, pack = pack_of(workspace)
    chosen = [pack[id] for id in ids] or list(pack.detectors)
    broken = 0
    for each in prove(chosen, strict=strict):
        _print(each)
        broken += each.broken
    cases = sum(len(detector.cases) for detector in chosen)
    console.say(f"{many(len(chosen), 'detector')}, {many(cases, 'case')}, {broken} broken")
    if broken:
        console.end(console.ExitCode.DETECTOR)
    end_with(pack)


def _print(proved: Proved) -> None:
    for result in proved.cases:
        mark = "ok    " if result.passed else "BROKEN"
        console.out(f"{mark} {proved.detector.id}: {result.case.kind} on {result.case.name}")
        if not result.passed:
            console.out(str(result))
    for gate in proved.gates:
        console.out(str(gate))


def pack_of(workspace: Path | None) -> tuple[Settings, Pack]:
    """Return settings and pack; outside a workspace the shipped detectors stand alone."""
    try:
        root = workspace or config.find_root(Path.cwd())
    except ConfigError:
        settings = Settings(root=Path.cwd())
    else:
        settings = config.load(root)
    return settings, load_pack(settings)


def end_with(pack: Pack) -> None:
    """Say what is wrong with files of the pack; with any of them the process ends."""
    for error in pack.errors:
        console.complain(error)
    if pack.errors:
        console.end(console.ExitCode.DETECTOR)
