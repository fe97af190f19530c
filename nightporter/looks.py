"""When somebody who was looked at stands back, and when (s)he returns: the rule of the reader.

One rule for the morning's list and for every list that is measured.
"""

from datetime import date, timedelta
from typing import NamedTuple

# Who was looked at stands back for so many days, unless the score is so many times as high, or
# a detector speaks that did not before.
REST = timedelta(days=30)
RISEN = 1.5


class Look(NamedTuple):
    """What was known of somebody when (s)he was last looked at; `kinds` are detectors."""

    day: date
    score: float
    kinds: frozenset[str]

    def is_enough_for(self, day: date, score: float, kinds: frozenset[str]) -> bool:
        """Tell whether nothing has come since that asks for another look."""
        return day - self.day < REST and score < RISEN * self.score and kinds <= self.kinds
