"""The one tree of errors, each with a place and a hint; `cli.console` alone prints them.

NightporterError
  UsageError     2   a command line that cannot be meant
  ConfigError    2   nightporter.toml or a context file
  DetectorError  3   a detector file, or what its SQL did
    LimitError   3   more memory, time or rows than a detector has
  LogError       4   a raw log that could not be read
  LakeError      5   an object store that failed in the middle of the night
  NotificationError 5  a message that was not taken, or has no address
  EvaluationError 5  a workspace that could not be invented or measured
"""

import difflib
from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar


class NightporterError(Exception):
    """Say what is wrong, where (path, line, the line itself), and what to do about it."""

    exit_code: ClassVar[int] = 1

    def __init__(
        self,
        message: str,
        *,
        path: Path | str | None = None,
        line: int | None = None,
        text: str | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.path = path
        self.line = line
        self.text = text
        self.hint = hint

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}: " if self.line else f"{self.path}: "
        shown = f"\n  {self.line} | {self.text.strip()[:200]}" if self.text else ""
        hint = f"\n       {self.hint}" if self.hint else ""
        return f"{place if self.path else ''}{self.message}{shown}{hint}"

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuilt, (type(self), self.__dict__))


def _rebuilt(kind: type[NightporterError], state: dict[str, object]) -> NightporterError:
    error = kind(str(state["message"]))
    error.__dict__.update(state)
    return error


class UsageError(NightporterError):
    """A command line that cannot be meant."""

    exit_code = 2


class ConfigError(NightporterError):
    """A wrong nightporter.toml or context file."""

    exit_code = 2


class DetectorError(NightporterError):
    """A wrong detector file, or SQL that failed or was refused."""

    exit_code = 3


class LimitError(DetectorError):
    """SQL that took more memory, time or rows than a detector has; over fewer days it may not."""


class LogError(NightporterError):
    """A raw log that could not be read at all."""

    exit_code = 4


class LakeError(NightporterError):
    """An object store that does not answer, or a commit that another run was before."""

    exit_code = 5


class NotificationError(NightporterError):
    """A message that its service did not take, or that has no address; it shows none."""

    exit_code = 5


class EvaluationError(NightporterError):
    """A workspace that could not be invented, or not measured."""

    exit_code = 5


# Of more words than these the nearest few are named: nobody reads all.
_LISTED = 40
_NEAREST = 5


def did_you_mean(word: str, valid: Iterable[str]) -> str:
    """Return a hint with the nearest valid word, and all of them, if they are not too many."""
    words = sorted(valid)
    near = difflib.get_close_matches(word, words, n=1, cutoff=0.6)
    guess = f"did you mean {near[0]}?  " if near else ""
    if len(words) <= _LISTED:
        return f"{guess}(valid: {', '.join(words)})"
    nearest = difflib.get_close_matches(word, words, n=_NEAREST, cutoff=0)
    return f"{guess}(nearest of {len(words)}: {', '.join(nearest)})"
