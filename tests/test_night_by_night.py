"""A night scans one day, a new installation many: they must say the same.

Each night is scanned over the book of the whole case: so a detector is held to the days that
it may read, those of its `lookback` and none after the night. What the book itself must hold
of the days before is not proved here.
"""

from collections.abc import Iterator
from datetime import date, timedelta

import polars as pl
import pytest

from nightporter.proof import build, night_of
from nightporter.rules import Case, Detector, read_pack, run
from nightporter.shipped import shipped
from nightporter.window import Window

CASES = [
    pytest.param(detector, case, id=f"{detector.id} {case.kind} {case.name}")
    for detector in read_pack([shipped("detectors")]).detectors
    for case in detector.cases
]


@pytest.mark.parametrize(("detector", "case"), CASES)
def test_a_night_scanned_alone_says_what_it_says_among_others(
    detector: Detector, case: Case
) -> None:
    world = build(case, detector.path)
    with night_of(world) as con:
        together = run(con, detector, world.window, {})
        for night in nights(world.window, together):
            alone = run(con, detector, Window(night, night), {})
            assert rows(alone) == rows(together.filter(pl.col("day") == night))


def nights(window: Window, found: pl.DataFrame) -> Iterator[date]:
    """Yield the days with findings, those beside them, and the last days: all would take long."""
    near = {day + timedelta(days=n) for day in found["day"] for n in (-1, 0, 1)}
    last = {window.last - timedelta(days=n) for n in (0, 1)}
    yield from sorted(day for day in near | last if day in set(window))


def rows(found: pl.DataFrame) -> list[str]:
    return sorted(repr(row) for row in found.iter_rows())
