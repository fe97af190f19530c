"""Slow sums: what a person did in 14, 30, 90 and 365 days, beside the year before that.

A sum is the difference of two running sums, and those are kept of every day, so a night reads
a handful of days however long the history is. Peers, exposure and tail are those of the day's
count (docs/decisions/0015). Works on `presence`, `past_counts` and `member`.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

import duckdb

from nightporter.features.counting import ensure_past
from nightporter.features.declared import FEATURES
from nightporter.features.tail import tail
from nightporter.shapes import SLOW
from nightporter.window import Window

# The yardstick of a sum: so many days before it begin.
BEFORE = 365
# A horizon within the days of presence that every night reads.
_LATELY = 90
# Days of presence run on beside the counts, under a name that no feature has.
_PRESENT = "present"
# Rows at once, so that a first night over months needs no more memory than later ones.
_ROWS = 2_000_000
# Sums of weeks swing by more than their days: no fit may be narrower than a fifth either way.
_LEAST_DISPERSION = 0.05
# A CUSUM of days: the slack of each, and the most that one wild day can add.
_SLACK, _MOST = 0.5, 3
_COLUMNS = "user_id, day, feature, total, capped, squares, cusum"


def slow_days(window: Window, stored: Sequence[date]) -> set[date]:
    """Return the days among `stored` whose running sums the days of `window` need."""
    backs = {0, *SLOW, *(horizon + BEFORE for horizon in SLOW)}
    wanted = {day - timedelta(days=back) for day in window for back in backs}
    wanted |= {window.first - timedelta(days=1)}
    earlier = sorted(day for day in stored if day < window.first)
    return {max(known) for want in wanted if (known := [day for day in earlier if day <= want])}


def write_slow(con: duckdb.DuckDBPyConnection, window: Window) -> None:
    """Create `user_slow`, with its earlier rows from history, and `slow_total`, kept of each day.

    Reads past_slow_total, which must hold the days that `slow_days` names.
    """
    for table in ("slow_total", "user_slow"):
        ensure_past(con, table)
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE slow_known AS
        SELECT {_COLUMNS} FROM past_slow_total WHERE day < DATE '{window.first}';
        CREATE OR REPLACE TABLE user_slow AS
        SELECT * FROM past_user_slow WHERE day < DATE '{window.first}';
        CREATE OR REPLACE TEMP TABLE slow_horizons AS SELECT unnest({list(SLOW)}) AS h"""
    )
    for part in _parts(con, window):
        con.execute(_running(part))
        con.execute(_sources(part))
        con.execute(_sums())
        con.execute(_groups())
        con.execute(_fitted())
        con.execute(_cusum())
        con.execute(_told())
    con.execute(
        f"""CREATE OR REPLACE TABLE slow_total AS
        SELECT {_COLUMNS} FROM slow_known WHERE day >= DATE '{window.first}'"""
    )


def _parts(con: duckdb.DuckDBPyConnection, window: Window) -> Iterator[Window]:
    """Cut the window so that a part has about as many rows as fit into memory."""
    (pairs,) = con.execute(
        f"""SELECT count(*) FROM (
            SELECT user_id, feature FROM slow_known UNION ({_new(window)}))"""
    ).fetchall()[0]
    step = max(1, _ROWS // (len(SLOW) * max(1, pairs)))
    for n in range(0, len(window), step):
        first = window.first + timedelta(days=n)
        yield Window(first, min(window.last, first + timedelta(days=step - 1)))


def _new(window: Window, columns: str = "user_id, feature") -> str:
    names = ", ".join(sorted({f"'{feature.name}'" for feature in FEATURES if feature.slow}))
    between = f"day BETWEEN DATE '{window.first}' AND DATE '{window.last}'"
    return f"""
        SELECT {columns} FROM (
            SELECT user_id, day, feature, x, x_capped FROM past_counts WHERE feature IN ({names})
            UNION ALL SELECT user_id, day, '{_PRESENT}', 1, 1 FROM presence
        ) WHERE {between}"""


def _running(part: Window) -> str:
    """`slow_now`: the running sums of every person and feature at the end of each day."""
    series = f"generate_series(DATE '{part.first}', DATE '{part.last}', INTERVAL 1 DAY)"
    return f"""
    CREATE OR REPLACE TEMP TABLE slow_now AS
    WITH new AS ({_new(part, "user_id, day, feature, x, x_capped")}),
    before AS (
        SELECT * FROM slow_known WHERE day = (
            SELECT max(day) FROM slow_known WHERE day < DATE '{part.first}')
    ),
    pairs AS (SELECT user_id, feature FROM before UNION SELECT user_id, feature FROM new)
    SELECT p.user_id, d.day, p.feature, coalesce(n.x, 0) AS x,
        coalesce(b.total, 0) + sum(coalesce(n.x, 0)) OVER own AS total,
        coalesce(b.capped, 0) + sum(coalesce(n.x_capped, 0)) OVER own AS capped,
        coalesce(b.squares, 0) + sum(coalesce(n.x_capped * n.x_capped, 0)) OVER own AS squares,
        coalesce(b.cusum, 0) AS cusum
    FROM pairs AS p
    CROSS JOIN (SELECT unnest({series})::DATE AS day) AS d
    LEFT JOIN new AS n USING (user_id, feature, day)
    LEFT JOIN before AS b ON b.user_id = p.user_id AND b.feature = p.feature
    WINDOW own AS (PARTITION BY p.user_id, p.feature ORDER BY d.day)
    -- Before the first time nobody is a peer in it: a night does not know who will be.
    QUALIFY b.user_id IS NOT NULL OR count(n.x) OVER own > 0"""


def _sources(part: Window) -> str:
    """Which day's running sums stand for a day so far back: the newest that is kept by then."""
    return f"""
    INSERT INTO slow_known SELECT {_COLUMNS} FROM slow_now;
    CREATE OR REPLACE TEMP TABLE slow_backs AS
    WITH known AS (SELECT DISTINCT day FROM slow_known)
    SELECT d.day, h, (SELECT max(day) FROM known AS k WHERE k.day <= d.day - h) AS near,
        (SELECT max(day) FROM known AS k WHERE k.day <= d.day - h - {BEFORE}) AS far
    FROM known AS d CROSS JOIN slow_horizons
    WHERE d.day BETWEEN DATE '{part.first}' AND DATE '{part.last}'"""


def _sums() -> str:
    """`slow_sum`: x in the horizon's n days of presence; s in the year's o days before it."""
    return f"""
    CREATE OR REPLACE TEMP TABLE slow_sum AS
    WITH differences AS (
        SELECT w.user_id, w.day, w.feature, b.h, w.x AS x_day,
            w.total - coalesce(a.total, 0) AS x,
            coalesce(a.capped, 0) - coalesce(z.capped, 0) AS s,
            coalesce(a.squares, 0) - coalesce(z.squares, 0) AS ss
        FROM slow_now AS w
        JOIN slow_backs AS b USING (day)
        LEFT JOIN slow_known AS a
            ON a.user_id = w.user_id AND a.feature = w.feature AND a.day = b.near
        LEFT JOIN slow_known AS z
            ON z.user_id = w.user_id AND z.feature = w.feature AND z.day = b.far
    ),
    -- Who is away for longer is in no group: a night has forgotten whose peer that was.
    present AS (
        SELECT user_id, day, h, x_day > 0 AS here, x AS n, s AS o
        FROM differences WHERE feature = '{_PRESENT}'
        QUALIFY max(x) FILTER (h = {_LATELY}) OVER (PARTITION BY user_id, day) > 0
    )
    SELECT d.*, p.here, p.n, p.o FROM differences AS d JOIN present AS p USING (user_id, day, h)
    WHERE d.feature <> '{_PRESENT}'"""


def _middle(values: str, people: str) -> str:
    """The lower median of `people` of whom those without a value have 0."""
    at = f"ceil({people} / 2)::BIGINT - ({people} - len({values}))"
    return f"CASE WHEN {at} > 0 THEN {values}[{at}] ELSE 0 END"


def _groups() -> str:
    """`slow_peer`: what is usual a day, and in all, among those who were there before and now."""
    return f"""
    CREATE OR REPLACE TEMP TABLE slow_peer AS
    WITH there AS (
        SELECT m.level, m.peer_group, p.day, b.h, count(*) AS people
        FROM (SELECT DISTINCT user_id, day, h FROM slow_sum WHERE n > 0 AND o >= 5) AS p
        JOIN slow_backs AS b USING (day, h) JOIN member AS m USING (user_id) GROUP BY ALL
    ),
    listed AS (
        SELECT m.level, m.peer_group, s.day, s.h, s.feature,
            list(s.s / s.o ORDER BY s.s / s.o) AS rates, list(s.x ORDER BY s.x) AS sums
        FROM slow_sum AS s JOIN member AS m USING (user_id)
        WHERE s.n > 0 AND s.o >= 5 GROUP BY ALL
    )
    SELECT t.level, t.peer_group, t.day, t.h, t.people, l.feature,
        {_middle("l.rates", "t.people")} AS g,
        -- Nobody is a peer of oneself.
        CASE WHEN t.people > 1 THEN {_middle("l.sums", "t.people")} ELSE 0 END AS peers
    FROM there AS t JOIN listed AS l USING (level, peer_group, day, h)"""


def _fitted() -> str:
    """`slow_fit`: what was to be expected of every sum, by the nearest group of ten or more."""
    return f"""
    CREATE OR REPLACE TEMP TABLE slow_fit AS
    WITH nearest AS (
        SELECT s.*, p.level, p.peer_group, coalesce(p.people, 0) AS people,
            coalesce(p.g, 0) AS g, coalesce(p.peers, 0) AS peers,
            CASE WHEN s.o >= 5 THEN greatest(0, (s.ss - s.s * s.s / s.o) / (s.o - 1) - s.s / s.o)
                / pow(greatest(s.s / s.o, 0.25), 2) ELSE 0 END AS a_day
        FROM slow_sum AS s JOIN member AS m USING (user_id)
        LEFT JOIN slow_peer AS p ON p.level = m.level AND p.peer_group = m.peer_group
            AND p.day = s.day AND p.h = s.h AND p.feature = s.feature
        WHERE s.n > 0
        QUALIFY row_number() OVER (
            PARTITION BY s.user_id, s.day, s.h, s.feature ORDER BY p.level IS NULL,
                CASE WHEN coalesce(p.people, 0) >= 10 THEN m.level ELSE 9 - m.level END
        ) = 1
    ),
    rated AS (
        SELECT *, greatest(CASE WHEN o < 5 THEN g ELSE (5 * g + s) / (5 + o) END,
            0.5 / (5 + o)) AS rate
        FROM nearest
    ),
    busy AS (
        SELECT *, CASE WHEN count(*) FILTER (o >= 5 AND rate * n >= 1) OVER groups >= 10
            THEN least(2.5, greatest(0.5,
                median(x / (rate * n)) FILTER (o >= 5 AND rate * n >= 1) OVER groups))
            ELSE 1 END AS e
        FROM rated WINDOW groups AS (PARTITION BY level, peer_group, day, h, feature)
    ),
    -- The median of squares is 0.455 of their mean where sums swing as they should.
    swung AS (
        SELECT *, rate * n * e AS m,
            CASE WHEN count(*) FILTER (o >= 5 AND rate * n >= 1) OVER groups >= 10
            THEN median((pow(x - rate * n * e, 2) / 0.455 - rate * n * e) / pow(rate * n * e, 2))
                FILTER (o >= 5 AND rate * n >= 1) OVER groups
            ELSE 0.25 END AS a_peer
        FROM busy WINDOW groups AS (PARTITION BY level, peer_group, day, h, feature)
    )
    -- How well `o` days tell a rate is a part of how far a sum may lie from it.
    SELECT *, greatest({_LEAST_DISPERSION}, a_peer, a_day / n + (a_day + 1 / rate) / (5 + o)) AS a
    FROM swung"""


def _cusum() -> str:
    """Each present day adds how far it lies above the yardstick of 30 days, in deviations.

    A deviation divided by the root of its days is how far off the yardstick itself may be.
    """
    return f"""
    UPDATE slow_known AS k SET cusum = c.cusum
    FROM (
        SELECT user_id, day, feature, risen - least(0, min(risen) OVER own) AS cusum
        FROM (
            -- Steps of 1/1024 add up to the same in any order.
            SELECT w.user_id, w.day, w.feature, w.cusum + sum(CASE WHEN f.here AND f.o >= 5
                THEN round(1024 * (least({_MOST}, (f.x_day - rate) / sqrt(rate
                    + greatest(a_day, 0.25) * rate * rate)) - {_SLACK} - 1 / sqrt(5 + f.o))) / 1024
                ELSE 0 END) OVER own AS risen
            FROM slow_now AS w LEFT JOIN slow_fit AS f
                ON f.user_id = w.user_id AND f.day = w.day AND f.feature = w.feature AND f.h = 30
            WHERE w.feature <> '{_PRESENT}'
            WINDOW own AS (PARTITION BY w.user_id, w.feature ORDER BY w.day)
        ) WINDOW own AS (PARTITION BY user_id, feature ORDER BY day)
    ) AS c
    WHERE k.user_id = c.user_id AND k.day = c.day AND k.feature = c.feature"""


def _told() -> str:
    """Rows of days on which the person did it: nothing else can have risen."""
    scored = ", ".join(
        f"round(max({value}) FILTER (h = {h}), 6) AS {name}{h}"
        for name, value in (("x", "x"), ("usual", "m"), ("peers", "peers"), ("surprise", "s"))
        for h in SLOW
    )
    return f"""
    INSERT INTO user_slow BY NAME
    WITH scored AS (
        SELECT f.* EXCLUDE (s), CASE
            WHEN x <= m OR x < greatest(floor, 1.5 * m) OR (o < 5 AND people < 10) THEN 0
            -- A quarter is not held to a week: only its group would be the yardstick.
            WHEN f.h > 30 AND o < n / 3 THEN 0
            ELSE {tail("x", "m", "a")} * CASE WHEN o < 5 THEN 0.5 ELSE 1 END END AS s
        FROM slow_fit AS f JOIN floors USING (feature) WHERE x_day > 0
    )
    SELECT s.user_id, s.day, s.feature, {scored},
        round(any_value(k.cusum), 6) AS cusum,
        max(o) FILTER (h = 30)::BIGINT AS n_days
    FROM scored AS s JOIN slow_known AS k USING (user_id, day, feature) GROUP BY ALL"""
