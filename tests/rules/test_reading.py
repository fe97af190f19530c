"""A wrong detector file is refused with its line, the line's text, and a hint."""

from collections.abc import Callable
from pathlib import Path

import pytest

from nightporter.errors import DetectorError
from nightporter.rules import Sheet, parse, read_detector

SQL = "SELECT user_id, day FROM access;\n"
CASE = """
-- /// fires: a view
-- access:
--   user_id | action | local_ts         | rows | days
--   ana     | view   | 2026-01-05 10:00 |   20 |   80
-- expect:
--   user_id | day
--   ana     | 2026-01-05
-- ///
"""

Write = Callable[..., Sheet]


def fault(sheet: Sheet) -> DetectorError:
    with pytest.raises(DetectorError) as caught:
        parse(sheet)
    return caught.value


def changed(sheet: Sheet, old: str, new: str) -> Sheet:
    assert old in sheet.text
    return Sheet(sheet.path, sheet.text.replace(old, new))


def test_a_file_becomes_a_detector(sheet: Write) -> None:
    read = parse(sheet(SQL + CASE, lookback="7d"))
    assert (read.id, read.tactic, read.level) == ("tested", "misuse", "low")
    assert read.header.lookback == 7
    assert read.header.about == ("user_id",)
    case = read.cases[0]
    assert (case.kind, case.name, case.line) == ("fires", "a view", 11)
    assert case.tables[0].rows[0].cells["rows"] == "20"
    assert case.expect is not None
    assert case.expect.rows[0].cells == {"user_id": "ana", "day": "2026-01-05"}


def test_a_misspelt_column_of_a_case_is_shown_with_the_nearest(sheet: Write) -> None:
    error = fault(sheet(SQL + CASE.replace("local_ts", "locl_ts")))
    assert error.message == "table access has no column 'locl_ts'"
    assert error.line == 13
    assert error.text is not None and "locl_ts" in error.text
    assert error.hint is not None and error.hint.startswith("did you mean local_ts?")
    assert str(error).startswith("/pack/misuse/tested.sql:13: table access has no column")


HEADER_FAULTS = {
    "an unknown key": ('level = "low"', 'level = "low"\n-- levle = 1', "unknown key 'levle'", 4),
    "a key that is missing": ('-- level = "low"\n', "", "lacks the key 'level'", 1),
    "a level that is none": ('"low"', '"hi"', "level 'hi'", 3),
    "a status that is none": ('"test"', '"done"', "status 'done'", 4),
    "an invented tag": ("attack.t1213", "attack.hacking", "unknown tag", 5),
    "an empty list of tags": ('["attack.t1213"]', "[]", "lacks the key 'tags'", 1),
    "a lookback in hours": ('"0d"', '"24h"', "lookback is a number of days", 6),
    "a lookback that is a number": ('"0d"', "0", "lacks the key 'lookback'", 1),
    "no TOML": ('level = "low"', "level = low", "not TOML", 3),
    "a title that is a list": ('"A test"', '["a"]', "title is a text", 2),
    "tags that are a text": ('["attack.t1213"]', '"attack.t1213"', "tags is a list", 5),
    "a sentence with code": ("{user_id}", "{user_id.x}", "column names only", 7),
    "a sentence with a format": ("{user_id}", "{user_id:>9}", "column names only", 7),
    "a sentence with a lone brace": ("{user_id}", "{user_id", "says is one line", 7),
    "a sentence of a column that is none": ("{user_id}", "{usr_id}", "no column 'usr_id'", 7),
    "a need of no log": ("status =", 'needs = ["acess.a"]\n-- status =', "no source or table", 4),
    "a need of no action": (
        "status =", 'needs = ["access.upload|shre"]\n-- status =', "access has no 'shre'", 4,
    ),
    "one need or another of a register": (
        "status =", 'needs = ["people.team|role"]\n-- status =', "only a log may give", 4,
    ),
    "a number without end": ('level = "low"', f"level = {'9' * 5000}", "not TOML", 1),
    "a list of lists without end": ('"low"', "[" * 3000 + "]" * 3000, "not TOML", 1),
    "an escape in the title": ('"A test"', r'"A \u001b[2J"', "invisible character U+001B", 2),
    "a title of two lines": ('"A test"', r'"A\ntest"', "invisible character U+000A", 2),
    "an escape in a list": (
        '"low"', '"low"\n-- references = ["\\u202e"]', "invisible character U+202E", 4,
    ),
    "SQL inside the header": ('-- level = "low"', "SELECT 1", "comment lines only", 3),
    "a header without end": ("-- ///\nSELECT", "SELECT", "comment lines only", 8),
    "a header that is no header": ("/// detector", "/// detektor", "the header is missing", 1),
}  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "message", "line"), HEADER_FAULTS.values(), ids=HEADER_FAULTS
)
def test_a_wrong_header_is_refused_at_its_line(
    sheet: Write, old: str, new: str, message: str, line: int
) -> None:
    error = fault(changed(sheet(SQL), old, new))
    assert message in error.message
    assert error.line == line


CASE_FAULTS = {
    "no name": ("fires: a view", "fires:", "a case has a name", 11),
    "an unknown word": ("fires: a view", "fire: a view", "no block is called 'fire'", 11),
    "an unknown table": ("access:", "acess:", "no table 'acess'", 12),
    "no table of logs": ("access:", "people:", "no column 'action'", 13),
    "too many cells": ("|   80", "|   80 | 1", "6 cells for 5 columns", 14),
    "rows that are no number": ("|   20", "|   -2", "rows is a whole number", 14),
    "no stamp": ("2026-01-05 10:00", "                ", "the row has no local_ts", 14),
    "a table without rows": ("--   ana     | 2026-01-05\n", "", "at least one row", 15),
    "a silent case that expects": ("fires: a view", "silent: a view", "expects nothing", 16),
    "a case without end": ("2026-01-05\n-- ///\n", "2026-01-05\n", "comment lines only", 18),
    "a table twice": ("expect:", "access:", "a second table access", 15),
    "a row before any table": ("-- access:\n", "", "a table starts with its name", 12),
}


@pytest.mark.parametrize(
    ("old", "new", "message", "line"),
    CASE_FAULTS.values(),
    ids=CASE_FAULTS,
)
def test_a_wrong_case_is_refused_at_its_line(
    sheet: Write, old: str, new: str, message: str, line: int
) -> None:
    error = fault(changed(sheet(SQL + CASE), old, new))
    assert message in error.message
    assert error.line == line


def test_a_row_repeats_on_days_or_on_workdays(sheet: Write) -> None:
    both = CASE.replace("| days\n", "| days | workdays\n").replace("|   80", "|   80 | 5")
    assert "not both" in fault(sheet(SQL + both)).message


def test_the_folder_is_the_tactic(sheet: Write) -> None:
    error = fault(sheet(SQL, path="/pack/misues/tested.sql"))
    assert error.hint is not None and "did you mean misuse?" in error.hint


def test_the_name_is_an_id(sheet: Write) -> None:
    assert "small letters" in fault(sheet(SQL, path="/pack/misuse/Bulk-Copy.sql")).message


@pytest.mark.parametrize("sign", ["\u202e", "\u2066", "\x00", "\x1b", "\u200b", "\ufeff"])
def test_an_invisible_character_is_refused(sheet: Write, sign: str) -> None:
    error = fault(sheet(f"SELECT user_id, day\nFROM access  -- {sign}harmless\n"))
    assert error.line == 10


def test_a_file_may_begin_with_a_byte_order_mark(tmp_path: Path, sheet: Write) -> None:
    path = tmp_path / "misuse" / "tested.sql"
    path.parent.mkdir()
    path.write_text(sheet(SQL).text, "utf-8-sig")
    assert read_detector(path).version == parse(sheet(SQL)).version


def test_a_file_that_is_not_utf8_is_refused_at_its_line(tmp_path: Path) -> None:
    path = tmp_path / "misuse" / "x.sql"
    path.parent.mkdir()
    path.write_bytes(b"-- a\n-- \xff\n")
    with pytest.raises(DetectorError, match="not UTF-8") as caught:
        read_detector(path)
    assert caught.value.line == 2


def test_windows_line_ends_change_nothing(sheet: Write) -> None:
    plain = sheet(SQL + CASE)
    assert parse(Sheet(plain.path, plain.text.replace("\n", "\r\n"))).cases == parse(plain).cases


def test_the_select_returns_what_it_is_about(sheet: Write) -> None:
    error = fault(sheet("SELECT day, user_id FROM badge", extra='about = ["door_id"]'))
    assert (error.message, error.line) == ("the SELECT returns no column 'door_id'", 8)


def test_the_select_returns_a_day(sheet: Write) -> None:
    assert "neither day" in fault(sheet("SELECT user_id FROM badge")).message


def version(sheet: Sheet) -> str:
    return parse(sheet).version


def test_a_changed_case_comment_or_blank_keeps_the_version(sheet: Write) -> None:
    before = version(sheet(SQL))
    assert version(sheet(SQL + CASE)) == before
    assert version(sheet("SELECT  user_id, day\n  -- why\nFROM access")) == before
    assert version(sheet(SQL, extra='description = "more"')) == before


def test_changed_sql_or_words_change_the_version(sheet: Write) -> None:
    texts = [
        SQL,
        "SELECT user_id, day FROM usb",
        "SELECT user_id, day FROM access WHERE host = 'a'",
        "SELECT user_id, day FROM access WHERE host = 'a  b'",
        "SELECT user_id, day FROM access WHERE host = 'a b'",
        "SELECT user_id, day FROM access WHERE host = '--a'",
        "SELECT user_id, day FROM access WHERE host = $$--a$$",
        "SELECT user_id, day FROM access WHERE host = $$--b$$",
        "SELECT user_id, day FROM access WHERE host = $x$it's --b$x$",
        "SELECT user_id, day FROM access WHERE host = $x$it's --c$x$",
        "SELECT user_id, day FROM access WHERE host = E'\\'--a'",
        "SELECT user_id, day FROM access WHERE host = E'\\'--b'",
    ]
    versions = [version(sheet(sql)) for sql in texts]
    versions.append(version(sheet(SQL, says="{user_id} again")))
    assert len(set(versions)) == len(versions)


def test_a_turned_knob_changes_the_version(sheet: Write) -> None:
    read = parse(sheet("SELECT user_id, day FROM user_day WHERE x > knob('least', 3)"))
    assert read.version_with({}) == read.version_with({"least": 3.0}) == read.version
    assert read.version_with({"least": 4.0}) != read.version
