"""What a campaign or a look-alike is: a name, people, changed days, and acts."""

from collections.abc import Callable
from dataclasses import dataclass

from nightporter.simulate.diary import Diary
from nightporter.simulate.institute import Institute
from nightporter.simulate.plans import Plan


def _no_plans(_: Institute) -> list[Plan]:
    return []


def _no_acts(_: Institute) -> list[Diary]:
    return []


@dataclass(frozen=True)
class Campaign:
    """One strand of the story; `kind` is insider or look_alike."""

    name: str
    kind: str
    people: tuple[str, ...]
    story: str
    plans: Callable[[Institute], list[Plan]] = _no_plans
    acts: Callable[[Institute], list[Diary]] = _no_acts
