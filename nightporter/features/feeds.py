"""What each feed delivered on each day, and whether that is far too little.

An empty day is judged against the feed's own past, never against a fixed number.
"""

import duckdb
import polars as pl

from nightporter.config import Settings
from nightporter.features.counting import WORK_DAYS
from nightporter.window import Window

# A feed was alive if it had events on so many of its last 56 days, or so many events.
LIVELY_DAYS, LIVELY_EVENTS = 20, 60


def write_feed_days(con: duckdb.DuckDBPyConnection, settings: Settings, window: Window) -> None:
    """Create `feed_day`, one row a feed, site and scanned day, zeros included.

    `usual` is the median of the last 8 weeks' like days, `last_day` when the feed was last heard
    before. `silent` means under `expected_low`: a fifth of that median and half of their worst
    tenth, where there are 8 such days. A feed of a few dozen events a day comes in bursts:
    there only a day with none at all is silent, and not even that where one like day in five
    had none. `complete` means that the day can be taken as delivered: something of a later day
    has come, or a file with events of the day was loaded after the day had ended at its site,
    or the feed mostly has nothing on such days. A feed that has not delivered yet is silent,
    too, and so is one that has said nothing for eight weeks, if it had much to say before, and
    one with a gap of hours in a day (`silent_from` and `silent_until` around it, `missed`
    events; see gaps): reads the tables feed_gap and feed_hour. `last_at` is the last event of
    `last_day`, by the site's clock.
    """
    feeds = pl.DataFrame(
        [(feed.name, feed.source) for feed in settings.feed],
        schema={"feed": pl.String, "source": pl.String},
        orient="row",
    )
    con.register("feeds", feeds.to_arrow())
    con.register("closings", _closings(settings).to_arrow())
    con.execute(_DELIVERED)
    con.execute(_feed_days(window))
    con.unregister("feeds")
    con.unregister("closings")


def _closings(settings: Settings) -> pl.DataFrame:
    """When a day ends for each feed at each site; without a site where the day ends last."""
    rows = [
        (
            feed.name,
            name,
            site.zone if site else feed.zone or "Etc/GMT+12",
            settings.day_starts(name),
        )
        for feed in settings.feed
        for name, site in [("", None), *settings.site.items()]
    ]
    columns = {"feed": pl.String, "site": pl.String, "clock": pl.String, "starts": pl.Time}
    return pl.DataFrame(rows, schema=columns, orient="row")


# `loaded_days` and `dayless_loads` come from the ledger of loads; in memory the events themselves
# are counted.
_DELIVERED = """
    CREATE VIEW IF NOT EXISTS loaded_days AS
    SELECT feed, site, day, count(*) AS events, 0 AS rejects,
        NULL::TIMESTAMPTZ AS loaded_at
    FROM (
        SELECT feed, site, day FROM access UNION ALL
        SELECT feed, site, day FROM usb UNION ALL
        SELECT feed, site, day FROM badge
    ) GROUP BY ALL;
    CREATE VIEW IF NOT EXISTS dayless_loads AS
    SELECT NULL::VARCHAR AS feed, 0 AS rejects, NULL::TIMESTAMPTZ AS loaded_at WHERE false"""


def _feed_days(window: Window) -> str:
    return f"""
    CREATE OR REPLACE TABLE feed_day AS
    WITH delivered AS (
        SELECT feed, coalesce(site, '') AS site, day, sum(events)::BIGINT AS events,
            sum(rejects)::BIGINT AS rejects, max(loaded_at) AS loaded_at
        FROM loaded_days GROUP BY ALL
    ),
    -- What was refused says no day: that of the night is meant, the last one that had ended.
    refused AS (
        SELECT feed, c.site, sum(rejects)::BIGINT AS rejects,
            (timezone(c.clock, loaded_at) - epoch(c.starts::TIME) * INTERVAL 1 SECOND)::DATE - 1
                AS day
        FROM dayless_loads JOIN closings AS c USING (feed) GROUP BY ALL
    ),
    pairs AS (
        -- A stamp of the future says nothing of the days before it.
        SELECT f.feed, f.source, coalesce(d.site, '') AS site, min(d.day) AS oldest,
            max(d.day) FILTER (coalesce(d.day <= d.loaded_at::DATE + 1, true)) AS newest
        FROM feeds AS f LEFT JOIN delivered AS d USING (feed) GROUP BY ALL
    ),
    grid AS (
        SELECT p.*, s.day, s.day_type, s.day_type IN {WORK_DAYS} AS work
        FROM pairs AS p JOIN site_days AS s USING (site)
        WHERE s.day BETWEEN DATE '{window.first}' AND DATE '{window.last}'
    ),
    -- The past ends where the feed was last heard: silence must not become what is usual.
    alive AS (
        SELECT g.*, d.day AS until
        FROM grid AS g
        ASOF LEFT JOIN delivered AS d ON d.feed = g.feed AND d.site = g.site AND g.day > d.day
    ),
    past AS (
        SELECT g.feed, g.site, g.day, coalesce(d.events, 0) AS events
        FROM alive AS g
        JOIN site_days AS s
          ON s.site = g.site AND s.day <= g.until AND s.day > g.until - 56 AND s.day >= g.oldest
         AND (s.day_type IN {WORK_DAYS}) = g.work
        LEFT JOIN delivered AS d ON d.feed = g.feed AND d.site = g.site AND d.day = s.day
    ),
    idle AS (SELECT feed, site, day, avg((events = 0)::INTEGER) AS share FROM past GROUP BY ALL),
    -- What spoke once a month is not dead because it is quiet: it never had a usual.
    dead AS (
        SELECT g.feed, g.site, g.day
        FROM alive AS g
        JOIN delivered AS d
          ON d.feed = g.feed AND d.site = g.site AND d.day <= g.until AND d.day > g.until - 56
        WHERE g.day - g.until > 56
        GROUP BY ALL HAVING count(*) >= {LIVELY_DAYS} OR sum(d.events) >= {LIVELY_EVENTS}
    ),
    -- A few days without any event are outages, and must not make the next one usual.
    likes AS (
        SELECT feed, site, day, median(events) AS usual, count_if(events = 0) / count(*) AS empty,
            quantile_disc(events, 0.1) FILTER (WHERE events > 0) AS worst_tenth
        FROM past GROUP BY ALL HAVING count(*) >= 8
    ),
    usual AS (
        SELECT feed, site, day, usual, CASE
            WHEN empty > 0.2 OR worst_tenth IS NULL THEN 0
            WHEN worst_tenth >= 40 THEN least(0.2 * usual, 0.5 * worst_tenth)
            ELSE 1 END AS expected_low
        FROM likes
    ),
    heard AS (SELECT feed, site, day, max(last_at) AS last_at FROM feed_hour GROUP BY ALL)
    SELECT g.feed, g.source, g.site, g.day, g.day_type, coalesce(d.events, 0) AS events,
        coalesce(d.rejects, 0) + coalesce(r.rejects, 0) AS rejects,
        u.usual, u.expected_low, g.until AS last_day, h.last_at,
        coalesce(g.newest > g.day, false)
            OR coalesce(d.loaded_at >= timezone(c.clock, g.day + 1 + c.starts::TIME), false)
            OR (d.day IS NULL AND g.oldest IS NOT NULL AND coalesce(i.share >= 0.5, NOT g.work))
            AS complete,
        p.silent_from, p.silent_until, p.missed,
        g.oldest IS NULL OR g.day < g.oldest OR x.day IS NOT NULL OR p.missed IS NOT NULL
            OR coalesce(coalesce(d.events, 0) < u.expected_low, false) AS silent
    FROM alive AS g
    LEFT JOIN delivered AS d ON d.feed = g.feed AND d.site = g.site AND d.day = g.day
    LEFT JOIN refused AS r ON r.feed = g.feed AND r.site = g.site AND r.day = g.day
    LEFT JOIN feed_gap AS p ON p.feed = g.feed AND p.site = g.site AND p.day = g.day
    LEFT JOIN dead AS x ON x.feed = g.feed AND x.site = g.site AND x.day = g.day
    LEFT JOIN idle AS i ON i.feed = g.feed AND i.site = g.site AND i.day = g.day
    LEFT JOIN closings AS c ON c.feed = g.feed AND c.site = g.site
    LEFT JOIN heard AS h ON h.feed = g.feed AND h.site = g.site AND h.day = g.until
    LEFT JOIN usual AS u ON u.feed = g.feed AND u.site = g.site AND u.day = g.day"""
