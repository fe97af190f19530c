"""What an analyst says of a case, checked and written: one call is one commit.

Knows what may be said by whom; not how it was typed.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from nightporter.desk.acts import Act, Seen, needs_second, other_person, read_acts, write_acts
from nightporter.desk.analysts import Analyst
from nightporter.desk.standing import standings
from nightporter.errors import UsageError
from nightporter.lake import Lake

# A note is a note, not a file.
LONGEST = 4000


def say(
    lake: Lake,
    analyst: Analyst,
    case: Mapping[str, Any],
    words: Sequence[tuple[str, str | None]],
    note: str | None,
    seen: Seen,
) -> list[Act]:
    """Write `words` (act, value) about `case`, a row of the casebook; return the acts.

    `note` stands with the first of them, and is an act of its own where there is none. Raises
    UsageError where it says too much, where a verdict, hold or release has no reason, or where
    what is released is not held.
    """
    for value in (note, *(value for _, value in words)):
        check_length(value)
    for act, _ in words:
        check_reason(act, note)
    if ("release", None) in words and not case["held"]:
        raise UsageError("this case is not held")
    acts = []
    for n, (act, value) in enumerate(words or [("note", None)]):
        second = needs_second(act, value, case["level"])
        what = (seen.risk, seen.kinds, seen.days) if act in _KNOWING else (None, (), ())
        acts.append(
            Act(analyst.account, act, case["case_id"], case["user_id"], value,
                note if n == 0 else None, analyst.person, second, seen.day, *what)
        )  # fmt: skip
    return write_acts(lake, acts, read_acts(lake))


def check_length(text: str | None) -> None:
    """Raise UsageError for a `text` that is longer than what is kept."""
    if text is not None and len(text) > LONGEST:
        raise UsageError(f"{len(text):,} characters; at most {LONGEST:,} are kept")


def check_reason(act: str, note: str | None) -> None:
    """Raise UsageError where `act` needs a reason and `note` is none, or too long a one."""
    check_length(note)
    if act in _REASONED and not (note or "").strip():
        raise UsageError("it needs a reason", hint='--note "what was checked, and with whom"')


_REASONED = ("verdict", "hold", "release")
# Acts that speak of what was known then.
_KNOWING = ("verdict", "hold")


def approve(
    lake: Lake, analyst: Analyst, case: Mapping[str, Any], note: str | None, seen: Seen
) -> list[Act]:
    """Approve all that others said and that waits in `case`; return what was approved.

    Raises UsageError where nothing waits, or only what `analyst` said, who is no other person.
    """
    known = read_acts(lake)
    stands = standings(known).get(case["case_id"])
    waits = stands.pending if stands else ()
    if not waits:
        raise UsageError("nothing in this case waits for a second person")
    theirs = [act for act in waits if other_person(act, analyst.account, analyst.person)]
    if not theirs:
        check_other(waits[-1], analyst)
    acts = [
        Act(analyst.account, "approve", act.case_id, act.user_id, act.act_id, note,
            analyst.person, False, seen.day)
        for act in theirs
    ]  # fmt: skip
    write_acts(lake, acts, known)
    return theirs


def check_other(first: Act, analyst: Analyst) -> None:
    """Raise UsageError unless `analyst` is another person than who said `first`: whatever needs
    two people asks here."""
    if not other_person(first, analyst.account, analyst.person):
        raise UsageError(
            f"{first.account} said it, and nobody is the second person to himself",
            hint="another analyst approves it, from an account of her own",
        )
