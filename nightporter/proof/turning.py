"""What turning a knob does to the cases of a detector: whether it matters, and exactly where.

Knows cases that hold or do not; no SQL.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from nightporter.proof.nights import Nights

# A knob that may be turned so far either way without any case noticing is no opinion.
FACTORS = (10.0, 0.1)


@dataclass(frozen=True)
class Boundary:
    """Neighbouring values of a knob: with `holds` the case holds, with `fails` it does not.

    One of them is what the case's rows show, and the other the next number.
    """

    knob: str
    at: int
    holds: float
    fails: float

    @property
    def sides(self) -> tuple[float, float]:
        return self.holds, self.fails


class Turning:
    """The knobs of one detector and its cases; what was found once is not looked for again."""

    def __init__(self, nights: Nights) -> None:
        self.nights = nights
        self._found: dict[str, list[Boundary]] = {}
        self._ahead: dict[str, Iterator[Boundary]] = {}

    def matters(self, knob: str, factor: float) -> bool:
        """Tell whether some case no longer holds with `knob` at so many times its default."""
        return self.nights.breaking({knob: _turned(self.nights, knob, factor)}) is not None

    def boundaries(self, knob: str) -> Iterator[Boundary]:
        """Yield where each firing case stops to hold as `knob` is turned, then each silent one."""
        found = self._found.setdefault(knob, [])
        ahead = self._ahead.setdefault(knob, _boundaries(self.nights, knob))
        yield from found
        for boundary in ahead:
            found.append(boundary)
            yield boundary


def _boundaries(nights: Nights, knob: str) -> Iterator[Boundary]:
    cases = nights.detector.cases
    default = nights.detector.knobs[knob]
    for kind in ("fires", "silent"):
        for at in (at for at, case in enumerate(cases) if case.kind == kind):
            for factor in FACTORS:
                far = _turned(nights, knob, factor)
                if not _holds(nights, at, knob, far):
                    yield Boundary(knob, at, *_narrowed(nights, at, knob, default, far))


def _turned(nights: Nights, knob: str, factor: float) -> float:
    return nights.detector.knobs[knob] * factor


def _holds(nights: Nights, at: int, knob: str, value: float) -> bool:
    return nights.result(at, {knob: value}).passed


def _narrowed(
    nights: Nights, at: int, knob: str, holds: float, fails: float
) -> tuple[float, float]:
    """Return neighbouring numbers between the two given ones, by bisection.

    Whole numbers first, since most of what is counted is whole; what is measured is followed to
    the last bit.
    """
    middle = _whole
    while True:
        value = middle(holds, fails)
        if value is None and middle is _whole:
            holds, fails = _beside(nights, at, knob, holds, fails)
            middle = _half
        elif value is None:
            return holds, fails
        elif _holds(nights, at, knob, value):
            holds = value
        else:
            fails = value


def _beside(nights: Nights, at: int, knob: str, holds: float, fails: float) -> tuple[float, float]:
    """Try the numbers next to both ends: one of them is the boundary if it is a whole number."""
    beyond, before = math.nextafter(holds, fails), math.nextafter(fails, holds)
    if not _holds(nights, at, knob, beyond):
        return holds, beyond
    if _holds(nights, at, knob, before):
        return before, fails
    return beyond, before


def _whole(one: float, other: float) -> float | None:
    """Return a whole number between the two, the middle one if there are many."""
    low, high = sorted((one, other))
    middle = round((low + high) / 2)
    return next(
        (float(n) for n in (middle, math.floor(high), math.ceil(low)) if low < n < high), None
    )


def _half(one: float, other: float) -> float | None:
    middle = (one + other) / 2
    return None if middle in (one, other) else middle
