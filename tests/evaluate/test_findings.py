"""What detectors say by themselves: cases they speak of, innocents, and who judged at all."""

from pathlib import Path

import polars as pl
import pytest
from evaluate.frames import day, truth_of

from nightporter.evaluate.findings import findings_said, found_by_each, judging
from nightporter.lake import Lake
from nightporter.schema import TABLES
from nightporter.window import Window

TRUTH = truth_of(
    ("slow_ramp", "insider", "eve", {2: 10, 8: 90}),
    ("slow_ramp", "insider", "kim", {2: 10}),
    ("migration", "lookalike", "mig", {3: 0}),
)
TESTED = Window(day(0), day(20))
# Detector, who, who may be meant, offset of the day, status, level.
SAID = [
    ("loud", "eve", None, 5, "open", "high"),
    ("loud", "eve", None, 6, "open", "high"),
    ("loud", None, ["ana", "kim"], 2, "open", "medium"),
    ("loud", "mig", None, 3, "open", "high"),
    ("loud", "eve", None, 1, "open", "low"),
    ("gone", "eve", None, 2, "withdrawn", "high"),
    ("late", "kim", None, 6, "open", "high"),
]


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    lake = Lake(str(tmp_path))
    names = ("detector", "user_id", "candidates", "day", "status", "level")
    rows = [dict(zip(names, (*row[:3], day(row[3]), *row[4:]), strict=True)) for row in SAID]
    _append(lake, "findings", rows)
    stages = [("features", "done"), ("loud", "stale"), ("loud", "failed"), ("gone", "failed")]
    _append(
        lake, "windows", [{"stage": s, "day": day(1), "status": status} for s, status in stages]
    )
    return lake


def _append(lake: Lake, table: str, rows: list[dict[str, object]]) -> None:
    shape = TABLES[table].columns
    frame = pl.DataFrame(rows, schema_overrides={k: x for k, x in shape.items() if k in rows[0]})
    lacking = [pl.lit(None, kind).alias(k) for k, kind in shape.items() if k not in rows[0]]
    lake.append(table, frame.with_columns(lacking))


def test_a_case_is_found_once_by_name_or_as_one_of_several_on_a_day_that_counts(
    lake: Lake,
) -> None:
    found = found_by_each(lake, TRUTH, TESTED)
    assert found.rows() == [("loud", "slow_ramp", 2)]


def test_what_is_said_of_an_insider_counts_until_the_first_deed(lake: Lake) -> None:
    said = findings_said(lake, TRUTH, TESTED).drop("people").rows()
    assert said == [("loud", False, 1, 0), ("loud", True, 2, 1)]


def test_who_judged_no_day_has_no_figures(lake: Lake) -> None:
    assert judging(lake, TESTED) == ["loud"]
