"""The simulated days, and dates told by their distance from the end."""

from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

MON, TUE, WED, THU, FRI, SAT, SUN = range(7)
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True)
class Span:
    """`days` calendar days from `first`."""

    first: date
    days: int

    @property
    def last(self) -> date:
        return self.first + timedelta(days=self.days - 1)

    def back(self, weeks: int, weekday: int) -> date:
        """Return the weekday in the week that lies `weeks` before the last day's week."""
        monday = self.last - timedelta(days=self.last.weekday())
        return monday + timedelta(days=weekday - 7 * weeks)

    def number(self, day: date) -> int:
        """Return how many days after the first `day` lies."""
        return (day - self.first).days

    def between(self, first: date, last: date) -> list[date]:
        """Return the dates from `first` to `last`, both included, that lie in the span."""
        first, last = max(first, self.first), min(last, self.last)
        return [first + timedelta(days=n) for n in range((last - first).days + 1)]

    def frame(self) -> pl.DataFrame:
        """Return (day, n, week, weekday): n counts days, week counts Mondays, both from 0."""
        day = pl.date_range(self.first, self.last, eager=True).alias("day")
        offset = self.first.weekday()
        return pl.DataFrame({"day": day}).with_columns(
            n=pl.int_range(self.days, dtype=pl.Int64),
            week=(pl.int_range(self.days, dtype=pl.Int64) + offset) // 7,
            weekday=pl.col("day").dt.weekday().cast(pl.Int64) - 1,
        )


def easter(year: int) -> date:
    """Return Easter Sunday (Gregorian, by the anonymous algorithm of 1876)."""
    century, rest = divmod(year, 100)
    leap, quarter = divmod(century, 4)
    moon = (19 * (year % 19) + century - leap - (8 * century + 13) // 25 + 15) % 30
    sunday = (32 + 2 * quarter + 2 * (rest // 4) - moon - rest % 4) % 7
    shift = moon + sunday - 7 * ((year % 19 + 11 * moon + 22 * sunday) // 451) + 114
    return date(year, shift // 31, shift % 31 + 1)


def holidays(site: str, span: Span) -> list[date]:
    """Return the public holidays of the site's country that lie in the span."""
    days: list[date] = []
    for year in range(span.first.year, span.last.year + 1):
        sunday = easter(year)
        moving = {"HAV": (-2, 1, 39, 50), "REY": (-3, -2, 1, 39, 50)}[site]
        fixed = {"HAV": ((1, 1), (5, 1), (10, 3), (12, 25), (12, 26))}.get(
            site, ((1, 1), (5, 1), (6, 17), (12, 25), (12, 26))
        )
        days += [sunday + timedelta(days=n) for n in moving]
        days += [date(year, month, day) for month, day in fixed]
        if site == "REY":
            days.append(_first_summer_day(year))
    return sorted(day for day in days if span.first <= day <= span.last)


def _first_summer_day(year: int) -> date:
    """Return the Thursday between 19 and 25 April, a holiday in Iceland."""
    return next(day for n in range(19, 26) if (day := date(year, 4, n)).weekday() == THU)


def shutdowns(site: str, span: Span) -> list[date]:
    """Return the bridge days on which the house itself decided to close."""
    free = holidays(site, span)
    bridges = [day + timedelta(days=1) for day in free if day.weekday() == THU]
    return [day for day in bridges if day not in free and day <= span.last]


def workdays(site: str, span: Span, first: date, many: int) -> list[date]:
    """Return the first `many` working days of a site from `first` on."""
    free = {*holidays(site, span), *shutdowns(site, span)}
    days = span.between(first, span.last)
    return [day for day in days if day.weekday() < SAT and day not in free][:many]
