"""The quiet administrator's nights: when he comes, whose office he visits, what he takes.

Knows no log: nothing is played here.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from nightporter.simulate.acts.rotas import closing_days
from nightporter.simulate.documents import Document
from nightporter.simulate.institute import Institute
from nightporter.simulate.span import MON, SAT

_CLASSIFIED, _CONFIDENTIAL = 6, 536
# Shares of the campaign at which he visits an office; on the third and sixth visit with a
# copied key instead of his card.
_VISITS, _KEY_VISITS = (0.12, 0.27, 0.41, 0.55, 0.68, 0.80, 0.93), (2, 5)
_ROUND = ("H-OFF-DIR", "H-OFF-RES", "H-OFF-FIN", "H-OFF-IT")


@dataclass(frozen=True)
class Night:
    """One of his nights: when he comes, and how many documents he takes."""

    day: date
    number: int
    comes: datetime
    documents: int


@dataclass(frozen=True)
class Load:
    """What he takes on one night, and what he writes out: nothing, or the last night's too."""

    night: Night
    taken: list[Document]
    written: list[Document]


@dataclass(frozen=True)
class Visit:
    """One visit to a supervisor's office, with his card or with a copied key."""

    night: Night
    office: str
    minutes: float
    by_key: bool


def visits(institute: Institute) -> list[Visit]:
    """Return his visits to offices, in order."""
    his_nights, late = nights(institute), closing_days(institute.span)
    found: list[Visit] = []
    for rank, share in enumerate(_VISITS):
        by_key, coming = rank in _KEY_VISITS, his_nights[int(share * len(his_nights)) :]
        # With a key he comes when nobody has stayed late.
        night = next(night for night in coming if not (by_key and night.day in late))
        office = _ROUND[rank % len(_ROUND)]
        found.append(Visit(night, office, 3.5 + rank % 3, by_key))
    return found


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


def loads(institute: Institute) -> list[Load]:
    """Return what he takes and writes out, night by night; what he keeps goes with the next."""
    his_nights = nights(institute)
    documents = haul(institute, sum(night.documents for night in his_nights))
    kept, found = list[Document](), list[Load]()
    for night in his_nights:
        taken, documents = documents[: night.documents], documents[night.documents :]
        kept = [*kept, *taken]
        writes = night == his_nights[-1] or writes_out(institute, night)
        found.append(Load(night, taken, kept if writes else []))
        kept = [] if writes else kept
    return found


def writes_out(institute: Institute, night: Night) -> bool:
    """Return whether he plugs in a disk; now and then he does not."""
    return institute.chance.draw("quiet writes", night.number) < 0.88
