"""Clocks that cannot be right: stamps of the future, jumps back, deeds before the coming-in.

Knows stamps, the order of files, and doors; not what a detector makes of them. An export
that is sorted by anything but time says nothing of a clock.
"""

import duckdb
import polars as pl

from nightporter.config import Settings
from nightporter.context.calendar import sites
from nightporter.features.counting import WORK_DAYS
from nightporter.schema import SOURCES
from nightporter.window import Window

# Loading takes no negative time; so far ahead every other clock may be.
AHEAD_MINUTES = 2
# A host's lines are in order of time if so many hold no more steps back than this.
LEAST_LINES, MOST_STEPS = 20, 2
# Of a whole file, this share of lines may step back: sources are merged, files are put together.
UNORDERED = 0.02
# So many people must agree before a clock is compared with the doors.
LEAST_PEOPLE = 5
# So many examples of each are kept.
EXAMPLES = 20

_HOST = {"access": "host", "usb": "host", "badge": "door_id"}
_WHO = {"access": "account", "usb": "account", "badge": "badge_id"}


def write_feed_clocks(con: duckdb.DuckDBPyConnection, settings: Settings, window: Window) -> None:
    """Create `feed_clock`, one row a feed, site, scanned day, kind and host (or door).

    kind: future (stamped after it was loaded), back (its own lines step back in an ordered
    file), apart (at fixed hosts or inner doors people are active before they come in or after
    they went home, as their entrance has it). `minutes` is how far, `events` how many show it,
    `share` what part of the feed's day they are, `examples` some of them.
    """
    zones = [(name, site.zone) for name, site in sites(settings).items()]
    shape = {"site": pl.String, "zone": pl.String}
    con.register("clock_zones", pl.DataFrame(zones, schema=shape, orient="row").to_arrow())
    con.execute(f"CREATE OR REPLACE TEMP VIEW stamped AS {_stamped(window)}")
    con.execute(_STEPPING)
    con.execute(f"CREATE OR REPLACE TABLE feed_clock AS {_FEED_CLOCKS}")
    con.execute("DROP VIEW stamped; DROP TABLE file_parts; DROP TABLE stepping")
    con.unregister("clock_zones")


def _stamped(window: Window) -> str:
    """The scanned days' events; a source's own numbers order them better than lines do."""
    return " UNION ALL ".join(
        f"""SELECT '{source}' AS source, feed, coalesce(site, '') AS site, day, day_type,
            coalesce({_HOST[source]}, '') AS host, {_WHO[source]} AS who, user_id, action, ts,
            local_ts, ingested_at, event, file_id,
            coalesce(try_cast(record_id AS HUGEINT), line::HUGEINT) AS nth,
            {"false" if source == "badge" else "fixed AND NOT automated"} AS at_desk
        FROM {source} WHERE day BETWEEN DATE '{window.first}' AND DATE '{window.last}'"""
        for source in SOURCES
    )


# `stepping`: files in order of time but for a few steps. In one without any nobody's own lines
# step back either: most files are sorted once, by numbers, and no host of theirs is looked at.
_STEPPING = f"""
    CREATE OR REPLACE TEMP TABLE file_parts AS
    SELECT *, row_number() OVER () AS part FROM (SELECT DISTINCT file_id, site, day FROM stamped);
    CREATE OR REPLACE TEMP TABLE stepping AS
    SELECT file_id, day
    FROM (
        SELECT part, count_if(ts < before) AS steps, count(*) AS lines
        FROM (
            SELECT p.part, s.ts, lag(s.ts) OVER (PARTITION BY p.part ORDER BY s.nth) AS before
            FROM stamped AS s JOIN file_parts AS p USING (file_id, site, day)
        ) GROUP BY part
    ) JOIN file_parts USING (part)
    GROUP BY file_id, day HAVING sum(steps) > 0 AND sum(steps) / sum(lines) <= {UNORDERED}"""

_FEED_CLOCKS = f"""
    WITH sizes AS (
        SELECT feed, site, day, count(*) AS n FROM stamped GROUP BY ALL
    ),
    future AS (
        SELECT source, feed, site, day, 'future' AS kind, host, event,
            date_diff('minute', ingested_at, ts) AS minutes
        FROM stamped WHERE ts > ingested_at + INTERVAL {AHEAD_MINUTES} MINUTES
    ),
    steps AS (
        SELECT *, lag(ts) OVER own AS before,
            count(*) OVER (PARTITION BY file_id, site, day, host) AS lines
        FROM stamped SEMI JOIN stepping USING (file_id, day)
        WINDOW own AS (PARTITION BY file_id, site, day, host ORDER BY nth)
    ),
    -- Where the clock was set to winter time, the same wall clock comes twice.
    stepped AS (
        SELECT s.*, date_diff('minute', s.ts, s.before) AS minutes,
            count(*) OVER (PARTITION BY s.file_id, s.site, s.day, s.host) AS times
        FROM steps AS s
        LEFT JOIN clock_zones AS z USING (site)
        WHERE s.ts < s.before - INTERVAL 1 MINUTE AND s.lines >= {LEAST_LINES}
            AND coalesce(timezone(z.zone, s.ts + INTERVAL 1 HOUR) <> s.local_ts, true)
    ),
    -- Who was there in the instant before; with coarse stamps that may be many lines.
    jumps AS (
        SELECT j.file_id, j.site, j.day, j.host, j.event, j.nth, any_value(j.who) AS who,
            any_value(j.action) AS action, list(DISTINCT p.who) AS people
        FROM stepped AS j
        JOIN stamped AS p ON p.file_id = j.file_id AND p.site = j.site AND p.day = j.day
            AND p.host = j.host AND p.ts = j.before
        WHERE j.times <= {MOST_STEPS} GROUP BY ALL
    ),
    -- Sorted by person or by kind of deed, the parts would have nobody, or nothing, in common.
    parted AS (
        SELECT j.event,
            bool_or(s.nth < j.nth AND s.who = j.who)
                AND bool_or(s.nth >= j.nth AND list_contains(j.people, s.who))
                AND bool_or(s.nth < j.nth AND s.action = j.action) AS mixed
        FROM jumps AS j JOIN stamped AS s USING (file_id, site, day, host) GROUP BY j.event
    ),
    back AS (
        SELECT source, feed, site, day, 'back' AS kind, host, event, minutes
        FROM stepped SEMI JOIN (FROM parted WHERE mixed) USING (event)
    ),
    ends AS (
        SELECT user_id, site, day, min(ts) FILTER (way = 'entry') AS came,
            max(ts) FILTER (way = 'exit') AS went
        FROM ways WHERE outer_door GROUP BY ALL
    ),
    beside AS (
        SELECT s.source, s.feed, s.site, s.day, s.host, s.user_id,
            arg_min(s.event, s.ts) AS event,
            date_diff('minute', min(s.ts), any_value(e.came)) AS early,
            date_diff('minute', any_value(e.went), max(s.ts)) AS late
        FROM stamped AS s JOIN ends AS e USING (user_id, site, day)
        WHERE s.day_type IN {WORK_DAYS} AND s.at_desk GROUP BY ALL
    ),
    apart AS (
        SELECT source, feed, site, day, 'apart' AS kind, '' AS host, event,
            CASE WHEN median(early) OVER these > median(late) OVER these
                OR median(late) OVER these IS NULL
                THEN median(early) OVER these ELSE median(late) OVER these END AS minutes,
            count(*) OVER these AS people
        FROM beside WINDOW these AS (PARTITION BY feed, site, day)
        QUALIFY people >= {LEAST_PEOPLE} AND minutes > 0
    ),
    together AS (
        SELECT * FROM future UNION ALL SELECT * FROM back
        UNION ALL SELECT * EXCLUDE (people) FROM apart
    )
    SELECT t.source, t.feed, t.site, t.day, t.kind, t.host, max(t.minutes)::BIGINT AS minutes,
        count(*)::BIGINT AS events,
        CASE t.kind WHEN 'apart' THEN 1 ELSE count(*) / any_value(z.n) END AS share,
        list(t.event ORDER BY t.event)[1:{EXAMPLES}] AS examples
    FROM together AS t JOIN sizes AS z USING (feed, site, day)
    GROUP BY t.source, t.feed, t.site, t.day, t.kind, t.host"""
