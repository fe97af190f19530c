"""The derived tables of a night: presence, user_hour, user_day, seen, and those of the feeds.

Says the order in which they are made; each is made elsewhere.
"""

import duckdb

from nightporter.config import Settings
from nightporter.features.clocks import write_feed_clocks
from nightporter.features.counting import (
    write_counts,
    write_hour_counts,
    write_presence,
    write_sightings,
)
from nightporter.features.feeds import write_feed_days
from nightporter.features.gaps import write_feed_hours
from nightporter.features.habits import write_hours
from nightporter.features.hosts import write_host_days
from nightporter.features.novelty import write_seen
from nightporter.features.slow import write_slow
from nightporter.features.surprise import write_user_days
from nightporter.window import Window

# How far before the first scanned day the history of a baseline reaches.
HISTORY_DAYS = 120


def write(
    con: duckdb.DuckDBPyConnection,
    settings: Settings,
    window: Window,
    wanted: frozenset[str] | None = None,
) -> None:
    """Create the derived tables for the days of `window`.

    History comes from the views past_presence, past_user_day and past_first_seen of the
    connection, and from `loaded_days` for feeds; where one is missing there is none. `wanted` says
    which tables somebody will read; what only others need is left out.
    """
    if _any(wanted, "presence", "user_hour", "user_day", "user_slow", "seen"):
        write_presence(con, window)
    if _any(wanted, "user_hour"):
        write_hour_counts(con, window)
        write_hours(con, window)
    if _any(wanted, "user_day", "user_slow"):
        write_counts(con, window)
        write_user_days(con, window)
    if _any(wanted, "user_slow"):
        write_slow(con, window)
    if _any(wanted, "seen"):
        write_sightings(con, window)
        write_seen(con, window)
    if _any(wanted, "host_day"):
        write_host_days(con, window)
    if _any(wanted, "feed_day", "feed_hour"):
        write_feed_hours(con, window)
        write_feed_days(con, settings, window)
    if _any(wanted, "feed_clock"):
        write_feed_clocks(con, settings, window)


def _any(wanted: frozenset[str] | None, *tables: str) -> bool:
    return wanted is None or not wanted.isdisjoint(tables)
