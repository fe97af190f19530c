"""The only module that prints and that ends the process.

stdout is data, stderr is talk. Names, paths and doors come from logs that an adversary
writes, so no control character of theirs reaches a terminal.
"""

import atexit
import logging
import os
import sys
import textwrap
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from enum import IntEnum
from functools import cache
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import orjson
from rich.console import Console
from rich.markup import escape

from nightporter.errors import NightporterError
from nightporter.hostile import brief, in_json, safe
from nightporter.names import Mask


class ExitCode(IntEnum):
    """What the process says when it ends."""

    RAN = 0  # everything was done
    FOUND = 1  # done, and something stands at or above --fail-on
    USAGE = 2  # the command line or the configuration is wrong
    DETECTOR = 3  # a detector file is wrong (detectors lint | test)
    LOG = 4  # a log could not be read (ingest)
    INCOMPLETE = 5  # the night ran, but something in it failed


# What an error says in one line can hold a name from a log.
LONGEST_LINE = 2000

UNEXPECTED = "this is a fault of nightporter's: --debug shows where; nothing committed is lost"

_log: Path | None = None
_masking: Callable[[], Mask] = Mask
Shown = TypeVar("Shown")

stderr = Console(stderr=True, highlight=False, soft_wrap=True, emoji=False)


def hide(masking: Callable[[], Mask]) -> None:
    """Have `masking`, asked once and only when something is shown, name people from now on."""
    global _masking
    _masking = cache(masking)


def mask() -> Mask:
    """Return how people are called in what this process shows."""
    return _masking()


def shown(value: Shown) -> Shown:
    """Return rows or an account of something as they are shown: before they are cut or folded."""
    return mask().of(value)


@contextmanager
def unmasked() -> Iterator[None]:
    """Show people under their own names for a moment: who does that has asked the desk first."""
    global _masking
    before, _masking = _masking, Mask
    try:
        yield
    finally:
        _masking = before


def folded(text: str, width: int) -> list[str]:
    """Return the lines of `text`; none ends within a word, so that a pseudonym can be copied."""
    return textwrap.wrap(text, width, break_on_hyphens=False)


def out(line: str = "") -> None:
    """Print one line of data."""
    sys.stdout.write(mask().text(line) + "\n")


def out_json(value: Any) -> None:
    """Print `value` as JSON with sorted keys: equal data, equal bytes."""
    options = orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2
    text = orjson.dumps(shown(value), option=options, default=str).decode()
    sys.stdout.write(in_json(text) + "\n")


def keep_log(path: Path) -> None:
    """Add all talk of this process to the file `path` too, each line with its time."""
    global _log
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    _log = path


def hear() -> None:
    """Say what the modules that do not print report of long work."""
    talk = logging.getLogger("nightporter")
    talk.setLevel(logging.INFO)
    if not any(isinstance(handler, _Voice) for handler in talk.handlers):
        talk.addHandler(_Voice())


class _Voice(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        say(f"  {record.getMessage()}")


def _note(line: str) -> None:
    if _log is not None:
        with _log.open("a", encoding="utf-8") as log:
            log.write(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} {line}\n")


def _talked(text: str) -> str:
    """A register that cannot be read is told as it is: its owner has to find the line."""
    with suppress(NightporterError):
        return mask().text(text)
    return text


def say(line: str = "") -> None:
    """Print one line of talk."""
    line = _talked(line)
    _note(safe(line))
    stderr.print(escape(safe(line)))


def complain(error: NightporterError) -> None:
    """Print an error with its place and its hint."""
    lines = [brief(part, LONGEST_LINE) for part in _talked(str(error)).split("\n")]
    _note("ERROR " + "\n  ".join(lines))
    stderr.print(f"[bold red]{escape(lines[0])}[/]")
    for line in lines[1:]:
        stderr.print(escape(line))


def stage(name: str, work: Callable[[], Any]) -> Any:
    """Run one stage of a night and print its name and time when it ends."""
    started = time.monotonic()
    try:
        with stderr.status(escape(name)) if stderr.is_terminal else _quiet():
            return work()
    finally:
        seconds = time.monotonic() - started
        _note(f"{name} {seconds:.1f} s")
        stderr.print(f"[dim]  {escape(name):<44}{seconds:6.1f} s[/]")


class _quiet:
    def __enter__(self) -> None: ...
    def __exit__(self, *_: object) -> None: ...


def end(code: ExitCode | int) -> NoReturn:
    """End the process."""
    sys.stdout.flush()
    sys.exit(int(code))


def leave(code: int) -> NoReturn:
    """End the process after its exit handlers, without tearing the interpreter down.

    DuckDB's bindings take objects that live in other threads for leaks, and print pages of them.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    atexit._run_exitfuncs()
    os._exit(code)


def guarded(command: Callable[[], Any], debug: bool) -> None:
    """Run a command; an error becomes words and an exit code, never a traceback."""
    try:
        command()
    except NightporterError as error:
        if debug:
            traceback.print_exc()
        complain(error)
        end(error.exit_code)
    except BrokenPipeError:
        # The reader went away (`| head`): nothing is wrong, but nothing can be said either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        end(ExitCode.RAN)
    except Exception as error:
        # Never 1: that would say that somebody was found.
        if debug:
            traceback.print_exc()
        complain(unexpected(error))
        end(ExitCode.INCOMPLETE)
    except KeyboardInterrupt:
        say("interrupted; what was committed stays, the next run goes on from there")
        end(130)


def unexpected(error: Exception) -> NightporterError:
    """Return a fault of nightporter's own as an error that can be printed."""
    said = safe(str(error)).partition("\\n")[0][:500]
    return NightporterError(f"unexpected {type(error).__name__}: {said}", hint=UNEXPECTED)
