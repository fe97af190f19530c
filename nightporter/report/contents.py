"""Everything that one report says, gathered from the lake; not how it looks."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Any

import duckdb
import polars as pl

from nightporter.config import Settings
from nightporter.context import read_tables
from nightporter.desk import Act, apart_of, casebook, last_read, read_acts, view_shared
from nightporter.engine import session
from nightporter.lake import Lake
from nightporter.morning import morning
from nightporter.report.cameras import footage, longest_kept
from nightporter.report.casefile import CaseFile, case_files, subjects
from nightporter.report.cases import Cases, cases_since
from nightporter.report.coverage import Coverage, coverage
from nightporter.report.news import News, newest_change, news_since
from nightporter.report.people import Person, listed_people
from nightporter.report.picture import DAYS
from nightporter.report.record import Record
from nightporter.report.trend import Trend, trend_days, trends
from nightporter.risk import WHOM
from nightporter.window import Window

# The lake's tables that a report is made of: what it covered, and when it is out of date.
TABLES = (
    "findings", "evidence", "risk", "cases", "places", "robots", "exceptions", "windows",
    "presence", "user_hour", "feed_day", "loads", "rejects", "verdicts", "flagged", "user_day",
)  # fmt: skip


@dataclass(frozen=True)
class Contents:
    """One report: `said` is what `morning` says of `day`, `files` the case files beside it.

    `registered` are the rows of people.csv, `risks` how the risk of whoever has a file went: no
    mapping, for a name that is a key could be taken for a word of ours. `overdue`: rows of the
    casebook that everybody may see; `read`: the act of who last read a report.
    """

    day: date
    said: Mapping[str, Any]
    problems: tuple[str, ...]
    news: News
    people: tuple[Person, ...]
    files: tuple[CaseFile, ...]
    cases: Cases
    risks: tuple[tuple[str, Trend], ...]
    footage: tuple[Mapping[str, Any], ...]
    registered: tuple[Mapping[str, Any], ...]
    coverage: Coverage
    clocks: Mapping[str, str]
    day_starts: time
    sites_start: Mapping[str, time]
    newest_change: datetime | None
    overdue: tuple[Mapping[str, Any], ...]
    read: Act | None

    @cached_property
    def register(self) -> Mapping[str, Mapping[str, Any]]:
        """The rows of people.csv by user_id."""
        return {row["user_id"]: row for row in self.registered}

    def starts(self, user: str) -> time:
        """When a business day starts at the site of `user`; where none is known, and there is one
        hour for all, that."""
        hours = {*self.sites_start.values()} or {self.day_starts}
        shared = hours.pop() if len(hours) == 1 else self.day_starts
        return self.sites_start.get(self.register.get(user, {}).get("site") or "", shared)

    @cached_property
    def trends(self) -> Mapping[str, Trend]:
        """How the risk of whoever has a file went, by user_id."""
        return dict(self.risks)

    @cached_property
    def names(self) -> Mapping[str, str]:
        return {user: row["name"] for user, row in self.register.items() if row.get("name")}

    @cached_property
    def pages(self) -> Mapping[str, str]:
        """The name of each person's case file, by user_id."""
        return {file.subject.user_id: file.subject.name for file in self.files}


def gather(
    settings: Settings,
    lake: Lake,
    detectors: pl.DataFrame,
    day: date,
    problems: Iterable[str],
    earlier: Record | None,
) -> Contents:
    """Return what the report of `day` says, compared with the record of an earlier one."""
    said = morning(settings, lake, day)
    window = Window(said["days"]["first"], day)
    fortnight = trend_days(said["scanned"]["first"], day)
    tables, apart, book = read_tables(settings), apart_of(settings), casebook(lake, day)
    registered = _registered(tables, named=not settings.names.pseudonyms)
    register = {row["user_id"]: row for row in registered}
    cases = cases_since(book, apart, day, earlier)
    with session() as con:
        _write_views(con, settings, lake, window, fortnight, apart)
        _write_filmed(con, lake, Window(day, day).reaching_back(longest_kept(tables)), apart)
        news, whose = news_since(con, earlier), subjects(said["ranking"], book, cases.open)
        people = listed_people(con, said["ranking"], register, news, _weeks(lake, day))
        return Contents(
            day,
            said,
            tuple(problems),
            news,
            tuple(people),
            tuple(case_files(con, lake, whose, _rests_on(detectors))),
            cases,
            tuple(trends(con, [subject.user_id for subject in whose], fortnight).items()),
            tuple(footage(con, tables, day)),
            registered,
            coverage(con, settings, detectors, said["feeds"], day),
            {name: site.zone for name, site in settings.site.items()},
            settings.workspace.day_starts,
            {name: settings.day_starts(name) for name in settings.site},
            newest_change(con),
            tuple(row for row in book if row["overdue"] and row["user_id"] not in apart),
            last_read(read_acts(lake), day),
        )


def _write_views(
    con: duckdb.DuckDBPyConnection,
    settings: Settings,
    lake: Lake,
    window: Window,
    fortnight: Window,
    apart: frozenset[str],
) -> None:
    reach = Window(window.last - timedelta(days=settings.workspace.horizon), window.last)
    view_shared(con, lake, apart, reach)
    view_shared(con, lake, apart, window, "recent_findings")
    for table in ("evidence", "windows", "feed_day"):
        lake.view(con, table, window)
    # The list may look back on fewer days than a trend does.
    lake.view(con, "risk", Window(min(window.first, fortnight.first), window.last))
    lake.view(con, "user_hour", _weeks(lake, window.last))
    lake.view(con, "loads")
    lake.view(con, "rejects")


def _write_filmed(
    con: duckdb.DuckDBPyConnection, lake: Lake, window: Window, apart: frozenset[str]
) -> None:
    """A camera may keep what it saw for longer than the list looks back."""
    view_shared(con, lake, apart, window, "filmed_findings")
    lake.view(con, "evidence", window, "filmed_evidence")
    con.execute(f"CREATE TEMP VIEW said_of AS {_SAID_OF}")


# Who is meant, or nobody: a door has a camera whoever opened it.
_SAID_OF = f"""
    SELECT finding_id, detector, {WHOM} AS person FROM filmed_findings WHERE status = 'open'
        AND (user_id IS NOT NULL OR candidates <> [])
    UNION ALL
    SELECT finding_id, detector, NULL FROM filmed_findings WHERE status = 'open'
        AND user_id IS NULL AND coalesce(candidates, []) = []"""


def _rests_on(detectors: pl.DataFrame) -> pl.DataFrame:
    """Return (detector, feature), one row each."""
    return detectors.select("detector", pl.col("features").alias("feature")).explode("feature")


def _weeks(lake: Lake, day: date) -> Window:
    """The days of the picture: half a year, or since there is anything to see."""
    first = day - timedelta(days=DAYS - 1)
    known: Sequence[date] = [known for known in lake.days("user_hour") if first <= known <= day]
    return Window(min(known, default=first), day)


def _registered(
    tables: Mapping[str, pl.DataFrame], *, named: bool
) -> tuple[Mapping[str, Any], ...]:
    """Who has a pseudonym is called by nothing else."""
    people = tables.get("people")
    if people is None:
        return ()
    return tuple(people.drop([] if named else "name", strict=False).to_dicts())
