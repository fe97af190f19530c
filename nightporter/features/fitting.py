"""The mean and dispersion expected of each person's day, from own past and peers.

Reads the temporary tables of `surprise`: active, member, past_counts, counted.
"""

from datetime import date

import duckdb

from nightporter.window import Window

# A slow insider must not train his own yardstick: the newest days are left out, except in
# the first weeks of a deployment, when there is nothing else.
LAG = 14
REACH = 104  # days back; with the lag this leaves 90


def fit(
    con: duckdb.DuckDBPyConnection, window: Window, grown: date, value: str, again: bool = False
) -> None:
    """Insert into `fitted` what was to be expected of every count in `window`.

    Days before `grown` learn from every day before them, others leave out the newest. `value` is
    the column of past_counts to learn from: x, or the winsorised x_capped. `again` says that
    nothing before `window` has changed since it was fitted last.
    Columns: m expected mean, a dispersion, n own days, g peers' usual, e exposure of the day.
    """
    between = f"day BETWEEN DATE '{window.first}' AND DATE '{window.last}'"
    # A night has one day: what is a window of days for many is a plain sum for one.
    one = len(window) == 1
    if one and not again:
        con.execute(_sums_of_a_day(window, 0 if window.first < grown else LAG))
    con.execute(_past_of_a_day(window, value) if one else _past_of_days(window, grown, value))
    con.execute(_peers())
    con.execute(_base(between))
    con.execute(_exposure())
    con.execute(_fitted())


def _past_of_days(window: Window, grown: date, value: str) -> str:
    """Days and sums before each scanned day, zeros included, by work and rest days."""
    series = f"generate_series(DATE '{window.first}', DATE '{window.last}', INTERVAL 1 DAY)"
    days = f"SELECT unnest({series})::DATE AS day"
    newest = f"CASE WHEN day < DATE '{grown}' THEN 1 ELSE {LAG + 1} END"
    past = (
        f"ORDER BY day - DATE '1970-01-01' RANGE BETWEEN {REACH} PRECEDING AND {newest} PRECEDING"
    )
    return f"""
    CREATE OR REPLACE TEMP TABLE own AS
    WITH grid AS (
        SELECT user_id, day FROM (SELECT DISTINCT user_id FROM active) CROSS JOIN ({days})
    ),
    exposed AS (
        SELECT user_id, day, scanned, count(*) FILTER (WHERE work) OVER past AS n_work,
            count(*) FILTER (WHERE NOT work) OVER past AS n_rest
        FROM (
            SELECT user_id, day, CASE WHEN NOT dropped THEN work END AS work, false AS scanned
            FROM active
            UNION ALL SELECT user_id, day, NULL, true FROM grid
        )
        WINDOW past AS (PARTITION BY user_id {past})
        QUALIFY scanned
    ),
    summed AS (
        SELECT user_id, day, feature, scanned, {_sums("v", " OVER past")}
        FROM (
            SELECT p.user_id, p.day, p.feature, p.{value} AS v, p.x, t.work, false AS scanned
            FROM past_counts AS p JOIN active AS t USING (user_id, day) WHERE NOT t.dropped
            UNION ALL
            SELECT user_id, day, feature, NULL, NULL, NULL, true
            FROM grid CROSS JOIN (SELECT DISTINCT feature FROM past_counts)
        )
        WINDOW past AS (PARTITION BY user_id, feature {past})
        QUALIFY scanned
    )
    {_OWN}"""


def _sums_of_a_day(window: Window, lag: int) -> str:
    """The past of one day, read once: `day_sums` of x and of x_capped, and `day_exposed`."""
    day = f"DATE '{window.first}'"
    between = f"day BETWEEN {day} - {REACH} AND {day} - {lag + 1}"
    sums = ", ".join(_sums(value, as_=f"_{value}") for value in ("x", "x_capped"))
    return f"""
    CREATE OR REPLACE TEMP TABLE day_exposed AS
    SELECT user_id, {day} AS day, count(*) FILTER (WHERE work AND known) AS n_work,
        count(*) FILTER (WHERE NOT work AND known) AS n_rest
    FROM (SELECT user_id, work, NOT dropped AND {between} AS known FROM active) GROUP BY user_id;
    CREATE OR REPLACE TEMP TABLE day_sums AS
    SELECT p.user_id, p.feature, {sums}
    FROM (FROM past_counts WHERE {between}) AS p
    SEMI JOIN (SELECT DISTINCT feature FROM counted) AS c ON c.feature = p.feature
    JOIN (FROM active WHERE NOT dropped AND {between}) AS t
      ON t.user_id = p.user_id AND t.day = p.day
    GROUP BY ALL"""


def _past_of_a_day(window: Window, value: str) -> str:
    """The same for one day, of the features that somebody did on it."""
    sums = ", ".join(f"coalesce(k.{name}_{value}, 0) AS {name}" for name in _SUMS)
    return f"""
    CREATE OR REPLACE TEMP TABLE own AS
    WITH exposed AS (FROM day_exposed),
    summed AS (
        SELECT e.user_id, e.day, f.feature, {sums}
        FROM exposed AS e CROSS JOIN (SELECT DISTINCT feature FROM counted) AS f
        LEFT JOIN day_sums AS k ON k.user_id = e.user_id AND k.feature = f.feature
    )
    {_OWN}"""


_SUMS = {
    f"{name}_{kind}": (aggregate, which)
    for name, aggregate in (("s", "sum({0})"), ("ss", "sum({0} * {0})"), ("max", "max(x)"))
    for kind, which in (("work", "work"), ("rest", "NOT work"))
}


def _sums(value: str, over: str = "", as_: str = "") -> str:
    return ", ".join(
        f"coalesce({aggregate.format(value)} FILTER (WHERE {which}){over}, 0) AS {name}{as_}"
        for name, (aggregate, which) in _SUMS.items()
    )


def _dispersion(kind: str) -> str:
    mean = f"(s.s_{kind} / e.n_{kind})"
    variance = f"((s.ss_{kind} - s.s_{kind} * {mean}) / (e.n_{kind} - 1))"
    return (
        f"CASE WHEN e.n_{kind} >= 2 THEN greatest(0,"
        f" ({variance} - {mean}) / pow(greatest({mean}, 0.25), 2)) END"
    )


_OWN = f"""
    SELECT s.user_id, s.day, s.feature, e.n_work, e.n_rest, s.s_work, s.s_rest,
        s.max_work, s.max_rest,
        {_dispersion("work")} AS a_work, {_dispersion("rest")} AS a_rest
    FROM summed AS s JOIN exposed AS e USING (user_id, day)"""


def _peers() -> str:
    """The median member of every peer group on every scanned day."""
    return """
    CREATE OR REPLACE TEMP TABLE peer AS
    SELECT m.level, m.peer_group, o.day, o.feature,
        count(*) FILTER (WHERE n_work > 0) AS members_work,
        count(*) FILTER (WHERE n_rest > 0) AS members_rest,
        coalesce(median(s_work / n_work) FILTER (WHERE n_work > 0), 0) AS g_work,
        coalesce(median(s_rest / n_rest) FILTER (WHERE n_rest > 0), 0) AS g_rest,
        coalesce(median(a_work) FILTER (WHERE n_work >= 5), 1) AS a_work,
        coalesce(median(a_rest) FILTER (WHERE n_rest >= 5), 1) AS a_rest,
        coalesce((sum(s_rest) / nullif(sum(n_rest), 0))
            / nullif(sum(s_work) / nullif(sum(n_work), 0), 0), 1) AS rest_ratio
    FROM own AS o JOIN member AS m USING (user_id)
    GROUP BY ALL"""


def _base(between: str) -> str:
    """Own mean drawn towards the peers', before the exposure of the day: towards the nearest group
    with ten members, which is that of a person and day, whatever the feature.

    Few own rest days (fewer than 4): own work-day mean times the group's rest/work ratio,
    or what the group does on a rest day, whichever is more.
    Few own days at all (fewer than 5): the peers alone.
    """
    return f"""
    CREATE OR REPLACE TEMP TABLE base AS
    WITH sizes AS (SELECT DISTINCT level, peer_group, day, members_work, members_rest FROM peer),
    nearest AS (
        SELECT o.user_id, o.day, t.work, m.level, m.peer_group,
            NOT t.work AND o.n_rest < 4 AND o.n_work >= 5 AS borrowed,
            CASE WHEN t.work OR borrowed THEN p.members_work ELSE p.members_rest END AS members
        FROM (SELECT DISTINCT user_id, day, n_work, n_rest FROM own WHERE {between}) AS o
        JOIN active AS t USING (user_id, day)
        JOIN member AS m USING (user_id)
        JOIN sizes AS p ON p.level = m.level AND p.peer_group = m.peer_group AND p.day = o.day
        QUALIFY row_number() OVER (
            PARTITION BY o.user_id, o.day
            ORDER BY CASE WHEN members >= 10 THEN m.level ELSE 9 - m.level END
        ) = 1
    ),
    -- All have such a row; a join that could leave one out might be made by the day alone, first.
    beside AS (
        SELECT o.*, n.* EXCLUDE (user_id, day), p.rest_ratio, p.g_rest,
            CASE WHEN n.work OR n.borrowed THEN p.g_work ELSE p.g_rest END AS g,
            CASE WHEN n.work OR n.borrowed THEN p.a_work ELSE p.a_rest END AS a_peer
        FROM own AS o JOIN nearest AS n USING (user_id, day)
        LEFT JOIN peer AS p ON p.level = n.level AND p.peer_group = n.peer_group
            AND p.day = o.day AND p.feature = o.feature
    ),
    own_kind AS (
        SELECT *, CASE WHEN work OR borrowed THEN n_work ELSE n_rest END AS n,
            CASE WHEN work OR borrowed THEN s_work ELSE s_rest END AS s,
            CASE WHEN work OR borrowed THEN a_work ELSE a_rest END AS a_own,
            CASE WHEN work THEN max_work ELSE max_rest END AS usual_max,
            CASE WHEN g < 0.25 THEN 10 ELSE 5 END AS k0
        FROM beside
    )
    SELECT user_id, day, feature, level, peer_group, n, g, members, usual_max, k0,
        CASE WHEN borrowed
            THEN greatest((k0 * g + s) / (k0 + n) * rest_ratio,
                (k0 * g_rest + s_rest) / (k0 + n_rest))
            WHEN n < 5 THEN g
            ELSE (k0 * g + s) / (k0 + n) END AS m0,
        greatest(0.001, (20 * a_peer + n * coalesce(a_own, a_peer)) / (20 + n)) AS a
    FROM own_kind"""


def _exposure() -> str:
    """How busy the whole group is today, from people who usually do this: quarter ends."""
    return """
    CREATE OR REPLACE TEMP TABLE exposure AS
    SELECT b.level, b.peer_group, b.day, b.feature,
        CASE WHEN count(*) >= 10
            THEN least(2.5, greatest(0.5, median(coalesce(c.x, 0) / b.m0))) ELSE 1 END AS e
    FROM base AS b LEFT JOIN counted AS c USING (user_id, day, feature)
    WHERE b.m0 >= 1
    GROUP BY ALL"""


def _fitted() -> str:
    """A first use ever is surprising, not infinite: the mean never falls under 0.5/(k0 + n)."""
    return """
    INSERT INTO fitted
    SELECT c.user_id, c.day, c.feature, c.x,
        greatest(b.m0 * coalesce(e.e, 1), 0.5 / (b.k0 + b.n)) AS m,
        b.a, b.n, b.g, coalesce(e.e, 1), b.usual_max, b.members
    FROM counted AS c
    JOIN base AS b USING (user_id, day, feature)
    LEFT JOIN exposure AS e USING (level, peer_group, day, feature)"""
