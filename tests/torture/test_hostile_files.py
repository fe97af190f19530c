"""Every hostile file becomes exactly the events, rejects and counts that are stated for it."""

from pathlib import Path

import pytest

from nightporter.sources.blocks import GIANT_LINE, LONG_LINE
from tests.torture.case import Case, outcome
from tests.torture.cases import CASES


def test_there_are_enough_of_them_and_each_has_a_name_of_its_own() -> None:
    assert len({case.name for case in CASES}) == len(CASES) > 40


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_hostile_file_becomes_exactly_what_is_stated(case: Case, tmp_path: Path) -> None:
    made = outcome(case, tmp_path)
    assert made.others == 2
    said = case.refused or case.problem
    assert [said in problem for problem in made.problems] == [True] * bool(said)
    assert [(line, reason) for line, reason, _ in made.rejects] == list(case.rejected)
    assert made.events["line"].to_list() == list(case.accepted)
    for name, values in case.columns.items():
        found = made.events[name]
        assert [v if v is None else str(v)[:19] for v in found.to_list()] == values
    assert [raw for _, _, raw in made.rejects] == [_raw(case, *each) for each in made.rejects]
    if case.refused:
        assert made.load is None
        return
    assert made.load is not None
    due = {
        "accepted": len(case.accepted),
        "rejected": len(case.rejected),
        "duplicates": case.duplicates,
        "ignored": case.ignored,
        "header_lines": case.header,
        "blank_lines": case.blank,
        "future": case.future,
    }
    assert {name: made.load[name] for name in due} == due
    assert made.load["lines"] == sum(list(due.values())[:4])
    assert case.physical == made.load["lines"] + case.header + case.blank + case.continued


def _raw(case: Case, line: int, reason: str, raw: bytes) -> bytes:
    """Return the bytes of the file that a reject must hold; of a giant, the first megabyte."""
    lines = case.text.split(b"\n")
    whole = b"\n".join(lines[line - 1 : line + raw.count(b"\n")])
    return whole[:LONG_LINE] if len(whole) > GIANT_LINE else whole
