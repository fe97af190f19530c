"""How surprising a person's day is: a negative-binomial tail over own past and peers.

Method: the shrunken count model of docs/decisions/0003.
Works on `presence` and `counted`; knows no event and no detector.
"""

from datetime import date, timedelta

import duckdb

from nightporter.features.counting import WORK_DAYS, ensure_past
from nightporter.features.declared import FEATURES
from nightporter.features.fitting import fit
from nightporter.features.tail import tail
from nightporter.window import Window

# Days of people that a verdict called malicious: left out of what is usual for the days that are
# scanned from `since` to `until` (null: still).
CONFIRMED = "confirmed (user_id VARCHAR, day DATE, since DATE, until DATE)"
YOUNG = 29  # days of a deployment in which even the newest days are learned from


def write_user_days(con: duckdb.DuckDBPyConnection, window: Window) -> None:
    """Create `user_day`: the days of `window`, and those of `kept_user_day` as they were stored.

    Two passes: the first winsorises each new day against its own unwinsorised fit, the
    second scores against the winsorised past. Neither reads a later day.
    """
    ensure_past(con, "user_day")
    ensure_past(con, "user_day", "kept_user_day")
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE new_counts AS
        SELECT user_id, day, feature, x, x AS x_capped FROM counted;
        -- The past is read where it lies: of a copy each row would be read once again.
        CREATE OR REPLACE TEMP VIEW past_counts AS
        SELECT user_id, day, feature, x, coalesce(x_capped, x) AS x_capped
        FROM past_user_day WHERE day < DATE '{window.first}'
        UNION ALL FROM new_counts"""
    )
    con.execute(f"CREATE TEMP TABLE IF NOT EXISTS {CONFIRMED}")
    _write_people(con)
    _fit_all(con, window, "x")
    con.execute(_winsorised())
    one = len(window) == 1
    # Where nothing was cut it would say the same; of one day, to ask costs as much.
    if one or _any_capped(con):
        _fit_all(con, window, "x_capped", again=one)
    con.execute(f"CREATE OR REPLACE TABLE user_day AS {_scored(window)}")


def _write_people(con: duckdb.DuckDBPyConnection) -> None:
    con.execute(_active("false"))
    floors = {feature.name: feature.floor for feature in FEATURES}  # some have two declarations
    rows = ", ".join(map(str, floors.items()))
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE floors AS
        SELECT feature, floor::DOUBLE AS floor FROM (VALUES {rows}) AS f (feature, floor);
        CREATE OR REPLACE TEMP TABLE member AS
        WITH known AS (SELECT DISTINCT user_id FROM active),
        levels AS (
            SELECT k.user_id, unnest([1, 2, 3, 4]) AS level,
                unnest([p.team, p.role, p.department, '']) AS peer_group
            FROM known AS k LEFT JOIN people AS p USING (user_id)
        )
        SELECT user_id, level, peer_group FROM levels WHERE peer_group IS NOT NULL
        QUALIFY level = 4 OR count(*) OVER (PARTITION BY level, peer_group) >= 10"""
    )


def _cut(con: duckdb.DuckDBPyConnection, window: Window) -> list[Window]:
    """Cut the window where a verdict was given or taken back."""
    rows = con.execute(
        "SELECT DISTINCT unnest([since, until + 1]) AS day FROM confirmed ORDER BY day"
    ).fetchall()
    firsts = [window.first, *(day for (day,) in rows if day and window.first < day <= window.last)]
    lasts = [*(day - timedelta(days=1) for day in firsts[1:]), window.last]
    return [Window(first, last) for first, last in zip(firsts, lasts, strict=True)]


def _active(dropped: str) -> str:
    """Who was there when, on what kind of day, and whether the day is `dropped` as a past."""
    return f"""
    CREATE OR REPLACE TEMP VIEW active AS
    SELECT user_id, day, day_type IN {WORK_DAYS} AS work, {dropped} AS dropped FROM presence"""


def _confirmed_by(day: date) -> str:
    """Which days were known for malicious when `day` was scanned: they are nobody's habit."""
    return f"""(user_id, day) IN (
        SELECT (user_id, day) FROM confirmed
        WHERE since <= DATE '{day}' AND coalesce(until >= DATE '{day}', true))"""


def _fit_all(
    con: duckdb.DuckDBPyConnection, window: Window, value: str, again: bool = False
) -> None:
    con.execute(
        """CREATE OR REPLACE TEMP TABLE fitted (
            user_id VARCHAR, day DATE, feature VARCHAR, x DOUBLE, m DOUBLE, a DOUBLE, n BIGINT,
            g DOUBLE, e DOUBLE, usual_max DOUBLE, peers BIGINT)"""
    )
    (start,) = con.execute("SELECT min(day) FROM active").fetchall()[0]
    if not isinstance(start, date):
        return
    (any_,) = con.execute("SELECT count(*) > 0 FROM confirmed").fetchall()[0]
    for part in _cut(con, window):
        con.execute(_active(_confirmed_by(part.first) if any_ else "false"))
        fit(con, part, start + timedelta(days=YOUNG), value, again)


def _winsorised() -> str:
    """Cut each new value at the 98 % point of its own day's fit (Cornish-Fisher)."""
    return """
        UPDATE new_counts AS p SET x_capped = least(p.x, f.cap)
        FROM (
            SELECT user_id, day, feature, ceil(m + sd * (2.054 + 0.536 * skew)) AS cap
            FROM (
                SELECT user_id, day, feature, m, sqrt(m + a * m * m) AS sd,
                    (1 + 2 * a * m) / sqrt(m * (1 + a * m)) AS skew
                FROM fitted WHERE n >= 15
            )
        ) AS f
        WHERE p.user_id = f.user_id AND p.day = f.day AND p.feature = f.feature"""


def _any_capped(con: duckdb.DuckDBPyConnection) -> bool:
    capped = con.execute("SELECT EXISTS (FROM past_counts WHERE x_capped <> x)").fetchall()
    return bool(capped[0][0])


def _scored(window: Window) -> str:
    return f"""
        WITH scored AS (
            SELECT d.*, CASE
                WHEN x <= m OR x < greatest(floor, 1.5 * m) THEN 0
                ELSE {tail("x", "m", "a")} * CASE WHEN n < 5 THEN 0.5 ELSE 1 END
                END AS surprise
            FROM fitted AS d JOIN floors USING (feature)
        )
        SELECT p.user_id, p.day, coalesce(t.day_type, 'workday') AS day_type, p.feature, p.x,
            p.x_capped, round(s.m, 6) AS usual, s.usual_max, round(s.g, 6) AS peers,
            round(s.e, 6) AS exposure, round(s.surprise, 6) AS surprise, coalesce(s.n, 0) AS n_days,
            CASE WHEN s.n < 5 THEN 'low' WHEN s.n < 15 THEN 'medium' WHEN s.n >= 15 THEN 'high' END
                AS confidence
        FROM new_counts AS p
        LEFT JOIN scored AS s ON s.user_id = p.user_id AND s.day = p.day AND s.feature = p.feature
        LEFT JOIN presence AS t ON t.user_id = p.user_id AND t.day = p.day
        UNION ALL BY NAME SELECT * FROM kept_user_day WHERE day < DATE '{window.first}'"""
