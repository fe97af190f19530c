"""Pages of long lists: what is not shown is always counted."""

from collections.abc import Sequence
from typing import Annotated, TypeVar

from cyclopts import Parameter

from nightporter.cli import console
from nightporter.errors import UsageError

SHOWN = 40

Page = Annotated[int | None, Parameter(help=f"that page of {SHOWN}; default: the first")]
Every = Annotated[bool, Parameter(name="--all", negative="", help="all of them, in one list")]

Item = TypeVar("Item")


def paged(rows: Sequence[Item], page: int | None, every: bool) -> Sequence[Item]:
    """Return the rows of `page`; raise UsageError where there is no such page."""
    if every:
        return rows
    pages = max(1, -(-len(rows) // SHOWN))
    if page is not None and not 1 <= page <= pages:
        raise UsageError(f"--page {page}: there are {pages}")
    first = ((page or 1) - 1) * SHOWN
    return rows[first : first + SHOWN]


def say_total(shown: int, total: int, noun: str, page: int | None, more: str = "") -> None:
    """Say how many of how many are shown, and where the rest is."""
    at, pages = page or 1, max(1, -(-total // SHOWN))
    rest = f"; page {at} of {pages}, --all prints all" if shown < total else ""
    console.say(f"{shown:,} of {total:,} {noun}{rest}{more}")
