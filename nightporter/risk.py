"""From findings to one ranking of people: parts, tactics, days, decay.

Steps as in docs/decisions/0004: findings calibrated against how often the organisation sees
their like, the strongest of each source and tactic, sources combined by Fisher's method,
tactics summed with falling weight, days fading by half a week.
One SQL statement does it, so an analyst can run it again over `findings`.
"""

import duckdb
import polars as pl

from nightporter.lake import Lake
from nightporter.window import Window

# How long a day's score goes on counting, in days.
MEMORY = 42

# How far back the organisation is asked how often it sees such a finding, in days.
CALIBRATION = 60

# The strength of a finding whose detector gives no surprise, by level, in powers of ten.
STRENGTH = {"informational": 0.5, "low": 1.0, "medium": 2.0, "high": 3.0, "critical": 5.0}


def write_risk(lake: Lake, window: Window) -> int:
    """Rank everyone with open findings on each day of `window`; return the rows written."""
    with duckdb.connect() as con:
        con.execute("SET timezone = 'UTC'")
        reach = window.reaching_back(MEMORY + CALIBRATION)
        lake.view(con, "findings", reach)
        lake.view(con, "evidence", reach)
        lake.view(con, "presence", reach)
        rows: pl.DataFrame = con.sql(risk_sql(window)).pl()
    lake.replace_days("risk", rows, window)
    return rows.height


def risk_sql(window: Window) -> str:
    """Return the one statement that turns `findings` and `evidence` into `risk`."""
    strength = " ".join(f"WHEN '{level}' THEN {value}" for level, value in STRENGTH.items())
    days = f"generate_series(DATE '{window.first}', DATE '{window.last}', INTERVAL 1 DAY)"
    return f"""
    WITH said AS (
        SELECT f.finding_id, f.detector, f.tactic, f.day, f.level,
            unnest(CASE WHEN f.user_id IS NULL THEN f.candidates ELSE [f.user_id] END) AS user_id,
            CASE WHEN f.user_id IS NULL THEN len(f.candidates) ELSE 1 END AS shared_by,
            CASE f.level {strength} END AS strength, f.surprise
        FROM findings AS f
        WHERE f.status = 'open' AND (f.user_id IS NOT NULL OR len(f.candidates) > 0)
    ),
    sources AS (SELECT finding_id, min(source) AS source FROM evidence GROUP BY finding_id),
    parts AS (
        SELECT s.*, coalesce(e.source, '') AS source,
            -- A level says how much a finding may weigh, a surprise where within that it lies.
            CASE WHEN s.surprise IS NULL THEN s.strength
                ELSE least(greatest(s.surprise, s.strength / 2), 2 * s.strength)
            END / s.shared_by AS part
        FROM said AS s LEFT JOIN sources AS e USING (finding_id)
    ),
    person_days AS (
        SELECT day, sum(people) OVER (
            ORDER BY day - DATE '1970-01-01'
            RANGE BETWEEN {CALIBRATION - 1} PRECEDING AND CURRENT ROW
        ) AS person_days
        FROM (SELECT day, count(*) AS people FROM presence GROUP BY day)
    ),
    -- No finding is rarer than one among all the person-days that the organisation has had.
    calibrated AS (
        SELECT p.user_id, p.day, p.tactic, p.source, p.finding_id,
            least(any_value(p.part), greatest(0, -log10(
                (1 + count(DISTINCT (o.user_id, o.day)) FILTER (WHERE o.day IS NOT NULL))
                / (coalesce(any_value(n.person_days), 0) + 1)))) AS part
        FROM parts AS p
        LEFT JOIN parts AS o
          ON o.detector = p.detector AND o.user_id <> p.user_id AND o.part >= p.part
         AND o.day BETWEEN p.day - {CALIBRATION - 1} AND p.day
        LEFT JOIN person_days AS n ON n.day = p.day
        GROUP BY ALL
    ),
    strongest AS (
        SELECT user_id, day, tactic, source, max(part) AS part FROM calibrated GROUP BY ALL
    ),
    tactics AS (
        SELECT user_id, day, tactic, {_fisher("list(part)")} AS score FROM strongest GROUP BY ALL
    ),
    ordered AS (
        SELECT *, row_number() OVER (PARTITION BY user_id, day ORDER BY score DESC, tactic) AS place
        FROM tactics
    ),
    days AS (
        SELECT user_id, day, sum(score / pow(2, place - 1)) AS score,
            list(DISTINCT tactic ORDER BY tactic) AS tactics
        FROM ordered WHERE place <= 3 GROUP BY ALL
    ),
    grid AS (
        SELECT DISTINCT d.user_id, g.day
        FROM days AS d JOIN (SELECT unnest({days})::DATE AS day) AS g
          ON g.day BETWEEN d.day AND d.day + {MEMORY - 1}
    ),
    scored AS (
        SELECT g.user_id, g.day,
            sum(pow(2, -(g.day - d.day) / 7.0) * least(d.score, 3)) AS carried,
            coalesce(max(d.score) FILTER (WHERE d.day = g.day), 0) AS today,
            len(list_distinct(flatten(list(d.tactics) FILTER (WHERE d.day > g.day - 7))))
                AS tactics,
            max(d.day) AS last_finding
        FROM grid AS g
        JOIN days AS d ON d.user_id = g.user_id AND d.day BETWEEN g.day - {MEMORY - 1} AND g.day
        GROUP BY ALL
    ),
    rated AS (
        SELECT *, least(1.5, 1 + 0.25 * (greatest(coalesce(tactics, 0), 1) - 1)) AS spread,
            round((carried + 2 * least(today, 10)) * spread, 4) AS risk
        FROM scored
    )
    SELECT user_id, day, risk,
        row_number() OVER (PARTITION BY day ORDER BY risk DESC, user_id) AS rank,
        to_json({{carried: round(carried, 4), today: round(today, 4), spread: spread,
            tactics: coalesce(tactics, 0), last_finding: last_finding::VARCHAR}})::VARCHAR AS parts
    FROM rated"""


def _fisher(parts: str) -> str:
    """Combine independent parts s = -log10 p: the tail of a chi-squared, in closed form.

    A weak second sign never makes a strong one weaker: then the strongest part stands alone.
    """
    total = f"list_sum({parts})"
    t = f"(ln(10) * {total})"
    return (
        f"greatest(list_max({parts}), {total} - log10(CASE len({parts}) WHEN 1 THEN 1"
        f" WHEN 2 THEN 1 + {t} ELSE 1 + {t} + {t} * {t} / 2 END))"
    )


def ranking(lake: Lake, window: Window, size: int, floor: float) -> pl.DataFrame:
    """Return the people to look at for `window`: at most `size` above `floor`, highest first.

    A person stands at the highest risk of the window's days. High and critical findings are
    never cut from the list, unless several people may be meant: then they share the risk, and
    the finding stands among those about no certain person. Columns: place, user_id, risk, day,
    findings, grave, listed_by.
    """
    with duckdb.connect() as con:
        con.execute("SET timezone = 'UTC'")
        lake.view(con, "risk", window)
        lake.view(con, "findings", window)
        rows: pl.DataFrame = con.sql(
            f"""WITH peak AS (
                SELECT user_id, max(risk) AS risk, arg_max(day, (risk, day)) AS day
                FROM risk GROUP BY user_id
            ),
            said AS (
                SELECT level, user_id IS NOT NULL OR len(candidates) = 1 AS certain, unnest(
                    CASE WHEN user_id IS NULL THEN candidates ELSE [user_id] END) AS user_id
                FROM findings WHERE status = 'open'
            ),
            recent AS (
                SELECT user_id, count(*) AS findings,
                    bool_or(certain AND level IN ('high', 'critical')) AS grave
                FROM said GROUP BY user_id
            ),
            placed AS (
                SELECT row_number() OVER (ORDER BY p.risk DESC, p.user_id) AS place,
                    p.user_id, p.risk, p.day, r.findings, r.grave
                FROM peak AS p JOIN recent AS r USING (user_id)
            )
            SELECT *, CASE WHEN place <= {size} AND risk >= {floor} THEN 'risk' ELSE 'level' END
                AS listed_by
            FROM placed WHERE (place <= {size} AND risk >= {floor}) OR grave ORDER BY place"""
        ).pl()
        return rows
