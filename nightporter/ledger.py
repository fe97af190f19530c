"""The ledger of windows: which stage has seen which day, and what is left to do.

Knows days, versions and counts of events; not what a stage does with them.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import duckdb
import polars as pl

from nightporter.config import Settings
from nightporter.errors import UsageError
from nightporter.lake import Lake
from nightporter.schema import TABLES
from nightporter.window import Window

FEATURES = "features"
FAILED = ("", -1)


@dataclass(frozen=True)
class Plan:
    """What a run has to do: a window for each stage that has any, and what is stale.

    `stale` counts, by stage, the done days that a newer version or late data has overtaken
    but that lie too far back to be re-opened by themselves.
    """

    windows: dict[str, Window]
    stale: dict[str, int]

    @property
    def window(self) -> Window | None:
        if not self.windows:
            return None
        spans = self.windows.values()
        return Window(min(span.first for span in spans), max(span.last for span in spans))


def last_ended_day(settings: Settings, as_of: datetime) -> date:
    """Return the newest business day that has ended at every site."""
    clocks = [(site.zone, settings.day_starts(name)) for name, site in settings.site.items()]
    for feed in settings.feed:
        if feed.site is None and feed.site_column is None:
            # Stamps that carry their own offset may come from anywhere: the last place on earth.
            clocks.append((feed.zone or "Etc/GMT+12", settings.workspace.day_starts))
    ended = []
    for zone, starts in clocks or [("UTC", settings.workspace.day_starts)]:
        wall = as_of.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        ended.append((wall - timedelta(hours=starts.hour, minutes=starts.minute)).date())
    return min(ended) - timedelta(days=1)


def events_by_day(lake: Lake) -> dict[date, int]:
    """Return how many events of each day the lake holds, from the ledger of loads."""
    with duckdb.connect() as con:
        con.execute("SET timezone = 'UTC'")
        lake.view(con, "loads")
        rows = con.execute(
            """SELECT d.day, sum(d.events)::BIGINT FROM (SELECT unnest(days) AS d FROM loads)
            GROUP BY ALL ORDER BY ALL"""
        ).fetchall()
    return dict(rows)


def plan(
    settings: Settings,
    lake: Lake,
    as_of: datetime,
    versions: dict[str, str],
    asked: date | None = None,
) -> Plan:
    """Return what is left to do by `as_of`: new, failed, late and re-versioned days.

    A stage's window is one run of days, from its earliest open day to the last ended one, so
    that days after a late one are seen again too. `asked` is where it starts for every stage,
    whatever the ledger says.
    """
    last = last_ended_day(settings, as_of)
    counts = {day: n for day, n in events_by_day(lake).items() if day <= last}
    first = max(min(counts, default=last), last - timedelta(days=settings.workspace.horizon))
    if not counts or last < first:
        return Plan({}, {})
    if asked is not None:
        if not first <= asked <= last:
            raise UsageError(
                f"{asked} lies outside {first} to {last}, the days that can be scanned"
            )
        return Plan(dict.fromkeys(versions, Window(asked, last)), {})
    recent = last - timedelta(days=settings.workspace.lateness)
    done = _done(lake)
    windows, stale = {}, {}
    for stage, version in versions.items():
        mine = done.get(stage, {})
        begun = min(mine, default=first)
        due = {
            day: day > recent or (day >= begun and mine.get(day, FAILED) == FAILED)
            for day in Window(first, last)
            if mine.get(day) != (version, counts.get(day, 0))
        }
        if True in due.values():
            windows[stage] = Window(min(day for day, now in due.items() if now), last)
        if False in due.values():
            stale[stage] = sum(not now for now in due.values())
    return Plan(windows, stale)


def _done(lake: Lake) -> dict[str, dict[date, tuple[str, int]]]:
    """Return (version, events seen) by stage and day; a failed one has seen nothing."""
    rows = lake.read("windows").select("stage", "day", "version", "events", "status")
    done: dict[str, dict[date, tuple[str, int]]] = {}
    for stage, day, version, events, status in rows.iter_rows():
        seen = FAILED if status == "failed" else (version, events)
        done.setdefault(stage, {})[day] = seen
    return done


def record(lake: Lake, rows: pl.DataFrame) -> None:
    """Replace the ledger's rows for the stages and days in `rows`, in one commit."""
    days = rows["day"]
    window = Window(days.min(), days.max())  # type: ignore[arg-type]
    kept = lake.read("windows", window).join(rows, on=["stage", "day"], how="anti")
    columns = list(TABLES["windows"].columns)
    together = pl.concat([kept.select(columns), rows.select(columns)], how="vertical_relaxed")
    lake.replace_days("windows", together.sort("day", "stage"), window)
