"""No look-ahead: what a detector said of a day it said without the days after it, too.

Cuts the rows of a case, so that features and context views are built without them as well; the
views of the engine alone would hide what those have seen.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date

import polars as pl

from nightporter.proof.cases import night_of
from nightporter.proof.nights import Nights
from nightporter.proof.world import World, build
from nightporter.rules import Case, Detector, run
from nightporter.window import Window


@dataclass(frozen=True)
class Ahead:
    """A firing `case` that says other things of the days up to `day` once later rows are gone.

    `lost` and `gained` count findings that only the whole case has, or only the cut one.
    """

    case: Case
    day: date
    lost: int
    gained: int

    def __str__(self) -> str:
        return (
            f"without what came after {self.day}, {self.lost} findings are lost and"
            f" {self.gained} gained: {self.case.kind} on {self.case.name}"
        )


@dataclass
class Cuts:
    """How many of the `days` with findings were `cut` off behind, and what then differed."""

    days: int = 0
    cut: int = 0
    ahead: list[Ahead] = field(default_factory=list)


def cut_off(nights: Nights) -> Cuts:
    """Cut each firing case behind its first day with findings, and behind the last before its end.

    Each cut holds every finding up to it to those of the whole case, so that two are enough
    for a case with a finding on each of fifty days; what only a cut between them shows is missed.
    """
    cuts = Cuts()
    for at, case in enumerate(nights.detector.cases):
        if case.kind != "fires":
            continue
        whole, (_, window) = nights.result(at).findings, nights.of(at)
        days = [day for day in whole["day"].unique().sort() if day != window.last]
        chosen = sorted({days[0], days[-1]}) if days else []
        cuts.days += len(days)
        cuts.cut += len(chosen)
        cuts.ahead += _differing(nights.detector, case, whole, chosen)
    return cuts


def _differing(
    detector: Detector, case: Case, whole: pl.DataFrame, days: list[date]
) -> Iterator[Ahead]:
    if not days:
        return
    world = build(case, detector.path)
    for day in days:
        with night_of(until(world, day), reads=detector.query.tables) as con:
            alone = run(con, detector, Window(world.window.first, day), {})
        said = whole.filter(pl.col("day") <= day)
        lost, gained = _only(said, alone), _only(alone, said)
        if lost or gained:
            yield Ahead(case, day, lost, gained)


def until(world: World, day: date) -> World:
    """Return `world` without the events of business days after `day`; its context stays."""
    events = {source: rows.filter(pl.col("day") <= day) for source, rows in world.events.items()}
    return replace(world, events=events, window=Window(world.window.first, day))


def _only(some: pl.DataFrame, others: pl.DataFrame) -> int:
    """Count the rows of `some` that `others` has not."""
    known = [repr(row) for row in others.iter_rows()]
    return sum(repr(row) not in known for row in some.iter_rows())
