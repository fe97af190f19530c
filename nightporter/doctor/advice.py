"""One thing that the doctor has to say, and in which order such things are read."""

from dataclasses import dataclass

# Worst first: what makes findings wrong, what makes detectors blind, what could be better.
SECTIONS = (
    "clocks", "overlaps and gaps", "missing context", "desk", "unmapped", "calendar", "day starts",
)  # fmt: skip


@dataclass(frozen=True)
class Advice:
    """What was seen, why it is believed, and what to do; `line` is a CSV line to add.

    `sure` is likely or possible for a guess, certain for what was only read.
    """

    section: str
    about: str
    says: str
    do: str
    sure: str = "certain"
    line: str | None = None
    weight: float = 0
