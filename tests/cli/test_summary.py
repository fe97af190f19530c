"""One screen: the case beside each person, what raised the risk, and who was set aside."""

from datetime import date
from typing import Any

import pytest

from nightporter.cli.summary import print_morning

DAY = date(2026, 6, 29)
PERSON = {
    "place": 1, "user_id": "ana", "risk": 9.87, "findings": 1, "day": DAY, "listed_by": "risk",
    "case_id": "c0ffee", "factor": 1.0, "because": [], "reasons": [],
}  # fmt: skip
ROBOT = {
    "user_id": "bot\x1b[31m", "since": DAY, "events": 20_000, "usual": 88.0, "findings": 2,
    "level": "high", "sentence": "bot took\x07 all", "day": DAY,
}  # fmt: skip

NO_EXCEPTIONS = {"suppressed": 0, "by": [], "expired": [], "expiring": []}


def printed(capsys: pytest.CaptureFixture[str], **said: Any) -> str:
    nothing = {"robots": [], "places": [], "unjudged": [], "feeds": [], "ranking": [],
               "rested": [], "apart": 0,
               "exceptions": NO_EXCEPTIONS}  # fmt: skip
    days = {"first": DAY, "last": DAY}
    newest = {"day": DAY, "detectors": 1, "blind": 0, "never": 0, "off": 0, "silent": []}
    print_morning(
        {
            **nothing,
            "days": days,
            "scanned": days,
            "people": 9,
            "unresolved": 0,
            "since": None,
            "newest": newest,
            **said,
        },
        {},
    )
    return capsys.readouterr().out


def test_the_case_stands_under_the_person(capsys: pytest.CaptureFixture[str]) -> None:
    said = printed(capsys, ranking=[PERSON, {**PERSON, "case_id": None}])
    assert "\n     case c0ffee\n" in said
    assert "\n     no case\n" in said


def test_a_list_of_what_is_new_says_since_when(capsys: pytest.CaptureFixture[str]) -> None:
    assert f"(who is new since {DAY}:" in printed(capsys, ranking=[PERSON], since=DAY)


def test_one_is_not_several_and_no_line_ends_within_a_pseudonym(
    capsys: pytest.CaptureFixture[str],
) -> None:
    sentence = " ".join(["seen beside"] * 6 + [f"person-{n:08x}" for n in range(60)])
    reason = {"level": "low", "sentence": sentence, "tactic": "misuse", "detector": "odd",
              "one_of": 1, "days": 1, "day": DAY}  # fmt: skip
    said = printed(capsys, people=1, ranking=[{**PERSON, "reasons": [reason] * 6}])
    assert ", 1 person\n" in said and "and 1 more kind of finding\n" in said
    assert "person-\n" not in said and "person-0000003b" in said


def test_accounts_and_cards_of_nobody_known_are_no_people(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert ", 7 people and 2 accounts or cards of nobody known\n" in printed(capsys, unresolved=2)
    assert "nobody known" not in printed(capsys)


def test_what_raised_the_risk_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    raised = {**PERSON, "factor": 1.875, "because": ["leaver", "asset"]}
    assert "\n     case c0ffee; risk x 1.88 for leaver, asset\n" in printed(
        capsys, ranking=[raised]
    )


def test_robots_are_set_aside_with_what_was_found(capsys: pytest.CaptureFixture[str]) -> None:
    said = printed(capsys, robots=[ROBOT])
    assert "SET ASIDE, they act like machines" in said
    assert "at least 20,000 events on each of its days since 2026-06-29" in said
    assert "the worst of 2, 2026-06-29" in said
    assert "\x1b" not in said and "\x07" not in said
    assert "SET ASIDE" not in printed(capsys)


def test_a_place_says_its_risk(capsys: pytest.CaptureFixture[str]) -> None:
    place = {"detector": "door", "level": "high", "place": "door D1", "risk": 4.2, "findings": 1,
             "last_day": DAY, "sentence": "D1 opened", "candidates": []}  # fmt: skip
    assert "door, on 2026-06-29; door D1, risk 4.2" in printed(capsys, places=[place])
    assert (
        "risk"
        not in printed(capsys, places=[{**place, "place": None, "risk": None}]).partition(
            "NO CERTAIN PERSON"
        )[2]
    )


def test_what_is_hidden_what_has_ended_and_what_ends_soon_is_said(
    capsys: pytest.CaptureFixture[str],
) -> None:
    move = {"name": "move", "until": DAY, "owner": "lena\x1b[31m", "ticket": "T-1"}
    by = [{"name": "move", "findings": 3, "people": 1, "last_day": DAY}]
    known = {"suppressed": 3, "by": by, "expired": [move], "expiring": [{**move, "name": "soon"}]}
    said = printed(capsys, exceptions=known).partition("EXCEPTIONS\n")[2]
    assert "     findings hidden: 3 (move 3)\n" in said
    assert "\x1b" not in said
    said = " ".join(said.split())  # lines are as wide as the terminal
    assert "move: expired, findings are open again; last day 2026-06-29, lena" in said
    assert "soon: ends soon; last day 2026-06-29" in said
    assert "EXCEPTIONS" not in printed(capsys)
