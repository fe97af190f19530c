"""What somebody did on days with a finding, over all logs, what was flagged marked.

Reads the tables `case_days` and `cited` and the view `flagged`; like events that follow each
other are one row, so a day can be read.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb

Row = Mapping[str, Any]

# So many rows of a day, and so many things, a case file holds; what is flagged stays longest.
ROWS = 60
THINGS = 40


@dataclass(frozen=True)
class Timeline:
    """The rows of one day. `rows` of `total` are shown; `events` are those of the whole day.

    `hours`: (hour, events, outside own hours, flagged) of each hour with any.
    """

    rows: tuple[Row, ...]
    total: int
    events: int
    hours: Mapping[int, Row]


def timelines(con: duckdb.DuckDBPyConnection) -> dict[tuple[str, date], Timeline]:
    """Return the timeline of each person and day of `case_days`, where the lake keeps any."""
    con.execute(f"CREATE OR REPLACE TEMP TABLE own_events AS {_OWN}")
    rows: dict[tuple[str, date], list[Row]] = defaultdict(list)
    for row in con.sql(_RUNS).pl().to_dicts():
        rows[row["user_id"], row["day"]].append(row)
    hours: dict[tuple[str, date], dict[int, Row]] = defaultdict(dict)
    for row in con.sql(_HOURS).pl().to_dicts():
        hours[row["user_id"], row["day"]][row["hour"]] = row
    return {
        key: Timeline(
            tuple(found),
            found[0]["total"],
            sum(hour["events"] for hour in hours[key].values()),
            hours[key],
        )
        for key, found in rows.items()
    }


_OWN = """
    SELECT f.user_id, f.day, f.ts, f.local_ts, f.site, f.event, f.source, f.feed, f.line, f.action,
        f.outcome, coalesce(f.host, f.door_id) AS place,
        coalesce(f.resource, f.device_id, f.badge_id) AS object, f.off_hours, c.detectors,
        row_number() OVER (PARTITION BY f.user_id, f.day ORDER BY f.ts, f.event) AS nth
    FROM flagged AS f SEMI JOIN case_days AS d USING (user_id, day)
    LEFT JOIN cited AS c ON c.person = f.user_id AND c.event = f.event"""

# Like events in a row differ from their number among all by the same amount.
_RUNS = f"""
    WITH numbered AS (
        SELECT *, nth - row_number() OVER (PARTITION BY user_id, day, source, action, outcome,
            place, off_hours, detectors ORDER BY nth) AS run
        FROM own_events
    ),
    runs AS (
        SELECT user_id, day, source, action, outcome, place, off_hours, detectors,
            min(nth) AS nth, min(local_ts) AS first_at, max(local_ts) AS last_at,
            any_value(site) AS site, count(*) AS events, arg_min(object, nth) AS object,
            count(DISTINCT object) AS objects, arg_min(feed, nth) AS feed,
            arg_min(line, nth) AS line
        FROM numbered
        GROUP BY user_id, day, source, action, outcome, place, off_hours, detectors, run
    )
    SELECT *, count(*) OVER (PARTITION BY user_id, day) AS total FROM runs
    QUALIFY row_number() OVER (PARTITION BY user_id, day
        ORDER BY detectors IS NULL, nth) <= {ROWS}
    ORDER BY user_id, day, nth"""

_HOURS = """
    SELECT user_id, day, hour(local_ts) AS hour, count(*) AS events,
        count(*) FILTER (off_hours) AS off, count(*) FILTER (detectors IS NOT NULL) AS flagged
    FROM own_events GROUP BY ALL"""


def things(con: duckdb.DuckDBPyConnection) -> dict[str, list[Row]]:
    """Return by person the doors, hosts and devices of these days, what was flagged first.

    Each row has `total`, how many things there are of that person.
    """
    found: dict[str, list[Row]] = defaultdict(list)
    for row in con.sql(_THINGS).pl().to_dicts():
        found[row["user_id"]].append(row)
    return found


_THINGS = f"""
    WITH used AS (
        SELECT user_id, day, event, local_ts, 'door' AS kind, door_id AS id, zone AS what
        FROM flagged WHERE source = 'badge'
        UNION ALL
        SELECT user_id, day, event, local_ts, 'host', host, coalesce(zone, owner) FROM flagged
        UNION ALL
        SELECT user_id, day, event, local_ts, 'device', device_id,
            concat_ws(' ', vendor, product, replace(device_class, '_', ' '))
        FROM flagged WHERE source = 'usb'
    )
    SELECT u.user_id, u.kind, u.id, max(u.what) AS what, count(*) AS events,
        count(DISTINCT u.day) AS days, count(c.event) AS flagged,
        min(u.local_ts) AS first_at, max(u.local_ts) AS last_at,
        count(*) OVER (PARTITION BY u.user_id) AS total
    FROM used AS u SEMI JOIN case_days AS d USING (user_id, day)
    LEFT JOIN cited AS c ON c.person = u.user_id AND c.event = u.event
    WHERE u.id IS NOT NULL
    GROUP BY u.user_id, u.kind, u.id
    QUALIFY row_number() OVER (PARTITION BY u.user_id
        ORDER BY count(c.event) DESC, count(*) DESC, u.kind, u.id) <= {THINGS}
    ORDER BY u.user_id, u.kind, flagged DESC, events DESC, u.id"""
