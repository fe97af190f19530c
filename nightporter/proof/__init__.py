"""What proves a detector: its own cases, run through the real pipeline in memory."""

from nightporter.proof.cases import CaseResult, judge, night_of, prove, prove_case
from nightporter.proof.world import World, build

__all__ = ["CaseResult", "World", "build", "judge", "night_of", "prove", "prove_case"]
