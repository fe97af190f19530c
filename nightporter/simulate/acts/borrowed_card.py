"""A card reported lost and replaced goes on opening doors."""

from datetime import date, datetime, time, timedelta

from nightporter.simulate import cast
from nightporter.simulate.acts.campaign import Campaign
from nightporter.simulate.diary import Clock, Diary
from nightporter.simulate.documents import Document
from nightporter.simulate.institute import Institute
from nightporter.simulate.ordinary.errands import READING_DESK
from nightporter.simulate.plans import Plan
from nightporter.simulate.span import MON, THU, TUE

NAME = "borrowed card"
NEW_CARD = "107733"
_DOUBLES = ((4, THU, 14, 2), (2, THU, 10, 37))
_NIGHTS = (
    (3, TUE, 21, 41, "H-ARC", "digital-archive", 16),
    (1, MON, 22, 8, "H-SRV", "personnel", 21),
    (1, THU, 21, 24, "H-ARC", "antifrost", 24),
)


def replaced_at(institute: Institute) -> datetime:
    """Return when the old card was reported lost and the new one handed out."""
    return datetime.combine(institute.span.back(7, MON), time(7, 30))


def _plans(institute: Institute) -> list[Plan]:
    span, who = institute.span, cast.BORROWED_CARD
    acts = [span.back(weeks, day) for weeks, day, *_ in (*_DOUBLES, *_NIGHTS)]
    mornings = [span.back(weeks, day + 1) for weeks, day, *_ in _NIGHTS]
    since = replaced_at(institute).date()
    return [
        *(Plan(None, who, day, day, end=17 * 60 + 30, tag_from=None) for day in acts),
        *(Plan(None, who, day, day, tag_from=None) for day in mornings),
        Plan(None, who, since, span.last, tuple(range(7)), present=False, card=NEW_CARD),
    ]


def _acts(institute: Institute) -> list[Diary]:
    diary = Diary(institute, institute.people[cast.BORROWED_CARD], NAME)
    for weeks, weekday, hour, minute in _DOUBLES:
        _double(diary, datetime.combine(institute.span.back(weeks, weekday), time(hour, minute)))
    for weeks, weekday, hour, minute, door, project, many in _NIGHTS:
        starts = datetime.combine(institute.span.back(weeks, weekday), time(hour, minute))
        _night(diary, starts, door, _restricted(institute, project)[:many])
        _morning(diary, starts.date() + timedelta(days=1), project, many)
    return [diary]


def _restricted(institute: Institute, project: str) -> list[Document]:
    return [
        document for document in institute.documents
        if document.project == project and document.label != "internal"
    ]  # fmt: skip


def _double(diary: Diary, starts: datetime) -> None:
    """Her new card is read in the main building, the old one minutes later in the annex."""
    clock = Clock(diary.institute, "borrowed double", starts)
    diary.door(clock.now, "H-DATA", "entry", card=NEW_CARD)
    diary.door(clock.pause(70, 0.2), "H-ANNEX", "entry")
    diary.door(clock.pause(60, 0.2), "H-LAB2", "entry")
    diary.door(clock.pause(45, 0.2), "H-DATA", "entry", card=NEW_CARD)
    diary.door(clock.pause(900, 0.3), "H-ANNEX", "exit")


def _night(diary: Diary, starts: datetime, door: str, documents: list[Document]) -> None:
    """Somebody comes in with the old card; then her account is used at the reading desk."""
    clock = Clock(diary.institute, "borrowed night", starts)
    diary.door(clock.now, "H-YARD", "entry")
    diary.door(clock.pause(130), door, "entry")
    diary.session(clock.pause(420, 0.3), "logon", READING_DESK)
    for document in documents:
        diary.file(clock.pause(50, 0.7), "view", document, READING_DESK)
    for document in documents[::3]:
        diary.file(clock.pause(25, 0.6), "download", document, READING_DESK)
    diary.session(clock.pause(60), "logoff", READING_DESK)
    diary.door(clock.pause(240), "H-YARD", "exit")


def _morning(diary: Diary, day: date, project: str, many: int) -> None:
    """The next day she reads on at her own desk."""
    clock = Clock(diary.institute, "borrowed morning", datetime.combine(day, time(11, 20)))
    documents = _restricted(diary.institute, project)[many : many + 12]
    for document in documents:
        diary.file(clock.pause(90, 0.7), "view", document, diary.person.host)


BORROWED_CARD = Campaign(
    NAME, "insider", (cast.BORROWED_CARD,),
    "reported her card lost and got a new one; the old one, never blocked in the doors, opens "
    "the annex while she is in the main building, and the archive and the server room at "
    "night; then her account reads documents that are not hers to read",
    _plans, _acts,
)  # fmt: skip
