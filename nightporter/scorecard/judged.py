"""Findings that an analyst has judged: those of a case, as far as they were known at its verdict.

Knows acts and findings; no figure.
"""

from collections.abc import Iterable
from datetime import datetime

import duckdb
import polars as pl

from nightporter.desk import Act, standings
from nightporter.lake import Lake

# Of whom a finding is; NULL where several may be meant, or nobody.
WHOSE = "coalesce(user_id, CASE WHEN len(candidates) = 1 THEN candidates[1] END)"
_SHAPE: dict[str, pl.DataType | type[pl.DataType]] = {
    "case_id": pl.String, "user_id": pl.String, "verdict": pl.String, "day": pl.Date,
    "kinds": pl.List(pl.String), "said_at": pl.Datetime("us", "UTC"),
}  # fmt: skip


def judged_findings(
    con: duckdb.DuckDBPyConnection, lake: Lake, acts: Iterable[Act]
) -> pl.DataFrame:
    """Return (finding_id, detector, day, case_id, verdict, withdrawn) of every finding that stood
    when its case got the verdict that stands now; one that waits for a second person is none.

    A finding that came to those days later was not looked at, nor one that an exception hid then.
    One that was withdrawn is nobody's any more, and stays only where it was confirmed: so it is
    known that it was lost.
    """
    verdicts = _verdicts(acts)
    days = set(verdicts["day"])
    lake.view(con, "findings", days, "findings_looked_at")
    lake.view(con, "finding_history", days, "history_looked_at")
    con.register("verdicts_said", verdicts)
    found: pl.DataFrame = con.sql(_JUDGED).pl()
    con.unregister("verdicts_said")
    return found


def _verdicts(acts: Iterable[Act]) -> pl.DataFrame:
    """One row a case and day with findings: what was said of it, and what was known then."""
    rows: list[tuple[str, str, str | None, object, list[str], datetime | None]] = []
    for case in standings(acts).values():
        if case.verdict is not None:
            said = case.verdict
            rows += [
                (case.case_id, case.user_id, case.said, day, list(said.kinds), said.said_at)
                for day in said.days
            ]
    return pl.DataFrame(rows, schema=_SHAPE, orient="row")


# The history says how it stood. Where that has nothing of the time, it was known by either sign: a
# morning's list looks back a few weeks only, and a clock that rehearses later nights is ahead of
# the one by which people speak.
_JUDGED = f"""
    WITH stood AS (
        SELECT v.case_id, v.day, h.finding_id, arg_max(h.status, h.changed_at) AS status
        FROM history_looked_at AS h JOIN verdicts_said AS v
            ON v.day = h.day AND h.changed_at <= v.said_at
        GROUP BY ALL
    )
    SELECT f.finding_id, f.detector, f.day, v.case_id, v.verdict,
        f.status = 'withdrawn' AS withdrawn
    FROM (SELECT *, {WHOSE} AS whose FROM findings_looked_at) AS f
    JOIN verdicts_said AS v ON v.user_id = f.whose AND v.day = f.day
    LEFT JOIN stood AS s ON s.case_id = v.case_id AND s.day = f.day
        AND s.finding_id = f.finding_id
    WHERE coalesce(s.status = 'open',
        list_contains(v.kinds, f.detector) OR f.found_at <= v.said_at)
    QUALIFY row_number() OVER (PARTITION BY f.finding_id ORDER BY v.said_at DESC, v.case_id) = 1
        AND (f.status <> 'withdrawn' OR v.verdict = 'confirmed')
    ORDER BY f.day, f.finding_id"""
