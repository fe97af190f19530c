"""Options that several commands share, and what they mean."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

from cyclopts import Parameter

from nightporter import config
from nightporter.cli import console
from nightporter.config import Settings
from nightporter.errors import UsageError, did_you_mean
from nightporter.names import mask_of
from nightporter.window import Window
from nightporter.workspace import lake_if_any

Workspace = Annotated[
    Path | None,
    Parameter(
        name=["--workspace", "-w"],
        help="the workspace; default: the nearest nightporter.toml upward",
    ),
]
AsOf = Annotated[
    str | None,
    Parameter(help="scan as if it were this moment, such as 2026-06-30T06:00; default: now"),
]
From = Annotated[str | None, Parameter(name="--from", help="first day, such as 2026-06-01")]
To = Annotated[str | None, Parameter(name="--to", help="last day; default: the first")]
# When a night is due, where nobody says otherwise: business days end at 05:00.
CRON = "30 5 * * *"
Json = Annotated[bool, Parameter(name="--json", negative="", help="print JSON on stdout")]


def settings_of(workspace: Path | None) -> Settings:
    """Read the workspace's nightporter.toml, and show its people as it says."""
    settings = config.load(config.find_root(Path.cwd()) if workspace is None else workspace)
    hide_names(settings)
    return settings


def hide_names(settings: Settings) -> None:
    """Show people of this workspace from now on as [names] says."""
    console.hide(lambda: mask_of(settings, lake_if_any(settings)))


def person_of(word: str | None) -> str | None:
    """Return the user_id that `word` means: where pseudonyms are shown, that of a pseudonym.

    Raise UsageError there for any other word: who could ask by name would learn the pseudonym.
    """
    mask = console.mask()
    if word is None or not mask.on:
        return word
    if word not in mask.meant:
        hint = "people stand under pseudonyms here; `nightporter reveal` says whose one is"
        raise UsageError("that is no pseudonym", hint=hint)
    return mask.meant[word]


def instant(settings: Settings, text: str | None) -> datetime:
    """Return the moment `text` names; without an offset it is the first site's wall clock."""
    if text is None:
        return datetime.now(UTC)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(
            f"--as-of {text}: not a moment",
            hint="such as 2026-06-30T06:00 or 2026-06-30T06:00+02:00",
        ) from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=ZoneInfo(first_zone(settings)))
    return moment


def first_zone(settings: Settings) -> str:
    """Return the zone of the first site: the wall clock that people mean where they name none."""
    return next((site.zone for site in settings.site.values()), "UTC")


def days_from(first: str | None) -> date | None:
    """Return the day that --from names."""
    return day_of("--from", first)


def day_of(option: str, text: str | None) -> date | None:
    """Return the day that `option` names."""
    return _day(option, text) if text else None


def _day(option: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{option} {text}: not a day", hint="such as 2026-06-01") from None


def window_of(first: str | None, last: str | None) -> Window | None:
    """Return the window that --from and --to name, or None where neither is given."""
    if first is None and last is None:
        return None
    if first is None:
        raise UsageError("--to needs --from")
    start = _day("--from", first)
    end = _day("--to", last) if last else start
    try:
        return Window(start, end)
    except ValueError as error:
        raise UsageError(f"--from {first} --to {last}: {error}") from None


def check_word(noun: str, word: str | None, valid: Iterable[str]) -> None:
    """Raise UsageError for a word that is none of `valid`: a misspelt filter finds nothing, and
    nothing looks like peace."""
    if word is not None and word not in (words := list(valid)):
        raise UsageError(f"no {noun} is called {word!r}", hint=did_you_mean(word, words))
