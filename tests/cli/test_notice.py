"""What the scheduler's pages show: who and how much, and nothing that could do anything."""

from datetime import date
from typing import Any

import pytest

from nightporter.cli import notice
from nightporter.errors import DetectorError


def said(user: str) -> dict[str, Any]:
    reason = {"level": "high", "detector": "off_hours_bulk_download", "days": 2,
              "sentence": "SENTENCE of /secret/file"}  # fmt: skip
    row = {"place": 1, "user_id": user, "risk": 9.87, "findings": 3, "day": date(2026, 6, 24),
           "listed_by": "risk", "reasons": [reason]}  # fmt: skip
    unjudged = {"detectors": ["first_entry_to_room"], "status": "not_evaluated",
                "reason": "REASON", "days": 1, "last_day": date(2026, 6, 29)}  # fmt: skip
    return {
        "days": {"first": date(2026, 6, 1), "last": date(2026, 6, 29)}, "people": 40,
        "unresolved": 0, "apart": 0,
        "ranking": [row], "unjudged": [unjudged],
    }  # fmt: skip


def test_the_ranking_says_who_and_by_which_detectors() -> None:
    page = notice.ranking(said("ana"))
    assert page.startswith("2026-06-01 to 2026-06-29, 40 people\n\n| ")
    assert "| 1 | ana | 9&#46;9 | 3 | 2026-06-24 | high off&#95;hours&#95;bulk&#95;download" in page


def test_no_sentence_and_no_reason_leaves_the_workspace() -> None:
    error = DetectorError("could not convert 'SECRET'", path="/site/own/misuse/bad.sql", line=7)
    pages = notice.ranking(said("ana")) + notice.coverage(said("ana"), [error])
    for secret in ("SENTENCE", "REASON", "SECRET", "/site", "/secret"):
        assert secret not in pages
    assert "| bad&#46;sql&#58;7 | DetectorError |" in pages
    assert "| first&#95;entry&#95;to&#95;room | not evaluated | 1 day | 2026-06-29 |" in pages


@pytest.mark.parametrize(
    "name",
    [
        "a | b |\n| c",
        "<script>alert(1)</script>",
        "[click](javascript:alert(1))",
        "![x](http://evil.example/x.png)",
        "http://evil.example",
        "`code` **bold** _it_ ~~gone~~",
        "&lt;b&gt;",
        "\x1b[31mred\u202e",
        "x" * 5000,
    ],
    ids=["table", "html", "link", "image", "address", "style", "entity", "control", "long"],
)
def test_a_hostile_name_stays_text_in_one_cell(name: str) -> None:
    lines = notice.ranking(said(name)).splitlines()
    assert len(lines) == 5
    assert lines[4].count("|") == lines[2].count("|")
    assert not set(lines[4]) & set("<>[]()`*_~!\\:/\x1b\u202e")
    assert len(lines[4]) < 1500


def test_a_lake_without_a_day_is_no_fault() -> None:
    nothing = {"days": None, "ranking": [], "unjudged": []}
    assert "no day that has ended" in notice.ranking(nothing)
    assert notice.coverage(nothing, []) == "Every detector judged every day."
