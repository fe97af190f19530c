"""Events as detectors see them: who, off hours or not, what kind of day, whose place.

Reads `raw_access`, `raw_usb`, `raw_badge` (the stored events) from the connection it is
given; knows nothing of the lake, of features, or of detectors.
"""

import duckdb
import polars as pl

from nightporter.config import Settings
from nightporter.context.calendar import write_calendar
from nightporter.context.identity import (
    check_patterns,
    is_machine,
    person_read,
    write_identities,
)
from nightporter.context.loading import load_tables
from nightporter.context.places import write_places
from nightporter.context.whereabouts import write_whereabouts
from nightporter.schema import DEFAULTS, TABLES
from nightporter.window import Window


def write_views(
    con: duckdb.DuckDBPyConnection,
    settings: Settings,
    tables: dict[str, pl.DataFrame],
    window: Window,
    wanted: frozenset[str] | None = None,
) -> None:
    """Create the context tables, and `access`, `usb`, `badge` as tables with context joined.

    `window` must cover every day of the raw events: the calendar is made for it. Of `whereabouts`
    and `identities_unmapped` those of `wanted` are made, and both for None.
    """
    check_patterns(con, settings)
    load_tables(con, settings, tables)
    write_calendar(con, settings, window)
    write_identities(con)
    _write_events(con, settings, "badge")
    write_places(con)
    for source in ("access", "usb"):
        _write_events(con, settings, source)
    if wanted is None or "whereabouts" in wanted:
        write_whereabouts(con, window)
    if wanted is None or "identities_unmapped" in wanted:
        con.execute(f"CREATE OR REPLACE TABLE identities_unmapped AS {_unmapped_sql()}")


def _write_events(con: duckdb.DuckDBPyConnection, settings: Settings, source: str) -> None:
    # Joined unmade, these are taken for larger than the events, and those are hashed instead.
    con.execute(f"CREATE OR REPLACE TEMP TABLE due AS {_due_sql(source)}")
    con.execute(f"CREATE OR REPLACE TEMP TABLE labels_of AS {_labels_sql(con, source)}")
    con.execute(f"CREATE OR REPLACE TABLE {source} AS {_event_sql(settings, source)}")
    con.execute("DROP TABLE due; DROP TABLE labels_of")


def _event_sql(settings: Settings, source: str) -> str:
    stored = ", ".join(
        _filled(source, column)
        for column in TABLES[source].columns
        if column not in ("label", "automated")
    )
    place = "doors" if source == "badge" else "hosts"
    return f"""
    WITH named AS ({_named_sql(settings, source)}), placed AS ({_PLACED})
    SELECT '{source}/' || e.file_id[1:16] || '/' || e.line AS event, {stored},
        e.user_id, {_kind_sql(source)} AS account_kind,
        {_said_automated(source)} OR {_kind_sql(source)} IN ('service', 'machine') AS automated,
        coalesce(e.on_leave OR h.ends IS NULL OR e.local_ts > h.ends, true) AS off_hours,
        CASE WHEN NOT off_hours THEN 0
            WHEN e.on_leave OR h.ends IS NULL THEN 1440
            ELSE least(date_diff('minute', h.ends, e.local_ts),
                coalesce(date_diff('minute', e.local_ts, h.next_starts), 1440))
            END AS off_minutes,
        CASE WHEN e.on_leave THEN 'leave' ELSE coalesce(d.day_type, 'workday') END AS day_type,
        {_PLACE_COLUMNS[source]}
    FROM placed AS e
    LEFT JOIN due AS h ON h.who = e.who AND h.date = e.local_ts::DATE
        AND e.local_ts >= h.starts AND (h.next_starts IS NULL OR e.local_ts < h.next_starts)
    LEFT JOIN site_days AS d ON d.site = coalesce(e.site, '') AND d.day = e.day
    LEFT JOIN {place} AS p ON {"p.door_id = e.door_id" if source == "badge" else _SAME_HOST}
    {"" if source == "badge" else _AT_HOST_JOINS}"""


def _filled(source: str, column: str) -> str:
    """An empty outcome means what a log without outcomes means; NULL would hide the event. A host
    is called as hosts.csv calls it, else in small letters: logs spell one in several ways."""
    if column == "host":
        return "coalesce(p.host, lower(e.host)) AS host"
    default = DEFAULTS[source].get(column)
    return f"coalesce(e.{column}, '{default}') AS {column}" if default else f"e.{column}"


_SAME_HOST = "lower(p.host) = lower(e.host)"
# What can be carried home, or stands nowhere, says nothing of a room.
_MOBILE = "('laptop', 'notebook', 'tablet', 'phone', 'virtual', 'vdi')"
_FIXED = f"coalesce(p.zone IS NOT NULL AND lower(p.kind) NOT IN {_MOBILE}, false)"
# Windows numbers logons at the machine itself 2, 7, 11 and 13. A log that numbers none
# names the host where the person sat.
_AT_KEYBOARD = "('2', '7', '11', '13', 'interactive', 'unlock', 'cachedinteractive', 'console')"
_AT_HOST = f"""p.zone, p.owner, coalesce(e.label, l.label) AS label, {_FIXED} AS fixed,
        date_diff('minute', n.came, e.ts) AS since_entry"""
_CONSOLE = f"""fixed AND NOT automated AND e.action IN ('logon', 'unlock')
        AND coalesce(e.outcome, '') <> 'failure'
        AND coalesce(lower(e.logon_type) IN {_AT_KEYBOARD}, true) AS console"""
_AT_HOST_JOINS = """LEFT JOIN labels_of AS l ON l.resource = e.resource
    LEFT JOIN arrivals AS n ON n.user_id = e.user_id AND n.day = e.day
        AND e.ts >= n.came AND (n.next_came IS NULL OR e.ts < n.next_came)"""
_AT_DOOR = (
    "p.zone_to AS zone, p.owner, p.kind AS door_kind, coalesce(p.sensitive, false) AS sensitive"
)
_PLACE_COLUMNS = {"access": f"{_AT_HOST}, {_CONSOLE}", "usb": _AT_HOST, "badge": _AT_DOOR}


def named_sql(settings: Settings, source: str) -> str:
    """Return a SELECT of the stored events in raw_{source}, each with its `user_id` first.

    It reads `identity`. Nothing else of context is joined: that takes a calendar of days.
    """
    columns = ", ".join(f'e."{column}"' for column in TABLES[source].columns)
    return f"SELECT {_user_sql(settings, source)} AS user_id, {columns} {_resolved_sql(source)}"


def _named_sql(settings: Settings, source: str) -> str:
    # Under its own name a column would go before the view's word of the same name.
    stored = "e.*" if source == "badge" else "e.* RENAME (automated AS said_automated)"
    return f"""
        SELECT {stored}, i.account_kind AS registered_kind,
            {_user_sql(settings, source)} AS user_id {_resolved_sql(source)}"""


def _key(source: str) -> tuple[str, str]:
    return ("badge", "badge_id") if source == "badge" else ("account", "account")


def _user_sql(settings: Settings, source: str) -> str:
    kind, key = _key(source)
    return f"""coalesce(i.user_id, CASE WHEN i.holders IS NULL
                THEN {person_read(settings, kind, "e." + key)} END, {_nobody(source)})"""


def _resolved_sql(source: str) -> str:
    kind, key = _key(source)
    folded = f"e.{key}" if kind == "badge" else f"lower(e.{key})"
    return f"""
        FROM raw_{source} AS e
        LEFT JOIN (FROM identity WHERE kind = '{kind}') AS i
          ON i.key = {folded} AND e.ts >= i.since AND e.ts < i.until"""


def _due_sql(source: str) -> str:
    """The schedule by the dates of the events: an equality, where a search by time would sort."""
    return f"""
        SELECT d.date, s.who, s.starts, s.ends, s.next_starts
        FROM (SELECT DISTINCT local_ts::DATE AS date FROM raw_{source}) AS d
        JOIN schedule AS s
          ON s.starts < d.date + 1 AND (s.next_starts IS NULL OR s.next_starts > d.date)"""


# Whose hours count: a person on a shift has own ones, everybody else the site's.
_PLACED = """
        SELECT n.*, v.user_id IS NOT NULL AS on_leave,
            CASE WHEN s.user_id IS NOT NULL THEN 'user:' || n.user_id
                ELSE 'site:' || coalesce(n.site, '') END AS who
        FROM named AS n
        LEFT JOIN (
            SELECT DISTINCT a.user_id, d.day
            FROM absences AS a
            JOIN (SELECT DISTINCT day FROM site_days) AS d
              ON d.day >= a."from"::DATE AND d.day < a."to"::DATE
        ) AS v ON v.user_id = n.user_id AND v.day = n.day
        LEFT JOIN on_shift AS s
          ON s.user_id = n.user_id AND n.local_ts >= s.since AND n.local_ts <= s.until"""


def _nobody(source: str) -> str:
    if source == "badge":
        return (
            "CASE WHEN e.badge_id IS NULL THEN 'door:' || e.door_id ELSE 'badge:' || e.badge_id END"
        )
    host = "'host:' || coalesce(lower(e.host), '')" if source == "usb" else "'account:'"
    return f"CASE WHEN e.account IS NULL THEN {host} ELSE 'account:' || lower(e.account) END"


def _kind_sql(source: str) -> str:
    if source == "badge":
        return "'person'"
    return (
        f"CASE WHEN e.registered_kind IS NOT NULL THEN e.registered_kind"
        f" WHEN {is_machine('e.account')} THEN 'machine' ELSE 'person' END"
    )


def _said_automated(source: str) -> str:
    """What the feed takes for a machine's doing, under whatever account."""
    return "false" if source == "badge" else "coalesce(e.said_automated, false)"


def _labels_sql(con: duckdb.DuckDBPyConnection, source: str) -> str:
    """The longest prefix wins; each distinct resource is looked up once, if there are labels.

    To Windows, whose paths have backslashes, capital and small letters are the same."""
    if source == "badge" or not con.execute("SELECT count(*) FROM labels").fetchall()[0][0]:
        return "SELECT NULL AS resource, NULL AS label WHERE false"
    return f"""
        SELECT r.resource, arg_max(l.label, (length(l.prefix), l.prefix)) AS label
        FROM (SELECT DISTINCT resource, lower(resource) AS folded FROM raw_{source}) AS r
        JOIN (
            SELECT *, contains(prefix, '\\') AS windows,
                CASE WHEN windows THEN lower(prefix) ELSE prefix END AS begins
            FROM labels
        ) AS l ON starts_with(CASE WHEN l.windows THEN r.folded ELSE r.resource END, l.begins)
        GROUP BY r.resource"""


def _unmapped_sql() -> str:
    """Raw identities that resolved to nobody; machines and registered services are somebody.

    `why`: unknown to the register, or what `identity` says of that instant.
    """
    return " UNION ALL ".join(
        f"""SELECT '{source}' AS source, e.feed, e.site, e.day, e.user_id AS identity,
            coalesce(i.why, 'unknown') AS why, any_value(i.held_by) AS held_by, count(*) AS events
        FROM {source} AS e
        LEFT JOIN (FROM identity WHERE kind = '{kind}') AS i
          ON i.key = {key} AND e.ts >= i.since AND e.ts < i.until
        WHERE starts_with(e.user_id, '{kind}:') AND NOT e.automated
        GROUP BY e.feed, e.site, e.day, e.user_id, coalesce(i.why, 'unknown')"""
        for source, kind, key in (
            ("access", "account", "lower(e.account)"),
            ("usb", "account", "lower(e.account)"),
            ("badge", "badge", "e.badge_id"),
        )
    )
