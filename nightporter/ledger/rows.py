"""The rows of the ledger: read and written by days, never as a whole.

Which days are worth reading stands in the table's own log: it keeps the least and the greatest
value of each file, and a file is a day. Knows the table `windows`, not what is due.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from datetime import date

import polars as pl

from nightporter.lake import Lake
from nightporter.schema import TABLES

# What the next night tries again by itself.
OPEN = ("failed", "waiting")


@dataclass(frozen=True)
class Row:
    """What the ledger says of one stage and day."""

    version: str
    status: str
    reason: str | None
    events: int
    lake_version: int
    run_id: str
    rows: int
    ms: int


Book = dict[str, dict[date, Row]]


def unsettled(lake: Lake, counts: Mapping[date, int]) -> set[date]:
    """Return the days that hold something open, or whose events are not those that were judged.

    `counts` are the events of each day now. A day with events that has no row counts, too.
    """
    least: dict[date, int] = dict.fromkeys(counts, -1)
    found = set()
    for day, (low, high) in lake.extremes("windows", "events"):
        if low is None or {low, high} != {counts.get(day, 0)}:
            found.add(day)
        least.pop(day, None)
    found |= {day for day, (_, high) in lake.extremes("windows", "open") if high is not False}
    return found | set(least)


def read(lake: Lake, days: Collection[date] | None = None) -> pl.DataFrame:
    """Return the ledger's rows of `days`, or all of them."""
    return lake.read("windows", days)


def by_stage(rows: pl.DataFrame) -> Book:
    """Return `rows` by stage and day."""
    book: Book = {}
    columns = [each.name for each in fields(Row)]
    for stage, day, *rest in rows.select("stage", "day", *columns).iter_rows():
        book.setdefault(stage, {})[day] = Row(*rest)
    return book


def record(lake: Lake, rows: pl.DataFrame) -> None:
    """Replace the ledger's rows for the stages and days in `rows`, in one commit."""
    if rows.is_empty():
        return
    days = sorted(set(rows["day"]))
    kept = lake.read("windows", days).join(rows, on=["stage", "day"], how="anti")
    fresh = rows.with_columns(open=pl.col("status").is_in(OPEN))
    columns = list(TABLES["windows"].columns)
    together = pl.concat([kept.select(columns), fresh.select(columns)], how="vertical_relaxed")
    listed = ", ".join(f"'{day}'" for day in days)
    lake.replace("windows", together.sort("day", "stage"), f"day IN ({listed})")
