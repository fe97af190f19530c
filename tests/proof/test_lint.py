"""Lint says every fault of a file at once, each at its line, with the nearest valid word."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from nightporter.proof import Linted, Linter
from nightporter.rules import blank
from nightporter.shipped import shipped

CLEAN = blank("misuse", "access")


@pytest.fixture(scope="module")
def linter() -> Iterator[Linter]:
    with Linter() as linter:
        yield linter


@pytest.fixture(autouse=True)
def no_look(monkeypatch: pytest.MonkeyPatch) -> None:
    """sqlfluff takes longer than all the rest: one test asks it."""
    monkeypatch.setattr("nightporter.proof.lint.has_look", lambda: False)


def linted(linter: Linter, tmp_path: Path, text: str) -> Linted:
    path = tmp_path / "misuse" / "mine.sql"
    path.parent.mkdir()
    path.write_text(text, "utf-8")
    return linter.lint(path)


def changed(*changes: tuple[str, str]) -> str:
    text = CLEAN
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


def line_of(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


def test_a_new_detector_is_clean_and_said_to_be_unproved(linter: Linter, tmp_path: Path) -> None:
    found = linted(linter, tmp_path, CLEAN)
    assert found.faults == ()
    assert found.notes == ("experimental: neither its cases nor its gates are asked here",)


def test_a_detector_on_raw_events_that_returns_none_is_noted(
    linter: Linter, tmp_path: Path
) -> None:
    (line,) = [each for each in CLEAN.splitlines(keepends=True) if "AS events" in each]
    before = CLEAN.partition(line)[0].rstrip().removesuffix(",")
    found = linted(linter, tmp_path, f"{before}\n{CLEAN.partition(line)[2]}")
    assert found.faults == ()
    assert "the SELECT returns no `events`: its findings show no raw rows" in found.notes


FAULTS = {
    "a column that no table has": (
        [("action = 'delete'", "acton = 'delete'")], "acton = ", '"acton" not found', "action",
    ),
    "a forbidden function": (
        [("day,\n    count", "now() AS at,\n    day,\n    count")], "now()",
        "the function now is not allowed", None,
    ),
    "a tag that is no id": (
        [('"attack.privilege-escalation"', '"attack.t1213.099"')], "-- tags",
        "no tag 'attack.t1213.099'", "attack.t1213",
    ),
    "a tag that was withdrawn": (
        [('"attack.privilege-escalation"', '"attack.t1070.001"')], "-- tags",
        "ATT&CK 19 withdrew", "attack.t1685.005",
    ),
    "a knob with two defaults": (
        [("'delete'\n", "'delete'\n    AND bytes > knob('min_files', 3)  -- why\n")],
        "HAVING", "knob min_files has two defaults", None,
    ),
    "a knob without a reason": (
        [("  -- replace: fewer is somebody who tidies up", "")], "HAVING",
        "knob min_files has no reason", "why this number",
    ),
    "a number that is a knob, typed in the sentence": (
        [("{files} files in a day", "{files} files, more than 20")], "-- says",
        "types the number 20: knob min_files", "write {column}",
    ),
    "a number that stands nowhere": (
        [("{files} files in a day", "{files} files in 12 days")], "-- says",
        "types the number 12", "write {column}",
    ),
    "a number that stands in a text alone": (
        [("{files} files in a day", "{files} files in 12 days"),
         ("'delete'\n", "'delete'\n    AND resource <> '12'\n")],
        "-- says", "types the number 12", "write {column}",
    ),
    "a column of the sentence that is none": (
        [("{files} files", "{file} files")], "-- says", "no column 'file'", "did you mean files?",
    ),
    "a lookback that is too short": (
        [("'delete'\n", "'delete'\n    AND ts >= ingested_at AND ts > ts - INTERVAL 3 DAYS\n")],
        "INTERVAL", "this reads 3 days back", 'lookback = "3d"; it is "0d"',
    ),
    "a part that nothing reads": (
        [("SELECT\n", "WITH idle AS (\n    SELECT user_id\n    FROM usb\n"
          "    WHERE bytes > knob('min_bytes', 1)  -- why\n)\n\nSELECT\n")],
        "SELECT user_id", "nothing reads idle, nor its knobs min_bytes", "drop it",
    ),
    "a day that is no date": (
        [("    day,\n    count", "    strftime(day, '%d') AS day,\n    count")], None,
        "day is String, not a DATE", None,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("changes", "place", "message", "hint"), FAULTS.values(), ids=FAULTS)
def test_a_fault_is_said_at_its_line(
    linter: Linter,
    tmp_path: Path,
    changes: list[tuple[str, str]],
    place: str | None,
    message: str,
    hint: str | None,
) -> None:
    text = changed(*changes)
    (fault,) = linted(linter, tmp_path, text).faults
    assert message in fault.message
    assert fault.line == (line_of(text, place) if place else None)
    if place:
        assert fault.text is not None and place in fault.text
    assert hint is None or hint in (fault.hint or "")


def test_the_look_of_the_sql_is_sqlfluffs(
    linter: Linter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    assert linted(linter, tmp_path, CLEAN).faults == ()
    (tmp_path / "misuse" / "mine.sql").write_text(changed(("FROM access", "from access")))
    (fault,) = linter.lint(tmp_path / "misuse" / "mine.sql").faults
    assert fault.message == "Keywords must be consistently upper case. (CP01)"
    assert fault.text == "from access"


def test_a_select_that_would_eat_the_machine_is_a_fault_and_the_next_file_is_looked_at(
    linter: Linter, tmp_path: Path
) -> None:
    huge = "SELECT 'x', DATE '2026-01-05', length(repeat(user_id, 3000000000)), ['x']"
    text = changed(("20);", f"20)\nUNION ALL\n{huge}\nFROM (SELECT 'x' AS user_id);"))
    said = [fault.message for fault in linted(linter, tmp_path, text).faults]
    assert any("memory" in message.lower() for message in said), said
    (tmp_path / "misuse" / "mine.sql").write_text(CLEAN)
    assert linter.lint(tmp_path / "misuse" / "mine.sql").faults == ()


def test_all_faults_are_said_at_once(linter: Linter, tmp_path: Path) -> None:
    text = changed(
        ('-- level = "low"', '-- levle = "low"'),
        ('-- status = "experimental"', '-- status = "ready"'),
        ('"attack.privilege-escalation"', '"attack.t9999", "attack.colection"'),
        ("FROM access", "FROM acess"),
        ("--   ana     | delete |", "--   ana     | delete | 1 | 2 |"),
    )
    said = [fault.message for fault in linted(linter, tmp_path, text).faults]
    assert len(said) == 7
    for part in (
        "t9999",
        "levle",
        "lacks the key 'level'",
        "'ready'",
        "colection",
        "'acess'",
        "6 cells",
    ):
        assert any(part in message for message in said), part


def test_texts_of_digits_and_dots_are_no_numbers(linter: Linter, tmp_path: Path) -> None:
    text = changed(("'delete'\n", "'delete'\n    AND resource NOT IN ('.', '10.0.0.1')\n"))
    assert linted(linter, tmp_path, text).faults == ()


def test_stable_without_cases_is_a_fault(linter: Linter, tmp_path: Path) -> None:
    text = changed(('"experimental"', '"stable"')).partition("\n-- Replace: `fires")[0]
    said = [fault.message for fault in linted(linter, tmp_path, text).faults]
    assert said == [
        "it is stable, but has no case in which it is firing",
        "it is stable, but has no case in which it is silent",
    ]


def test_another_fault_does_not_hide_that_a_stable_file_is_unproved(
    linter: Linter, tmp_path: Path
) -> None:
    text = changed(
        ('"experimental"', '"stable"'), ("  -- replace: fewer is somebody who tidies up", "")
    ).partition("\n-- Replace: `fires")[0]
    said = [fault.message for fault in linted(linter, tmp_path, text).faults]
    assert "knob min_files has no reason" in said
    assert "it is stable, but has no case in which it is firing" in said


def test_a_folder_with_a_quote_in_its_name_is_a_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "it's").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "it's"))
    with Linter() as linter:
        assert linted(linter, tmp_path, CLEAN).faults == ()


def test_stable_with_a_case_that_fails_is_a_fault_at_the_case(
    linter: Linter, tmp_path: Path
) -> None:
    text = changed(('"experimental"', '"stable"'), ("|   10\n", "|   25\n"))
    (fault,) = linted(linter, tmp_path, text).faults
    assert "this case does not hold: it found 1:; bo deleted 25 files" in fault.message
    assert fault.line == line_of(text, "-- /// silent: somebody who tidies up")


def test_a_file_that_is_no_text_is_one_fault(linter: Linter, tmp_path: Path) -> None:
    path = tmp_path / "misuse" / "mine.sql"
    path.parent.mkdir()
    path.write_bytes(b"-- \xff")
    assert [fault.message for fault in linter.lint(path).faults] == ["this line is not UTF-8"]


def test_the_texts_of_all_that_ship_have_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    # Their cases are test_detectors' (and their look `make check`'s).
    monkeypatch.setattr("nightporter.proof.lint.unproved", lambda detector: [])
    with Linter() as linter:
        for path in sorted(shipped("detectors").rglob("*.sql")):
            assert [str(fault) for fault in linter.lint(path).faults] == []
