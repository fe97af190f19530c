"""Hours in which a busy feed said nothing, within a day on which it said something.

Knows each feed's own past, hour by hour; whole days without a word are judged elsewhere.
"""

import duckdb

from nightporter.features.counting import WORK_DAYS, ensure_past
from nightporter.schema import SOURCES
from nightporter.window import Window

# An hour's low mark: on no more than this share of like days had it less. One odd week in
# eight stays under it, and every Friday is above it.
LOW_SHARE = 0.15
# A gap takes so many whole hours, and so many events by the low marks of its hours.
LEAST_HOURS, LEAST_MISSED = 2, 40
# What else the day was like is only asked where so much was to be expected of it.
TELLING = 40


def write_feed_hours(con: duckdb.DuckDBPyConnection, window: Window) -> None:
    """Create `feed_hour`, with its earlier days from history, and `feed_gap`.

    feed_hour(feed, site, day, hour, events, first_at, last_at): `hour` counts from midnight of
    the day on the site's clock, so that 26 is two at night. feed_gap(feed, site, day, hours,
    silent_from, silent_until, missed): the worst gap of a scanned day, between the events
    around it (NULL where nothing came any more); `missed` is what was to be expected by the
    low marks, less where the rest of the day or the site's other feeds were quiet, too.
    """
    ensure_past(con, "feed_hour")
    con.execute(f"CREATE OR REPLACE TABLE feed_hour AS {_hours(window)}")
    judge_gaps(con, window)


def judge_gaps(con: duckdb.DuckDBPyConnection, window: Window) -> None:
    """Create `feed_gap` for the days of `window` from `feed_hour` and the calendar."""
    con.execute(f"CREATE OR REPLACE TEMP TABLE hour_marks AS {_marks(window)}")
    con.execute(f"CREATE OR REPLACE TABLE feed_gap AS {_GAPS}")
    con.execute("DROP TABLE hour_marks")


def _hours(window: Window) -> str:
    events = " UNION ALL ".join(
        f"""SELECT feed, site, day, local_ts FROM {source}
        WHERE day BETWEEN DATE '{window.first}' AND DATE '{window.last}'"""
        for source in SOURCES
    )
    return f"""
    SELECT feed, coalesce(site, '') AS site, day,
        (date_diff('day', day, local_ts::DATE) * 24 + hour(local_ts))::BIGINT AS hour,
        count(*)::BIGINT AS events, min(local_ts) AS first_at, max(local_ts) AS last_at
    FROM ({events}) GROUP BY ALL
    UNION ALL BY NAME
    SELECT feed, site, day, hour, events, first_at, last_at
    FROM past_feed_hour WHERE day < DATE '{window.first}'"""


def _marks(window: Window) -> str:
    """Each scanned day's hours, with the low mark and the median of the like days before.

    A mark is the lowest of the hour and its neighbours: a job that keeps another clock than
    the site moves by an hour when summer begins.
    """
    return f"""
    WITH heard AS (SELECT feed, site, day, sum(events) AS events FROM feed_hour GROUP BY ALL),
    likes AS (
        SELECT h.feed, h.site, h.day, p.day AS like_day
        FROM heard AS h
        JOIN site_days AS t ON t.site = h.site AND t.day = h.day
        JOIN heard AS p ON p.feed = h.feed AND p.site = h.site
            AND p.day < h.day AND p.day >= h.day - 56
        JOIN site_days AS s ON s.site = p.site AND s.day = p.day
            AND (s.day_type IN {WORK_DAYS}) = (t.day_type IN {WORK_DAYS})
        WHERE h.day BETWEEN DATE '{window.first}' AND DATE '{window.last}'
    ),
    sizes AS (
        SELECT feed, site, day, count(*) AS n FROM likes GROUP BY ALL HAVING count(*) >= 8
    ),
    past AS (
        SELECT l.feed, l.site, l.day, f.hour, list(f.events ORDER BY f.events) AS said,
            bool_or(isodow(l.like_day) = isodow(l.day)) AS on_such_a_weekday
        FROM likes AS l JOIN feed_hour AS f
            ON f.feed = l.feed AND f.site = l.site AND f.day = l.like_day
        GROUP BY ALL
    ),
    -- Like days without the hour are zeros in front of the list.
    marked AS (
        SELECT p.feed, p.site, p.day, p.hour, s.n - len(said) AS zeros,
            -- Who never works on Friday nights is not silent on the second one in the book.
            CASE WHEN on_such_a_weekday
                THEN coalesce(said[ceil({LOW_SHARE} * s.n)::BIGINT - zeros], 0)
                ELSE 0 END AS own_low,
            coalesce(said[ceil(0.5 * s.n)::BIGINT - zeros], 0) AS usual
        FROM past AS p JOIN sizes AS s USING (feed, site, day)
    )
    SELECT m.feed, m.site, m.day, m.hour, m.usual, coalesce(f.events, 0) AS events,
        CASE WHEN lag(m.hour) OVER hours = m.hour - 1 AND lead(m.hour) OVER hours = m.hour + 1
            THEN least(m.own_low, lag(m.own_low) OVER hours, lead(m.own_low) OVER hours)
            ELSE 0 END AS low
    FROM marked AS m
    LEFT JOIN feed_hour AS f
        ON f.feed = m.feed AND f.site = m.site AND f.day = m.day AND f.hour = m.hour
    WINDOW hours AS (PARTITION BY m.feed, m.site, m.day ORDER BY m.hour)"""


_GAPS = f"""
    WITH runs AS (
        SELECT *, hour - row_number() OVER (PARTITION BY feed, site, day ORDER BY hour) AS run
        FROM hour_marks WHERE low > 0 AND events = 0
    ),
    gaps AS (
        SELECT feed, site, day, min(hour) AS opens, max(hour) AS closes, sum(low) AS low
        FROM runs GROUP BY feed, site, day, run
        HAVING count(*) >= {LEAST_HOURS} AND sum(low) >= {LEAST_MISSED}
    ),
    worst AS (
        SELECT * FROM gaps
        QUALIFY row_number() OVER (PARTITION BY feed, site, day ORDER BY low DESC, opens) = 1
    ),
    rest AS (
        SELECT w.feed, w.site, w.day, sum(m.events) / sum(m.usual) AS share
        FROM worst AS w JOIN hour_marks AS m USING (feed, site, day)
        WHERE m.hour NOT BETWEEN w.opens - 1 AND w.closes + 1
        GROUP BY ALL HAVING sum(m.usual) >= {TELLING}
    ),
    -- The site's other feeds in the same hours, if they said anything.
    others AS (
        SELECT w.feed, w.site, w.day, sum(m.events) / sum(m.usual) AS share
        FROM worst AS w JOIN hour_marks AS m
            ON m.site = w.site AND m.day = w.day AND m.feed <> w.feed
            AND m.hour BETWEEN w.opens AND w.closes
        GROUP BY ALL HAVING sum(m.usual) >= {TELLING} AND sum(m.events) > 0
    ),
    -- The events around the gap are those nearest to it.
    edges AS (
        SELECT w.feed, w.site, w.day,
            max(f.last_at) FILTER (f.hour < w.opens) AS silent_from,
            min(f.first_at) FILTER (f.hour > w.closes) AS silent_until
        FROM worst AS w JOIN feed_hour AS f USING (feed, site, day) GROUP BY ALL
    )
    SELECT w.feed, w.site, w.day, w.closes - w.opens + 1 AS hours,
        coalesce(e.silent_from, w.day + to_hours(w.opens)) AS silent_from, e.silent_until,
        w.low * least(1, coalesce(r.share, 1), coalesce(o.share, 1)) AS missed
    FROM worst AS w
    JOIN edges AS e USING (feed, site, day)
    LEFT JOIN rest AS r USING (feed, site, day)
    LEFT JOIN others AS o USING (feed, site, day)
    WHERE missed >= {LEAST_MISSED}"""
