"""Look-alikes at other people's desks and doors: the helpdesk, and calls on owners who are in."""

from datetime import datetime, time, timedelta

from nightporter.simulate import cast
from nightporter.simulate.acts.campaign import Campaign
from nightporter.simulate.diary import Clock, Diary
from nightporter.simulate.institute import Institute
from nightporter.simulate.places import TEAMS
from nightporter.simulate.plans import Plan
from nightporter.simulate.span import FRI, MON, THU, TUE, WED, workdays

_HELP, _CALL = "helpdesk at another's desk", "call on an owner who is in"
# Weeks before the end, weekday, minute, whose desk, and the room in which he or she sits then.
_ERRANDS = (
    (18, WED, 620, "qsievers", "H-FIN"), (16, TUE, 890, "nohl", "H-DIR"),
    (11, WED, 640, "ukron", "H-DIR"), (9, MON, 875, "fgrote", "H-DIR"),
    (5, WED, 600, "mzech", "H-DATA"), (2, TUE, 905, "rboehm", "H-FIN"),
)  # fmt: skip
# Weeks before the end, weekday, minute, who calls, on whom, at which door.
_CALLS = (
    (18, THU, 630, "oprill", "lmarwitz", "H-OFF-FIN"),
    (13, WED, 860, "rboehm", "pharden", "H-OFF-DIR"),
    (10, MON, 645, "bsolm", "hbrandis", "H-OFF-IT"),
    (7, FRI, 850, "vlanger", "sthorn", "H-OFF-RES"),
    (5, THU, 610, "nohl", "lmarwitz", "H-OFF-FIN"),
    (2, MON, 880, "chasek", "hbrandis", "H-OFF-IT"),
)  # fmt: skip


def _moment(institute: Institute, weeks: int, weekday: int, minute: int) -> datetime:
    (day,) = workdays("HAV", institute.span, institute.span.back(weeks, weekday), 1)
    jitter = 60 * institute.chance.draw("house call", institute.span.number(day))
    return datetime.combine(day, time()) + timedelta(minutes=minute, seconds=jitter)


def _busy(who: str, at: datetime, before: int, after: int) -> Plan:
    """Somebody is in the house, and from `before` to `after` minutes around `at` not as usual."""
    minute = at.hour * 60 + at.minute
    return Plan(None, who, at.date(), at.date(), tag_from=None, seen=True,
                gone=(minute - before, minute + after))  # fmt: skip


def _help_plans(institute: Institute) -> list[Plan]:
    moments = [(_moment(institute, *when), owner) for *when, owner, _ in _ERRANDS]
    return [_busy(who, at, 6, 55) for at, owner in moments for who in (owner, cast.HELPDESK)]


def _help_acts(institute: Institute) -> list[Diary]:
    his, diaries = Diary(institute, institute.people[cast.HELPDESK], _HELP), list[Diary]()
    for *when, owner, room in _ERRANDS:
        at, theirs = _moment(institute, *when), Diary(institute, institute.people[owner], None)
        _sits_elsewhere(theirs, at, room)
        _repairs(his, at, theirs.person.host, TEAMS[theirs.person.team].room)
        diaries.append(theirs)
    return [his, *diaries]


def _sits_elsewhere(diary: Diary, at: datetime, room: str) -> None:
    host, own = diary.person.host, TEAMS[diary.person.team].room
    diary.session(at - timedelta(minutes=5), "lock", host)
    diary.door(at - timedelta(minutes=2), room, "entry")
    diary.door(at + timedelta(minutes=50), own, "entry")
    diary.session(at + timedelta(minutes=53), "unlock", host)


def _repairs(diary: Diary, at: datetime, host: str, room: str) -> None:
    """He works under his own name, with the runbooks of his trade."""
    clock = Clock(diary.institute, "helpdesk clock", at)
    n = diary.institute.span.number(at.date())
    runbooks = [d for d in diary.institute.documents if d.project == "runbooks"]
    diary.door(clock.pause(120, 0.3), room, "entry")
    diary.session(clock.pause(150, 0.3), "logon", host)
    for k in range(2 + diary.institute.chance.pick(4, "helpdesk reads", n)):
        read = runbooks[diary.institute.chance.pick(len(runbooks), "helpdesk runbook", n, k)]
        diary.file(clock.pause(110, 0.5), "view", read, host)
    diary.session(clock.pause(240, 0.3), "logoff", host)
    diary.door(clock.pause(200, 0.3), "H-IT", "entry")


def _call_plans(institute: Institute) -> list[Plan]:
    moments = [(_moment(institute, *when), guest, owner) for *when, guest, owner, _ in _CALLS]
    return [
        plan for at, guest, owner in moments
        for plan in (_busy(guest, at, 3, 28), _busy(owner, at, 26, 45))
    ]  # fmt: skip


def _call_acts(institute: Institute) -> list[Diary]:
    diaries: list[Diary] = []
    for *when, guest, owner, door in _CALLS:
        at = _moment(institute, *when)
        hosts = Diary(institute, institute.people[owner], None)
        guests = Diary(institute, institute.people[guest], _CALL)
        _is_in(hosts, at, door)
        guests.office(at, door, 14 + 8 * institute.chance.draw("call", at.toordinal()))
        diaries += [hosts, guests]
    return diaries


def _is_in(diary: Diary, at: datetime, door: str) -> None:
    """The owner came to the office before, works there, and leaves it after the guest."""
    clock = Clock(diary.institute, "call on clock", at - timedelta(minutes=18))
    own = TEAMS[diary.person.team].projects[0]
    work = [d for d in diary.institute.documents if d.project == own]
    diary.office(at - timedelta(minutes=24), door, 66)
    for k in range(3):
        number = diary.institute.chance.pick(len(work), "call on", at.toordinal(), k)
        diary.file(clock.pause(210, 0.3), "view", work[number], diary.person.host)


HOUSE_CALLS = (
    Campaign(
        _HELP, "look_alike", (cast.HELPDESK,),
        "repairs something at another's workstation, under his own name, while its owner sits in "
        "another room", _help_plans, _help_acts,
    ),
    Campaign(
        _CALL, "look_alike", tuple(sorted({row[3] for row in _CALLS})),
        "read at the office door of a superior who is in, and stay a quarter of an hour",
        _call_plans, _call_acts,
    ),
)  # fmt: skip
