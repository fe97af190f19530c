"""Which findings a verdict is of: those that its analyst had before him."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from reported import Site, finding

from nightporter import config
from nightporter.desk import Act, write_acts
from nightporter.engine import session
from nightporter.scorecard import judged_findings
from nightporter.workspace import lake_of

MONDAY, TUESDAY = date(2026, 3, 2), date(2026, 3, 3)
MORNING = datetime(2026, 3, 7, 8, tzinfo=UTC)


def said(word: str) -> Act:
    known = {"kinds": ("many",), "days": (MONDAY,), "day": date(2026, 3, 6)}
    return Act("lena", "verdict", "case-ana", "ana", word, "asked", **known)


@pytest.mark.parametrize(
    ("more", "counted"),
    [
        ({}, True),
        ({"status": "suppressed"}, True),
        ({"status": "withdrawn"}, False),
        ({"detector": "other"}, True),
        ({"detector": "other", "found_at": MORNING.replace(year=2027)}, False),
        ({"found_at": MORNING.replace(year=2027)}, True),
        ({"user_id": None, "candidates": ["ana"]}, True),
        ({"user_id": None, "candidates": ["ana", "bo"]}, False),
        ({"day": TUESDAY}, False),
    ],
)
def test_a_verdict_is_of_what_was_known_when_it_was_said(
    tmp_path: Path, more: dict[str, Any], counted: bool
) -> None:
    Site(tmp_path).holds(
        findings=[finding(**{"day": MONDAY, "detector": "many", "found_at": MORNING, **more})]
    )
    lake = lake_of(config.load(tmp_path))
    acts = write_acts(lake, [said("authorised")], [], MORNING)
    with session() as con:
        found = judged_findings(con, lake, acts).rows()
    day, detector = MONDAY, more.get("detector", "many")
    assert found == ([("f1", detector, day, "case-ana", "authorised", False)] if counted else [])


@pytest.mark.parametrize(
    ("status", "hours", "counted"),
    [
        ("suppressed", {"open": -2, "suppressed": -1}, False),
        ("suppressed", {"open": -2, "suppressed": 1}, True),
        ("open", {"suppressed": -2, "open": 1}, False),
        ("open", {"withdrawn": -2, "open": -1}, True),
    ],
    ids=["hidden before", "hidden since", "shown since", "back before"],
)
def test_what_an_exception_hid_from_who_gave_the_verdict_is_not_judged(
    tmp_path: Path, status: str, hours: dict[str, int], counted: bool
) -> None:
    at = {word: MORNING + timedelta(hours=hour) for word, hour in hours.items()}
    told = {"day": MONDAY, "detector": "many", "found_at": min(at.values())}
    Site(tmp_path).holds(
        findings=[finding(**told, status=status, changed_at=max(at.values()))],
        finding_history=[
            {"finding_id": "f1", "day": MONDAY, "status": word, "changed_at": when}
            for word, when in at.items()
        ],
    )
    lake = lake_of(config.load(tmp_path))
    acts = write_acts(lake, [said("confirmed")], [], MORNING)
    with session() as con:
        assert judged_findings(con, lake, acts).height == counted
