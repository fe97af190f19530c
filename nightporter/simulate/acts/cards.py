"""Look-alikes by their cards: a card left at home, and one that was re-issued."""

from datetime import date, datetime, time, timedelta

from nightporter.simulate import cast
from nightporter.simulate.acts.campaign import Campaign
from nightporter.simulate.diary import Diary
from nightporter.simulate.institute import Institute
from nightporter.simulate.plans import Plan
from nightporter.simulate.span import TUE, WED

LOANER_CARD, SECOND_CARD = "109001", "107741"


def forgotten_on(institute: Institute) -> date:
    """Return the one day with a loaner."""
    return institute.span.back(8, WED)


def reissued_on(institute: Institute) -> date:
    """Return the first day of the re-issued card."""
    return institute.span.back(11, TUE)


def _forgotten(institute: Institute) -> list[Plan]:
    day = forgotten_on(institute)
    return [Plan("forgotten card", cast.FORGETFUL, day, day, card=LOANER_CARD, start=8 * 60 + 12)]


def _reissued(institute: Institute) -> list[Plan]:
    day, last = reissued_on(institute), institute.span.last
    who = cast.REISSUED
    tomorrow = day + timedelta(days=1)
    return [
        Plan(None, who, tomorrow, tomorrow, start=8 * 60 + 1, tag_from=None),
        Plan(None, who, day, last, tuple(range(7)), present=False, card=SECOND_CARD),
    ]


def _tries_the_old_one(institute: Institute) -> list[Diary]:
    diary = Diary(institute, institute.people[cast.REISSUED], "re-issued card")
    tomorrow = reissued_on(institute) + timedelta(days=1)
    moment = datetime.combine(tomorrow, time(7, 59, 21))
    diary.door(moment, "H-ANNEX", "denied", reason="expired")
    return [diary]


FORGOTTEN_CARD = Campaign(
    "forgotten card", "look_alike", (cast.FORGETFUL,),
    "left her card at home and used a loaner for one day; never both on that day", _forgotten,
)  # fmt: skip
REISSUED_CARD = Campaign(
    "re-issued card", "look_alike", (cast.REISSUED,),
    "got a new card, tried the old one by habit the next morning and was refused",
    _reissued, _tries_the_old_one,
)  # fmt: skip
