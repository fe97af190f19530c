"""Which findings an export holds, and how their evidence is gathered: day by day, in DuckDB.

Knows the lake's findings and evidence, no format. An evidence row becomes text within one query:
Python sees findings, never events.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from nightporter.desk import view_rows_shared, view_shared
from nightporter.engine import session
from nightporter.findings import LEVELS
from nightporter.lake import Lake
from nightporter.names import PLAIN, Mask

STATUSES = ("open", "suppressed", "withdrawn")


@dataclass(frozen=True)
class Selection:
    """Findings of the days `since` to `until` (both included, None: no bound), of `level` or
    above, in one of `statuses`; nothing about people `without`."""

    since: date | None = None
    until: date | None = None
    level: str = LEVELS[0]
    statuses: tuple[str, ...] = STATUSES
    without: frozenset[str] = frozenset()

    def holds(self, day: date) -> bool:
        return (self.since or day) <= day <= (self.until or day)


def found(
    lake: Lake, chosen: Selection, gathered: Mapping[str, str], mask: Mask = PLAIN
) -> Iterator[dict[str, Any]]:
    """Yield each finding by day and id, as a row of `findings` with a column for each `gathered`.

    These are SQL aggregates over the finding's rows of `evidence`; NULL where it has none.
    """
    sums = "".join(f", {sql} AS {name}" for name, sql in gathered.items())
    query = f"""
        WITH chosen AS (
            FROM findings
            WHERE day = $3 AND list_contains($1, status) AND list_contains($2, level)
        ),
        gathered AS (
            SELECT finding_id{sums} FROM evidence SEMI JOIN chosen USING (finding_id)
            WHERE day = $3 GROUP BY finding_id
        )
        FROM chosen LEFT JOIN gathered USING (finding_id) ORDER BY day, finding_id"""
    levels, days = _levels_and_days(lake, chosen)
    with session() as con:
        view_shared(con, lake, chosen.without, days)
        view_rows_shared(con, lake, "evidence", chosen.without, days)
        for day in days:
            values = [list(chosen.statuses), list(levels), day]
            frame: pl.DataFrame = con.sql(query, params=values).pl()
            yield from mask.frame(frame).to_dicts()


def _levels_and_days(lake: Lake, chosen: Selection) -> tuple[tuple[str, ...], list[date]]:
    levels = LEVELS[LEVELS.index(chosen.level) :]
    return levels, [day for day in lake.days("findings") if chosen.holds(day)]
