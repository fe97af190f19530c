"""Cases: what a person's findings are gathered in, from the first time that the person is listed.

A case is told from the days on which its person was listed and had findings, and from what its
row knew before the scanned days: so a night says what one pass says. Its id stays as it was
first given. Knows rows, not tables, and nobody's verdict but what stands in a row.
"""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import NamedTuple

from nightporter.findings import LEVELS
from nightporter.risk.scoring import MEMORY
from nightporter.window import Window

# So many days without a finding, and a case is dormant.
QUIET = timedelta(days=30)
# What led to a listing belongs to its case: as far back as risk remembers.
LEAD = timedelta(days=MEMORY - 1)

GRAVE = LEVELS.index("high")


@dataclass(frozen=True)
class Said:
    """The findings about a person on a day: how many, and the worst that is certainly about
    that person, as a place in LEVELS (-1: none is)."""

    findings: int
    level: int


@dataclass(frozen=True)
class Case:
    """One case. `opening` is the finding that opened it, `days` what was said on each day.

    `verdict`, `held`, `reviewed` and `ended` (the day on which somebody closed it) are an
    analyst's, and `handled` says that one did anything; nothing here sets them.
    """

    case_id: str
    user_id: str
    opening: str
    opened: date
    days: Mapping[date, Said] = field(default_factory=dict)
    closed: date | None = None
    withdrawn: bool = False
    verdict: str | None = None
    held: bool = False
    reviewed: date | None = None
    ended: date | None = None
    handled: bool = False

    @property
    def level(self) -> int:
        return max((said.level for said in self.days.values()), default=-1)

    @property
    def touched(self) -> bool:
        """Tell whether it is an analyst's: then it stays where it is, listed or not."""
        return self.handled or self.held or self.reviewed is not None

    def status(self, today: date) -> str:
        """Return open, dormant, closed or withdrawn."""
        if self.withdrawn:
            return "withdrawn"
        if self.closed is not None:
            return "closed"
        return "dormant" if not self.days or today - max(self.days) >= QUIET else "open"


class Opening(NamedTuple):
    """The case that a finding opens, if none is open."""

    case_id: str
    finding_id: str


def case_id(user_id: str, finding_id: str, key: bytes = b"") -> str:
    """Return the identity of a case that `finding_id` opens; of two who know both only who has
    `key` can tell it."""
    said = f"{user_id}\0{finding_id}".encode()
    made = hmac.digest(key, said, "sha256") if key else hashlib.sha256(said).digest()
    return made.hex()[:16]


def grown(
    known: Sequence[Case],
    user_id: str,
    listed: Mapping[date, Opening],
    said: Mapping[date, Said],
    window: Window,
) -> list[Case]:
    """Return the cases of `user_id` as they stand after `window`.

    `known` are the cases as they stood; `listed` the days of `window` on which the person is
    listed, and what the finding that says most then would open; `said` the findings of `window`
    and of the six weeks before it. What a row knew of `window` is told anew.
    """
    earlier = {day: s for case in known for day, s in case.days.items() if day < window.first}
    days = dict(sorted({**earlier, **said}.items()))
    live = sorted((case for case in known if not case.withdrawn), key=lambda case: case.opened)
    # Opened on days that are told anew: who is still listed keeps the case, from another day.
    again = [case for case in live if case.opened >= window.first and not case.touched]
    kept = [case for case in live if case not in again]
    cases: list[Case] = []
    for n, case in enumerate(kept):
        # An earlier case that an analyst holds again leaves the later one its findings.
        mine = {day: s for day, s in days.items() if n + 1 == len(kept) or day < kept[n + 1].opened}
        cases.append(_filled(case, cases, mine, window.last))
    for day, opening in sorted(listed.items()):
        if cases and (cases[-1].closed is None or day <= cases[-1].closed):
            continue
        named = Case(opening.case_id, user_id, opening.finding_id, day)
        case = replace(again.pop(0), opened=day) if again else named
        cases.append(_filled(case, cases, days, window.last))
    taken = {case.case_id for case in cases}
    gone = [*again, *(case for case in known if case.withdrawn)]
    unfounded = (replace(case, days={}, closed=None, withdrawn=True) for case in gone)
    return [*cases, *(case for case in unfounded if case.case_id not in taken)]


def _filled(case: Case, before: Sequence[Case], days: Mapping[date, Said], today: date) -> Case:
    """Give `case` the days from what led to it until it closed by itself."""
    first = case.opened - LEAD
    if before:
        ended = min(before[-1].closed or case.opened, case.opened - timedelta(days=1))
        first = max(first, ended + timedelta(days=1))
    mine = {day: said for day, said in days.items() if day >= first}
    whole = replace(case, days=mine, closed=None)
    closed = _closed(whole, today)
    kept = mine if closed is None else {day: s for day, s in mine.items() if day <= closed}
    return replace(whole, days=kept, closed=closed)


def _closed(case: Case, today: date) -> date | None:
    """Return the day on which somebody closed `case`, or it did by itself: quiet for weeks, and
    seen by somebody. What is high, held or unreviewed never does that.
    """
    by_itself = _closed_by_itself(case, today)
    ends = [day for day in (by_itself, case.ended) if day is not None and day <= today]
    return min(ends, default=None)


def _closed_by_itself(case: Case, today: date) -> date | None:
    if case.reviewed is None or case.held:
        return None
    days, level = list(case.days), -1
    for at, day in enumerate(days):
        level = max(level, case.days[day].level)
        quiet = max(day + QUIET, case.reviewed)
        until = days[at + 1] if at + 1 < len(days) else today + timedelta(days=1)
        if level < GRAVE and day >= case.opened and quiet < until:
            return quiet
    return None
