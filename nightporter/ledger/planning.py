"""What is left to do: new, failed, waiting, late and changed days, and what has become stale.

Knows days, versions and counts of events; not what a stage does with them.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from typing import Literal

import polars as pl

from nightporter.config import Settings
from nightporter.errors import UsageError
from nightporter.lake import Lake
from nightporter.ledger import rows as ledger
from nightporter.ledger.days import Delivered, delivered, last_ended_day
from nightporter.ledger.rows import Book, Row
from nightporter.schema import TABLES
from nightporter.window import Window

FEATURES = "features"
NEVER = "never scanned: older than the first night"
# Of a row of `windows`: a stale day was judged, if by something older; what came before the first
# night was not.
JUDGED = f"(status = 'done' OR (status = 'stale' AND reason IS DISTINCT FROM '{NEVER}'))"

GONE = "there is no such detector now"
OFF = "switched off"
LATE = "late: events that came while it was switched off"

# How the reason begins that a corrected register gives.
REGISTER = "the register changed"

Why = Literal["new", "failed", "waiting", "late", "changed"]

# What a version is made of, in the order in which it is written.
_PARTS = ("the rule", "its knobs", "the context")


@dataclass(frozen=True)
class Opened:
    """Days that are scanned again: why, whose (a feed's or a stage's), how many late events."""

    why: Why
    whose: str
    days: int
    events: int = 0


@dataclass(frozen=True)
class Plan:
    """What a run has to do: a window for each stage that has any, and what is stale.

    `opened` says which days are seen again and why. `stale` are the ledger's rows of days that
    a newer version or late data has overtaken, but that lie too far back to be re-opened by
    themselves.
    """

    windows: Mapping[str, Window] = field(default_factory=dict)
    opened: tuple[Opened, ...] = ()
    stale: pl.DataFrame = field(default_factory=TABLES["windows"].empty)

    @property
    def window(self) -> Window | None:
        if not self.windows:
            return None
        spans = self.windows.values()
        return Window(min(span.first for span in spans), max(span.last for span in spans))


def plan(
    settings: Settings,
    lake: Lake,
    as_of: datetime,
    versions: Mapping[str, str],
    asked: date | None = None,
    corrected: Mapping[date, str] | None = None,
) -> Plan:
    """Return what is left to do by `as_of`, and what has become stale.

    A stage's window is one run of days, from its earliest open day to the last ended one, so
    that days after a late one are seen again too. `asked` is where it starts for every stage,
    whatever the ledger says. What is read of the ledger are the last days and those about
    which something is to be said. `corrected` are days on which a register says other than
    it did when they were judged, and what; they are treated as if logs came late.
    """
    last = last_ended_day(settings, as_of)
    brought = {day: feeds for day, feeds in delivered(lake).items() if day <= last}
    first = max(min(brought, default=last), last - timedelta(days=settings.workspace.horizon))
    if not brought or last < first:
        return Plan()
    span = Window(first, last)
    if asked is not None:
        if asked not in span:
            raise UsageError(
                f"{asked} lies outside {first} to {last}, the days that can be scanned"
            )
        return Plan(dict.fromkeys(versions, Window(asked, last)))
    facts = _look(settings, lake, span, brought, versions, corrected or {})
    return _drained(facts, versions)


@dataclass(frozen=True)
class _Facts:
    """What is known of the days that are looked at."""

    span: Window
    days: tuple[date, ...]
    book: Book
    counts: Mapping[date, int]
    late: Delivered
    lateness: Mapping[str, int]
    usual: int
    loads: int
    newer: bool
    corrected: Mapping[date, str]

    def within(self, day: date, lateness: int) -> bool:
        return day > self.span.last - timedelta(days=lateness)


def _look(
    settings: Settings,
    lake: Lake,
    span: Window,
    brought: Delivered,
    versions: Mapping[str, str],
    corrected: Mapping[date, str],
) -> _Facts:
    usual = settings.workspace.lateness
    lateness = {feed.name: settings.lateness(feed.name) for feed in settings.feed}
    counts = {day: sum(feeds.values()) for day, feeds in brought.items() if day in span}
    judged_to = max(lake.days("windows"), default=None)
    looked_at = set(span)
    if judged_to is not None and _knows(lake, judged_to, versions):
        back = max(usual, *lateness.values(), 1)
        recent = min(judged_to, span.last - timedelta(days=back - 1))
        looked_at = set(Window(recent, span.last)) if recent <= span.last else set()
        looked_at |= ledger.unsettled(lake, counts) | set(corrected)
    days = tuple(sorted(looked_at & set(span)))
    return _Facts(
        span,
        days,
        ledger.by_stage(ledger.read(lake, days)),
        counts,
        _late(lake, brought, days),
        lateness,
        usual,
        lake.version("loads"),
        judged_to is None or judged_to < span.last,
        corrected,
    )


def _knows(lake: Lake, day: date, versions: Mapping[str, str]) -> bool:
    """Tell whether every stage has judged `day` as it is now: else its whole past is asked."""
    book = ledger.by_stage(ledger.read(lake, [day]))
    return all(
        day in book.get(stage, {}) and book[stage][day].version == version
        for stage, version in versions.items()
    )


def _late(lake: Lake, brought: Delivered, days: tuple[date, ...]) -> Delivered:
    """Return the events of each day and feed that came after the day was last counted."""
    counted: Delivered = {}
    rows = lake.read("feed_day", days).group_by("day", "feed").agg(pl.col("events").sum())
    for day, feed, events in rows.iter_rows():
        counted.setdefault(day, {})[feed] = events
    late = {}
    for day, seen in counted.items():
        more = {feed: n - seen.get(feed, 0) for feed, n in brought.get(day, {}).items()}
        late[day] = {feed: n for feed, n in more.items() if n > 0}
    return late


def _drained(facts: _Facts, versions: Mapping[str, str]) -> Plan:
    windows, stale = {}, []
    opened: dict[tuple[Why, str], set[date]] = {}
    for stage, version in versions.items():
        due = []
        for day, why, now in _undone(facts, stage, version):
            if now:
                due.append(day)
                opened.setdefault((why, stage), set()).add(day)
            elif mark := _mark(facts, stage, version, day, why):
                stale.append(mark)
        if due:
            windows[stage] = Window(min(due), facts.span.last)
    stale += _gone(facts, versions)
    rows = pl.DataFrame(stale, schema_overrides=TABLES["windows"].columns) if stale else None
    empty = TABLES["windows"].empty()
    return Plan(windows, tuple(_said(facts, opened)), empty if rows is None else rows)


def _gone(facts: _Facts, versions: Mapping[str, str]) -> Iterator[Mapping[str, object]]:
    """Yield rows that close what a detector left open which is there no more.

    Without a version they are open again should it come back.
    """
    for stage in facts.book.keys() - versions.keys():
        for day, row in facts.book[stage].items():
            if row.status in ledger.OPEN:
                closed = {"status": "not_evaluated", "reason": GONE, "version": ""}
                yield {**asdict(row), "stage": stage, "day": day, **closed, "open": False}


def _undone(facts: _Facts, stage: str, version: str) -> Iterator[tuple[date, Why, bool]]:
    """Yield each day that is not as it should be, why, and whether it is due by itself."""
    mine = facts.book.get(stage, {})
    begun = min((d for d, row in mine.items() if row.reason not in (NEVER, OFF)), default=None)
    for day in facts.days:
        row = mine.get(day)
        if row is None or row.reason == NEVER:
            # A stage that has judged nothing yet sees all days; one that has does not go back.
            now = begun is None or day > begun or facts.within(day, facts.usual)
            if now or facts.counts.get(day):
                yield day, "new", now
        elif row.reason == OFF:
            # Who switches a detector on again does not ask for the past.
            if (now := facts.within(day, facts.usual)) or row.events != facts.counts.get(day, 0):
                yield day, "new", now
        elif row.status == "failed":
            yield day, "failed", True
        elif reach := _overtaken(facts, row, version, day):
            why: Why = "changed" if row.events == facts.counts.get(day, 0) else "late"
            yield day, why, facts.within(day, max(reach))
        elif row.status == "waiting" and (facts.newer or row.lake_version != facts.loads):
            yield day, "waiting", True


def _overtaken(facts: _Facts, row: Row, version: str, day: date) -> list[int]:
    """Return how far back each thing that has overtaken `row` may re-open a day."""
    same = row.version == version and day not in facts.corrected
    reach = [] if same else [facts.usual]
    if row.events != facts.counts.get(day, 0):
        # A run that died may have counted already what it did not judge: then any feed's.
        feeds = facts.late.get(day) or facts.lateness
        reach += [facts.lateness.get(feed, facts.usual) for feed in feeds] or [facts.usual]
    return reach


def _mark(
    facts: _Facts, stage: str, version: str, day: date, why: Why
) -> Mapping[str, object] | None:
    """Return the row that calls `day` stale, or None if that stands there already.

    A day on which the detector was switched off was judged by nothing, and is not called so.
    """
    row = facts.book.get(stage, {}).get(day) or Row("", "", None, 0, -1, "", 0, 0)
    events = facts.counts.get(day, 0)
    if row.reason == OFF:
        return {**asdict(row), "stage": stage, "day": day, "events": events, "open": False}
    reason = _reason(facts, row, version, day, why)
    if (row.status, row.reason, row.events) == ("stale", reason, events):
        return None
    fresh = {"stage": stage, "day": day, "status": "stale", "reason": reason, "events": events}
    return {**asdict(row), **fresh, "open": False}


def _reason(facts: _Facts, row: Row, version: str, day: date, why: Why) -> str:
    """Say all that has overtaken a day: what is known already, then what is new."""
    if why == "new":
        return NEVER
    known = (row.reason or "").split("; ") if row.status == "stale" else []
    over: tuple[str, ...] = ("late",) if why == "late" else ()
    # Who corrects a register each morning reads of the last correction, not of all.
    over += (REGISTER,) if day in facts.corrected else ()
    said = [part for part in known if not part.startswith(over)]
    if why == "late":
        feeds = sorted(facts.late.get(day, {}).items()) or [("events", 0)]
        said.append("late: " + ", ".join(f"{feed} {n:,}" if n else feed for feed, n in feeds))
    if row.version != version:
        said.append(f"{_changed(row.version, version)} changed")
    if day in facts.corrected:
        said.append(facts.corrected[day])
    return "; ".join(dict.fromkeys(said))


def _changed(old: str, new: str) -> str:
    pairs = zip(_PARTS, old.split("+"), new.split("+"), strict=False)
    return next((part for part, was, now in pairs if was != now), _PARTS[0])


def _said(facts: _Facts, opened: Mapping[tuple[Why, str], set[date]]) -> Iterator[Opened]:
    late = set().union(*(days for (why, _), days in opened.items() if why == "late"))
    days: Counter[str] = Counter()
    events: Counter[str] = Counter()
    for day in late:
        for feed, n in (facts.late.get(day) or {"events": 0}).items():
            days[feed] += 1
            events[feed] += n
    for feed in sorted(days):
        yield Opened("late", feed, days[feed], events[feed])
    for (why, stage), some in sorted(opened.items()):
        if why not in ("new", "late"):
            yield Opened(why, stage, len(some))
