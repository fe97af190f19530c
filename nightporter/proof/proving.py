"""Detectors proved, several at once: the cases of each, and its gates if all of them hold."""

import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

from nightporter.proof.cases import CaseResult
from nightporter.proof.gates import GateResult, Proof
from nightporter.rules import Detector


@dataclass(frozen=True)
class Proved:
    """How the cases and the gates of one detector ended; gates that say nothing are left out."""

    detector: Detector
    cases: tuple[CaseResult, ...]
    gates: tuple[GateResult, ...] = ()

    @property
    def broken(self) -> int:
        """How many do not hold."""
        cases = sum(not case.passed for case in self.cases)
        return cases + sum(not gate.passed for gate in self.gates)


def prove(detectors: Iterable[Detector], *, strict: bool) -> Iterator[Proved]:
    """Yield how each ended, in their order: with `strict` all gates, else only what fails a
    stable one. As many are at work as there are cores.

    An error of a detector's SQL is raised when it is its turn.
    """
    pool = ThreadPoolExecutor(os.cpu_count())
    try:
        yield from pool.map(partial(_proved, strict=strict), detectors)
    finally:
        pool.shutdown(cancel_futures=True)


def _proved(detector: Detector, *, strict: bool) -> Proved:
    with Proof(detector) as proof:
        cases = tuple(proof.nights.results())
        if not all(result.passed for result in cases):
            return Proved(detector, cases)
        if strict:
            return Proved(detector, cases, tuple(proof.gates()))
        # Stable means proved: without both kinds of cases it is not.
        asked = [proof.gate("cases")] if detector.header.status == "stable" else []
        return Proved(detector, cases, tuple(gate for gate in asked if not gate.passed))
