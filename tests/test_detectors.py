"""What proves every detector that ships: its cases, its gates, and breaks that a case catches."""

import functools
import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest
from stored import night, settings, spanned, stored, table

from nightporter import features
from nightporter.proof import GATES, Proof
from nightporter.rules import Detector, Sheet, parse, read_pack, run
from nightporter.shipped import shipped
from nightporter.window import Window

PACK = read_pack([shipped("detectors")])


@functools.lru_cache(maxsize=1)
def proof(id: str) -> Proof:
    """Return what proves one detector; its nights live until the next detector's are asked for."""
    return Proof(PACK[id])


def holds(id: str, at: int) -> None:
    result = proof(id).nights.result(at)
    assert result.passed, str(result)


def says_alone_what_it_says_among_others(id: str, at: int) -> None:
    """A night scans one day, a new installation many: they must say the same.

    Each night is scanned over the book of the whole case: so a detector is held to the days
    that it may read, those of its `lookback` and none after the night. What the book itself must
    hold of the days before is not proved here.
    """
    con, window = proof(id).nights.of(at)
    ((night,),) = con.execute("SELECT current_database()").fetchall()
    with con.cursor() as own:  # its views end with it: those of the whole case stay
        own.execute(f"USE {night}")
        together = run(own, PACK[id], window, {})
        for one in nights(window, together):
            alone = run(own, PACK[id], Window(one, one), {})
            assert rows(alone) == rows(together.filter(pl.col("day") == one))


def nights(window: Window, found: pl.DataFrame) -> Iterator[date]:
    """Yield the days with findings, those after them, and the last day: all would take long."""
    near = {day + timedelta(days=n) for day in found["day"] for n in (0, 1)}
    yield from sorted(day for day in {*near, window.last} if day in set(window))


def rows(found: pl.DataFrame) -> list[str]:
    return sorted(repr(row) for row in found.iter_rows())


def passes(id: str, gate: str) -> None:
    result = proof(id).gate(gate)
    assert result.passed, str(result)


def is_broken(id: str, old: str, new: str) -> None:
    whole = PACK[id]
    sql, mark, cases = whole.text.partition("\n-- /// fires")
    assert old in sql
    broken = parse(Sheet(whole.path, sql.replace(old, new) + mark + cases))
    assert proof(id).nights.breaking(changed=broken) is not None


def breaks(id: str) -> Iterator[tuple[str, str]]:
    """Each line of tests/breaks/ID.txt, `old => new`, is a break that no gate makes."""
    path = Path(__file__).parent / "breaks" / f"{id}.txt"
    for line in path.read_text("utf-8").splitlines() if path.exists() else ():
        old, _, new = line.partition(" =>")
        yield old.replace("\\n", "\n"), new.strip().replace("\\n", "\n")


def checks() -> Iterator[object]:
    """Yield all checks of one detector before those of the next, which has other nights."""
    for detector in PACK.detectors:
        yield from _checks(detector)


def _checks(detector: Detector) -> Iterator[object]:
    def check(said: str, proved: Callable[..., None], *more: object) -> object:
        return pytest.param(proved, (detector.id, *more), id=f"{detector.id} {said}")

    for at, case in enumerate(detector.cases):
        yield check(f"{case.kind} {case.name}", holds, at)
        alone = f"{case.kind} night by night {case.name}"
        yield check(alone, says_alone_what_it_says_among_others, at)
    for gate in GATES:
        yield check(f"gate {gate}", passes, gate)
    for old, new in breaks(detector.id):
        yield check(f"break {old} => {new}", is_broken, old, new)


@pytest.mark.parametrize(("proved", "given"), list(checks()))
def test_detector(proved: Callable[..., None], given: tuple[object, ...]) -> None:
    proved(*given)


def test_every_file_of_the_pack_can_be_read() -> None:
    assert [str(error) for error in PACK.errors] == []


def test_every_break_is_of_a_detector_that_ships() -> None:
    named = {path.stem for path in (Path(__file__).parent / "breaks").iterdir()}
    assert named <= {detector.id for detector in PACK.detectors}


@pytest.mark.parametrize("detector", PACK.detectors, ids=lambda detector: detector.id)
def test_a_detector_says_what_it_cannot_see(detector: Detector) -> None:
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


@pytest.mark.parametrize(
    ("day", "ended"),
    [("2026-03-04", "2026-02-01"), ("2026-08-05", "2026-02-01"), ("2026-12-03", "2026-07-01")],
)
def test_the_day_on_which_a_card_ended_is_that_of_its_house(day: str, ended: str) -> None:
    events = {"badge": stored("badge", [
        {"at": f"{day}T19:00", "badge_id": "c1", "door_id": "lab", "action": "entry"},
    ])}  # fmt: skip
    register = table("badge_id user_id valid_from valid_to", f"c1 ana - {ended}")
    con = night(events, {"badges": register, "people": table("user_id site", "ana BER")})
    features.write(con, settings(), spanned(events))
    rows = run(con, PACK["superseded_badge_used"], spanned(events), {})
    assert rows["why"].to_list() == [f"it ended on {ended}"]
