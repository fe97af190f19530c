"""What a load teaches about its configuration: why lines were refused, which words mean nothing.

Counts over staged files; knows no lake.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from nightporter.sources.staging import Stage


@dataclass(frozen=True)
class Refusal:
    """Lines refused for one reason, and where the first of them stands."""

    reason: str
    lines: int
    path: Path
    line: int
    detail: str


@dataclass(frozen=True)
class Tally:
    """Refusals by reason and action words that map to nothing, the most frequent first."""

    refusals: tuple[Refusal, ...] = ()
    unmapped: tuple[tuple[str, int], ...] = ()


def tallied(tally: Tally, stages: Iterable[Stage]) -> Tally:
    """Return `tally` with what `stages` add to it."""
    refusals = {each.reason: each for each in tally.refusals}
    words = Counter(dict(tally.unmapped))
    for stage in stages:
        words.update(stage.unmapped)
        for reason, lines in stage.reasons.items():
            first = stage.firsts[reason]
            new = Refusal(reason, lines, stage.log.path, first.line, first.detail)
            have = refusals.get(reason)
            refusals[reason] = replace(have, lines=have.lines + lines) if have else new
    return Tally(
        tuple(sorted(refusals.values(), key=lambda each: (-each.lines, each.reason))),
        tuple(sorted(words.items(), key=lambda word: (-word[1], word[0]))),
    )
