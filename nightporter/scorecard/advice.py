"""What to do with a detector: keep, tune, retire, or wait for verdicts; every threshold is here.

Knows figures, not where they come from.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from nightporter.findings import COUNTED, ONE_DETECTOR

# So many cases that somebody decided are needed before anything is said by them.
LEAST_CASES = 5
# Tune: surely (by the interval's upper end) not even so large a share was what it looked like.
TUNE_BELOW = 0.5
# Retire: nothing was ever confirmed, and surely less than that share would be. 16 cases say so.
RETIRE_BELOW = 0.2
# Noise is told from so many findings on: in a small house one alone is over the alert budget.
LEAST_FINDINGS = 10
# Tune: one person makes so large a share of them.
ONE_PERSON = 0.5

ADVICE = {
    "keep": "nothing speaks against it",
    "tune": "turn a knob, correct a register, or write an exception",
    "retire": "switch it off, or write it anew",
    "too few verdicts": f"fewer than {LEAST_CASES} cases decided",
}


@dataclass(frozen=True)
class Advice:
    """One word of ADVICE, and the sentences with the numbers that led to it."""

    word: str
    because: tuple[str, ...]


def advise(figures: Mapping[str, Any]) -> Advice:
    """Return the advice for a detector with the `figures` of `card.scorecard`.

    What its cases show comes first; noise is told of any detector, for it needs no verdict.
    """
    noise = tuple(_noise(figures))
    confirmed, decided = figures["verdicts"]["confirmed"], figures["decided"]
    if decided >= LEAST_CASES:
        share = f"{confirmed} of {decided} cases decided were confirmed"
        most = f"at most {figures['precision_high']:.0%} would be"
        if not confirmed and figures["precision_high"] < RETIRE_BELOW:
            return Advice("retire", (f"{share}; {most}, less than {RETIRE_BELOW:.0%}", *noise))
        if figures["precision_high"] < TUNE_BELOW:
            return Advice("tune", (f"{share}; {most}, less than {TUNE_BELOW:.0%}", *noise))
        return Advice("tune" if noise else "keep", (share, *noise))
    few = f"{decided} of {LEAST_CASES} cases decided"
    return Advice("tune" if noise else "too few verdicts", (few, *noise))


def _noise(figures: Mapping[str, Any]) -> Iterator[str]:
    rate, findings = figures["rate"], figures["findings"]
    if findings < LEAST_FINDINGS:
        return
    if figures["level"] in COUNTED and rate is not None and rate > ONE_DETECTOR:
        yield (
            f"{rate:.2f} findings a thousand people and day, over the alert budget of"
            f" {ONE_DETECTOR:g}"
        )
    loudest = figures["loudest"]
    if loudest and loudest["findings"] >= ONE_PERSON * findings:
        yield f"one person makes {loudest['findings']} of its {findings} findings"
