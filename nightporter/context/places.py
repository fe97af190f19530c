"""Zones and the ways between them: which lies in which, and what a card's read says of a way.

Knows doors and badge events; not where anybody is afterwards.
"""

import duckdb

# A door of these kinds parts a site from the world, if nothing else leads to where it comes from.
OUTER_DOORS = "('building', 'entrance', 'gate', 'turnstile')"

# Where the last read in is older, nobody knows whether the person has left unread.
IN_HOURS = 16

# Half of any office starts a little early or leaves a little late: a night is further off.
OFF_MINUTES = 60


def write_places(con: duckdb.DuckDBPyConnection) -> None:
    """Create `zones`, `ways` and `arrivals` from the tables doors and badge.

    zones(zone, site, within): one row for each zone that lies around `zone`, itself included.
    ways: one row a read that let somebody through; `way` is entry or exit, `outer_door` whether
    it parts site and world, `zone` where it led: NULL where doors.csv does not tell.
    arrivals(user_id, day, came, next_came): when somebody came in off hours, and then again, on
    each day on which that may matter.
    """
    con.execute(f"CREATE OR REPLACE TEMP TABLE one_site AS {_ONE_SITE}")
    con.execute(f"CREATE OR REPLACE TABLE zones AS {_ZONES}")
    con.execute(f"CREATE OR REPLACE TABLE ways AS {_WAYS}")
    con.execute(f"CREATE OR REPLACE TABLE arrivals AS {_ARRIVALS}")
    con.execute("DROP TABLE one_site")


# Doors whose events all are of one site.
_ONE_SITE = """
    SELECT door_id, min(site) AS site FROM badge
    GROUP BY door_id HAVING count(DISTINCT site) = 1"""

# A door's reads tell its site where doors.csv does not; a name that two sites use has none.
# UNION, not UNION ALL: doors may lead in a circle.
_ZONES = """
    WITH RECURSIVE inner_zones AS (
        SELECT d.zone_to AS zone,
            CASE WHEN count(DISTINCT coalesce(d.site, r.site)) = 1
                THEN min(coalesce(d.site, r.site)) END AS site
        FROM doors AS d LEFT JOIN one_site AS r USING (door_id)
        WHERE d.zone_to IS NOT NULL GROUP BY d.zone_to
    ),
    around AS (
        SELECT zone, zone AS within FROM inner_zones
        UNION
        SELECT a.zone, d.zone_from
        FROM around AS a JOIN doors AS d ON d.zone_to = a.within
        WHERE d.zone_from IN (SELECT zone FROM inner_zones)
    )
    SELECT zone, i.site, a.within FROM around AS a JOIN inner_zones AS i USING (zone)"""

_WAYS = f"""
    SELECT b.user_id, b.ts, b.day, b.event, b.door_id, b.off_minutes,
        coalesce(d.site, b.site) AS site, d.zone_to AS through,
        d.kind IN {OUTER_DOORS}
            AND (d.zone_from IS NULL OR d.zone_from NOT IN (SELECT zone FROM zones)) AS outer_door,
        CASE WHEN b.action = 'exit' OR b.direction = 'out' THEN 'exit' ELSE 'entry' END AS way,
        CASE way WHEN 'exit' THEN d.zone_from ELSE d.zone_to END AS zone
    FROM badge AS b
    -- doors.csv knows more than the feed; but a name read at two sites is that of two doors.
    LEFT JOIN (
        SELECT k.*, r.site IS NOT NULL AS unique_name
        FROM doors AS k LEFT JOIN one_site AS r USING (door_id)
    ) AS d ON d.door_id = b.door_id
        AND (d.unique_name OR d.site IS NULL OR b.site IS NULL OR d.site = b.site)
    WHERE b.action IN ('entry', 'exit', 'granted') AND b.outcome <> 'failure'
        AND NOT starts_with(b.user_id, 'door:')"""

# Who is in already and goes back to a room has not come in. An inner door counts where the
# entrance has no reader, or somebody held it. An entry of yesterday matters until it is
# hours ago; each copy belongs to a day, so that no day sees a read of a later one.
_ARRIVALS = f"""
    SELECT user_id, day, ts AS came,
        lead(ts) OVER (PARTITION BY user_id, day ORDER BY ts) AS next_came
    FROM (
        SELECT DISTINCT user_id, ts, day + unnest([0, 1]) AS day
        FROM (
            SELECT *, lag(way) OVER before AS way_before, lag(ts) OVER before AS ts_before
            FROM ways WINDOW before AS (PARTITION BY user_id ORDER BY ts, event)
        )
        WHERE way = 'entry' AND off_minutes > {OFF_MINUTES}
            AND (outer_door OR way_before IS DISTINCT FROM 'entry'
                OR ts - ts_before > INTERVAL {IN_HOURS} HOURS)
    )"""
