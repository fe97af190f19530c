"""What the ledger says of detectors that a site has switched off: never nothing.

Such a day is not evaluated, and stays so: who switches the detector on again has not asked for
the past. What it judged before stands.
"""

from collections.abc import Collection
from dataclasses import replace
from datetime import date

import polars as pl

from nightporter.lake import Lake
from nightporter.ledger import rows as ledger
from nightporter.ledger.days import events_by_day
from nightporter.ledger.planning import LATE, NEVER, OFF
from nightporter.ledger.rows import Row
from nightporter.schema import TABLES


def switched_off(
    lake: Lake, detectors: Collection[str], days: Collection[date], run_id: str
) -> pl.DataFrame:
    """Return the rows of `windows` that have to change for `detectors` on `days`."""
    if not detectors or not days:
        return TABLES["windows"].empty()
    counts, loads = events_by_day(lake), lake.version("loads")
    book = ledger.by_stage(ledger.read(lake, days))
    rows = []
    for detector in detectors:
        for day in days:
            row, events = book.get(detector, {}).get(day), counts.get(day, 0)
            if row is None or not _judged(row):
                fresh = Row("", "not_evaluated", OFF, events, loads, run_id, 0, 0)
            elif row.events != events:
                fresh = replace(row, status="stale", reason=LATE, events=events)
            else:
                continue
            rows.append({"stage": detector, "day": day, **vars(fresh), "open": False})
    return pl.DataFrame(rows, schema=TABLES["windows"].columns)


def _judged(row: Row) -> bool:
    return row.status == "done" or (row.status == "stale" and row.reason != NEVER)
