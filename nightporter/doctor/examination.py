"""The examination: the lake's recent days with context joined, seen by each part in turn.

Knows the lake and the order of sections, not what a part looks for.
"""

from collections.abc import Iterable
from datetime import date, timedelta

from nightporter import context
from nightporter.config import Settings
from nightporter.doctor.advice import SECTIONS, Advice
from nightporter.doctor.calendars import calendar_years, day_starts
from nightporter.doctor.clocks import odd_clocks
from nightporter.doctor.desks import desk_faults
from nightporter.doctor.registers import contested, missing_context
from nightporter.doctor.strangers import strangers
from nightporter.doctor.unmapped import matches
from nightporter.engine import session
from nightporter.lake import Lake
from nightporter.rules import Detector
from nightporter.schema import SOURCES
from nightporter.window import Window

# The past that tells summer from winter: it is read from counts, not from events.
HOURS_DAYS = 250


def examine(
    settings: Settings, lake: Lake, detectors: Iterable[Detector], days: int, today: date
) -> list[Advice]:
    """Return what is to be said of the newest `days` days of the lake, worst first."""
    tables = context.read_tables(settings)
    advice = [
        *missing_context(tables, detectors),
        *strangers(tables),
        *desk_faults(settings, tables),
        *calendar_years(settings, today),
    ]
    window = _newest(lake, days, today)
    if window is not None:
        with session() as con:
            for source in SOURCES:
                lake.view(con, source, window, f"raw_{source}")
            lake.view(con, "feed_hour", window.reaching_back(HOURS_DAYS))
            lake.view(con, "loads")
            context.write_views(con, settings, tables, window)
            advice += [
                *matches(con, tables),
                *contested(con),
                *odd_clocks(con, settings),
                *day_starts(con, settings),
            ]
    return sorted(advice, key=lambda each: (SECTIONS.index(each.section), -each.weight, each.about))


def _newest(lake: Lake, days: int, today: date) -> Window | None:
    """One stamp of the year 2031 must not hide this month; a lake wholly ahead is a rehearsal."""
    every = sorted({day for source in SOURCES for day in lake.days(source)})
    # Somewhere it is tomorrow already.
    known = [day for day in every if day <= today + timedelta(days=1)] or every
    return Window(known[-1], known[-1]).reaching_back(days - 1) if known else None
