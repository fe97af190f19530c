"""The gates of a detector: beyond its cases, that each knob and each predicate is held by one.

Says what is not held and where; knows neither terminals nor files.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Self

from nightporter.errors import DetectorError
from nightporter.proof.ahead import cut_off
from nightporter.proof.mutants import Mutant, excuses, mutants, rebuilt
from nightporter.proof.nights import Nights
from nightporter.proof.turning import FACTORS, Boundary, Turning
from nightporter.rules import Detector, Knob


@dataclass(frozen=True)
class GateResult:
    """How a gate ended: `faults` says in lines what is not held, `excused` what need not be."""

    detector: str
    gate: str
    said: str
    faults: tuple[str, ...] = ()
    excused: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        return not self.faults

    def __str__(self) -> str:
        mark = "ok    " if self.passed else "BROKEN"
        head = f"{mark} {self.detector}: {self.gate}: {self.said}"
        more = [*self.faults, *(f"excused  {line}" for line in self.excused)]
        return "\n".join([head, *(f"       {line}" for line in more)])


class Proof:
    """What proves one detector; gates and cases run over the same nights."""

    def __init__(self, detector: Detector) -> None:
        self.detector = detector
        self.nights = Nights(detector)
        self.turning = Turning(self.nights)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.nights.close()

    def gate(self, name: str) -> GateResult:
        """Run the gate `name`, one of GATES, over a detector whose cases hold."""
        return GATES[name](self)

    def gates(self) -> Iterator[GateResult]:
        """Yield how each gate ended."""
        yield from (self.gate(name) for name in GATES)


def _both_kinds(proof: Proof) -> GateResult:
    cases = proof.detector.cases
    count = {kind: sum(case.kind == kind for case in cases) for kind in ("fires", "silent")}
    faults = tuple(
        f"{proof.detector.path}: no case in which it is {word}"
        for kind, word in (("fires", "firing"), ("silent", "silent"))
        if not count[kind]
    )
    said = f"{count['fires']} fire, {count['silent']} are silent"
    return GateResult(proof.detector.id, "cases", said, faults)


def _knobs(proof: Proof) -> GateResult:
    given = {excuse.covers: excuse for excuse in excuses(proof.detector)}
    faults, excused = [], []
    for knob in proof.detector.query.knobs:
        for fault in _idle(proof, knob):
            if knob.line in given:
                excused.append(f"{fault} ({given[knob.line].reason})")
            else:
                faults.append(fault)
    said = f"{len(proof.detector.knobs)} turned to ten times and to a tenth"
    return GateResult(proof.detector.id, "knobs", said, tuple(faults), tuple(excused))


def _idle(proof: Proof, knob: Knob) -> list[str]:
    return [
        f"{proof.detector.path}:{knob.line}: no case changes with {knob.name} at {factor:g} times"
        " its default"
        for factor in FACTORS
        if not proof.turning.matters(knob.name, factor)
    ]


def _boundaries(proof: Proof) -> GateResult:
    faults, found = [], []
    for knob in proof.detector.query.knobs:
        boundary = next(proof.turning.boundaries(knob.name), None)
        if boundary and proof.detector.cases[boundary.at].kind == "fires":
            found.append(f"{knob.name} {min(boundary.sides, key=lambda x: len(repr(x))):g}")
        else:
            place = f"{proof.detector.path}:{knob.line}"
            faults.append(f"{place}: no firing case shows where {knob.name} begins to hold")
    return GateResult(proof.detector.id, "boundaries", ", ".join(found), tuple(faults))


def _mutants(proof: Proof) -> GateResult:
    detector = proof.detector
    if proof.nights.breaking(changed=rebuilt(detector)) is not None:
        message = "DuckDB cannot write this SELECT back as it stands, so no part of it can be cut"
        raise DetectorError(message, path=detector.path)
    made = mutants(detector)
    left = [mutant for mutant in made if not _killed(proof, mutant)]
    given = {excuse.covers: excuse for excuse in excuses(detector)}
    excused = tuple(f"{m} ({given[m.line].reason})" for m in left if m.line in given)
    faults = [str(mutant) for mutant in left if mutant.line not in given]
    covered = {mutant.line for mutant in left}
    covered |= {
        knob.line for knob in detector.query.knobs if knob.line in given and _idle(proof, knob)
    }
    for line in sorted(given.keys() - covered):
        place = f"{detector.path}:{given[line].line}"
        faults.append(f"{place}: this excuse covers nothing that survives")
    said = f"{len(made)} made, {len(made) - len(left)} killed, {len(excused)} excused"
    return GateResult(detector.id, "mutants", said, tuple(faults), excused)


def _killed(proof: Proof, mutant: Mutant) -> bool:
    """Tell whether a case does not hold for the mutant, or holds where it should not.

    A knob's own comparison is asked at the values that the cases' rows show, too; at the first of
    them before all else, since that is where it differs.
    """
    try:
        return (
            any(_differs(proof, mutant, first) for first in _boundaries_of(proof, mutant, 1))
            or proof.nights.breaking(changed=mutant.detector) is not None
            or any(_differs(proof, mutant, each) for each in _boundaries_of(proof, mutant))
        )
    except DetectorError:
        return True  # the mutant does not even run


def _boundaries_of(proof: Proof, mutant: Mutant, most: int | None = None) -> Iterator[Boundary]:
    """Yield the boundaries of the mutant's knobs, `most` of each."""
    for knob in sorted(mutant.knobs):
        yield from islice(proof.turning.boundaries(knob), most)


def _differs(proof: Proof, mutant: Mutant, boundary: Boundary) -> bool:
    return any(
        proof.nights.result(boundary.at, {boundary.knob: value}, mutant.detector).passed != holds
        for value, holds in zip(boundary.sides, (True, False), strict=True)
    )


def _ahead(proof: Proof) -> GateResult:
    detector = proof.detector
    cuts = cut_off(proof.nights)
    said = f"{cuts.cut} of {cuts.days} days with findings run again without what came after"
    faults = tuple(f"{detector.path}:{each.case.line}: {each}" for each in cuts.ahead)
    return GateResult(detector.id, "look-ahead", said, faults)


GATES: dict[str, Callable[[Proof], GateResult]] = {
    "cases": _both_kinds,
    "knobs": _knobs,
    "boundaries": _boundaries,
    "mutants": _mutants,
    "look-ahead": _ahead,
}
