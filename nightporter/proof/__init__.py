"""What proves a detector: its own cases, run through the real pipeline in memory."""

from nightporter.proof.cases import CaseResult, judge, night_of, write_night
from nightporter.proof.gates import GATES, GateResult, Proof
from nightporter.proof.lint import Linted, Linter, has_look
from nightporter.proof.nights import Nights
from nightporter.proof.proving import Proved, prove
from nightporter.proof.world import World, build

__all__ = [
    "GATES", "CaseResult", "GateResult", "Linted", "Linter", "Nights", "Proof", "Proved", "World",
    "build", "has_look", "judge", "night_of", "prove", "write_night",
]  # fmt: skip
