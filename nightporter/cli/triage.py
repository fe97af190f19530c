"""The command triage: what an analyst says of a case."""

from collections.abc import Sequence
from typing import Annotated

from cyclopts import Parameter

from nightporter import desk
from nightporter.cli import console
from nightporter.cli.case import Desk, opened, print_case
from nightporter.cli.options import Json, Workspace, check_word, day_of
from nightporter.errors import UsageError
from nightporter.hostile import brief
from nightporter.morning import seen_of


def triage(
    case: str,
    /,
    *,
    verdict: Annotated[str | None, Parameter(help=", ".join(desk.VERDICTS))] = None,
    status: Annotated[str | None, Parameter(help=", ".join(desk.STATUSES))] = None,
    assign: Annotated[str | None, Parameter(help="the account of who handles it")] = None,
    due: Annotated[str | None, Parameter(help="by when, such as 2026-07-01")] = None,
    ticket: Annotated[str | None, Parameter(help="where the rest is written")] = None,
    note: Annotated[str | None, Parameter(help="why; a verdict needs one")] = None,
    approve: Annotated[
        bool, Parameter(negative="", help="agree, as the second person, to what waits for one")
    ] = False,
    workspace: Workspace = None,
    json: Json = False,
) -> None:
    """Say what CASE is, who handles it, until when; the first letters of its id will do."""
    desk_ = opened(workspace, case)
    check_word("verdict", verdict, desk.VERDICTS)
    check_word("status", status, desk.STATUSES)
    check_word("analyst", assign, desk_.settings.desk.analysts or [assign or ""])
    day = day_of("--due", due)
    said = {"verdict": verdict, "status": status, "assign": assign, "ticket": ticket,
            "due": day.isoformat() if day else None}  # fmt: skip
    words = [(act, value) for act, value in said.items() if value is not None]
    if approve and words:
        raise UsageError("--approve agrees to what another said, and says nothing more")
    if not (approve or words or note):
        raise UsageError("nothing is said", hint="--verdict, --status, --assign, --due, --note ...")
    if assign is not None:
        _check_assignee(desk_, assign)
    _write(desk_, None if approve else words, note)
    print_case(desk_, json)


def _write(desk_: Desk, words: Sequence[tuple[str, str | None]] | None, note: str | None) -> None:
    """Note `words`, or approve what waits where there are None."""
    seen = seen_of(desk_.settings, desk_.lake, desk_.case)
    if words is None:
        for act in desk.approve(desk_.lake, desk_.analyst, desk_.case, note, seen):
            console.say(f"approved: {_words(act)}, said by {act.account}")
        return
    for act in desk.say(desk_.lake, desk_.analyst, desk_.case, words, note, seen):
        waits = "; it waits for a second person: --approve" if act.second else ""
        console.say(f"noted: {_words(act)}{waits}")


def _words(act: desk.Act) -> str:
    return f"{act.act} {brief(act.value, 80)}" if act.value else act.act


def _check_assignee(desk_: Desk, account: str) -> None:
    """Nobody is given his own case, nor one that does not come to him."""
    if not desk.reader_of(desk_.settings, desk_.tables, account).sees(desk_.case["user_id"]):
        raise UsageError(
            f"this case does not come to {account}",
            hint="nobody handles his own, and [desk] watchers_to those about watchers",
        )
