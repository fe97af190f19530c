"""A case passes only on exactly what it says, and a result says what was found instead."""

from pathlib import Path

import pytest

from nightporter.errors import DetectorError
from nightporter.proof import CaseResult, Nights, prove
from nightporter.rules import Detector, Sheet, parse

HEAD = """-- /// detector
-- title = "A test"
-- level = "low"
-- status = "test"
-- tags = ["attack.t1213"]
-- lookback = "0d"
-- says = "{user_id} took {files}"
-- ///
SELECT user_id, day, x::INT AS files, NULL::DATE AS never, ['b', 'a'] AS names, x > 3 AS many
FROM user_day
WHERE feature = 'downloads' AND x >= knob('least', 2);

"""
LOGS = """-- access:
--   user_id | action   | local_ts         | rows
--   ana     | download | 2026-01-05 10:00 | 5
--   bo      | download | 2026-01-06 10:00 | 2
"""


def detector_of(kind: str, expect: str = "") -> Detector:
    block = "".join(f"--   {line}\n" for line in expect.splitlines())
    case = f"-- /// {kind}: it\n{LOGS}{'-- expect:' if expect else ''}\n{block}-- ///\n"
    text = HEAD + case.replace("\n\n", "\n")
    return parse(Sheet(Path("/pack/misuse/tested.sql"), text))


def result(kind: str, expect: str = "") -> CaseResult:
    ((only,),) = (each.cases for each in prove([detector_of(kind, expect)], strict=False))
    return only


PASSES = {
    "any finding": "",
    "people": "user_id\nana\nbo",
    "one person's numbers": "user_id | files\nana | 5\nbo | 2",
    "days": "day\n2026-01-05\n2026-01-06",
    "a distinct projection": "names\nb, a",
    "nulls": "user_id | never\nana | null\nbo |",
    "flags": "user_id | many\nana | true\nbo | false",
}


@pytest.mark.parametrize("expect", PASSES.values(), ids=PASSES)
def test_a_firing_case_passes_on_exactly_what_it_expects(expect: str) -> None:
    assert result("fires", expect).passed


FAILS = {
    "one person too few": ("user_id\nana", ["found, but not expected (user_id):", "  bo"]),
    "one person too many": (
        "user_id\nana\nbo\ncy", ["expected, but not found (user_id):", "  cy"],
    ),
    "another number": (
        "user_id | files\nana | 6\nbo | 2",
        [
            "expected, but not found (user_id | files):", "  ana | 6",
            "found, but not expected (user_id | files):", "  ana | 5",
        ],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("expect", "faults"), FAILS.values(), ids=FAILS)
def test_a_result_says_what_differs(expect: str, faults: list[str]) -> None:
    assert list(result("fires", expect).faults) == faults


def test_a_silent_case_fails_with_the_sentences_of_what_was_found() -> None:
    failed = result("silent")
    assert str(failed) == (
        "FAIL tested:13 silent: it\n"
        "       it found 2:\n"
        "       ana took 5\n"
        "       bo took 2"
    )  # fmt: skip


def test_two_rows_about_one_thing_fail_a_case() -> None:
    once = detector_of("fires")
    more = "\nUNION ALL SELECT 'ana', DATE '2026-01-05', 9, NULL, ['c'], true;\n"
    twice = parse(Sheet(once.path, once.text.replace(";\n", more, 1)))
    assert list(Nights(twice).result(0).faults) == [
        "several rows are about one thing (user_id | day):", "  ana | 2026-01-05",
    ]  # fmt: skip


def test_turned_knobs_change_the_outcome() -> None:
    quiet = Nights(detector_of("fires")).result(0, {"least": 9})
    assert list(quiet.faults) == ["it found nothing"]


def test_an_expected_column_must_exist() -> None:
    with pytest.raises(DetectorError, match="no column 'flies'"):
        result("fires", "user_id | flies\nana | 5")


def of_text(detector: Detector, old: str, new: str) -> CaseResult:
    """Return how the case ends after `old` became `new` in the file."""
    assert old in detector.text
    changed = parse(Sheet(detector.path, detector.text.replace(old, new)))
    ((only,),) = (each.cases for each in prove([changed], strict=False))
    return only


UNBUILT = {
    "no event at all": (LOGS, LOGS.replace("| 5\n", "| 0\n").replace("| 2\n", "| 0\n")),
    "a day beyond the calendar": ("2026-01-05 10:00", "9999-12-31 23:00"),
    "a number beyond 64 bits": ("rows\n--   ana     | download | 2026-01-05 10:00 | 5",
                                f"bytes\n--   ana     | download | 2026-01-05 10:00 | {2**64}"),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new"), UNBUILT.values(), ids=UNBUILT)
def test_a_case_that_cannot_be_built_is_an_error_at_its_line(old: str, new: str) -> None:
    with pytest.raises(DetectorError) as caught:
        of_text(detector_of("fires"), old, new)
    assert caught.value.line == 13
    assert not caught.value.message.startswith("AssertionError")


def test_a_finding_may_be_about_its_day() -> None:
    assert of_text(detector_of("fires"), "-- says", '-- about = ["day"]\n-- says').passed


def test_maps_and_times_are_expected_as_a_sentence_says_them() -> None:
    detector = detector_of("fires", "names | never\n9 5 | 09:30\n9 2 | 09:30")
    held = "MAP {9: x::INT} AS names, TIME '09:30' AS never"
    assert of_text(detector, "NULL::DATE AS never, ['b', 'a'] AS names", held).passed
