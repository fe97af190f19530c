"""The Prefect flow of a night: one task a stage, one a feed, one a detector.

The order of the stages stands in nightporter/nightly.py; here each becomes a task. With no
Prefect server configured, a temporary one is started; nothing leaves the machine. Prefect keeps
what it is told in a database of its own: it is told user ids, never sentences, files or names.
"""

import argparse
import os
import time
from collections.abc import Callable
from datetime import UTC
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
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun
from prefect.logging import get_run_logger
from prefect.runtime import flow_run
from prefect.settings import (
    PREFECT_API_REQUEST_TIMEOUT,
    PREFECT_API_URL,
    PREFECT_CLIENT_MAX_RETRIES,
    temporary_settings,
)
from prefect.states import Completed, Failed

from nightporter import config
from nightporter.cli import console, notice
from nightporter.cli.options import days_from, hide_names, instant
from nightporter.cli.run import close, tell
from nightporter.config import Settings
from nightporter.errors import NightporterError
from nightporter.morning import morning
from nightporter.nightly import Night, nightly
from nightporter.workspace import lake_of, log_file, owner_only

# What reaches over a network or a disk may work the second time; a detector's SQL will not.
RETRIES = {"ingest": 2, "publish": 2, "report": 2}

# How a flow run's final state is called, and what the process says then.
EXIT_CODES = {"Completed": 0, "Incomplete": 5, "Misconfigured": 2}

# A person reads what this process prints; a worker's output lies about in other logs.
BY_HAND = __name__ == "__main__"

# Seconds that the stages of this process took.
_worked: list[float] = []


class StageFailed(Exception):
    """What Prefect is told of a stage's error: its kind, never what stands in the logs."""


def as_task(name: str, work: Callable[[], Any]) -> Any:
    """Run one stage as a task; it is timed, recorded, and retried where that can help."""
    failed: list[Exception] = []

    def may_pass(stage: Any, run: TaskRun, state: State[Any]) -> bool:
        return isinstance(failed[-1], OSError)

    @task(
        name=name,
        task_run_name=lambda: name,
        retries=RETRIES.get(name.split()[0], 0),
        retry_delay_seconds=[5, 30],
        retry_condition_fn=may_pass,
        cache_policy=NO_CACHE,
        persist_result=False,
    )
    def stage() -> Any:
        started = time.monotonic()
        try:
            return console.stage(name, work)
        except Exception as error:
            failed.append(error)
        finally:
            _worked.append(time.monotonic() - started)
            get_run_logger().info("%s %.1f s", name, _worked[-1])
        raise StageFailed(f"{type(failed[-1]).__name__}; {notice.WHERE}")

    try:
        return stage()
    except StageFailed:
        raise failed[-1] from None


def _run_name() -> str:
    """A night is called after the moment that it was due, or that it is told to take for now."""
    told = flow_run.parameters.get("as_of")
    due = flow_run.scheduled_start_time.astimezone(UTC)
    return f"nightly as of {told}" if told else f"nightly {due:%Y-%m-%d %H:%MZ}"


@flow(name="nightly", flow_run_name=_run_name, persist_result=False)
def nightly_flow(workspace: str, as_of: str | None = None, first: str | None = None) -> State[Any]:
    """Scan everything that is due in `workspace`, or all days from `first` on."""
    owner_only()
    console.hear()
    try:
        settings = config.load(Path(workspace))
        hide_names(settings)
        console.keep_log(log_file(settings))
        night = nightly(settings, instant(settings, as_of or None), days_from(first), step=as_task)
    except NightporterError as error:
        console.complain(error)
        return Failed(message=_told(error), name=_name(error.exit_code))
    except Exception as error:
        console.complain(console.unexpected(error))
        return Failed(message=f"unexpected {type(error).__name__}; {notice.WHERE}", name=_name(5))
    if BY_HAND:
        tell(settings, night, json=False)
    else:
        close(settings, night, morning(settings, lake_of(settings)))
    _show(settings, night)
    return _state(night)


def _show(settings: Settings, night: Night) -> None:
    """Leave the ranking and the coverage on the run's page, if that can be done at once."""
    try:
        said = console.shown(morning(settings, lake_of(settings)))
        pages = {
            "nightly-ranking": notice.ranking(said),
            "nightly-coverage": notice.coverage(said, night.problems),
        }
        # Everything is published by now: a server that does not answer is not waited for.
        hasty = {PREFECT_CLIENT_MAX_RETRIES: 0, PREFECT_API_REQUEST_TIMEOUT: 5.0}
        with temporary_settings(hasty):
            for key, page in pages.items():
                create_markdown_artifact(page, key=key)
    except Exception as error:
        console.say(f"no artifacts in Prefect: {type(error).__name__}")


def _name(exit_code: int) -> str:
    return next((name for name, code in EXIT_CODES.items() if code == exit_code), "Incomplete")


def _told(problem: NightporterError) -> str:
    return f"{type(problem).__name__} in {notice.place(problem)}"


def _state(night: Night) -> State[Any]:
    if night.exit_code:
        said = "; ".join(_told(problem) for problem in night.problems)
        return Failed(message=f"{said[:2000]}; {notice.WHERE}", name=_name(night.exit_code))
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
