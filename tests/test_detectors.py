"""Every case of every detector that ships, each its own test; and cases that catch a break."""

import functools
import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import duckdb
import polars as pl
import pytest

from nightporter.proof import CaseResult, build, judge, night_of
from nightporter.rules import Case, Detector, Sheet, parse, read_pack, run
from nightporter.shipped import shipped
from nightporter.window import Window

PACK = read_pack([shipped("detectors")])
CASES = [
    pytest.param(detector, case, id=f"{detector.id} {case.kind} {case.name}")
    for detector in PACK.detectors
    for case in detector.cases
]


@functools.cache
def night(id: str, at: int) -> tuple[duckdb.DuckDBPyConnection, Window]:
    """Return the night of a case, made once: broken detectors run over the same one."""
    world = build(PACK[id].cases[at], PACK[id].path)
    return night_of(world, reads=PACK[id].query.tables), world.window


def judged(detector: Detector, at: int) -> CaseResult:
    con, window = night(detector.id, at)
    return judge(detector, detector.cases[at], run(con, detector, window, {}))


def test_every_file_of_the_pack_can_be_read() -> None:
    assert [str(error) for error in PACK.errors] == []


@pytest.mark.parametrize(("detector", "case"), CASES)
def test_case(detector: Detector, case: Case) -> None:
    result = judged(detector, detector.cases.index(case))
    assert result.passed, str(result)


@pytest.mark.parametrize(("detector", "case"), CASES)
def test_a_night_scanned_alone_says_what_it_says_among_others(
    detector: Detector, case: Case
) -> None:
    """A night scans one day, a new installation many: they must say the same.

    Each night is scanned over the book of the whole case: so a detector is held to the days
    that it may read, those of its `lookback` and none after the night. What the book itself must
    hold of the days before is not proved here.
    """
    con, window = night(detector.id, detector.cases.index(case))
    together = run(con, detector, window, {})
    for one in nights(window, together):
        alone = run(con, detector, Window(one, one), {})
        assert rows(alone) == rows(together.filter(pl.col("day") == one))


def nights(window: Window, found: pl.DataFrame) -> Iterator[date]:
    """Yield the days with findings, those after them, and the last day: all would take long."""
    near = {day + timedelta(days=n) for day in found["day"] for n in (0, 1)}
    yield from sorted(day for day in {*near, window.last} if day in set(window))


def rows(found: pl.DataFrame) -> list[str]:
    return sorted(repr(row) for row in found.iter_rows())


@pytest.mark.parametrize("detector", PACK.detectors, ids=lambda detector: detector.id)
def test_a_detector_has_cases_of_both_kinds_and_says_what_it_cannot_see(detector: Detector) -> None:
    assert {case.kind for case in detector.cases} == {"fires", "silent"}
    assert detector.header.blindspots
    assert detector.header.falsepositives
    assert detector.header.triage


@pytest.mark.parametrize("detector", PACK.detectors, ids=lambda detector: detector.id)
def test_a_blind_spot_points_only_to_detectors_that_ship(detector: Detector) -> None:
    named = re.findall(r"see (\w+_\w+)", " ".join(detector.header.blindspots))
    assert set(named) <= {each.id for each in PACK.detectors}


@pytest.mark.parametrize("detector", PACK.detectors, ids=lambda detector: detector.id)
def test_every_knob_has_a_reason_beside_or_above_it(detector: Detector) -> None:
    assert [knob.name for knob in detector.query.knobs if not knob.reason] == []


def breaks() -> Iterator[tuple[str, str, str]]:
    """Each line of tests/breaks/ID.txt, `old => new`, breaks the detector ID at one place."""
    for path in sorted((Path(__file__).parent / "breaks").iterdir()):
        for line in path.read_text("utf-8").splitlines():
            old, _, new = line.partition(" =>")
            yield path.stem, old.replace("\\n", "\n"), new.strip().replace("\\n", "\n")


@pytest.mark.parametrize("detector", PACK.detectors, ids=lambda detector: detector.id)
def test_every_knob_is_turned_both_ways_by_some_break(detector: Detector) -> None:
    turned = [old for id, old, _ in breaks() if id == detector.id]
    for knob in detector.knobs:
        assert sum(f"'{knob}'" in old for old in turned) >= 2, knob


@pytest.mark.parametrize(("id", "old", "new"), list(breaks()))
def test_a_broken_detector_fails_a_case(id: str, old: str, new: str) -> None:
    whole = PACK[id]
    sql, mark, cases = whole.text.partition("\n-- /// fires")
    assert old in sql
    broken = parse(Sheet(whole.path, sql.replace(old, new) + mark + cases))
    assert not all(judged(broken, at).passed for at in range(len(broken.cases)))
