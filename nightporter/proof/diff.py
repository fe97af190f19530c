"""What a changed detector says otherwise on the same days: findings gained, lost, and the same.

Two findings are the same where they are about the same thing on the same day, whatever they say.
"""

from dataclasses import dataclass

import polars as pl

from nightporter.errors import UsageError
from nightporter.proof.backtest import Trial
from nightporter.rules import Detector

_KEY = ("about", "day")
_SHOWN = (*_KEY, "user_id", "level", "sentence")


@dataclass(frozen=True)
class Difference:
    """Findings that only one of two has, and those of both (with `was`, the old one's sentence).

    Columns: about, day, user_id, level, sentence; sorted by day.
    """

    gained: pl.DataFrame
    lost: pl.DataFrame
    same: pl.DataFrame

    @property
    def reworded(self) -> int:
        """Return how many of both say it in other words or at another level."""
        return self.same.filter(
            (pl.col("sentence") != pl.col("was")) | (pl.col("level") != pl.col("was_level"))
        ).height


def comparable(old: Detector, new: Detector) -> None:
    """Raise UsageError where the findings of two detectors are about different things."""
    about = [sorted(each.header.about) for each in (old, new)]
    if about[0] != about[1]:
        said = " and ".join(", ".join(names) for names in about)
        raise UsageError(
            f"findings about {said} cannot be compared",
            hint="both headers must name the same columns under `about`; backtest each by itself",
        )


def difference(old: Trial, new: Trial) -> Difference:
    """Compare what two detectors said of the same days.

    Raises UsageError where they are not `comparable`.
    """
    comparable(old.detector, new.detector)
    before, now = (each.findings.select(_SHOWN).sort("day", "about") for each in (old, new))
    known = before.select(*_KEY, was="sentence", was_level="level")
    return Difference(
        now.join(before, on=_KEY, how="anti", maintain_order="left"),
        before.join(now, on=_KEY, how="anti", maintain_order="left"),
        now.join(known, on=_KEY, maintain_order="left"),
    )
