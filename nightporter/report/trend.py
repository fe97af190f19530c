"""How somebody's risk went in the last two weeks: a scanned day without a row had none."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import duckdb

from nightporter.window import Window

DAYS = 14
# Within so much of what it was, a risk has not moved.
_STEADY = 0.1


@dataclass(frozen=True)
class Trend:
    """The risk of each day up to `last`: `DAYS`, or as many as were scanned."""

    last: date
    risks: tuple[float, ...]

    @property
    def bars(self) -> list[float]:
        """Each day's share of the highest, 0 to 1."""
        most = max(self.risks) or 1.0
        return [risk / most for risk in self.risks]

    @property
    def word(self) -> str:
        """Return rising, falling or steady: the newer half's highest against the older one's.

        One day alone is steady.
        """
        half = max(1, len(self.risks) // 2)
        was, now = max(self.risks[:half]), max(self.risks[half:] or self.risks)
        if abs(now - was) <= _STEADY * max(was, now):
            return "steady"
        return "rising" if now > was else "falling"

    @property
    def highest(self) -> date:
        """The newest day of the highest risk."""
        at = max(range(len(self.risks)), key=lambda n: (self.risks[n], n))
        return self.last - timedelta(days=len(self.risks) - 1 - at)


def trend_days(first_scanned: date, last: date) -> Window:
    """Return the days of a trend that ends on `last`: before the first scan no risk is known."""
    return Window(max(first_scanned, last - timedelta(days=DAYS - 1)), last)


def trends(con: duckdb.DuckDBPyConnection, users: Sequence[str], days: Window) -> dict[str, Trend]:
    """Return the trend of each of `users` over `days` from the view `risk`."""
    found: dict[str, list[float]] = {user: [0.0] * len(days) for user in users}
    for user, day, risk in con.execute(_RISKS, [list(users), days.first, days.last]).fetchall():
        found[user][(day - days.first).days] = risk
    return {user: Trend(days.last, tuple(risks)) for user, risks in found.items()}


_RISKS = """
    SELECT user_id, day, risk FROM risk
    SEMI JOIN (SELECT unnest($1::VARCHAR[]) AS user_id) USING (user_id)
    WHERE day BETWEEN $2 AND $3"""
