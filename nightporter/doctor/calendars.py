"""Years and hours: what the calendar does not know, and when each site's day had best begin."""

from collections.abc import Iterator
from datetime import date

import duckdb

from nightporter.config import Settings
from nightporter.context.calendar import public_holidays
from nightporter.doctor.advice import Advice

# So much busier than the quietest hour may the hour around day_starts be.
TIMES_BUSIER, EVENTS_BUSIER = 2, 10


def calendar_years(settings: Settings, today: date) -> Iterator[Advice]:
    """Yield sites without public holidays, this year or next, and holidays that are estimates."""
    for name, site in settings.site.items():
        if site.country is None:
            yield Advice(
                "calendar", f"site {name}", "no country: it has no public holidays",
                f"give [site.{name}] country, or declare the days in context/calendar.csv",
            )  # fmt: skip
            continue
        for year in (today.year, today.year + 1):
            yield from _year(settings, name, site.country, year)


def _year(settings: Settings, site: str, country: str, year: int) -> Iterator[Advice]:
    known = public_holidays(settings, site, (year,), language="en_US")
    guessed = sorted(day for day, said in known.items() if "estimated" in said.lower())
    made_up = [_make_up_days(settings, site, each) for each in (year - 1, year)]
    if not known:
        yield Advice(
            "calendar",
            f"site {site}",
            f"the holidays of {country} in {year} are not known",
            "renew the package holidays, or declare the days in context/calendar.csv",
            weight=2,
        )
    elif made_up[0] and not made_up[1]:
        yield Advice(
            "calendar",
            f"site {site}",
            f"{country} had make-up working days in {year - 1}, and none are known for {year}",
            "renew the package holidays when they are announced, or declare them"
            " in context/calendar.csv",
            weight=1,
        )
    if guessed:
        days = ", ".join(map(str, guessed))
        yield Advice(
            "calendar",
            f"site {site}",
            f"{len(guessed)} holidays of {country} in {year} are estimates: {days}",
            "declare the true days in context/calendar.csv when they are announced",
            weight=1,
        )


def _make_up_days(settings: Settings, site: str, year: int) -> set[date]:
    known = public_holidays(settings, site, (year,))
    days: set[date] = getattr(known, "weekend_workdays", None) or set()
    return {day for day in days if day.year == year}


def day_starts(con: duckdb.DuckDBPyConnection, settings: Settings) -> Iterator[Advice]:
    """Yield the quietest hour of each site, by what people did in and around each hour."""
    union = " UNION ALL ".join(
        f"SELECT site, hour(local_ts) AS hour FROM {source} WHERE NOT automated AND site <> ''"
        for source in ("access", "usb", "badge")
    )
    rows = con.execute(f"SELECT site, hour, count(*) FROM ({union}) GROUP BY ALL").fetchall()
    for site in sorted({site for site, _, _ in rows} & set(settings.site)):
        counts = {hour: n for where, hour, n in rows if where == site}
        now = settings.day_starts(site).hour
        around = {h: sum(counts.get((h + d) % 24, 0) for d in (-1, 0)) for h in range(24)}
        best = min(around, key=lambda h: (around[h], min((h - now) % 24, (now - h) % 24), h))
        if around[now] > TIMES_BUSIER * around[best] + EVENTS_BUSIER:
            yield Advice(
                "day starts", f"site {site}",
                f"around {best:02}:00 people do least ({around[best]} events in two hours), around"
                f" {now:02}:00 they do {around[now]}",
                f'set day_starts = "{best:02}:00" in [site.{site}]', "possible",
            )  # fmt: skip
        else:
            yield Advice(
                "day starts", f"site {site}",
                f"{now:02}:00 is as quiet as any hour ({around[now]} events around it)",
                "leave day_starts as it is", weight=-1,
            )  # fmt: skip
