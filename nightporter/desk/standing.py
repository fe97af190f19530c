"""How each case stands by what analysts did: a fold of the acts, and of nothing else.

So it says the same however often the cases are told anew. Knows no table.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from nightporter.desk.acts import READ, Act, other_person

# Acts that speak of the same thing: the later one replaces the earlier, asked for or done.
_SAME = {"release": "hold"}


@dataclass(frozen=True)
class Standing:
    """One case. `verdict` and `approval` are the acts that made it so, `seen` the detectors that
    any verdict knew of.

    `closed` is the day on which an analyst closed it, `ended` all such days, also those after
    which it was opened again; `pending` what awaits a second person.
    """

    case_id: str
    user_id: str
    status: str = "new"
    assignee: str | None = None
    due: str | None = None
    ticket: str | None = None
    verdict: Act | None = None
    approval: Act | None = None
    seen: frozenset[str] = frozenset()
    held: bool = False
    closed: date | None = None
    ended: frozenset[date] = frozenset()
    pending: tuple[Act, ...] = ()
    history: tuple[Act, ...] = ()

    @property
    def said(self) -> str | None:
        """The verdict's word."""
        return self.verdict.value if self.verdict else None

    @property
    def reviewed(self) -> date | None:
        """The newest scanned day when the verdict came to count."""
        return (self.approval or self.verdict).day if self.verdict else None


def standings(acts: Iterable[Act]) -> dict[str, Standing]:
    """Return how every case stands that anything was ever done about, by its id."""
    found: dict[str, Standing] = {}
    for act in acts:
        if act.act == READ:
            continue
        was = found.get(act.case_id) or Standing(act.case_id, act.user_id)
        now = _after(was, act)
        found[act.case_id] = replace(now, history=(*was.history, act))
    return found


def _after(was: Standing, act: Act) -> Standing:
    if act.act == "approve":
        asked = next((each for each in was.pending if each.act_id == act.value), None)
        # A row that says so is not enough: the fold itself knows who is another person.
        if asked is None or not other_person(asked, act.account, act.analyst):
            return was
        rest = tuple(each for each in was.pending if each is not asked)
        return _done(replace(was, pending=rest), asked, act)
    if act.act == "note":
        return was
    rest = tuple(each for each in was.pending if _kind(each) != _kind(act))
    cleared = replace(was, pending=(*rest, act) if act.second else rest)
    return cleared if act.second else _done(cleared, act, None)


def _kind(act: Act) -> str:
    return _SAME.get(act.act, act.act)


def _done(was: Standing, act: Act, approval: Act | None) -> Standing:
    match act.act:
        case "verdict":
            return replace(was, verdict=act, approval=approval, seen=was.seen | set(act.kinds))
        case "status":
            day = (approval or act).day if act.value == "closed" else None
            ended = was.ended | ({day} if day else set())
            return replace(was, status=act.value or was.status, closed=day, ended=ended)
        case "assign":
            status = "assigned" if was.status == "new" else was.status
            return replace(was, assignee=act.value, status=status)
        case "due":
            return replace(was, due=act.value)
        case "ticket":
            return replace(was, ticket=act.value)
        case "hold" | "release":
            return replace(was, held=act.act == "hold")
    return was


@dataclass(frozen=True)
class Confirmed:
    """Days of a person that were called malicious: known from `since`, to `until` (None: still),
    both days that are scanned."""

    user_id: str
    days: tuple[date, ...]
    since: date
    until: date | None


def confirmed(acts: Iterable[Act]) -> list[Confirmed]:
    """Return what was ever confirmed, and in which time that stood."""
    spans: list[Confirmed] = []
    known: dict[str, Standing] = {}
    for act in acts:
        was = known.get(act.case_id) or Standing(act.case_id, act.user_id)
        now = known[act.case_id] = _after(was, act)
        if now.verdict is was.verdict:
            continue
        if was.said == "confirmed" and was.reviewed is not None:
            stood = [n for n, span in enumerate(spans) if _stands(span, was)]
            spans[stood[-1]] = replace(spans[stood[-1]], until=act.day)
        if now.said == "confirmed" and now.verdict and now.reviewed is not None:
            since = now.reviewed + timedelta(days=1)
            spans.append(Confirmed(now.user_id, now.verdict.days, since, None))
    return spans


def _stands(span: Confirmed, was: Standing) -> bool:
    assert was.verdict is not None
    return span.until is None and (span.user_id, span.days) == (was.user_id, was.verdict.days)
