"""What the quiet administrator does with passwords that he watched: at the owners' own desks."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from nightporter.simulate import cast
from nightporter.simulate.diary import Clock, Diary
from nightporter.simulate.documents import Document
from nightporter.simulate.institute import Institute
from nightporter.simulate.ordinary.server_room import visit_length
from nightporter.simulate.places import DOORS, TEAMS
from nightporter.simulate.plans import Plan
from nightporter.simulate.population import Person
from nightporter.simulate.span import THU, WED, workdays

# Weeks before the end, weekday, the minute at which she goes to the server room, and whether
# he finds her door shut.
_AFTERNOONS = ((6, THU, 14 * 60 + 22, False), (3, WED, 14 * 60 + 41, True),
               (1, WED, 14 * 60 + 9, False))  # fmt: skip
_OFFICE, _ROOM = "H-OFF-IT", "H-IT"
_EARLIER = 26


@dataclass(frozen=True)
class Afternoon:
    """One afternoon at the desk of the head of IT, while she is in the server room."""

    number: int
    day: date
    goes: datetime
    back: datetime
    door_shut: bool


def owner_of(institute: Institute, office: str) -> Person:
    """Return whose office this is."""
    return institute.people[next(door.owner for door in DOORS if door.door_id == office)]


def night_at_the_desk(diary: Diary, office: str, enters: datetime, minutes: float) -> None:
    """Log on with the owner's account, view some documents, log off, all within the visit."""
    draw, n = diary.institute.chance.draw, diary.institute.span.number(enters.date())
    owner = owner_of(diary.institute, office)
    host, account = owner.host, owner.user_id
    begins = enters + timedelta(seconds=25 + 20 * draw("desk logon", n))
    leaves = enters + timedelta(seconds=60 * minutes - 10 - 10 * draw("desk logoff", n))
    viewed = viewed_at_night(diary.institute, office, enters.date())
    room = (leaves - begins) / (len(viewed) + 1)
    diary.session(begins, "logon", host, account=account)
    for k, document in enumerate(viewed):
        at = begins + room * (k + 0.6 + 0.5 * draw("desk view", n, k))
        diary.file(at, "view", document, host, account=account)
    diary.session(leaves, "logoff", host, account=account)


def viewed_at_night(institute: Institute, office: str, day: date) -> list[Document]:
    """Return four to seven neighbours among the restricted documents of the owner's team."""
    n, team = institute.span.number(day), owner_of(institute, office).team
    many = 4 + institute.chance.pick(4, "desk documents", n)
    shelf = _restricted(institute, TEAMS[team].projects[0])
    first = institute.chance.pick(len(shelf) - many, "desk shelf", n)
    return shelf[first : first + many]


def afternoons(institute: Institute) -> list[Afternoon]:
    """Return the three, each on a working day."""
    span, found = institute.span, list[Afternoon]()
    head = institute.people[cast.HEAD_OF_IT]
    for number, (weeks, weekday, minute, door_shut) in enumerate(_AFTERNOONS):
        (day,) = workdays("HAV", span, span.back(weeks, weekday), 1)
        goes = datetime.combine(day, time()) + timedelta(minutes=minute)
        length = visit_length(institute.chance, head.number, span.number(day))
        found.append(Afternoon(number, day, goes, goes + timedelta(minutes=length), door_shut))
    return found


def viewed_by_day(institute: Institute, afternoon: Afternoon) -> list[Document]:
    """Two configurations, which he downloads, and up to three papers of the board."""
    number = afternoon.number
    many = 1 + institute.chance.pick(3, "afternoon papers", number)
    board, configs = _restricted(institute, "board"), _restricted(institute, "configs")
    return [*configs[2 * number : 2 * number + 2], *board[-3 * number - 3 :][:many]]


def afternoon_plans(institute: Institute) -> list[Plan]:
    """Return the plans by which both are in the house, and neither at the own desk."""
    plans: list[Plan] = []
    for afternoon in afternoons(institute):
        at, day = afternoon.goes.hour * 60 + afternoon.goes.minute, afternoon.day
        plans += [
            Plan(None, cast.HEAD_OF_IT, day, day, tag_from=None, end=16 * 60 + 50, seen=True,
                 gone=(at - _EARLIER - 1, at), server_at=at),
            Plan(None, cast.QUIET_ADMINISTRATOR, day, day, tag_from=None, end=17 * 60, seen=True,
                 gone=(at - 10, at + 30)),
        ]  # fmt: skip
    return plans


def afternoon_acts(diary: Diary) -> Diary:
    """Write his three afternoons into `diary`, and return a diary of her ways around them."""
    institute = diary.institute
    hers = Diary(institute, institute.people[cast.HEAD_OF_IT], None)
    for afternoon in afternoons(institute):
        _she_leaves(hers, afternoon)
        _he_comes(diary, afternoon)
    return hers


def _she_leaves(diary: Diary, afternoon: Afternoon) -> None:
    """She was in her office; on two of the afternoons she leaves its door open."""
    enters = afternoon.goes - timedelta(minutes=_EARLIER)
    leaves = afternoon.goes - timedelta(seconds=70)
    diary.door(enters, _OFFICE, "entry")
    diary.door(enters + timedelta(seconds=3), _OFFICE, "door_opened")
    diary.door(enters + timedelta(seconds=8), _OFFICE, "door_closed")
    work = _restricted(diary.institute, "configs")[-1 - afternoon.number]
    diary.file(afternoon.goes - timedelta(minutes=11), "view", work, diary.person.host)
    diary.door(leaves, _OFFICE, "request_to_exit")
    diary.door(leaves + timedelta(seconds=3), _OFFICE, "door_opened")
    shut = leaves if afternoon.door_shut else afternoon.back + timedelta(minutes=2)
    diary.door(shut + timedelta(seconds=9), _OFFICE, "door_closed")


def _he_comes(diary: Diary, afternoon: Afternoon) -> None:
    clock = Clock(diary.institute, "afternoon clock", afternoon.goes + timedelta(minutes=3))
    host, account = diary.institute.people[cast.HEAD_OF_IT].host, cast.HEAD_OF_IT
    diary.door(clock.pause(60, 0.3), _ROOM, "entry")
    if afternoon.door_shut:
        diary.door(clock.pause(70, 0.3), _OFFICE, "entry")
        diary.leaf(clock.now + timedelta(seconds=3), _OFFICE)
    diary.session(clock.pause(90, 0.3), "unlock", host, account=account)
    for document in viewed_by_day(diary.institute, afternoon):
        diary.file(clock.pause(70, 0.4), "view", document, host, account=account)
        if document.path.startswith("/it/"):
            diary.file(clock.pause(25, 0.3), "download", document, host, account=account)
    diary.session(clock.pause(40, 0.3), "lock", host, account=account)
    if afternoon.door_shut:
        diary.door(clock.pause(40, 0.3), _OFFICE, "request_to_exit")
        diary.leaf(clock.now + timedelta(seconds=2), _OFFICE)


def _restricted(institute: Institute, project: str) -> list[Document]:
    return [
        document for document in institute.documents
        if document.project == project and document.label == "confidential"
    ]  # fmt: skip
