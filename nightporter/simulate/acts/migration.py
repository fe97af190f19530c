"""A look-alike: an approved migration on one weekend."""

from datetime import datetime, time, timedelta

from nightporter.simulate import cast
from nightporter.simulate.acts.campaign import Campaign
from nightporter.simulate.diary import Clock, Diary
from nightporter.simulate.institute import Institute
from nightporter.simulate.plans import Plan
from nightporter.simulate.span import SAT, SUN

NAME = "approved migration"
_HOST = "HAV-FS-02"


def _plans(institute: Institute) -> list[Plan]:
    saturday, sunday = (institute.span.back(11, day) for day in (SAT, SUN))
    who = cast.STORAGE_ADMINISTRATOR
    return [Plan(None, who, saturday, sunday, (SAT, SUN), present=False, on_duty=True)]


def _acts(institute: Institute) -> list[Diary]:
    diary = Diary(institute, institute.people[cast.STORAGE_ADMINISTRATOR], NAME)
    saturday = institute.span.back(11, SAT)
    start = datetime.combine(saturday, time(9, 12))
    _day(diary, start, slice(600, 1800))
    _day(diary, start + timedelta(days=1, minutes=41), slice(1800, 2700))
    return [diary]


def _day(diary: Diary, starts: datetime, part: slice) -> None:
    clock = Clock(diary.institute, "migration clock", starts)
    diary.door(clock.now, "H-GATE", "entry")
    diary.door(clock.pause(120), "H-SRV", "entry")
    diary.session(clock.pause(200), "logon", _HOST)
    for document in diary.institute.documents[part]:
        diary.file(clock.pause(14, 0.7), "copy", document, _HOST)
    diary.session(clock.pause(300), "logoff", _HOST)
    diary.door(clock.pause(240), "H-GATE", "exit")


MIGRATION = Campaign(
    NAME, "look_alike", (cast.STORAGE_ADMINISTRATOR,),
    "copies more than two thousand files to a new server with his own account, by order",
    _plans, _acts,
)  # fmt: skip
