"""The Prefect flow of a night: one task a stage, one a feed, one a detector.

The order of the stages stands in nightporter/nightly.py; here each becomes a task. With no
Prefect server configured, a temporary one is started; nothing leaves the machine.
"""

import argparse
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

# Said before prefect is imported: no telemetry, quiet, and time enough on a slow machine.
os.environ.setdefault("DO_NOT_TRACK", "1")
os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
if __name__ == "__main__":
    # What fails is said below, once, with file and line; under a worker Prefect's log is wanted.
    os.environ.setdefault("PREFECT_LOGGING_LEVEL", "CRITICAL")
os.environ.setdefault("PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS", "120")

from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun
from prefect.settings import PREFECT_API_URL
from prefect.states import Completed, Failed

from nightporter import config
from nightporter.cli import console
from nightporter.cli.options import days_from, instant
from nightporter.cli.run import tell
from nightporter.errors import NightporterError
from nightporter.lake import owner_only
from nightporter.nightly import Night, nightly
from nightporter.workspace import log_file

# What reaches over a network or a disk may work the second time; a detector's SQL will not.
RETRIES = {"ingest": 2, "publish": 2, "report": 2}

# How a flow run's final state is called, and what the process says then.
EXIT_CODES = {"Completed": 0, "Incomplete": 5, "Misconfigured": 2}

# Seconds that the stages of this process took.
_worked: list[float] = []


def _may_pass(task: Any, run: TaskRun, state: State[Any]) -> bool:
    error = state.result(raise_on_failure=False)
    return isinstance(error, OSError)


def as_task(name: str, work: Callable[[], Any]) -> Any:
    """Run one stage as a task; it is timed, recorded, and retried where that can help."""

    @task(
        name=name,
        task_run_name=lambda: name,
        retries=RETRIES.get(name.split()[0], 0),
        retry_delay_seconds=[5, 30],
        retry_condition_fn=_may_pass,
        cache_policy=NO_CACHE,
        persist_result=False,
    )
    def stage() -> Any:
        started = time.monotonic()
        try:
            return console.stage(name, work)
        finally:
            _worked.append(time.monotonic() - started)

    return stage()


@flow(
    name="nightly",
    flow_run_name="nightly {as_of}",
    persist_result=False,
)
def nightly_flow(workspace: str, as_of: str | None = None, first: str | None = None) -> State[Any]:
    """Scan everything that is due in `workspace`, or all days from `first` on."""
    owner_only()
    try:
        settings = config.load(Path(workspace))
        console.keep_log(log_file(settings))
        night = nightly(settings, instant(settings, as_of), days_from(first), step=as_task)
    except NightporterError as error:
        console.complain(error)
        return Failed(message=error.message, name=_name(error.exit_code))
    tell(settings, night, json=False)
    return _state(night)


def _name(exit_code: int) -> str:
    return next((name for name, code in EXIT_CODES.items() if code == exit_code), "Incomplete")


def _state(night: Night) -> State[Any]:
    if night.exit_code:
        said = "; ".join(problem.message for problem in night.problems)
        return Failed(message=said[:2000], name=_name(night.exit_code))
    return Completed(message=f"scanned {night.window or 'nothing new'}")


def main() -> None:
    """Run the flow once, now; the exit code is that of `nightporter nightly`."""
    parser = argparse.ArgumentParser(description="Run one night as a Prefect flow.")
    parser.add_argument("--workspace", default=".", help="the folder with nightporter.toml")
    parser.add_argument("--as-of", help="scan as if it were this moment")
    parser.add_argument("--from", dest="first", help="scan all days again from this one on")
    given = parser.parse_args()
    started = time.monotonic()
    owner_only()

    def night() -> None:
        root = str(Path(given.workspace).resolve())
        config.load(Path(root))  # a typo is said before a server is started
        if not PREFECT_API_URL.value():
            console.say("no Prefect server is configured: starting a temporary one (20 seconds)")
        state = nightly_flow(root, given.as_of, given.first, return_state=True)
        whole = time.monotonic() - started
        console.say(f"{whole:.0f} s, of which Prefect took {whole - sum(_worked):.0f}")
        console.leave(EXIT_CODES.get(state.name or "", EXIT_CODES["Incomplete"]))

    console.guarded(night, debug=False)


if __name__ == "__main__":
    main()
