"""The words of nightporter.toml and what each may hold, as frozen objects."""

import re
from datetime import time
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    model_validator,
)

FILE_NAME = "nightporter.toml"
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def _days(value: object) -> object:
    match = re.fullmatch(r"(\d+)d", value) if isinstance(value, str) else None
    if not match:
        raise ValueError('a number of days such as "7d" is expected')
    return int(match[1])


def _clock(value: object) -> object:
    if not isinstance(value, str) or not re.fullmatch(r"\d\d:\d\d", value):
        raise ValueError('a time of day such as "05:00" is expected')
    return time.fromisoformat(value)


def _hours(value: object) -> object:
    if not isinstance(value, str) or not re.fullmatch(r"\d\d:\d\d-\d\d:\d\d", value):
        raise ValueError('hours such as "08:00-18:30" are expected')
    return tuple(_clock(part) for part in value.split("-"))


def _known_zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"no IANA time zone is called {value!r}") from error
    return value


def _pattern(value: str) -> str:
    try:
        groups = re.compile(value.replace("(?<", "(?P<")).groupindex
    except re.error as error:
        raise ValueError(f"not a regular expression: {error}") from error
    if "user_id" not in groups:
        raise ValueError("the pattern needs a group named user_id, such as (?<user_id>[a-z]+)")
    return value


Days = Annotated[int, BeforeValidator(_days)]
Clock = Annotated[time, BeforeValidator(_clock)]
Hours = Annotated[tuple[time, time], BeforeValidator(_hours)]
Zone = Annotated[str, AfterValidator(_known_zone)]
Pattern = Annotated[str, AfterValidator(_pattern)]
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$", max_length=64)]


class Section(BaseModel):
    """A table of the file: unknown keys are errors, values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class WorkspaceSection(Section):
    """[workspace]"""

    lake: str = "lake"
    lateness: Days = 7
    horizon: Days = 400
    day_starts: Clock = time(5)


class Site(Section):
    """[site.NAME]: a place with one wall clock, one calendar, one usual working day."""

    zone: Zone
    country: str | None = None
    subdivision: str | None = None
    weekend: tuple[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"], ...] = ("sat", "sun")
    hours: Hours = (time(8), time(18))
    short_hours: Hours | None = None
    day_starts: Clock | None = None


class Feed(Section):
    """[[feed]]: where files lie, their format, their clock, their field map."""

    name: Name
    source: Literal["access", "usb", "badge"]
    paths: tuple[str, ...] = Field(min_length=1)
    format: Literal["csv", "ndjson", "parquet"]
    site: str | None = None
    site_column: str | None = None
    zone: Zone | None = None
    delimiter: str = Field(",", min_length=1, max_length=1)
    quote: str = Field('"', min_length=1, max_length=1)
    trim: bool = False
    encoding: Literal["utf-8", "latin-1"] = "utf-8"
    stamp: str | None = None
    lateness: Days | None = None
    fields: dict[str, str]
    constants: dict[str, str] = {}
    values: dict[str, dict[str, str]] = {}

    @model_validator(mode="after")
    def _one_clock(self) -> "Feed":
        clocks = [self.site, self.site_column, self.zone]
        if sum(clock is not None for clock in clocks) > 1:
            raise ValueError("give one of site, site_column and zone, not several")
        return self


class ContextSection(Section):
    """[context]: where people, accounts, badges, doors and calendars are described."""

    path: str = "context"
    account_pattern: Pattern | None = None
    badge_pattern: Pattern | None = None


class PacksSection(Section):
    """[packs]: the site's own detector folders."""

    paths: tuple[str, ...] = ()


class ListSize(Section):
    """How many people the morning list holds, above the risk floor."""

    per: int = 1000
    least: int = 3
    most: int = 10


def _list_size(value: object) -> object:
    match = re.fullmatch(r"1/(\d+), at least (\d+), at most (\d+)", str(value))
    if not match:
        raise ValueError('a list size such as "1/1000, at least 3, at most 10" is expected')
    return ListSize(per=int(match[1]), least=int(match[2]), most=int(match[3]))


class RiskSection(Section):
    """[risk]"""

    list: Annotated[ListSize, BeforeValidator(_list_size)] = ListSize()
    floor: float = 2.0
    recent: Days = 28


class Settings(Section):
    """The whole file, and the folder it lies in."""

    root: Path
    workspace: WorkspaceSection = WorkspaceSection()
    site: dict[str, Site] = {}
    feed: tuple[Feed, ...] = ()
    context: ContextSection = ContextSection()
    packs: PacksSection = PacksSection()
    knobs: dict[str, dict[str, float]] = {}
    risk: RiskSection = RiskSection()

    @property
    def path(self) -> Path:
        return self.root / FILE_NAME

    def lateness(self, feed: str) -> int:
        """Return how many days late `feed` may deliver and still re-open days by itself."""
        own = next((each.lateness for each in self.feed if each.name == feed), None)
        return self.workspace.lateness if own is None else own

    def day_starts(self, site: str | None) -> time:
        """Return the clock time at which a business day starts at `site`."""
        own = self.site[site].day_starts if site in self.site else None
        return own or self.workspace.day_starts
