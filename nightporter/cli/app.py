"""The console script: its commands, and how a word on the command line finds one."""

import sys

from cyclopts import App, CycloptsError

from nightporter import __version__
from nightporter.cli.console import ExitCode, end, guarded, hear, say
from nightporter.engine import own_arenas
from nightporter.hostile import safe
from nightporter.workspace import owner_only

app = App(
    name="nightporter",
    version=__version__,
    help="Scan access, USB and badge logs every night, and say whom to look at in the morning.",
    result_action="return_value",
)
# By name: a command imports what it needs when it is called for.
for _command in (
    "start:demo",
    "start:init",
    "start:simulate",
    "evaluate:evaluate",
    "run:nightly",
    "run:backfill",
    "run:ingest",
    "run:report",
    "presets:presets",
    "serve:serve",
    "export:export",
    "findings:findings",
    "case:app",
    "triage:triage",
    "reveal:reveal",
    "explain:explain",
    "notify:notify",
    "status:status",
    "sql:sql",
    "doctor:doctor",
    "detectors:app",
    "exceptions:app",
):
    _module, _, _what = _command.partition(":")
    app.command(f"nightporter.cli.{_command}", name=_module if _what == "app" else _what)


def import_all(commands: App) -> None:
    """Import every command: only then help says what it is for."""
    for name in commands:
        if not name.startswith("-"):
            import_all(commands[name])


def main(words: list[str] | None = None) -> None:
    """Run the command that `words` (default: the process's own) name, and end the process."""
    words = sys.argv[1:] if words is None else words
    own_arenas()
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
    if command == app.help_print:
        import_all(app)
    guarded(lambda: command(*bound.args, **bound.kwargs), debug)
    end(ExitCode.RAN)
