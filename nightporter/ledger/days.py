"""Days that have ended, and how many events each feed has brought of each.

Knows clocks and the table of loads; not what any stage made of a day.
"""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from nightporter.config import Settings
from nightporter.engine import session
from nightporter.lake import Lake

# Events by day and feed.
Delivered = dict[date, dict[str, int]]


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


def delivered(lake: Lake) -> Delivered:
    """Return how many events of each day the lake holds by feed, from the ledger of loads."""
    found: Delivered = {}
    with session() as con:
        lake.view(con, "loads")
        rows = con.execute(
            """SELECT d.day, feed, sum(d.events)::BIGINT
            FROM (SELECT feed, unnest(days) AS d FROM loads) GROUP BY ALL ORDER BY ALL"""
        ).fetchall()
    for day, feed, events in rows:
        found.setdefault(day, {})[feed] = events
    return found


def events_by_day(lake: Lake) -> dict[date, int]:
    """Return how many events of each day the lake holds."""
    return {day: sum(feeds.values()) for day, feeds in delivered(lake).items()}
