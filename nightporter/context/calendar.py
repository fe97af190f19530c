"""What kind of day it is at each site, and when each person is expected at work.

Knows weekends, public holidays, make-up days, declared days, shifts and absences; not events.
"""

from datetime import date, timedelta

import duckdb
import holidays
import polars as pl

from nightporter.config import WEEKDAYS, Settings, Site
from nightporter.window import Window

# Where a feed names no site: an ordinary week, so that off_hours is never NULL.
NOWHERE = Site(zone="UTC")


def sites(settings: Settings) -> dict[str, Site]:
    """Return every site by name; the nameless one stands for feeds that name none."""
    return {"": NOWHERE, **settings.site}


def write_calendar(con: duckdb.DuckDBPyConnection, settings: Settings, window: Window) -> None:
    """Create `site_days` (site, day, day_type) and `schedule` (who, starts, ends, next_starts).

    Both cover `window` and hold wall-clock values of the site. A declared day in calendar.csv
    beats a holiday, a holiday beats a weekend.
    """
    reach = Window(window.first - timedelta(days=1), window.last + timedelta(days=1))
    frame = pl.DataFrame(
        [
            (name, day, kind)
            for name, site in sites(settings).items()
            for day, kind in _days(site, reach)
        ],
        schema={"site": pl.String, "day": pl.Date, "day_type": pl.String},
        orient="row",
    )
    con.register("computed_days", frame.to_arrow())
    con.execute(
        """CREATE OR REPLACE TABLE site_days AS
        SELECT c.site, c.day, coalesce(d.day_type, c.day_type) AS day_type
        FROM computed_days AS c LEFT JOIN calendar AS d ON d.site = c.site AND d.day = c.day"""
    )
    con.unregister("computed_days")
    _write_schedule(con, settings)


def _days(site: Site, window: Window) -> list[tuple[date, str]]:
    years = range(window.first.year, window.last.year + 1)
    known = None
    if site.country:
        known = holidays.country_holidays(site.country, subdiv=site.subdivision, years=years)
    make_up: set[date] = getattr(known, "weekend_workdays", set())

    def kind(day: date) -> str:
        if day in make_up:
            return "make_up"
        if known is not None and day in known:
            return "holiday"
        return "weekend" if WEEKDAYS[day.weekday()] in site.weekend else "workday"

    return [(day, kind(day)) for day in window]


def _write_schedule(con: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """A shift counts for the date on which it starts, and runs past midnight when it must."""
    hours = pl.DataFrame(
        [
            (name, *site.hours, *(site.short_hours or site.hours))
            for name, site in sites(settings).items()
        ],
        schema={
            "site": pl.String,
            "opens": pl.Time,
            "closes": pl.Time,
            "short_opens": pl.Time,
            "short_closes": pl.Time,
        },
        orient="row",
    )
    con.register("site_hours", hours.to_arrow())
    con.execute(_SCHEDULE)
    con.unregister("site_hours")


_SCHEDULE = """
    CREATE OR REPLACE TABLE schedule AS
    WITH site_spans AS (
        SELECT 'site:' || d.site AS who, d.day,
            CASE d.day_type WHEN 'short' THEN h.short_opens ELSE h.opens END::TIME AS opens,
            CASE d.day_type WHEN 'short' THEN h.short_closes ELSE h.closes END::TIME AS closes
        FROM site_days AS d JOIN site_hours AS h USING (site)
        WHERE d.day_type IN ('workday', 'make_up', 'short')
    ),
    shift_spans AS (
        SELECT DISTINCT 'user:' || s.user_id AS who, d.day,
            s."start" AS opens, s."end" AS closes
        FROM shifts AS s
        JOIN (SELECT DISTINCT day FROM site_days) AS d
          ON s.weekday = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'][isodow(d.day)]
         AND d.day >= s.valid_from::DATE AND d.day < s.valid_to::DATE
        WHERE NOT EXISTS (
            FROM absences AS a
            WHERE a.user_id = s.user_id AND d.day >= a."from"::DATE AND d.day < a."to"::DATE
        )
    ),
    spans AS (SELECT * FROM site_spans UNION ALL SELECT * FROM shift_spans)
    SELECT who, day + opens AS starts,
        CASE WHEN closes > opens THEN day + closes ELSE day + 1 + closes END AS ends,
        lead(starts) OVER (PARTITION BY who ORDER BY starts) AS next_starts
    FROM spans"""
