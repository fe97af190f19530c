"""The night's book: one DuckDB file that holds all a scan reads.

Events of the scanned days with context joined, and the derived tables with their history,
are written once; detectors then read the file from a locked process. Knows the lake,
context and features; knows no detector.
"""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import duckdb
import polars as pl

from nightporter import context, features
from nightporter.config import Settings
from nightporter.context.whereabouts import LOGON_DAYS, READ_DAYS
from nightporter.desk import confirmed, read_acts
from nightporter.engine import SORTED_ASOF
from nightporter.lake import Lake
from nightporter.schema import SOURCES
from nightporter.window import Window

# How far back an action counts as one that a source can show.
ACTION_DAYS = 35


@dataclass(frozen=True)
class Reach:
    """How many days before the window each kind of table must hold; `derived` is any other.

    `user_day` counts for every feature; `features` are those that must reach back further.
    `columns` (source, column) are those of which it is asked whether a log gives them at all.
    """

    access: int = 0
    usb: int = 0
    badge: int = 0
    whereabouts: int = 0
    user_day: int = 0
    user_slow: int = 0
    host_day: int = 0
    derived: int = 0
    features: Mapping[str, int] = field(default_factory=dict)
    columns: frozenset[tuple[str, str]] = frozenset()

    @property
    def furthest_user_day(self) -> int:
        return max(self.user_day, *self.features.values(), 0)


def write_book(
    path: Path,
    settings: Settings,
    lake: Lake,
    window: Window,
    reach: Reach,
    detector_sources: pl.DataFrame,
) -> None:
    """Write the book of `window` to `path`, in the place of whatever was there.

    `detector_sources` is copied as it is: a book knows no detector.
    """
    write_events(path, settings, lake, window, reach, detector_sources)
    write_features(path, settings, lake, window, reach)


def write_events(
    path: Path,
    settings: Settings,
    lake: Lake,
    window: Window,
    reach: Reach,
    detector_sources: pl.DataFrame,
) -> None:
    """Begin the book of `window` with its events, context joined, and the context tables."""
    path.unlink(missing_ok=True)
    tables = context.read_tables(settings)
    # The calendar is also that of the past weeks by which a feed's silence is judged.
    back = max(
        reach.access,
        reach.usb,
        reach.badge,
        reach.whereabouts + READ_DAYS,
        reach.furthest_user_day,
        reach.user_slow,
        reach.host_day,
        reach.derived,
        features.HISTORY_DAYS,
    )
    with _opened(path) as con:
        _write_raw(con, lake, window, reach)
        context.write_views(con, settings, tables, window.reaching_back(back))
        _write_shown(con, lake, window, reach.columns)
        write_sources(con, detector_sources)
        _write_lateness(con, settings)


def write_features(
    path: Path, settings: Settings, lake: Lake, window: Window, reach: Reach
) -> None:
    """Add what is counted of the events, and as much of its past as `reach` says."""
    with _opened(path) as con:
        _write_history(con, lake, window, reach)
        _write_kept(con, lake, window, reach)
        _write_sums(con, lake, window, reach.user_slow)
        _write_confirmed(con, lake)
        features.write(con, settings, window)


@contextmanager
def _opened(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(path)) as con:
        con.execute("SET timezone = 'UTC'")
        con.execute("SET preserve_insertion_order = false")
        con.execute(f"SET {SORTED_ASOF}")
        yield con
        # Views over the lake's files would not outlive its next compaction.
        for (view,) in con.execute(
            "SELECT view_name FROM duckdb_views() WHERE NOT internal"
        ).fetchall():
            con.execute(f'DROP VIEW "{view}"')


def _write_raw(con: duckdb.DuckDBPyConnection, lake: Lake, window: Window, reach: Reach) -> None:
    """Reads and logons reach back as far as the whereabouts that are read rest on them."""
    badge = max(reach.badge, reach.whereabouts + READ_DAYS)
    access = max(reach.access, reach.whereabouts + LOGON_DAYS)
    lake.view(con, "badge", window.reaching_back(badge), "raw_badge")
    lake.view(con, "usb", window.reaching_back(reach.usb), "raw_usb")
    lake.view(con, "access", window.reaching_back(access), "all_access")
    asked = window.reaching_back(reach.access).first
    con.execute(
        f"""CREATE VIEW raw_access AS FROM all_access
        WHERE day >= DATE '{asked}' OR action IN ('logon', 'unlock')"""
    )


def _write_history(
    con: duckdb.DuckDBPyConnection, lake: Lake, window: Window, reach: Reach
) -> None:
    past = window.reaching_back(max(features.HISTORY_DAYS, reach.derived))
    lake.view(con, "presence", past, "past_presence")
    lake.view(con, "feed_hour", past, "past_feed_hour")
    lake.view(con, "user_day", window.reaching_back(features.HISTORY_DAYS), "past_user_day")
    owned = window.reaching_back(max(features.OWNED_DAYS, reach.host_day))
    lake.view(con, "host_day", owned, "past_host_day")
    lake.view(con, "first_seen", None, "past_first_seen")
    _write_loads(con, lake)


def _write_loads(con: duckdb.DuckDBPyConnection, lake: Lake) -> None:
    """What was loaded by feed and day, and of what no day is known. A file that grew, and now
    holds all events of before as duplicates, holds the refused lines of before once more."""
    lake.view(con, "loads", None, "every_load")
    con.execute(
        """CREATE OR REPLACE TABLE all_loads AS
        SELECT feed, days, ingested_at, rejected - CASE
            WHEN bytes > lag(bytes) OVER ago
                AND lag(accepted + duplicates) OVER ago BETWEEN 1 AND duplicates
            THEN least(rejected, lag(rejected) OVER ago) ELSE 0 END AS rejected
        FROM every_load
        WINDOW ago AS (PARTITION BY feed, path ORDER BY ingested_at, bytes)"""
    )
    con.execute(
        """CREATE OR REPLACE VIEW loaded_days AS
        SELECT feed, d.site, d.day, sum(d.events)::BIGINT AS events,
            sum(CASE WHEN nth = 1 THEN rejected ELSE 0 END)::BIGINT AS rejects,
            max(ingested_at) AS loaded_at
        FROM (
            SELECT feed, rejected, ingested_at, unnest(days) AS d,
                generate_subscripts(days, 1) AS nth
            FROM all_loads
        ) GROUP BY ALL"""
    )
    con.execute(
        """CREATE OR REPLACE VIEW dayless_loads AS
        SELECT feed, rejected AS rejects, ingested_at AS loaded_at
        FROM all_loads WHERE len(days) = 0"""
    )


def _write_kept(con: duckdb.DuckDBPyConnection, lake: Lake, window: Window, reach: Reach) -> None:
    """What is copied of the largest table of the past: each feature as far as somebody looks
    back on it, so that one rare feature over months does not bring the daily ones along."""
    furthest = window.reaching_back(reach.furthest_user_day)
    lake.view(con, "user_day", furthest, "all_user_day")
    backs = ((f.name, reach.features.get(f.name, 0)) for f in features.FEATURES)
    since = ", ".join(
        f"('{name}', DATE '{window.reaching_back(max(days, reach.user_day)).first}')"
        for name, days in backs
    )
    con.execute(
        f"""CREATE OR REPLACE VIEW kept_user_day AS
        FROM all_user_day AS u SEMI JOIN (VALUES {since}) AS k(feature, since)
        ON u.feature = k.feature AND u.day >= k.since"""
    )


def _write_confirmed(con: duckdb.DuckDBPyConnection, lake: Lake) -> None:
    """Which days verdicts called malicious, and on which scans that was known."""
    con.execute(f"CREATE OR REPLACE TEMP TABLE {features.CONFIRMED}")
    rows = [
        (span.user_id, day, span.since, span.until)
        for span in confirmed(read_acts(lake))
        for day in span.days
    ]
    if rows:
        con.executemany("INSERT INTO confirmed VALUES (?, ?, ?, ?)", rows)


def _write_sums(con: duckdb.DuckDBPyConnection, lake: Lake, window: Window, days: int) -> None:
    """The running sums that `window` goes on from: a few days, however long the history is."""
    lake.view(con, "user_slow", window.reaching_back(days), "past_user_slow")
    known = features.slow_days(window, lake.days("slow_total"))
    lake.view(con, "slow_total", known, "past_slow_total")
    # Habits are kept of some days only: those since are added to the newest again.
    before = [day for day in lake.days("hour_habit") if day < window.first]
    counted = [day for day in lake.days("user_hour") if day < window.first]
    lake.view(con, "hour_habit", set(before[-1:]), "past_hour_habit")
    since = {day for day in counted if not before or day > before[-1]}
    lake.view(con, "user_hour", since, "past_user_hour")


def _write_shown(
    con: duckdb.DuckDBPyConnection,
    lake: Lake,
    window: Window,
    columns: Collection[tuple[str, str]],
) -> None:
    """`actions_shown` (source, action), and of `columns` in `columns_shown` (source, column): what
    each source has given lately, so that a log that never says `write`, or no label, is not taken
    for a site where nobody writes. What labels.csv gives counts as given."""
    for source in SOURCES:
        lake.view(con, source, window.reaching_back(ACTION_DAYS), f"lately_{source}")
    union = " UNION ".join(f"SELECT '{s}' AS source, action FROM lately_{s}" for s in SOURCES)
    con.execute(f"CREATE TABLE actions_shown AS {union}")
    con.execute('CREATE TABLE columns_shown (source VARCHAR, "column" VARCHAR)')
    for source, column in sorted(columns):
        labels = "UNION ALL SELECT label FROM labels" if column == "label" else ""
        con.execute(
            f"""INSERT INTO columns_shown SELECT '{source}', '{column}' WHERE EXISTS (
                FROM (SELECT "{column}" AS given FROM lately_{source} {labels})
                WHERE given IS NOT NULL)"""
        )


def write_sources(con: duckdb.DuckDBPyConnection, detector_sources: pl.DataFrame) -> None:
    """Create `detector_sources`, what each detector stands on."""
    con.register("sources", detector_sources.to_arrow())
    con.execute("CREATE TABLE detector_sources AS FROM sources")
    con.unregister("sources")


def _write_lateness(con: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """`lateness` (feed, days): how long a day's log may take to come."""
    con.execute("CREATE TABLE lateness (feed VARCHAR, days INTEGER)")
    for feed in settings.feed:
        con.execute("INSERT INTO lateness VALUES (?, ?)", [feed.name, settings.lateness(feed.name)])


def commit_features(path: Path, lake: Lake, window: Window) -> dict[date, int]:
    """Store the book's derived rows of `window` in the lake; return user_day rows by day."""
    between = f"day BETWEEN DATE '{window.first}' AND DATE '{window.last}'"
    with duckdb.connect(str(path), read_only=True) as con:
        con.execute("SET timezone = 'UTC'")
        for table, source in (
            ("presence", "presence"),
            ("user_day", "user_day"),
            ("user_hour", "user_hour"),
            ("hour_habit", "hour_habit"),
            ("user_slow", "user_slow"),
            ("slow_total", "slow_total"),
            ("first_seen", "first_sightings"),
            ("host_day", "host_day"),
            ("feed_day", "feed_day"),
            ("feed_hour", "feed_hour"),
        ):
            rows = con.sql(f"SELECT * FROM {source} WHERE {between} ORDER BY ALL").pl()
            lake.replace_days(table, rows, window)
        counts = con.execute(f"SELECT day, count(*) FROM user_day WHERE {between} GROUP BY day")
        return dict(counts.fetchall())


def readable(path: Path) -> duckdb.DuckDBPyConnection:
    """Open the book for reading, in UTC."""
    con = duckdb.connect(str(path), read_only=True)
    con.execute("SET timezone = 'UTC'")
    con.execute(f"SET {SORTED_ASOF}")
    return con
