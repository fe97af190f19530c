"""Everything that one report says, gathered from the lake; not how it looks."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import duckdb
import polars as pl

from nightporter.config import Settings
from nightporter.context import read_tables
from nightporter.desk import Act, apart_of, casebook, last_read, read_acts, view_shared
from nightporter.engine import session
from nightporter.lake import Lake
from nightporter.morning import morning
from nightporter.report.coverage import Coverage, coverage
from nightporter.report.news import News, newest_change, news_since
from nightporter.report.people import Person, listed_people
from nightporter.report.picture import DAYS
from nightporter.report.record import Record
from nightporter.window import Window

# The lake's tables that a report is made of: what it covered, and when it is out of date.
TABLES = (
    "findings", "evidence", "risk", "cases", "places", "robots", "exceptions", "windows",
    "presence", "user_hour", "feed_day", "loads", "rejects", "verdicts",
)  # fmt: skip


@dataclass(frozen=True)
class Contents:
    """One report: `said` is what `morning` says of `day`.

    `overdue`: rows of the casebook that everybody may see; `read`: the act of who last read one.
    """

    day: date
    said: Mapping[str, Any]
    problems: tuple[str, ...]
    news: News
    people: tuple[Person, ...]
    coverage: Coverage
    clocks: Mapping[str, str]
    names: Mapping[str, str]
    day_starts: time
    newest_change: datetime | None
    overdue: tuple[Mapping[str, Any], ...]
    read: Act | None


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
    register = _register(settings)
    with session() as con:
        _write_views(con, settings, lake, window)
        news = news_since(con, earlier)
        people = listed_people(con, said["ranking"], register, news, _weeks(lake, day))
        return Contents(
            day,
            said,
            tuple(problems),
            news,
            tuple(people),
            coverage(con, settings, detectors, said["feeds"], day),
            {name: site.zone for name, site in settings.site.items()},
            {user: row["name"] for user, row in register.items() if row.get("name")},
            settings.workspace.day_starts,
            newest_change(con),
            _overdue(settings, lake, day),
            last_read(read_acts(lake), day),
        )


def _overdue(settings: Settings, lake: Lake, day: date) -> tuple[Mapping[str, Any], ...]:
    """A case of a separate recipient is not even counted on a page that all read."""
    apart = apart_of(settings)
    return tuple(
        row for row in casebook(lake, day) if row["overdue"] and row["user_id"] not in apart
    )


def _write_views(
    con: duckdb.DuckDBPyConnection, settings: Settings, lake: Lake, window: Window
) -> None:
    reach = Window(window.last - timedelta(days=settings.workspace.horizon), window.last)
    apart = apart_of(settings)
    view_shared(con, lake, apart, reach)
    view_shared(con, lake, apart, window, "recent_findings")
    for table in ("evidence", "risk", "windows", "feed_day"):
        lake.view(con, table, window)
    lake.view(con, "user_hour", _weeks(lake, window.last))
    lake.view(con, "loads")
    lake.view(con, "rejects")


def _weeks(lake: Lake, day: date) -> Window:
    """The days of the picture: half a year, or since there is anything to see."""
    first = day - timedelta(days=DAYS - 1)
    known: Sequence[date] = [known for known in lake.days("user_hour") if first <= known <= day]
    return Window(min(known, default=first), day)


def _register(settings: Settings) -> dict[str, Mapping[str, Any]]:
    people = read_tables(settings).get("people")
    rows = [] if people is None else people.to_dicts()
    return {row["user_id"]: row for row in rows}
