"""What kind of day it is at each site, and when each person is expected at work.

Knows weekends, public holidays, make-up days, declared days, shifts and absences; not events.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

import duckdb
import polars as pl

from nightporter.config import WEEKDAYS, Settings, Site, fault
from nightporter.errors import did_you_mean
from nightporter.window import Window

# Who went home when is asked of the days around the window, and what is usual of eight weeks:
# the same slack whatever is scanned, so that no answer depends on who asks.
BEFORE, AFTER = timedelta(days=60), timedelta(days=14)

# Where a feed names no site: an ordinary week, so that off_hours is never NULL.
NOWHERE = Site(zone="UTC")


def sites(settings: Settings) -> dict[str, Site]:
    """Return every site by name; the nameless one stands for feeds that name none."""
    return {"": NOWHERE, **settings.site}


def write_calendar(con: duckdb.DuckDBPyConnection, settings: Settings, window: Window) -> None:
    """Create `site_days`, `schedule` and `on_shift`, in wall-clock time of the site.

    site_days(site, day, day_type): a declared day in calendar.csv beats a holiday, a holiday
    beats a weekend. schedule(who, starts, ends, next_starts): when a site or a person is at
    work. on_shift(user_id, since, until): when a person has a pattern of own hours.
    """
    reach = Window(window.first - BEFORE, window.last + AFTER)
    frame = pl.DataFrame(
        [
            (name, day, kind)
            for name, site in sites(settings).items()
            for day, kind in _days(settings, name, site, reach)
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


def public_holidays(
    settings: Settings, name: str, years: Iterable[int], language: str | None = None
) -> Any:
    """Return the public holidays of the site `name`, None where it names no country.

    Raises ConfigError for a country, or a part of one, that nobody knows.
    """
    site = sites(settings)[name]
    if site.country is None:
        return None
    # Half as long to import as all else: the child in which detectors run needs no calendar.
    import holidays

    country, part = site.country, site.subdivision
    try:
        return holidays.country_holidays(country, subdiv=part, years=years, language=language)
    except NotImplementedError:
        parts = holidays.list_supported_countries().get(country)
    if parts is None:
        message, hint = f"no country is called {country!r}", 'ISO 3166 writes "DE", "CN", "GB"'
        raise fault(settings, message, "site", name, "country", hint=hint)
    message, hint = f"{country} has no part {part!r}", did_you_mean(str(part), parts)
    raise fault(settings, message, "site", name, "subdivision", hint=hint)


def _days(settings: Settings, name: str, site: Site, window: Window) -> list[tuple[date, str]]:
    known = public_holidays(settings, name, range(window.first.year, window.last.year + 1))
    make_up: set[date] = getattr(known, "weekend_workdays", set())

    def kind(day: date) -> str:
        if day in make_up:
            return "make_up"
        if known is not None and day in known:
            return "holiday"
        return "weekend" if WEEKDAYS[day.weekday()] in site.weekend else "workday"

    return [(day, kind(day)) for day in window]


def _write_schedule(con: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """A shift counts for the date on which it starts, and runs past midnight when it must.

    A shift is worked on holidays, too: that is what a pattern of one's own is for.
    """
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
    con.execute(f"CREATE OR REPLACE TABLE on_shift AS {_merged(_SHIFT_DATES, 'user_id')}")
    con.execute(
        f"""CREATE OR REPLACE TABLE schedule AS
        SELECT who, since AS starts, until AS ends,
            lead(since) OVER (PARTITION BY who ORDER BY since) AS next_starts
        FROM ({_merged(_AT_WORK, "who")})"""
    )
    con.unregister("site_hours")


def _merged(spans: str, key: str) -> str:
    """Return SQL that joins overlapping spans (key, since, until) into one each."""
    return f"""
    SELECT {key}, min(since) AS since, max(until) AS until
    FROM (
        SELECT *, sum(starts::INTEGER) OVER (PARTITION BY {key} ORDER BY since, until) AS nth
        FROM (
            SELECT *, coalesce(since > max(until) OVER (
                PARTITION BY {key} ORDER BY since, until
                ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
            ), true) AS starts
            FROM ({spans})
        )
    ) GROUP BY {key}, nth"""


# A shift that is worked past midnight reaches into the day after the last one of its dates.
_SHIFT_DATES = """
    SELECT user_id, valid_from AS since,
        CASE WHEN valid_to > TIMESTAMP '9000-01-01' THEN valid_to
            WHEN "end" <= "start" THEN valid_to::DATE + "end" ELSE valid_to END AS until
    FROM shifts"""

_SPANS = """
    SELECT 'site:' || d.site AS who, d.day,
        CASE d.day_type WHEN 'short' THEN h.short_opens ELSE h.opens END::TIME AS opens,
        CASE d.day_type WHEN 'short' THEN h.short_closes ELSE h.closes END::TIME AS closes
    FROM site_days AS d JOIN site_hours AS h USING (site)
    WHERE d.day_type IN ('workday', 'make_up', 'short')
    UNION ALL
    SELECT 'user:' || s.user_id, d.day, s."start", s."end"
    FROM shifts AS s
    JOIN (SELECT DISTINCT day FROM site_days) AS d
      ON s.weekday = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'][isodow(d.day)]
     AND d.day >= s.valid_from::DATE AND d.day < s.valid_to::DATE
    WHERE NOT EXISTS (
        FROM absences AS a
        WHERE a.user_id = s.user_id AND d.day >= a."from"::DATE AND d.day < a."to"::DATE
    )"""

_AT_WORK = f"""
    SELECT who, day + opens AS since,
        CASE WHEN closes > opens THEN day + closes ELSE day + 1 + closes END AS until
    FROM ({_SPANS})"""
