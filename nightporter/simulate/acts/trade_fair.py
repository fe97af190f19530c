"""A look-alike: the first stick ever, in office hours, for a trade fair."""

from datetime import date, datetime, time

from nightporter.simulate import cast
from nightporter.simulate.acts.campaign import Campaign
from nightporter.simulate.diary import Clock, Diary, Drive
from nightporter.simulate.institute import Institute
from nightporter.simulate.ordinary.usb import serial
from nightporter.simulate.plans import Plan
from nightporter.simulate.span import TUE

NAME = "trade-fair stick"
_WHEN = (6, TUE)


def held_on(institute: Institute) -> date:
    """Return the day of the stick."""
    return institute.span.back(*_WHEN)


def _plans(institute: Institute) -> list[Plan]:
    day = held_on(institute)
    return [Plan(None, cast.TRADE_FAIR, day, day, tag_from=None)]


def _acts(institute: Institute) -> list[Diary]:
    diary = Diary(institute, institute.people[cast.TRADE_FAIR], NAME)
    drive = Drive(serial(institute.chance, 9200), "Brightrun", "Slide 64")
    host = diary.person.host
    start = datetime.combine(held_on(institute), time(14, 6))
    clock = Clock(institute, "fair clock", start)
    diary.stick(clock.now, "connect", drive, host)
    shown = [
        document for document in institute.documents
        if document.project == "sensor-skin" and document.label == "internal"
    ][:10]  # fmt: skip
    for document in shown:
        diary.file(clock.pause(20), "download", document, host)
        diary.stick(clock.pause(15), "write", drive, host, document)
    diary.stick(clock.pause(60), "disconnect", drive, host)
    return [diary]


TRADE_FAIR = Campaign(
    NAME, "look_alike", (cast.TRADE_FAIR,),
    "takes ten slides to a fair on the first stick he ever plugs in, in the afternoon",
    _plans, _acts,
)  # fmt: skip
