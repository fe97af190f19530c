"""Where each person was, as far as reads, leave and the own keyboard tell.

Presence is in, out or unknown, and unknown is no row: nobody is away because nobody saw him.
Reads the tables of places, the events and absences; knows no detector.
"""

import duckdb

from nightporter.context.places import IN_HOURS
from nightporter.window import Window

# How many days before a day its rows rest on: reads, and logons at the own keyboard.
READ_DAYS, LOGON_DAYS = 29, 7

# How long a read out holds: a long weekend, and no leave that nobody entered.
_OUT_DAYS = 7

# Absence is claimed only where so many entries have an exit: elsewhere people leave unread.
_COUNTED, _FEWEST_ENTRIES = 0.97, 20

# A card that was held up twice entered once.
_TWICE = "INTERVAL 2 MINUTES"


def write_whereabouts(con: duckdb.DuckDBPyConnection, window: Window) -> None:
    """Create `whereabouts`: what is known at the end of each day of who was where on it.

    One row a person, day and span [since, until): state in or out, site, zone of the last
    read, `within` the innermost zone around it that nobody leaves unread, and why. A span that
    began on an earlier day stands again on each day on which it still holds, so no row
    depends on a later day.
    """
    con.execute(f"CREATE OR REPLACE TEMP TABLE counted_places AS {_counted(window)}")
    con.execute(f"CREATE OR REPLACE TEMP TABLE said_places AS {_said(window)}")
    con.execute(f"CREATE OR REPLACE TEMP TABLE spans AS {_SPANS}")
    con.execute(f"CREATE OR REPLACE TABLE whereabouts AS {_WHEREABOUTS}")
    for table in ("counted_places", "said_places", "spans"):
        con.execute(f"DROP TABLE {table}")


def _counted(window: Window) -> str:
    """Sites and zones by day, where by the four weeks before whoever goes in is read going out.

    The exit may come on the next day; the window ends early enough that it has.
    """
    days = f"generate_series(DATE '{window.first}', DATE '{window.last}', INTERVAL 1 DAY)"
    return f"""
    WITH passed AS (
        SELECT 'site' AS kind, site AS place, * FROM ways WHERE outer_door
        UNION ALL SELECT 'zone', through, * FROM ways WHERE through IS NOT NULL
    ),
    paired AS (
        SELECT kind, place, day, way, lead(way) OVER later AS next_way,
            lead(day) OVER later AS next_day, lead(ts) OVER later - ts AS pause
        FROM passed WINDOW later AS (PARTITION BY kind, place, user_id ORDER BY ts, event)
    ),
    daily AS (
        SELECT kind, place, day, count(*) AS entries,
            count_if(next_way = 'exit' AND next_day <= day + 1) AS exits
        FROM paired
        WHERE way = 'entry' AND (next_way = 'entry' AND pause < {_TWICE}) IS NOT TRUE
        GROUP BY ALL
    )
    SELECT d.kind, d.place, g.day
    FROM (SELECT unnest({days})::DATE AS day) AS g
    JOIN daily AS d ON d.day BETWEEN g.day - {READ_DAYS} AND g.day - 2
    GROUP BY ALL
    HAVING sum(d.entries) >= {_FEWEST_ENTRIES} AND sum(d.exits) >= {_COUNTED} * sum(d.entries)"""


def _said(window: Window) -> str:
    """What the reads and absences of a day, and the last read before it, say for that day."""
    last = f"DATE '{window.last}'"
    return f"""
    WITH last_of_day AS (
        SELECT * FROM ways
        QUALIFY row_number() OVER (PARTITION BY user_id, day ORDER BY ts DESC, event DESC) = 1
    ),
    -- A site that read nobody on a workday was deaf: nobody knows who came, then or after.
    deaf AS (
        SELECT s.site, s.day FROM site_days AS s
        ANTI JOIN ways AS w ON w.site = s.site AND w.day = s.day
        WHERE s.day <= {last} AND s.day_type IN ('workday', 'make_up', 'short')
    ),
    carried AS (
        SELECT day + unnest(range(1, 1 + least({_OUT_DAYS}, next_day - day, {last} - day,
            deaf_day - 1 - day)))::INT AS said_on, * EXCLUDE (next_day, deaf_day)
        FROM (
            SELECT r.*, d.day AS deaf_day,
                coalesce(lead(r.day) OVER (PARTITION BY r.user_id ORDER BY r.day), {last})
                    AS next_day
            FROM last_of_day AS r
            ASOF LEFT JOIN deaf AS d ON d.site = r.site AND r.day < d.day
        )
    ),
    leave AS (
        SELECT DISTINCT a.user_id, d.day
        FROM absences AS a
        JOIN (SELECT DISTINCT day FROM site_days) AS d
          ON d.day >= a."from"::DATE AND d.day < a."to"::DATE
        WHERE d.day BETWEEN DATE '{window.first}' AND {last}
    )
    SELECT day AS said_on, * FROM ways
    UNION ALL BY NAME
    SELECT c.* FROM carried AS c ANTI JOIN leave AS l ON l.user_id = c.user_id
        AND l.day = c.said_on
    UNION ALL BY NAME
    -- A day of leave is one everywhere, whatever the clock of the site.
    SELECT user_id, day AS said_on, 'leave' AS way, day::TIMESTAMPTZ - INTERVAL 1 DAY AS ts
    FROM leave"""


# `site` stays NULL on leave: then it is out of every site.
_SPANS = f"""
    SELECT s.user_id, s.said_on AS day, s.ts AS since,
        least(
            lead(s.ts) OVER (PARTITION BY s.user_id, s.said_on ORDER BY s.ts, s.event),
            s.ts + CASE WHEN s.way = 'entry' OR NOT s.outer_door THEN INTERVAL {IN_HOURS} HOURS
                WHEN s.way = 'leave' THEN INTERVAL 3 DAYS ELSE INTERVAL {_OUT_DAYS} DAYS END
        ) AS until,
        CASE WHEN s.way = 'entry' OR NOT s.outer_door THEN 'in'
            WHEN s.way = 'leave' OR (s.outer_door AND c.place IS NOT NULL) THEN 'out' END AS state,
        s.site, CASE state WHEN 'in' THEN s.zone END AS zone, s.way AS why, s.door_id, s.event
    FROM said_places AS s
    LEFT JOIN counted_places AS c ON c.kind = 'site' AND c.place = s.site AND c.day = s.said_on
    QUALIFY until > since AND state IS NOT NULL"""

# Who sits at the own keyboard is not out, whatever the doors say: then nothing is known.
_WHEREABOUTS = """
    WITH held AS (
        SELECT z.zone, c.day, arg_max(z.within, (d.depth, z.within)) AS within
        FROM zones AS z
        JOIN counted_places AS c ON c.kind = 'zone' AND c.place = z.within
        JOIN (SELECT zone, count(*) AS depth FROM zones GROUP BY zone) AS d ON d.zone = z.within
        GROUP BY ALL
    ),
    refuted AS (
        SELECT s.user_id, s.day, s.since, min(a.ts) AS at
        FROM spans AS s
        JOIN access AS a
          ON a.user_id = s.user_id AND a.day <= s.day AND a.ts > s.since AND a.ts < s.until
        WHERE s.state = 'out' AND a.console AND (s.why <> 'leave' OR a.day = s.day)
        GROUP BY ALL
    )
    SELECT s.user_id, s.day, s.since, coalesce(r.at, s.until) AS until, s.state, s.site, s.zone,
        h.within, s.why, s.door_id, s.event
    FROM spans AS s
    LEFT JOIN refuted AS r USING (user_id, day, since)
    LEFT JOIN held AS h ON h.zone = s.zone AND h.day = s.day"""
