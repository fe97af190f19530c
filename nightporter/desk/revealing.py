"""Whose a pseudonym is: asked with a reason, approved by a second person, and noted each time.

Knows acts and people, not how a pseudonym is made. The acts stand among those of cases, and are
never rewritten.
"""

from collections.abc import Iterable
from datetime import date

from nightporter.desk.acts import Act, other_person, read_acts, write_acts
from nightporter.desk.analysts import Analyst
from nightporter.desk.saying import check_length, check_other
from nightporter.errors import UsageError
from nightporter.lake import Lake

ASK, AGREE, SHOW = "reveal", "approve", "revealed"


def ask(
    lake: Lake, analyst: Analyst, pseudonym: str, user_id: str, reason: str, day: date | None
) -> None:
    """Note that `analyst` asks whose `pseudonym` is. Raise UsageError where (s)he may not."""
    check_may(analyst, user_id)
    if not reason.strip():
        raise UsageError("it needs a reason", hint='--reason "ticket SEC-17: talk to the person"')
    check_length(reason)
    known = read_acts(lake)
    write_acts(lake, [_act(analyst, ASK, pseudonym, user_id, reason, day, second=True)], known)


def agree(lake: Lake, analyst: Analyst, pseudonym: str, user_id: str, day: date | None) -> str:
    """Approve, as the second person, what another asked last; return the account that asked.

    Raise UsageError where nothing waits, or where `analyst` asked, or is the person meant.
    """
    check_may(analyst, user_id)
    known = read_acts(lake)
    waits = [act for act in _about(known, pseudonym, ASK) if not _approved(known, act)]
    if not waits:
        raise UsageError("nobody asks whose this pseudonym is")
    theirs = [act for act in waits if other_person(act, analyst.account, analyst.person)]
    asked = (theirs or waits)[-1]
    check_other(asked, analyst)
    said = _act(analyst, AGREE, pseudonym, user_id, None, day, value=asked.act_id)
    write_acts(lake, [said], known)
    return asked.account


def show(lake: Lake, analyst: Analyst, pseudonym: str, user_id: str, day: date | None) -> None:
    """Note that `analyst` is told now. Raise UsageError unless (s)he asked and another agreed."""
    check_may(analyst, user_id)
    known = read_acts(lake)
    mine = [act for act in _about(known, pseudonym, ASK) if act.account == analyst.account]
    if not any(_approved(known, act) for act in mine):
        waits = "it waits for a second person: nightporter reveal PSEUDONYM --approve"
        asks = 'nightporter reveal PSEUDONYM --reason "..." asks'
        raise UsageError("nobody agreed to this yet", hint=waits if mine else asks)
    write_acts(lake, [_act(analyst, SHOW, pseudonym, user_id, None, day)], known)


def reveals(lake: Lake) -> list[Act]:
    """Return who asked, agreed and was told, in the order in which it happened."""
    return [act for act in read_acts(lake) if act.case_id.startswith(f"{ASK}:")]


def check_may(analyst: Analyst, user_id: str) -> None:
    """Raise UsageError where whose the pseudonym is does not concern `analyst`."""
    if not analyst.sees(user_id):
        raise UsageError(
            "whose this pseudonym is, is not for who asks",
            hint="nobody reveals himself; [desk] watchers_to gets what is about watchers",
        )


def _about(known: Iterable[Act], pseudonym: str, act: str) -> list[Act]:
    name = f"{ASK}:{pseudonym}"
    return [each for each in known if each.case_id == name and each.act == act]


def _approved(known: Iterable[Act], asked: Act) -> bool:
    """A row that says so is not enough: two people have to be two."""
    return any(
        act.act == AGREE
        and act.value == asked.act_id
        and other_person(asked, act.account, act.analyst)
        for act in known
    )


def _act(
    analyst: Analyst, act: str, pseudonym: str, user_id: str, note: str | None, day: date | None,
    *, value: str | None = None, second: bool = False,
) -> Act:  # fmt: skip
    name = f"{ASK}:{pseudonym}"
    return Act(analyst.account, act, name, user_id, value, note, analyst.person, second, day)
