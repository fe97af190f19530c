"""The workspace of a crowd, written block of days by block of days: memory stays flat."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import polars as pl

from nightporter.errors import UsageError
from nightporter.simulate.chance import Chance
from nightporter.simulate.crowd import ordinary
from nightporter.simulate.crowd.campaigns import Cast, cast, plan
from nightporter.simulate.crowd.context import context_tables, settings_text
from nightporter.simulate.crowd.days import person_days
from nightporter.simulate.crowd.deeds import events as deed_events
from nightporter.simulate.crowd.events import COLUMNS, shaped
from nightporter.simulate.crowd.lines import LOGS, as_lines, recorded, soiled, write_day
from nightporter.simulate.crowd.parameters import PROFILES, Profile
from nightporter.simulate.crowd.places import calendar, instants
from nightporter.simulate.crowd.population import population, teams
from nightporter.simulate.files import write_file, write_table
from nightporter.simulate.span import Span
from nightporter.simulate.truth import DAY_STARTS

# So many person-days at once: some hundred MB, whatever the house.
_AT_ONCE = 5_000
_LEAST_DAYS, _MOST_DAYS, _MOST_PEOPLE = 15, 4_000, 50_000


@dataclass(frozen=True)
class Crowd:
    """What to invent: `insiders` of each campaign, and as many look-alikes of each kind."""

    people: int = 2_000
    days: int = 180
    seed: int = 1
    profile: str = "regular"
    insiders: int | None = None
    broken: bool = False
    first_day: date = date(2026, 1, 1)

    @property
    def each(self) -> int:
        # Unasked, two in a hundred have a campaign of their own kind: rare, and yet to be counted.
        return self.insiders if self.insiders is not None else max(1, self.people // 500)

    def check(self) -> None:
        """Raise UsageError for what cannot be."""
        if self.profile not in PROFILES:
            hint = f"one of: {', '.join(PROFILES)}"
            raise UsageError(f"--profile {self.profile} is not known", hint=hint)
        if not _LEAST_DAYS <= self.days <= _MOST_DAYS:
            hint = f"from {_LEAST_DAYS} to {_MOST_DAYS}"
            raise UsageError(f"--days {self.days} cannot be written", hint=hint)
        if self.people > _MOST_PEOPLE:
            raise UsageError(f"--people {self.people} are too many", hint=f"to {_MOST_PEOPLE}")
        if self.insiders is not None and self.insiders < 0:
            raise UsageError(f"--insiders {self.insiders}: none is the least", hint="0")


@dataclass
class Written:
    """What was written: lines by source, and campaigns."""

    lines: dict[str, int] = field(default_factory=lambda: dict.fromkeys(LOGS, 0))
    campaigns: int = 0


def write_crowd(out: Path, crowd: Crowd) -> Written:
    """Write one workspace below `out`: nightporter.toml, context/, logs/, truth/.

    Raises UsageError where the house is too small for its campaigns.
    """
    crowd.check()
    chance, span = Chance(crowd.seed), Span(crowd.first_day, crowd.days)
    house = _House(chance, span, PROFILES[crowd.profile], crowd)
    tables = context_tables(
        chance, span, house.profile, people=house.cast.people, teams=house.teams,
        loaned=house.loaned,
    )  # fmt: skip
    for name, table in tables.items():
        write_table(out / "context" / f"{name}.csv", table)
    write_file(out / "nightporter.toml", settings_text().encode())
    return _write_logs(out, house)


class _House:
    """All that is drawn before the first event."""

    def __init__(self, chance: Chance, span: Span, profile: Profile, crowd: Crowd) -> None:
        self.chance, self.span, self.profile, self.crowd = chance, span, profile, crowd
        people = population(chance, span, crowd.people)
        self.teams = teams(people)
        people = people.join(self.teams.select("team", "lead", "lead_number"), on="team").sort(
            "number"
        )
        self.calendar = calendar(span)
        self.cast: Cast = cast(chance, people, self.calendar, crowd.each)
        self.deeds = plan(chance, self.cast, self.calendar)
        self.loaned = self.deeds.filter("refused").select("number", "n", loaned=True)

    def blocks(self) -> Iterator["_Block"]:
        """Yield days and people that fit into memory together, day by day."""
        step = max(1, _AT_ONCE // self.crowd.people)
        parts = range(0, self.crowd.people, _AT_ONCE)
        nth = 0
        for first in range(0, self.span.days, step):
            days = self.calendar.filter(pl.col("n").is_between(first, first + step - 1))
            for part in parts:
                people = self.cast.people[part : part + _AT_ONCE]
                yield _Block(nth, days, people, part == parts[0], part == parts[-1])
                nth += 1

    def events(self, block: "_Block") -> dict[str, pl.DataFrame]:
        """Return all events of a block by source, with `ts`."""
        people, days, chance, profile = block.people, block.days, self.chance, self.profile
        deeds = self.deeds.join(people, on="number", how="semi")
        deeds = deeds.join(days, on="n", how="semi")
        sittings = person_days(chance, people, days, profile)
        sittings = sittings.join(self.loaned, on=["number", "n"], how="left").with_columns(
            pl.col("loaned").fill_null(False)
        )
        beyond = deed_events(chance, deeds, people, sittings, profile.missing_in)
        sources = {
            "access": ordinary.access(chance, sittings, self.teams, profile),
            "usb": ordinary.usb(chance, sittings, profile),
            "badge": ordinary.badge(chance, sittings, profile),
        }  # fmt: skip
        if block.first:
            sources["access"].append(ordinary.machines(chance, days, self.crowd.people))
        return {
            source: instants(pl.concat([shaped(f, source) for f in (*frames, *beyond[source])]))
            for source, frames in sources.items()
        }


@dataclass(frozen=True)
class _Block:
    """Some days of some people; `first` and `last` of the people of these days."""

    nth: int
    days: pl.DataFrame
    people: pl.DataFrame
    first: bool
    last: bool


# Lines that have not been written yet, by the day of their file.
_Waiting = dict[date, list[pl.DataFrame]]


def _write_logs(out: Path, house: _House) -> Written:
    """Write each day's file as soon as nothing can arrive on it any more."""
    done, truths = Written(), list[pl.DataFrame]()
    waiting: dict[str, _Waiting] = {source: {} for source in COLUMNS}
    for block in house.blocks():
        last = block.days["day"].max()
        assert isinstance(last, date)
        # A day of one site is over before the next one begins at another: one day is kept open.
        until = house.span.last if last == house.span.last else last - timedelta(days=1)
        for source, events in house.events(block).items():
            events = recorded(house.chance, source, events, block.nth, house.profile)
            truths.append(_truth(source, events))
            lines = as_lines(source, events)
            if house.crowd.broken:
                lines = soiled(house.chance, source, lines)
            _wait(waiting[source], lines, house.span)
            if block.last:
                done.lines[source] += _write_until(out, source, waiting[source], until)
    _write_truth(out, house, pl.concat(truths), done)
    return done


def _wait(waiting: _Waiting, lines: pl.DataFrame, span: Span) -> None:
    """Put `lines` to the days on which they arrive; what comes after the last day never does."""
    # The first file takes what arrived on the evening before, by the clock of Greenwich.
    day = pl.col("arrives").dt.date().clip(lower_bound=span.first)
    dated = lines.select("ts", "text", file=day).filter(pl.col("file") <= span.last)
    for part in dated.partition_by("file"):
        waiting.setdefault(part["file"][0], []).append(part.select("ts", "text"))


def _write_until(out: Path, source: str, waiting: _Waiting, until: date) -> int:
    """Write the files up to `until`, and return how many lines that were."""
    lines = 0
    for day in sorted(day for day in waiting if day <= until):
        whole = pl.concat(waiting.pop(day))
        write_day(out, source, day, whole)
        lines += whole.height
    return lines


def _truth(source: str, events: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of truth/events.parquet, and when each arrived."""
    return events.filter(pl.col("campaign_id").is_not_null()).select(
        "campaign_id", pl.lit(source).alias("source"), "record_id", "user_id",
        pl.col("ts"), day=pl.col("local").dt.offset_by(f"-{DAY_STARTS}h").dt.date(),
        documents=pl.col("documents").fill_null(0), arrives="arrives",
    )  # fmt: skip


def _write_truth(out: Path, house: _House, truth: pl.DataFrame, done: Written) -> None:
    """Write what has arrived: of a line that never did, nobody can be expected to know."""
    arrived = truth.filter(pl.col("arrives").dt.date() <= house.span.last).drop("arrives")
    days = arrived.group_by("campaign_id").agg(
        first_day=pl.col("day").min(), last_day=pl.col("day").max(),
        documents=pl.col("documents").sum(),
    )  # fmt: skip
    told = house.cast.told().join(days, on="campaign_id").sort("campaign_id")
    write_table(out / "truth" / "campaigns.csv", told)
    arrived.sort("campaign_id", "ts", "record_id").write_parquet(
        out / "truth" / "events.parquet", compression="zstd"
    )
    done.campaigns = told.height
