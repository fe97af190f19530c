"""Things met for the first time: `seen`, over the full history.

The history is one row a person and thing, the earliest; a minimum does not care in which
order days arrive. What is rare among peers is more surprising (docs/decisions/0003).
"""

import duckdb

from nightporter.window import Window

# So many days before a day say how long somebody has been there.
_OWN = 104


def write_seen(con: duckdb.DuckDBPyConnection, window: Window) -> None:
    """Create `seen`, one row a person, thing and scanned day, and `first_sightings` to keep."""
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE firsts AS
        SELECT user_id, kind, value, min(day) AS first_day
        FROM (
            SELECT user_id, kind, value, day FROM past_first_seen WHERE day < DATE '{window.first}'
            UNION ALL SELECT user_id, kind, value, day FROM sighted
        )
        -- What nobody met on these days is asked of nobody.
        SEMI JOIN (SELECT DISTINCT kind, value FROM sighted) USING (kind, value) GROUP BY ALL"""
    )
    con.execute(
        f"""CREATE OR REPLACE TABLE first_sightings AS
        SELECT user_id, kind, value, first_day AS day FROM firsts
        WHERE first_day >= DATE '{window.first}'"""
    )
    con.execute(f"CREATE OR REPLACE TABLE seen AS {_seen(window)}")


def _seen(window: Window) -> str:
    """Own earlier days and the organisation's person-days are counted in frames that end before
    the row's day, so that a later day never changes an earlier row."""
    return f"""
    WITH own_days AS ({_own_days(window)}),
    person_days AS (
        SELECT day, sum(people) OVER (
            ORDER BY day - DATE '1970-01-01' RANGE BETWEEN 90 PRECEDING AND 1 PRECEDING
        ) AS person_days
        FROM (SELECT day, count(*) AS people FROM presence GROUP BY day)
    ),
    things AS (SELECT kind, value, min(first_day) AS first_day_anyone FROM firsts GROUP BY ALL),
    -- One row a person and thing, so earlier rows of the thing are earlier people.
    others AS (
        SELECT user_id, kind, value, first_day AS day, count(*) OVER (
            PARTITION BY kind, value ORDER BY first_day - DATE '1970-01-01'
            RANGE BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS peers, count(*) OVER (
            PARTITION BY kind, value ORDER BY first_day - DATE '1970-01-01'
            RANGE BETWEEN 90 PRECEDING AND 1 PRECEDING
        ) AS peers_90d
        FROM firsts SEMI JOIN first_sightings USING (kind, value)
    )
    SELECT s.user_id, s.kind, s.value, s.day, s.n, f.first_day,
        greatest(t.first_day_anyone, DATE '0001-01-01') AS first_day_anyone,
        coalesce(o.n_days, 0) AS n_days,
        CASE WHEN f.first_day = s.day THEN coalesce(x.peers, 0) END AS peers,
        CASE WHEN f.first_day = s.day THEN coalesce(x.peers_90d, 0) END AS peers_90d,
        CASE WHEN f.first_day = s.day THEN round(least(3, -log10(
            (coalesce(x.peers_90d, 0) + 0.5) / (coalesce(p.person_days, 0) + 1))), 6) ELSE 0
        END AS surprise
    FROM sighted AS s
    JOIN firsts AS f USING (user_id, kind, value)
    JOIN things AS t USING (kind, value)
    LEFT JOIN own_days AS o ON o.user_id = s.user_id AND o.day = s.day
    LEFT JOIN person_days AS p ON p.day = s.day
    LEFT JOIN others AS x
      ON x.user_id = s.user_id AND x.kind = s.kind AND x.value = s.value AND x.day = s.day"""


def _own_days(window: Window) -> str:
    """So many days each person was there before each scanned day; a night's one day is a count."""
    since = f"day >= DATE '{window.reaching_back(_OWN).first}'"
    if len(window) == 1:
        return f"""
        SELECT user_id, DATE '{window.first}' AS day, count(*) AS n_days
        FROM presence WHERE {since} AND day < DATE '{window.first}' GROUP BY user_id"""
    return f"""
        SELECT user_id, day, count(*) OVER (
            PARTITION BY user_id ORDER BY day - DATE '1970-01-01'
            RANGE BETWEEN {_OWN} PRECEDING AND 1 PRECEDING
        ) AS n_days
        FROM presence WHERE {since} QUALIFY day >= DATE '{window.first}'"""
