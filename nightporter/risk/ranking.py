"""The lists: whom to look at, for the days that a morning looks back on, and on one day.

Reads stored risk; knows how long a list is, not how a risk comes about.
"""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import NamedTuple

import polars as pl

from nightporter.config.settings import RiskSection
from nightporter.engine import session
from nightporter.lake import Lake
from nightporter.looks import Look
from nightporter.risk.scoring import WHOM
from nightporter.window import Window

# So many days back, the fullest of them says how many people an organisation has.
_WEEK = 7


class Since(NamedTuple):
    """What is new to a reader: findings of `day` and later, and any that came or changed after
    `read_at`."""

    day: date
    read_at: datetime


def list_size(section: RiskSection, people: int) -> int:
    """Return how many places the list has among so many people: `risk.list`."""
    return min(section.list.most, max(section.list.least, people // section.list.per))


def ranking(
    lake: Lake,
    window: Window,
    size: int,
    floor: float,
    without: Collection[str] = (),
    since: Since | None = None,
) -> pl.DataFrame:
    """Return the people to look at for `window`: at most `size` above `floor`, highest first.

    Who is named in `without` leaves the place to the next, and so does, given `since`, of whom
    nothing was found since.

    A person stands at the highest risk of the window's days, or of those since; who is a robot on
    the last of them stands among the robots. High and critical findings are never cut from the
    list, unless several people may be meant: then they share the risk, and the finding stands
    among those about no certain person. Columns: place, user_id, risk, day, factor, because (why
    the factor), findings, grave, case_id, listed_by.
    """
    with session() as con:
        for table in ("risk", "findings"):
            lake.view(con, table, window)
        lake.view(con, "cases")
        lake.view(con, "robots", Window(window.last, window.last))
        rows: pl.DataFrame = con.sql(
            _ranking_sql(window, size, floor, since), params=[sorted(without)]
        ).pl()
        return rows


def _ranking_sql(window: Window, size: int, floor: float, since: Since | None) -> str:
    first = since.day if since else window.first
    new = f"OR changed_at > TIMESTAMPTZ '{since.read_at.isoformat()}'" if since else ""
    return f"""
    WITH peak AS (
        SELECT user_id, max(risk) AS risk, arg_max(day, (risk, day)) AS day,
            arg_max(factor, (risk, day)) AS factor, arg_max(reasons, (risk, day)) AS because
        FROM risk ANTI JOIN robots USING (user_id)
        WHERE NOT list_contains($1::VARCHAR[], user_id) AND day >= DATE '{first}' GROUP BY user_id
    ),
    said AS (
        SELECT level, user_id IS NOT NULL OR len(candidates) = 1 AS certain, {WHOM} AS user_id
        FROM findings WHERE status = 'open' AND (day >= DATE '{first}' {new})
    ),
    recent AS (
        SELECT user_id, count(*) AS findings,
            bool_or(certain AND level IN ('high', 'critical')) AS grave
        FROM said GROUP BY user_id
    ),
    filed AS (
        SELECT user_id, arg_max(case_id, (opened, case_id)) AS case_id FROM cases
        WHERE status <> 'withdrawn' AND opened <= DATE '{window.last}'
        GROUP BY user_id
    ),
    placed AS (
        SELECT row_number() OVER (ORDER BY p.risk DESC, p.user_id) AS place,
            p.user_id, p.risk, p.day, p.factor, p.because, r.findings, r.grave, f.case_id
        FROM peak AS p JOIN recent AS r USING (user_id) LEFT JOIN filed AS f USING (user_id)
    )
    SELECT *, CASE WHEN place <= {size} AND risk >= {floor} THEN 'risk' ELSE 'level' END
        AS listed_by
    FROM placed WHERE (place <= {size} AND risk >= {floor}) OR grave ORDER BY place"""


def rested(lake: Lake, window: Window, looks: Mapping[str, Look]) -> list[str]:
    """Return who of `looks` stands back on the morning after `window`: the reader's rule, and no
    high or critical finding since that look."""
    if not looks:
        return []
    with session() as con:
        for table in ("risk", "findings"):
            lake.view(con, table, window)
        rows = con.execute(_SINCE, [sorted(looks)]).fetchall()
    return [
        user
        for user, risk, kinds, grave in rows
        if looks[user].is_enough_for(window.last, risk, frozenset(kinds))
        and (grave is None or grave <= looks[user].day)
    ]


_SINCE = f"""
    SELECT user_id, max(r.risk) AS risk, any_value(f.kinds) AS kinds, any_value(f.grave) AS grave
    FROM risk AS r JOIN (
        SELECT user_id, list(DISTINCT detector) AS kinds,
            max(day) FILTER (certain AND level IN ('high', 'critical')) AS grave
        FROM (
            SELECT detector, day, level, user_id IS NOT NULL OR len(candidates) = 1 AS certain,
                {WHOM} AS user_id
            FROM findings WHERE status = 'open'
        ) GROUP BY user_id
    ) AS f USING (user_id)
    WHERE list_contains($1::VARCHAR[], user_id) GROUP BY user_id ORDER BY user_id"""


def listed_sql(section: RiskSection) -> str:
    """Return SQL: who, day, finding_id (the strongest of that day), for everybody whom a day's
    own list names; from `weighed` (who, day, risk, last_finding, findings).

    Findings of that day and a place on the list above the floor, or a high or critical one.
    """
    size = section.list
    return f"""
    WITH sizes AS (
        SELECT d.day, least({size.most}, greatest({size.least},
            coalesce(max(p.people), 0) // {size.per})) AS places
        FROM (SELECT DISTINCT day FROM weighed) AS d
        LEFT JOIN people_day AS p ON p.day BETWEEN d.day - {_WEEK - 1} AND d.day
        GROUP BY d.day
    ),
    placed AS (
        SELECT *, row_number() OVER (PARTITION BY day ORDER BY risk DESC, who) AS place
        FROM weighed
    ),
    grave AS (
        SELECT DISTINCT coalesce(user_id, candidates[1]) AS who, day FROM findings
        WHERE status = 'open' AND level IN ('high', 'critical')
            AND (user_id IS NOT NULL OR len(candidates) = 1)
    )
    SELECT p.who, p.day, p.findings[1].finding_id AS finding_id
    FROM placed AS p
    JOIN sizes AS s USING (day)
    LEFT JOIN grave AS g USING (who, day)
    WHERE p.last_finding = p.day
        AND ((p.place <= s.places AND p.risk >= {section.floor}) OR g.who IS NOT NULL)"""
