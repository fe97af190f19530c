"""A researcher who has given notice and fills a new stick on two evenings."""

from datetime import date, datetime, time, timedelta

from nightporter.simulate import cast
from nightporter.simulate.acts.campaign import Campaign
from nightporter.simulate.diary import Clock, Diary, Drive
from nightporter.simulate.institute import Institute
from nightporter.simulate.ordinary.usb import serial
from nightporter.simulate.plans import Plan
from nightporter.simulate.span import TUE, WED

NAME = "leaver"
_EVENINGS = (((2, TUE), 243, "antifrost"), ((1, WED), 268, "cold-alloys"))


def _evenings(institute: Institute) -> list[tuple[date, int, str]]:
    return [(institute.span.back(*when), many, project) for when, many, project in _EVENINGS]


def _plans(institute: Institute) -> list[Plan]:
    return [
        Plan(None, cast.LEAVER, day, day, end=17 * 60 + 20, tag_from=None)
        for day, _, _ in _evenings(institute)
    ]


def _acts(institute: Institute) -> list[Diary]:
    diary = Diary(institute, institute.people[cast.LEAVER], NAME)
    drive = Drive(serial(institute.chance, 9100), "Norvolt", "Rover 256")
    for day, many, project in _evenings(institute):
        _evening(diary, drive, day, many, project)
    return [diary]


def _evening(diary: Diary, drive: Drive, day: date, many: int, project: str) -> None:
    institute, host = diary.institute, diary.person.host
    shift = 12 * institute.chance.bell("leaver comes", institute.span.number(day))
    clock = Clock(
        institute, "leaver clock", datetime.combine(day, time(19, 40)) + timedelta(minutes=shift)
    )
    diary.door(clock.now, "H-ANNEX", "entry")
    diary.door(clock.pause(80), "H-LAB2", "entry")
    diary.session(clock.pause(120), "logon", host)
    folder = [document for document in institute.documents if document.project == project]
    taken = folder[20 : 20 + many]
    for document in taken:
        diary.file(clock.pause(16, 0.9), "download", document, host)
    diary.stick(clock.pause(90), "connect", drive, host)
    for document in taken:
        if institute.chance.draw("leaver writes", int(document.doc[1:])) < 0.87:
            diary.stick(clock.pause(7, 0.6), "write", drive, host, document)
    diary.stick(clock.pause(40), "disconnect", drive, host)
    diary.session(clock.pause(60), "logoff", host)
    diary.door(clock.pause(150), "H-ANNEX", "exit")


LEAVER = Campaign(
    NAME, "insider", (cast.LEAVER,),
    "has given notice; comes back on two evenings, downloads his team's folders and writes "
    "most of them to a stick that nobody ever saw before: his first",
    _plans, _acts,
)  # fmt: skip
