"""The words of nightporter.toml and what each may hold, as frozen objects."""

import re
from datetime import time
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from nightporter.config.values import (
    Clock,
    Days,
    Format,
    Hours,
    Name,
    Number,
    Pattern,
    Size,
    Source,
    Theirs,
    Zone,
)

FILE_NAME = "nightporter.toml"
# Whoever says nothing else shows nobody's name.
PSEUDONYMS = True
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Section(BaseModel):
    """A table of the file: unknown keys are errors, values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class WorkspaceSection(Section):
    """[workspace]"""

    lake: str = "lake"
    cache_size: Size = 20 * 10**9
    lateness: Days = 7
    horizon: Days = 400
    day_starts: Clock = time(5)
    archive_ratio: int = Field(default=200, ge=2)
    archive_bytes: Size = 50 * 10**9


class Site(Section):
    """[site.NAME]: a place with one wall clock, one calendar, one usual working day."""

    zone: Zone
    country: str | None = None
    subdivision: str | None = None
    weekend: tuple[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"], ...] = ("sat", "sun")
    hours: Hours = (time(8), time(18))
    short_hours: Hours | None = None
    day_starts: Clock | None = None


class Layout(Section):
    """What one kind of log looks like, whoever writes it: all of a feed but where and whose."""

    source: Source
    format: Format
    zone: Zone | None = None
    delimiter: str = Field(",", min_length=1, max_length=1)
    quote: str = Field('"', min_length=1, max_length=1)
    trim: bool = False
    encoding: Literal["utf-8", "latin-1"] = "utf-8"
    stamp: str | None = None
    pattern: str | None = None
    json_columns: tuple[str, ...] = Field((), alias="json")
    single: str | None = None
    only: dict[str, tuple[str, ...]] = {}
    fields: dict[str, Theirs]
    extract: dict[str, str] = {}
    constants: dict[str, str] = {}
    values: dict[str, dict[str, str]] = {}
    patterns: dict[str, dict[str, str]] = {}
    automated: dict[str, tuple[str, ...]] = {}

    @model_validator(mode="after")
    def _fits_the_format(self) -> Self:
        if (self.format == "lines") != (self.pattern is not None):
            raise ValueError('format "lines" needs a pattern with named groups, no other takes one')
        if self.single and self.format != "ndjson":
            raise ValueError('single goes with format "ndjson" alone')
        if self.json_columns and self.format not in ("csv", "lines"):
            raise ValueError('json goes with the formats "csv" and "lines"; others reach by dots')
        return self


class Feed(Layout):
    """[[feed]]: where files lie, whose clock they follow, and what they look like."""

    name: Name
    preset: str | None = None
    paths: tuple[str, ...] = Field(min_length=1)
    site: str | None = None
    site_column: str | None = None
    lateness: Days | None = None

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if self.site is not None and self.site_column is not None:
            raise ValueError("give one of site and site_column, not both")
        return self


class Example(Section):
    """[[example]] of a preset: a raw file, and all that must become of it."""

    log: str | None = None
    file: str | None = None
    events: tuple[dict[str, object], ...] = ()
    rejects: tuple[dict[str, object], ...] = ()
    ignored: int = 0

    @model_validator(mode="after")
    def _one_file(self) -> Self:
        if (self.log is None) == (self.file is None):
            raise ValueError("an example needs one of log and file")
        return self


class Preset(Layout):
    """presets/NAME.toml: the layout of one product's log, and the examples that prove it."""

    title: str
    layout: str
    unverified: str | None = None
    example: tuple[Example, ...] = ()


class ContextSection(Section):
    """[context]: where people, accounts, badges, doors and calendars are described."""

    path: str = "context"
    account_pattern: Pattern | None = None
    badge_pattern: Pattern | None = None


class PacksSection(Section):
    """[packs]: the site's own detector folders, and the ids of detectors that it does not want."""

    paths: tuple[str, ...] = ()
    off: tuple[str, ...] = ()


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
    recent: Days = Field(default=28, ge=1, le=36500)
    factors: bool = True
    leaver: Days = 60
    watch_list: str | None = None


class Route(Section):
    """[[notify.route]]: one place that is told; `url` says where its address is kept."""

    name: Name
    url: str
    level: Literal["informational", "low", "medium", "high", "critical"] | None = None


class NotifySection(Section):
    """[notify]: what leaves the house after a night."""

    title: str = "nightporter"
    link: str | None = None
    heartbeat: str | None = None
    route: tuple[Route, ...] = ()


class DeskSection(Section):
    """[desk]: who triages. Accounts of the machine; `analysts` says whose each is."""

    analysts: dict[str, str] = {}
    watchers_to: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _watchers_go_to_analysts(self) -> Self:
        for account in self.watchers_to:
            if account not in self.analysts:
                known = ", ".join(sorted(self.analysts)) or "none"
                raise ValueError(f"watchers_to names {account!r}, no account of analysts ({known})")
        return self


class NamesSection(Section):
    """[names]: whether people stand by their names in what is shown, and how long it is kept
    what was found about them and nobody confirmed."""

    pseudonyms: bool = Field(default_factory=lambda: PSEUDONYMS)
    # Ranks look back on findings of 102 days, and nights on late logs of a week or two.
    keep_unconfirmed: Days = Field(default=180, ge=120, le=36500)


class Settings(Section):
    """The whole file, and the folder it lies in."""

    root: Path
    workspace: WorkspaceSection = WorkspaceSection()
    site: dict[str, Site] = {}
    feed: tuple[Feed, ...] = ()
    context: ContextSection = ContextSection()
    packs: PacksSection = PacksSection()
    knobs: dict[str, dict[str, Number]] = {}
    risk: RiskSection = RiskSection()
    notify: NotifySection = NotifySection()
    desk: DeskSection = DeskSection()
    names: NamesSection = Field(default_factory=NamesSection)

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
