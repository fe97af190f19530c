"""Until when the camera of a flagged door still shows what happened there.

Reads views of the lake and doors.csv; a door without `camera_days` has no camera here.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

import duckdb
import polars as pl

Row = Mapping[str, Any]

# At most a hundred years: a later day is none that a calendar has.
_KEPT = pl.col("camera_days").cast(pl.Int64, strict=False).clip(upper_bound=36500)


def longest_kept(tables: Mapping[str, pl.DataFrame]) -> int:
    """Return for how many days the camera that keeps its footage longest does, 0 without one."""
    doors = tables.get("doors")
    if doors is None or "camera_days" not in doors.columns:
        return 0
    days = doors.select(_KEPT.max()).item()
    return max(0, days) if isinstance(days, int) else 0


def footage(
    con: duckdb.DuckDBPyConnection, tables: Mapping[str, pl.DataFrame], day: date
) -> list[Row]:
    """Return footage that is not overwritten on the morning after `day`, the soonest gone first.

    Each: door, filmed (calendar day at the site), gone (the day on which it is overwritten),
    people (sorted), detectors. Rests on the views `said_of` (finding_id, detector, person) and
    `filmed_evidence`, of all days that a camera may still show.
    """
    doors = tables.get("doors")
    if doors is None or "camera_days" not in doors.columns:
        return []
    con.register("cameras", doors.select("door_id", _KEPT).to_arrow())
    rows: list[Row] = con.sql(_FOOTAGE, params=[day]).pl().to_dicts()
    con.unregister("cameras")
    return rows


_FOOTAGE = """
    SELECT e.place AS door, e.local_ts::DATE AS filmed,
        filmed + c.camera_days::INTEGER AS gone,
        coalesce(list(DISTINCT s.person ORDER BY s.person) FILTER (s.person IS NOT NULL), [])
            AS people,
        list(DISTINCT s.detector ORDER BY s.detector) AS detectors
    FROM said_of AS s
    JOIN filmed_evidence AS e USING (finding_id)
    JOIN cameras AS c ON c.door_id = e.place
    WHERE e.source = 'badge' AND filmed <= $1 AND gone > $1
    GROUP BY ALL ORDER BY gone, door, filmed"""
