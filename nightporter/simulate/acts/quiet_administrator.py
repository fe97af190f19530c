"""The case: a network administrator who carries out some eight documents on most nights."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from nightporter.simulate import cast
from nightporter.simulate.acts.campaign import Campaign
from nightporter.simulate.diary import Clock, Diary, Drive
from nightporter.simulate.documents import Document
from nightporter.simulate.institute import Institute
from nightporter.simulate.ordinary.usb import VENDORS, serial
from nightporter.simulate.span import MON, SAT

NAME = "quiet administrator"
_CLASSIFIED, _CONFIDENTIAL = 6, 536
# Shares of the campaign at which he visits an office; on the third and sixth visit with a
# copied key instead of his card. The way to an office leads through another door.
_VISITS, _KEY_VISITS = (0.12, 0.27, 0.41, 0.55, 0.68, 0.80, 0.93), (2, 5)
_ROUND = ("H-OFF-DIR", "H-OFF-RES", "H-OFF-FIN", "H-OFF-IT")
_WAYS = {"H-OFF-DIR": "H-DIR", "H-OFF-FIN": "H-FIN", "H-OFF-IT": "H-IT", "H-OFF-RES": "H-ANNEX"}


@dataclass(frozen=True)
class Night:
    """One of his nights: when he comes, and how many documents he takes."""

    day: date
    number: int
    comes: datetime
    documents: int


@dataclass(frozen=True)
class Visit:
    """One visit to a supervisor's office, with his card or with a copied key."""

    night: Night
    office: str
    minutes: float
    by_key: bool


def visits(institute: Institute) -> list[Visit]:
    """Return his visits to offices, in order."""
    his_nights = nights(institute)
    return [
        Visit(
            his_nights[int(share * len(his_nights))], _ROUND[rank % len(_ROUND)],
            3.5 + rank % 3, rank in _KEY_VISITS,
        )
        for rank, share in enumerate(_VISITS)
    ]  # fmt: skip


def nights(institute: Institute) -> list[Night]:
    """Return his nights, from the Monday 17 weeks before the end to the last day but one."""
    first, last = institute.span.back(17, MON), institute.span.last - timedelta(days=1)
    draw, found = institute.chance.draw, list[Night]()
    for day in institute.span.between(first, last):
        n = institute.span.number(day)
        if draw("quiet night", n) < 0.84:
            many = round(10.0 + 3.2 * institute.chance.bell("quiet documents", n))
            found.append(Night(day, n, _coming(institute, day, n), min(max(many, 3), 18)))
    return found


def _coming(institute: Institute, day: date, n: int) -> datetime:
    midnight = datetime.combine(day, time())
    if day.weekday() >= SAT:
        return midnight + timedelta(hours=11 + 10.5 * institute.chance.draw("quiet hour", n))
    minutes = 21 * 60 + 25 + 55 * institute.chance.bell("quiet hour", n)
    return midnight + timedelta(minutes=min(max(minutes, 20 * 60 + 5), 24 * 60 + 20))


def haul(institute: Institute, wanted: int) -> list[Document]:
    """Return the documents he takes, in order: a few at a time from one folder, then another."""
    groups = [
        ("classified", _CLASSIFIED), ("confidential", _CONFIDENTIAL),
        ("internal", wanted - _CLASSIFIED - _CONFIDENTIAL),
    ]  # fmt: skip
    chunks: list[list[Document]] = []
    for label, many in groups:
        kept = _of_label(institute, label)[:many]
        chunks += [kept[start : start + 4] for start in range(0, many, 4)]
    order = sorted(range(len(chunks)), key=lambda index: institute.chance.draw("haul order", index))
    return [document for index in order for document in chunks[index]]


def _of_label(institute: Institute, label: str) -> list[Document]:
    """Return the documents with a label, in runs of four neighbours, the runs shuffled."""
    fitting = [
        document for document in institute.documents
        if document.label == label and not document.path.startswith("/it/")
    ]  # fmt: skip
    draw = institute.chance.draw
    key = {doc.doc: (draw(f"haul {label}", i // 4), i) for i, doc in enumerate(fitting)}
    return sorted(fitting, key=lambda document: key[document.doc])


def drives(institute: Institute) -> list[Drive]:
    """Return his three disks; the first is a registered one of the IT department."""
    return [
        Drive(serial(institute.chance, 9000, n), VENDORS[n + 1], f"Portable {1 + n % 2} TB")
        for n in range(3)
    ]


def _acts(institute: Institute) -> list[Diary]:
    person = institute.people[cast.QUIET_ADMINISTRATOR]
    diary = Diary(institute, person, NAME)
    his_nights = nights(institute)
    documents = haul(institute, sum(night.documents for night in his_nights))
    planned = {visit.night.day: visit for visit in visits(institute)}
    kept: list[Document] = []
    for index, night in enumerate(his_nights):
        taken, documents = documents[: night.documents], documents[night.documents :]
        is_last = index == len(his_nights) - 1
        kept = _night(diary, night, taken, kept, planned.get(night.day), is_last)
    return [diary]


def _night(
    diary: Diary, night: Night, taken: list[Document], kept: list[Document],
    visit: Visit | None, is_last: bool,
) -> list[Document]:  # fmt: skip
    """Play one night and return the documents that he has not written out yet."""
    chance, host = diary.institute.chance, diary.person.host
    clock = Clock(diary.institute, "quiet clock", night.comes)
    if chance.draw("quiet tailgates", night.number) >= 0.02:
        diary.door(clock.now, "H-GATE", "entry")
    if chance.draw("quiet room", night.number) < 0.6:
        diary.door(clock.pause(95), "H-IT", "entry")
    if visit is not None:
        _visit(diary, clock, visit)
    second = chance.draw("quiet account", night.number) < 0.35
    account = diary.person.admin_account if second else diary.person.user_id
    diary.session(clock.pause(240), "logon", host, account=account)
    for document in taken:
        if chance.draw("quiet look", night.number, int(document.doc[1:])) < 0.25:
            diary.file(clock.pause(70), "view", document, host, account=account)
        diary.file(clock.pause(100, 0.8), "download", document, host, account=account)
    carried = [*kept, *taken]
    if is_last or chance.draw("quiet writes", night.number) < 0.88:
        _write_out(diary, clock, night, carried)
        carried = []
    diary.session(clock.pause(150), "logoff", host, account=account)
    diary.door(clock.pause(200), "H-GATE", "exit")
    return carried


def _visit(diary: Diary, clock: Clock, visit: Visit) -> None:
    """Inner doors without a sensor open to a key unseen; the annex opens to a card only."""
    way = _WAYS[visit.office]
    abroad = way == "H-ANNEX"
    if abroad:
        diary.door(clock.pause(100), "H-GATE", "exit")
    if abroad or not visit.by_key:
        diary.door(clock.pause(120), way, "entry")
    diary.office(clock.pause(60), visit.office, visit.minutes, by_key=visit.by_key)
    clock.now += timedelta(minutes=visit.minutes)
    if abroad:
        diary.door(clock.pause(80), way, "exit")
        diary.door(clock.pause(100), "H-GATE", "entry")


def _write_out(diary: Diary, clock: Clock, night: Night, documents: list[Document]) -> None:
    chance, host = diary.institute.chance, diary.person.host
    drive = drives(diary.institute)[chance.pick(3, "quiet drive", night.number // 5)]
    diary.stick(clock.pause(45), "connect", drive, host)
    for document in documents:
        diary.stick(clock.pause(12, 0.7), "write", drive, host, document)
    diary.stick(clock.pause(60), "disconnect", drive, host)


QUIET_ADMINISTRATOR = Campaign(
    NAME, "insider", (cast.QUIET_ADMINISTRATOR,),
    "comes back on most nights and weekends, downloads a few documents of many projects, "
    "writes them to one of three external disks and leaves; on some nights he visits the "
    "offices of supervisors, twice with a copied key",
    acts=_acts,
)  # fmt: skip
