"""The console script: its commands, and how a word on the command line finds one."""

import sys

from cyclopts import App, CycloptsError

from nightporter import __version__
from nightporter.cli import (
    authoring,
    backtest,
    case,
    coverage,
    detectors,
    doctor,
    evaluate,
    exceptions,
    explain,
    export,
    findings,
    hold,
    notify,
    presets,
    quiet,
    reveal,
    run,
    scorecard,
    serve,
    sql,
    start,
    status,
    triage,
)
from nightporter.cli.console import ExitCode, end, guarded, hear, say
from nightporter.hostile import safe
from nightporter.lake import owner_only

app = App(
    name="nightporter",
    version=__version__,
    help="Scan access, USB and badge logs every night, and say whom to look at in the morning.",
    result_action="return_value",
)
app.command(start.demo)
app.command(start.init)
app.command(start.simulate)
app.command(evaluate.evaluate)
app.command(run.nightly)
app.command(run.backfill)
app.command(run.ingest)
app.command(run.report)
app.command(presets.presets)
app.command(serve.serve)
app.command(export.export)
app.command(findings.findings)
app.command(case.app)
case.app.command(hold.hold)
case.app.command(hold.release)
app.command(triage.triage)
app.command(reveal.reveal)
app.command(explain.explain)
app.command(notify.notify)
app.command(status.status)
app.command(sql.sql)
app.command(doctor.doctor)
app.command(detectors.app)
detectors.app.command(backtest.backtest)
detectors.app.command(backtest.diff)
detectors.app.command(quiet.quiet)
detectors.app.command(coverage.coverage)
detectors.app.command(coverage.docs)
detectors.app.command(scorecard.scorecard)
app.command(exceptions.app)
detectors.app.command(authoring.new)
detectors.app.command(authoring.lint)


def main(words: list[str] | None = None) -> None:
    """Run the command that `words` (default: the process's own) name, and end the process."""
    words = sys.argv[1:] if words is None else words
    owner_only()
    hear()
    debug = "--debug" in words
    words = [word for word in words if word != "--debug"]
    try:
        command, bound, _ = app.parse_args(words, print_error=False, exit_on_error=False)
    except CycloptsError as error:
        say(safe(str(error)))
        say("`nightporter --help` lists the commands, `nightporter COMMAND --help` its options")
        end(ExitCode.USAGE)
    guarded(lambda: command(*bound.args, **bound.kwargs), debug)
    end(ExitCode.RAN)
