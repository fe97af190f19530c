"""The risk of each day, written: robots set aside, scores, factors, cases, ranks, places.

Knows the order of the rooms and their tables.
"""

from collections.abc import Mapping

import duckdb
import polars as pl

from nightporter.config.settings import RiskSection
from nightporter.engine import session
from nightporter.lake import Lake
from nightporter.ranked import PEOPLE_DAY
from nightporter.risk.cases import QUIET
from nightporter.risk.factors import CASE, background, weighed_sql, write_factors
from nightporter.risk.filing import write_cases
from nightporter.risk.ranking import listed_sql
from nightporter.risk.robots import robots_sql
from nightporter.risk.scoring import CALIBRATION, MEMORY, PEOPLE, PLACES, scores_sql
from nightporter.window import Window

_DEFAULT = RiskSection()


def write_risk(
    lake: Lake,
    window: Window,
    section: RiskSection = _DEFAULT,
    tables: Mapping[str, pl.DataFrame] | None = None,
    key: bytes = b"",
) -> int:
    """Rank everyone with open findings on each day of `window`; return the rows written.

    `section` is [risk], `tables` the context files as they were read, `key` that of ids. Writes
    `risk`, `places`, `robots` and `cases`, and the case of each finding into `findings`.
    """
    with session() as con:
        _write_views(con, lake, window)
        robots = _write_robots(con, window)
        con.execute(f"CREATE TEMP TABLE scores AS {scores_sql(window, PEOPLE)}")
        known = background(tables or {}, section.leaver) if section.factors else None
        write_factors(con, window, known)
        con.execute(f"CREATE TEMP TABLE weighed AS {_WEIGHED}")
        listed = con.sql(listed_sql(section)).pl()
        places = con.sql(_places_sql(window)).pl()
        write_cases(con, lake, window, listed, key)
        if section.factors:
            con.execute(_OPEN_CASES)
        rows: pl.DataFrame = con.sql(_RISK).pl()
    lake.replace_days("robots", robots, window)
    lake.replace_days("places", places, window)
    lake.replace_days("risk", rows, window)
    return rows.height


def _write_views(con: duckdb.DuckDBPyConnection, lake: Lake, window: Window) -> None:
    reach = window.reaching_back(MEMORY + CALIBRATION)
    lake.view(con, "findings", reach)
    lake.view(con, "presence", reach)
    lake.view(con, "robots", reach, "past_robots")
    lake.view(con, "evidence", window.reaching_back(MEMORY))
    con.execute(f"CREATE TEMP TABLE people_day AS {PEOPLE_DAY}")


def _write_robots(con: duckdb.DuckDBPyConnection, window: Window) -> pl.DataFrame:
    """Create `robots` for `window` and the days before it; return those of `window`."""
    con.execute(
        f"""CREATE TEMP TABLE robots AS
        SELECT * FROM past_robots WHERE day < DATE '{window.first}'
        UNION ALL BY NAME SELECT * FROM ({robots_sql(window)})"""
    )
    asked = f"SELECT * FROM robots WHERE day >= DATE '{window.first}' ORDER BY day, user_id"
    rows: pl.DataFrame = con.sql(asked).pl()
    return rows


# By what the logs and the register say: a case is never opened by another case.
_WEIGHED = f"""
    SELECT s.who, s.day, s.last_finding, s.parts.findings AS findings,
        s.score * coalesce(w.factor, 1) AS risk
    FROM scores AS s LEFT JOIN ({weighed_sql()}) AS w ON w.user_id = s.who AND w.day = s.day"""

_OPEN_CASES = f"""
    INSERT INTO factors
    SELECT DISTINCT s.who, s.day, 'open case', {CASE}
    FROM scores AS s JOIN filed AS c ON c.user_id = s.who AND s.day > c.opened AND s.day <= c.last
    WHERE s.day - s.last_finding < {QUIET.days}"""

_RISK = f"""
    WITH weighed AS (
        SELECT s.who AS user_id, s.day, round(s.score * coalesce(w.factor, 1), 4) AS risk,
            coalesce(w.factor, 1) AS factor, coalesce(w.reasons, []) AS reasons, s.parts
        FROM scores AS s LEFT JOIN ({weighed_sql()}) AS w ON w.user_id = s.who AND w.day = s.day
    )
    SELECT user_id, day, risk,
        row_number() OVER (PARTITION BY day ORDER BY risk DESC, user_id) AS rank,
        factor, reasons, to_json(parts)::VARCHAR AS parts
    FROM weighed ORDER BY day, rank"""


def _places_sql(window: Window) -> str:
    return f"""
    SELECT split_part(who, ':', 1) AS kind, substr(who, strpos(who, ':') + 1) AS id, day,
        round(score, 4) AS risk,
        row_number() OVER (PARTITION BY day ORDER BY round(score, 4) DESC, who) AS rank,
        to_json(parts)::VARCHAR AS parts
    FROM ({scores_sql(window, PLACES)}) ORDER BY day, rank"""
