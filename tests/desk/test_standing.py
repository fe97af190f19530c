"""How a case stands: a fold of what was said, and two people where two are needed."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightporter.desk import (
    Act,
    confirmed,
    last_read,
    needs_second,
    read_acts,
    standings,
    write_acts,
)
from nightporter.desk.acts import ACTS, READ, STATUSES, VERDICTS
from nightporter.lake import Lake
from nightporter.window import Window
from tests.laws import tried

DAY = date(2026, 3, 31)
NOON = datetime(2026, 4, 1, 12, tzinfo=UTC)


def act(n: int, what: str, value: str | None = None, account: str = "lena", **more: Any) -> Act:
    fields = {"day": DAY, "said_at": NOON + timedelta(minutes=n), "act_id": str(n), **more}
    return Act(account, what, "c1", "ana", value, **fields)


def asked(n: int, what: str, value: str | None = None, account: str = "lena", **more: Any) -> Act:
    return act(n, what, value, account, second=True, **more)


def test_a_case_stands_as_it_was_said_last() -> None:
    said = [
        act(0, "assign", "ida"), act(1, "due", "2026-04-09"), act(2, "ticket", "T-1"),
        act(3, "verdict", "inconclusive"), act(4, "verdict", "authorised"),
        act(5, "status", "closed"), act(6, "hold"),
    ]  # fmt: skip
    case = standings(said)["c1"]
    assert (case.status, case.assignee, case.due, case.ticket) == (
        "closed", "ida", "2026-04-09", "T-1",
    )  # fmt: skip
    assert (case.said, case.reviewed, case.closed, case.held) == ("authorised", DAY, DAY, True)
    assert len(case.history) == 7
    assert standings(said[:1])["c1"].status == "assigned"
    assert standings([*said, act(7, "status", "escalated")])["c1"].closed is None


def test_who_read_a_report_is_known_and_opens_no_case() -> None:
    read = [
        Act(by, READ, "", "", str(day), day=day, said_at=NOON, act_id=by)
        for by, day in (("lena", DAY), ("ida", DAY + timedelta(days=1)))
    ]
    assert standings(read) == {}
    assert [last_read(read, DAY + timedelta(days=n)) for n in (-1, 0, 1)] == [None, *read]


def test_what_needs_two_people_waits_for_the_second() -> None:
    first = asked(0, "verdict", "confirmed", note="took it")
    (waits,) = standings([first])["c1"].pending
    assert (waits, standings([first])["c1"].said) == (first, None)
    later = DAY + timedelta(days=2)
    case = standings([first, act(1, "approve", "0", "ida", day=later)])["c1"]
    assert (case.said, case.reviewed, case.pending) == ("confirmed", later, ())
    assert case.approval and case.approval.account == "ida"


@pytest.mark.parametrize(
    "second",
    [
        {"account": "lena"},
        {"account": "adm-lena", "analyst": "u1"},
        {"account": "ida", "value": "9"},
    ],
    ids=["the same account", "another account of the same person", "another act"],
)
def test_nobody_approves_what_he_said_himself(second: dict[str, Any]) -> None:
    first = asked(0, "verdict", "confirmed", analyst="u1")
    value = second.pop("value", "0")
    case = standings([first, act(1, "approve", value, **second)])["c1"]
    assert (case.said, case.pending) == (None, (first,))


def test_a_later_word_on_the_same_matter_takes_the_place_of_one_that_waits() -> None:
    said = [asked(0, "verdict", "confirmed"), act(1, "verdict", "authorised")]
    assert standings(said)["c1"].pending == ()
    approved = [*said, act(2, "approve", "0", "ida")]
    assert standings(approved)["c1"].said == "authorised"
    held = [act(0, "hold"), asked(1, "release"), act(2, "hold"), act(3, "approve", "1", "ida")]
    assert standings(held)["c1"].held
    noted = [asked(0, "release"), act(1, "note", note="n"), act(2, "assign", "ida")]
    assert len(standings(noted)["c1"].pending) == 1


@pytest.mark.parametrize(
    ("what", "value", "level", "needs"),
    [
        ("verdict", "confirmed", "low", True),
        ("verdict", "authorised", "critical", False),
        ("status", "closed", "high", True),
        ("status", "closed", "critical", True),
        ("status", "closed", "medium", False),
        ("status", "closed", None, False),
        ("status", "escalated", "critical", False),
        ("release", None, "low", True),
        ("hold", None, "critical", False),
    ],
)
def test_which_acts_need_a_second_person(
    what: str, value: str | None, level: str | None, needs: bool
) -> None:
    assert needs_second(what, value, level) is needs


def test_confirmed_days_count_from_the_day_after_the_approval_to_another_verdict() -> None:
    days = (DAY - timedelta(days=3), DAY)
    first = asked(0, "verdict", "confirmed", days=days)
    second = act(1, "approve", "0", "ida", day=DAY + timedelta(days=1))
    assert confirmed([first]) == []
    (span,) = confirmed([first, second])
    assert (span.user_id, span.days, span.until) == ("ana", days, None)
    assert span.since == DAY + timedelta(days=2)
    other = act(2, "verdict", "authorised", day=DAY + timedelta(days=9))
    (span,) = confirmed([first, second, other])
    assert span.until == DAY + timedelta(days=9)
    assert span.since in Window(DAY, span.until)


def test_acts_are_appended_and_read_in_their_order_whatever_the_clock_says(tmp_path: Path) -> None:
    lake = Lake(str(tmp_path))
    said = [Act("lena", "assign", "c1", "ana", "ida"), Act("lena", "note", "c1", "ana", note="n")]
    write_acts(lake, said, [], NOON)
    write_acts(lake, [Act("ida", "hold", "c1", "ana")], read_acts(lake), NOON - timedelta(days=1))
    found = read_acts(lake)
    assert [each.act for each in found] == ["assign", "note", "hold"]
    assert len({each.act_id for each in found}) == 3
    assert lake.version("verdicts") == 1


ANY = st.builds(
    lambda what, value, by, second, asked: (what, value, by, second, asked),
    st.sampled_from(ACTS), st.sampled_from((*STATUSES, *VERDICTS)),
    st.sampled_from(("lena", "ida")), st.booleans(), st.integers(0, 5),
)  # fmt: skip


@tried(100)
@given(said=st.lists(ANY, max_size=8))
def test_nothing_that_needs_two_people_ever_stands_by_one(said: list[Any]) -> None:
    acts = [
        act(n, what, str(ref) if what == "approve" else value, by, second=second)
        for n, (what, value, by, second, ref) in enumerate(said)
    ]
    case = standings(acts).get("c1")
    if case and case.verdict and case.verdict.second:
        assert case.approval and case.approval.account != case.verdict.account
    assert case is None or all(each.second for each in case.pending)
