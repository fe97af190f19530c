"""How a workspace stands: its days, its feeds, and the windows that are not as they should be.

Reads the lake and changes nothing; knows neither a terminal nor what to do about it.
"""

from datetime import UTC, date, datetime
from typing import Any

import duckdb
import polars as pl

from nightporter.config import Settings
from nightporter.engine import session
from nightporter.lake import Lake
from nightporter.ledger import events_by_day, last_ended_day
from nightporter.window import Window
from nightporter.workspace import findings_file


def standing(settings: Settings, lake: Lake, as_of: datetime) -> dict[str, Any]:
    """Return days, feeds, and windows that are failed, waiting, stale or not evaluated."""
    counts = events_by_day(lake)
    scanned = lake.days("windows")
    last = last_ended_day(settings, as_of)
    begun = scanned[-1] if scanned else None
    windows = _windows(lake)
    return {
        "lake": lake.uri,
        "findings": str(findings_file(settings)),
        "as_of": as_of.astimezone(UTC),
        "events": sum(counts.values()),
        "days_with_events": len(counts),
        "first_day": min(counts, default=None),
        "last_day": max(counts, default=None),
        "last_ended_day": last,
        "scanned_to": begun,
        "days_to_scan": sum(day <= last and (begun is None or day > begun) for day in counts),
        "feeds": _feeds(settings, lake, begun, as_of),
        **{
            status: [row for row in windows if row["status"] == status]
            for status in ("failed", "waiting", "stale", "not_evaluated")
        },
    }


def _windows(lake: Lake) -> list[dict[str, Any]]:
    """One row a status and reason, with the stages and days that it holds up."""
    with session() as con:
        lake.view(con, "windows")
        return _rows(
            con,
            """SELECT status, reason, count(DISTINCT day) AS days, min(day) AS first_day,
                max(day) AS last_day, list(DISTINCT stage ORDER BY stage) AS stages
            FROM windows WHERE status <> 'done' GROUP BY status, reason
            ORDER BY days DESC, last_day DESC, reason""",
        )


def _feeds(
    settings: Settings, lake: Lake, newest: date | None, as_of: datetime
) -> list[dict[str, Any]]:
    """One row a configured feed: what it brought last and when, and whether it is silent."""
    with session() as con:
        lake.view(con, "loads")
        lake.view(con, "feed_day", Window(newest, newest) if newest else ())
        known = {row["feed"]: row for row in _rows(con, _FEEDS, as_of=as_of)}
    moment = as_of.astimezone(UTC)
    found = []
    for feed in settings.feed:
        row = {**_NOTHING, **known.get(feed.name, {})}
        behind = (moment - row["last_event"]).days if row["last_event"] else None
        found.append(
            {"feed": feed.name, "source": feed.source, "lateness": settings.lateness(feed.name),
             "days_behind": behind, **row}
        )  # fmt: skip
    return sorted(found, key=lambda row: (not row["silent"], -(row["days_behind"] or 0)))


_NOTHING: dict[str, Any] = {
    "last_event": None, "last_file": None, "loaded_at": None, "files": 0, "events": 0,
    "rejected": 0, "silent": True, "silent_sites": [],
}  # fmt: skip

# A stamp of the future must not keep a feed from being overdue.
_FEEDS = """
    WITH brought AS (
        SELECT feed,
            coalesce(max(last_ts) FILTER (last_ts <= $as_of), max(last_ts)) AS last_event,
            arg_max(path, (ingested_at, path)) AS last_file,
            max(ingested_at) AS loaded_at, count(*) AS files,
            sum(accepted)::BIGINT AS events, sum(rejected)::BIGINT AS rejected
        FROM loads GROUP BY feed
    ),
    heard AS (
        SELECT feed, bool_or(silent) AS silent,
            coalesce(list(site ORDER BY site) FILTER (silent AND site <> ''), []) AS silent_sites
        FROM feed_day GROUP BY feed
    )
    SELECT b.*, coalesce(h.silent, false) AS silent, coalesce(h.silent_sites, []) AS silent_sites
    FROM brought AS b LEFT JOIN heard AS h USING (feed)"""


def _rows(con: duckdb.DuckDBPyConnection, sql: str, **given: datetime) -> list[dict[str, Any]]:
    frame: pl.DataFrame = con.sql(sql, params=given or None).pl()
    return frame.to_dicts()
