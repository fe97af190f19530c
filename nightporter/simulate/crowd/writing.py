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
_AT_ONCE = 8_000
# So many sittings at once while their events are wide.
_SLICE = 3_000
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

    def blocks(self) -> Iterator[tuple[int, pl.DataFrame]]:
        """Yield (number of the block, its calendar): as many days as fit into memory."""
        step = max(1, _AT_ONCE // self.crowd.people)
        for nth, first in enumerate(range(0, self.span.days, step)):
            yield nth, self.calendar.filter(pl.col("n").is_between(first, first + step - 1))

    def events(self, days: pl.DataFrame) -> dict[str, pl.DataFrame]:
        """Return all events of these days by source, with `ts`."""
        people, chance, profile = self.cast.people, self.chance, self.profile
        sittings = person_days(chance, people, days, profile)
        sittings = sittings.join(self.loaned, on=["number", "n"], how="left").with_columns(
            pl.col("loaned").fill_null(False)
        )
        deeds = self.deeds.filter(pl.col("n").is_in(days["n"].unique().implode()))
        beyond = deed_events(chance, deeds, people, sittings, profile.missing_in)
        nightly = {"access": [ordinary.machines(chance, days, people.height)]}
        parts = {
            source: [shaped(f, source) for f in (*nightly.get(source, ()), *beyond[source])]
            for source in COLUMNS
        }
        # By draws alone a sitting's events follow from itself, so sittings can go in slices.
        for some in sittings.iter_slices(_SLICE):
            for source, frames in self._ordinary(some).items():
                parts[source].append(pl.concat([shaped(f, source) for f in frames]))
        return {source: instants(pl.concat(frames)) for source, frames in parts.items()}

    def _ordinary(self, sittings: pl.DataFrame) -> dict[str, list[pl.DataFrame]]:
        chance, profile = self.chance, self.profile
        return {
            "access": ordinary.access(chance, sittings, self.teams, profile),
            "usb": ordinary.usb(chance, sittings, profile),
            "badge": ordinary.badge(chance, sittings, profile),
        }


def _write_logs(out: Path, house: _House) -> Written:
    """Write each day's file as soon as nothing can arrive on it any more."""
    done, truths = Written(), list[pl.DataFrame]()
    waiting = {source: list[pl.DataFrame]() for source in COLUMNS}
    written = house.span.first - timedelta(days=1)
    for nth, days in house.blocks():
        last = days["day"].max()
        assert isinstance(last, date)
        # A day of one site is over before the next one begins at another: one day is kept open.
        until = house.span.last if last == house.span.last else last - timedelta(days=1)
        for source, events in house.events(days).items():
            events = recorded(house.chance, source, events, nth, house.profile)
            truths.append(_truth(source, events))
            lines = as_lines(source, events)
            waiting[source].append(
                soiled(house.chance, source, lines) if house.crowd.broken else lines
            )
            done.lines[source] += _write_until(out, source, waiting[source], written, until)
        written = until
    _write_truth(out, house, pl.concat(truths), done)
    return done


def _write_until(
    out: Path, source: str, waiting: list[pl.DataFrame], written: date, until: date
) -> int:
    """Write the files after `written` to `until`; keep in `waiting` what arrives later."""
    whole = pl.concat(waiting).with_columns(file=pl.col("arrives").dt.date())
    # The first file takes what arrived on the evening before, by the clock of Greenwich.
    due = whole.filter(pl.col("file") <= until).with_columns(
        pl.col("file").clip(lower_bound=written + timedelta(days=1))
    )
    for (day,), lines in due.group_by("file"):
        assert isinstance(day, date)
        write_day(out, source, day, lines)
    waiting[:] = [whole.filter(pl.col("file") > until).drop("file")]
    return due.height


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
