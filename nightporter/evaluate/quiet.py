"""A quiet month: what a site's pack says of an invented organisation where nobody does wrong.

Nobody in it has a campaign, neither an insider nor a look-alike, so that each finding is one
too many. Knows the alert budget; neither terminals nor where the folder comes from.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path

import polars as pl

from nightporter import config
from nightporter.config import Settings
from nightporter.errors import LogError, NightporterError, UsageError
from nightporter.evaluate.findings import findings_said, judging
from nightporter.evaluate.measuring import present, scan_all
from nightporter.evaluate.options import Options
from nightporter.evaluate.seeds import Seed, invent
from nightporter.evaluate.truth import read_truth
from nightporter.findings import ALL_DETECTORS, COUNTED, ONE_DETECTOR
from nightporter.rules import Detector
from nightporter.scan import Step, call
from nightporter.window import Window
from nightporter.workspace import lake_of

# So many days before the month are history: habits are compared with a quarter of a year.
HISTORY = 90
# What the budget of the whole pack goes by.
ALL = "all detectors"


@dataclass(frozen=True)
class Said:
    """What one detector said: findings of level medium or above, about so many people; `rate` is
    those findings a thousand people and day."""

    detector: str
    findings: int
    people: int
    rate: float

    @property
    def over(self) -> bool:
        """Tell whether it is more than the budget gives one detector."""
        return self.rate > ONE_DETECTOR


@dataclass(frozen=True)
class Quiet:
    """The month: its days, the `people` present, who `said` how much (the most first), the
    detectors `unjudged` on every day of it, and what failed."""

    window: Window
    people: int
    said: tuple[Said, ...]
    unjudged: tuple[str, ...] = ()
    problems: tuple[NightporterError, ...] = ()

    @property
    def total(self) -> float:
        """Return the findings of all detectors, a thousand people and day."""
        return sum(each.findings for each in self.said) * 1000 / (self.people * len(self.window))

    @property
    def over(self) -> tuple[str, ...]:
        """Return what is over its budget: detectors, and ALL of them together."""
        one = tuple(each.detector for each in self.said if each.over)
        return (*one, ALL) if self.total > ALL_DETECTORS else one


def quiet(
    folder: Path,
    own: Settings,
    detectors: Iterable[Detector],
    options: Options,
    profile: str,
    step: Step = call,
) -> Quiet:
    """Invent an organisation in `folder`, scan it with the pack and knobs of `own`, and count.

    `options` give its people, and days of which the first `warm_up` are history. Raises
    UsageError where no day is left, EvaluationError where it cannot be invented, LogError where
    nobody was there.
    """
    if options.days <= options.before:
        raise UsageError("a quiet month has at least one day", hint="--days 30")
    step("simulate", partial(invent, folder, Seed(1, profile), options))
    settings = _with_pack(config.load(folder), own)
    scanned, problems = scan_all(settings, step)
    # The logs begin at midnight, within a business day: days are counted from their end.
    first = scanned.last - timedelta(days=options.days - options.before - 1)
    lake, window = lake_of(settings), Window(first, scanned.last)
    people = len(present(lake, window))
    if not people:
        raise LogError(f"nobody was present from {window}", path=settings.path)
    heard = findings_said(lake, read_truth(folder), window).filter("counted")
    counted = [d.id for d in detectors if d.level in COUNTED]
    judged = set(judging(lake, window))
    told = _said(heard, [id for id in counted if id in judged], people * len(window))
    unjudged = tuple(id for id in counted if id not in judged)
    return Quiet(window, people, told, unjudged, problems)


def _with_pack(settings: Settings, own: Settings) -> Settings:
    """Return `settings` with the detectors of `own`, found from wherever they are."""
    paths = tuple(str((own.root / path).resolve()) for path in own.packs.paths)
    packs = own.packs.model_copy(update={"paths": paths})
    return settings.model_copy(update={"packs": packs, "knobs": own.knobs})


def _said(heard: pl.DataFrame, judged: list[str], person_days: int) -> tuple[Said, ...]:
    """Return a row a detector that spoke, or could have: the loudest first."""
    found = {row["detector"]: row for row in heard.iter_rows(named=True)}
    silent = {"findings": 0, "people": 0}
    said = []
    for id in {*judged, *found}:
        row = found.get(id, silent)
        rate = row["findings"] * 1000 / person_days
        said.append(Said(id, row["findings"], row["people"], rate))
    return tuple(sorted(said, key=lambda each: (-each.rate, each.detector)))
