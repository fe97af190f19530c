"""Acts told one by one, as one person does them."""

import math
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import polars as pl

from nightporter.simulate.documents import Document
from nightporter.simulate.events import SCHEMAS
from nightporter.simulate.institute import Institute
from nightporter.simulate.population import Person

Row = dict[str, object]


@dataclass(frozen=True)
class Drive:
    """A stick or an external disk."""

    serial: str
    vendor: str
    product: str


@dataclass
class Diary:
    """What one person did beyond ordinary life; with a campaign, it goes into the truth."""

    institute: Institute
    person: Person
    campaign: str | None
    rows: dict[str, list[Row]] = field(
        default_factory=lambda: {"access": [], "usb": [], "badge": []}
    )

    def session(
        self, at: datetime, action: str, host: str, *, account: str | None = None,
        remote: bool = False,
    ) -> None:  # fmt: skip
        """Log on, log off, lock, unlock, or change a setting."""
        kind = (10 if remote else 2) if action in ("logon", "lock", "unlock") else None
        self._access(at, action, host, account, logon_type=kind)

    def file(
        self, at: datetime, action: str, document: Document, host: str, *,
        account: str | None = None,
    ) -> None:  # fmt: skip
        """Do something with a document."""
        self._access(at, action, host, account, **_file(document))

    def stick(
        self, at: datetime, action: str, drive: Drive, host: str, document: Document | None = None
    ) -> None:
        """Connect or disconnect a drive, or write a document to it."""
        self._note(
            "usb", at, account=self.person.user_id, host=host, action=action,
            serial=drive.serial, real=True, device_class="mass_storage",
            vendor=drive.vendor, product=drive.product, **(_file(document) if document else {}),
        )  # fmt: skip

    def door(
        self, at: datetime, door: str, action: str, *, card: str | None = None,
        reason: str | None = None,
    ) -> None:  # fmt: skip
        """Use a card at a door, or move the door without one."""
        by_card = action in ("entry", "exit", "denied")
        direction = {"entry": "in", "denied": "in", "exit": "out"}.get(action, "unknown")
        self._note(
            "badge", at, card=(card or self.person.card) if by_card else None, door=door,
            action=action, direction=direction, reason=reason,
        )  # fmt: skip

    def office(self, at: datetime, door: str, minutes: float, *, by_key: bool = False) -> None:
        """Visit a room whose door has a sensor; a key leaves no read."""
        if not by_key:
            self.door(at, door, "entry")
        self.leaf(at + timedelta(seconds=3), door)
        leaves = at + timedelta(minutes=minutes)
        self.door(leaves, door, "request_to_exit")
        self.leaf(leaves + timedelta(seconds=2), door)

    def leaf(self, at: datetime, door: str) -> None:
        """Open and close a door whose sensor sees it."""
        self.door(at, door, "door_opened")
        self.door(at + timedelta(seconds=6), door, "door_closed")

    def _access(
        self, at: datetime, action: str, host: str, account: str | None, **more: object
    ) -> None:
        net = "10.99" if "-LT-" in host else "10.20"
        number = self.institute.owner_of(host, self.person).number
        self._note(
            "access", at, account=account or self.person.user_id, host=host, action=action,
            ok=True, ip=f"{net}.{number // 250}.{number % 250 + 2}", **more,
        )  # fmt: skip

    def _note(self, source: str, at: datetime, **values: object) -> None:
        who = {"site": "HAV", "user_id": self.person.user_id, "campaign": self.campaign}
        self.rows[source].append({"local": at, **who, **values})


def diary_frame(diaries: list[Diary], source: str) -> pl.DataFrame:
    """Return the acts of all diaries that one source saw."""
    rows = [row for diary in diaries for row in diary.rows[source]]
    return pl.DataFrame(rows, schema=SCHEMAS[source])


def _file(document: Document) -> Row:
    return {"path": document.path, "doc": document.doc, "size": document.size}


class Clock:
    """The hands of a wall clock that only move forward, with human pauses."""

    def __init__(self, institute: Institute, stream: str, start: datetime) -> None:
        self.now = start
        self._chance, self._stream, self._ticks = institute.chance, stream, 0
        self._day = institute.span.number(start.date())

    def pause(self, seconds: float, spread: float = 0.5) -> datetime:
        """Let about `seconds` pass and return the time."""
        bell = self._chance.bell(self._stream, self._day, self._ticks)
        self._ticks += 1
        self.now += timedelta(seconds=max(2.0, seconds * math.exp(spread * bell)))
        return self.now
