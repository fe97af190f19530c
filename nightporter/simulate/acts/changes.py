"""Look-alikes by what changes in a life: joining, leaving, moving, one odd Saturday."""

from datetime import timedelta

from nightporter.simulate import cast
from nightporter.simulate.acts.campaign import Campaign
from nightporter.simulate.institute import Institute
from nightporter.simulate.plans import Plan
from nightporter.simulate.span import FRI, MON, SAT

_ALL_DAYS = tuple(range(7))


def _joiner(institute: Institute) -> list[Plan]:
    first = institute.people[cast.JOINER].joined
    last = first + timedelta(days=13)
    return [Plan("new joiner", cast.JOINER, first, last, _ALL_DAYS, present=False)]


def _role_change(institute: Institute) -> list[Plan]:
    first = institute.span.back(4, MON)
    return [
        Plan(
            "role change", cast.ROLE_CHANGER, first, institute.span.last, _ALL_DAYS,
            present=False, team="Materials",
        )
    ]  # fmt: skip


def _travel(institute: Institute) -> list[Plan]:
    first, last = institute.span.back(8, MON), institute.span.back(8, FRI)
    return [Plan("week at the station", cast.TRAVELLER, first, last, site="REY")]


def _saturday(institute: Institute) -> list[Plan]:
    day = institute.span.back(3, SAT)
    return [
        Plan("one Saturday", cast.SATURDAY_WORKER, day, day, _ALL_DAYS, start=584, end=905),
    ]


def _honest_leaver(institute: Institute) -> list[Plan]:
    left = institute.people[cast.HONEST_LEAVER].left or institute.span.last
    first = left - timedelta(days=21)
    return [
        Plan("leaver who takes nothing", cast.HONEST_LEAVER, first, left, _ALL_DAYS, present=False)
    ]


CHANGES = (
    Campaign(
        "new joiner", "look_alike", (cast.JOINER,),
        "starts work: every door, host and folder is a first (truth: her first two weeks)", _joiner,
    ),
    Campaign(
        "role change", "look_alike", (cast.ROLE_CHANGER,),
        "moves from ice cores to materials: other room, other folders, from one day to the next",
        _role_change,
    ),
    Campaign(
        "week at the station", "look_alike", (cast.TRAVELLER,),
        "works from the field station for a week: other site, other clock, other host", _travel,
    ),
    Campaign(
        "one Saturday", "look_alike", (cast.SATURDAY_WORKER,),
        "comes in on one Saturday to finish a paper", _saturday,
    ),
    Campaign(
        "leaver who takes nothing", "look_alike", (cast.HONEST_LEAVER,),
        "leaves like anybody leaves (truth: his last three weeks)", _honest_leaver,
    ),
)  # fmt: skip
