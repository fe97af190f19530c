"""The case: a network administrator who carries out some eight documents on most nights."""

from datetime import timedelta

from nightporter.simulate import cast
from nightporter.simulate.acts.campaign import Campaign
from nightporter.simulate.acts.quiet_nights import Load, Visit, loads, visits
from nightporter.simulate.acts.stopped_agent import starts_on, stops_on
from nightporter.simulate.acts.watched_password import (
    afternoon_acts,
    afternoon_plans,
    night_at_the_desk,
    owner_of,
)
from nightporter.simulate.diary import Clock, Diary, Drive
from nightporter.simulate.institute import Institute
from nightporter.simulate.ordinary.usb import VENDORS, serial
from nightporter.simulate.plans import Plan
from nightporter.simulate.span import SAT, workdays

NAME = "quiet administrator"
# The way to an office leads through another door.
_WAYS = {"H-OFF-DIR": "H-DIR", "H-OFF-FIN": "H-FIN", "H-OFF-IT": "H-IT", "H-OFF-RES": "H-ANNEX"}


def drives(institute: Institute) -> list[Drive]:
    """Return his three disks; the first is a registered one of the IT department."""
    return [
        Drive(serial(institute.chance, 9000, n), VENDORS[n + 1], f"Portable {1 + n % 2} TB")
        for n in range(3)
    ]


def _plans(institute: Institute) -> list[Plan]:
    """Who owns an office that he opens with a key has really left it."""
    plans = afternoon_plans(institute)
    for visit in visits(institute):
        if visit.by_key:
            who, night = owner_of(institute, visit.office).user_id, visit.night.day
            before = workdays("HAV", institute.span, night - timedelta(days=10), 20)
            last = max(day for day in before if day <= night)
            plans.append(Plan(None, who, last, last, present=False, tag_from=None, seen=True))
            weekend = (SAT, SAT + 1)
            plans.append(Plan(None, who, night, night, weekend, False, tag_from=None, off=True))
    return plans


def _acts(institute: Institute) -> list[Diary]:
    diary = Diary(institute, institute.people[cast.QUIET_ADMINISTRATOR], NAME)
    planned = {visit.night.day: visit for visit in visits(institute)}
    for load in loads(institute):
        _night(diary, load, planned.get(load.night.day))
    return [diary, afternoon_acts(diary)]


def _night(diary: Diary, load: Load, visit: Visit | None) -> None:
    chance, host, night = diary.institute.chance, diary.person.host, load.night
    clock = Clock(diary.institute, "quiet clock", night.comes)
    if chance.draw("quiet tailgates", night.number) >= 0.02:
        diary.door(clock.now, "H-GATE", "entry")
    if chance.draw("quiet room", night.number) < 0.6:
        diary.door(clock.pause(95), "H-IT", "entry")
    if visit is not None:
        _visit(diary, clock, visit)
    is_second = chance.draw("quiet account", night.number) < 0.35
    account = diary.person.admin_account if is_second else diary.person.user_id
    diary.session(clock.pause(240), "logon", host, account=account)
    for document in load.taken:
        if chance.draw("quiet look", night.number, int(document.doc[1:])) < 0.25:
            diary.file(clock.pause(70), "view", document, host, account=account)
        diary.file(clock.pause(100, 0.8), "download", document, host, account=account)
    if load.written:
        _write_out(diary, clock, load)
    leaves = clock.pause(150)
    if night.day in (stops_on(diary.institute), starts_on(diary.institute)):
        # The agent's collector; what exactly he changes, this log does not say.
        second = diary.person.admin_account
        diary.session(leaves - timedelta(seconds=1), "admin_change", host, account=second)
    diary.session(leaves, "logoff", host, account=account)
    diary.door(clock.pause(200), "H-GATE", "exit")


def _visit(diary: Diary, clock: Clock, visit: Visit) -> None:
    """Inner doors without a sensor open to a key unseen; the annex opens to a card only."""
    way = _WAYS[visit.office]
    abroad = way == "H-ANNEX"
    if abroad:
        diary.door(clock.pause(100), "H-GATE", "exit")
    if abroad or not visit.by_key:
        diary.door(clock.pause(120), way, "entry")
    diary.office(clock.pause(60), visit.office, visit.minutes, by_key=visit.by_key)
    if visit.by_key:
        night_at_the_desk(diary, visit.office, clock.now, visit.minutes)
    clock.now += timedelta(minutes=visit.minutes)
    if abroad:
        diary.door(clock.pause(80), way, "exit")
        diary.door(clock.pause(100), "H-GATE", "entry")


def _write_out(diary: Diary, clock: Clock, load: Load) -> None:
    chance, host = diary.institute.chance, diary.person.host
    drive = drives(diary.institute)[chance.pick(3, "quiet drive", load.night.number // 5)]
    diary.stick(clock.pause(45), "connect", drive, host)
    for document in load.written:
        diary.stick(clock.pause(12, 0.7), "write", drive, host, document)
    diary.stick(clock.pause(60), "disconnect", drive, host)


QUIET_ADMINISTRATOR = Campaign(
    NAME, "insider", (cast.QUIET_ADMINISTRATOR,),
    "comes back on most nights and weekends, downloads a few documents of many projects, "
    "writes them to one of three external disks and leaves; on some nights he visits the "
    "offices of supervisors, twice with a copied key and a watched password, and uses a third "
    "supervisor's desk on three afternoons; for two days he stops the USB agent",
    _plans, _acts,
)  # fmt: skip
