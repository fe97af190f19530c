"""What analysts did, one row an act, never rewritten; and which acts need a second person.

Knows rows and words; what a case has become by them, `standing` says.
"""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, timedelta

import polars as pl

from nightporter.findings import LEVELS
from nightporter.lake import Lake
from nightporter.schema import TABLES

TABLE = "verdicts"
ACTS = ("status", "assign", "due", "ticket", "verdict", "note", "hold", "release", "approve",
        "reveal", "revealed")  # fmt: skip
# Of no case: somebody read the report of the day that is its value.
READ = "read"
STATUSES = ("new", "assigned", "escalated", "closed")
VERDICTS = ("confirmed", "authorised", "false_positive", "data_error", "inconclusive")

GRAVE = LEVELS.index("high")


@dataclass(frozen=True)
class Seen:
    """What the morning said of the person when an analyst spoke: until which day, the highest
    risk, the detectors, and the days of the case that had findings."""

    day: date | None
    risk: float | None = None
    kinds: tuple[str, ...] = ()
    days: tuple[date, ...] = ()


@dataclass(frozen=True)
class Act:
    """One act of one person. `day` is the newest day that was scanned when it was said.

    `second`: it counts only from the approval of another person on. An approval has the `act_id`
    that it approves as its `value`. `risk`, `kinds`, `days`: as in Seen, of a verdict.
    """

    account: str
    act: str
    case_id: str
    user_id: str
    value: str | None = None
    note: str | None = None
    analyst: str | None = None
    second: bool = False
    day: date | None = None
    risk: float | None = None
    kinds: tuple[str, ...] = ()
    days: tuple[date, ...] = ()
    act_id: str = ""
    said_at: datetime | None = None


def needs_second(act: str, value: str | None, level: str | None) -> bool:
    """Tell whether `act` on a case of `level` counts only when another person approves it."""
    if act == "verdict":
        return value == "confirmed"
    if act == "status":
        return value == "closed" and level is not None and LEVELS.index(level) >= GRAVE
    return act == "release"


def other_person(first: Act, account: str, analyst: str | None) -> bool:
    """Tell whether `account`, who is `analyst` in people.csv, is not who said `first`.

    Two accounts of one person are one person.
    """
    same = analyst is not None and analyst.lower() == (first.analyst or "").lower()
    return account != first.account and not same


def read_acts(lake: Lake) -> list[Act]:
    """Return every act of the lake in the order in which they were said."""
    rows = lake.read(TABLE).sort("said_at", "act_id").to_dicts()
    return [
        Act(**{**row, "kinds": tuple(row["kinds"] or ()), "days": tuple(row["days"] or ())})
        for row in rows
    ]


def write_acts(
    lake: Lake, acts: Sequence[Act], known: Iterable[Act], now: datetime | None = None
) -> list[Act]:
    """Append `acts` in one commit, and return them with their ids and times.

    Each is later than the one before it and than all `known` acts, whatever the clock says.
    """
    now = now or datetime.now(UTC)
    last = max((act.said_at for act in known if act.said_at), default=now - timedelta(days=1))
    start = max(now, last + timedelta(microseconds=1))
    told = [
        replace(act, act_id=uuid.uuid4().hex[:12], said_at=start + timedelta(microseconds=n))
        for n, act in enumerate(acts)
    ]
    if told:
        rows = [asdict(act) for act in told]
        lake.append(TABLE, pl.DataFrame(rows, schema=pl.Schema(TABLES[TABLE].columns)))
    return told
