"""A gate that holds says so, and one that does not says where: each is shown both ways."""

from datetime import date
from pathlib import Path

import pytest

from nightporter.proof import GateResult, Proof, build
from nightporter.proof.ahead import until
from nightporter.proof.mutants import mutants, rebuilt
from nightporter.rules import Detector, Sheet, parse

HEAD = """-- /// detector
-- title = "A test"
-- level = "low"
-- status = "test"
-- tags = ["attack.t1213"]
-- lookback = "0d"
-- says = "{user_id} took {files}"
-- ///
"""
SELECT = """SELECT user_id, day, x::INT AS files
FROM user_day
WHERE
    feature = 'downloads'
    AND x >= knob('least', 3);
"""
# Three files are enough; two are not, nor are three that were only looked at.
CASES = """
-- /// fires: it
-- access:
--   user_id | action   | local_ts         | rows
--   ana     | download | 2026-01-05 10:00 | 3
--   bo      | view     | 2026-01-05 10:00 | 3
-- expect:
--   user_id
--   ana
-- ///

-- /// silent: them
-- access:
--   user_id | action   | local_ts         | rows
--   ana     | download | 2026-01-05 10:00 | 2
-- ///
"""
ONLY_MANY = CASES.replace("10:00 | 3", "10:00 | 40")


def detector_of(select: str = SELECT, cases: str = CASES) -> Detector:
    return parse(Sheet(Path("/pack/misuse/tested.sql"), HEAD + select + cases))


def result(gate: str, select: str = SELECT, cases: str = CASES) -> GateResult:
    with Proof(detector_of(select, cases)) as proof:
        return proof.gate(gate)


@pytest.mark.parametrize("gate", ["cases", "knobs", "boundaries", "mutants", "look-ahead"])
def test_a_proved_detector_passes_every_gate(gate: str) -> None:
    assert result(gate).faults == ()


def test_both_kinds_of_cases_are_asked_for() -> None:
    silent = "\n-- /// silent" + CASES.partition("\n-- /// silent")[2]
    (fault,) = result("cases", cases=silent).faults
    assert fault == "/pack/misuse/tested.sql: no case in which it is firing"


def test_a_knob_that_no_case_notices_is_named_with_its_line() -> None:
    (fault,) = result("knobs", cases=ONLY_MANY).faults
    assert fault == (
        "/pack/misuse/tested.sql:13: no case changes with least at 10 times its default"
    )


def test_the_boundary_of_a_knob_is_the_value_that_its_case_shows() -> None:
    assert result("boundaries").said == "least 3"


def test_a_measured_boundary_is_found_to_the_last_bit() -> None:
    select = SELECT.replace("x >= knob('least', 3)", "x / 7 >= knob('least', 0.4)")
    with Proof(detector_of(select)) as proof:
        boundary = next(proof.turning.boundaries("least"))
    assert (boundary.holds, boundary.fails) == (3 / 7, pytest.approx(3 / 7, rel=1e-15))
    assert boundary.fails > 3 / 7


def test_a_knob_that_only_silent_cases_show_lacks_its_boundary() -> None:
    (fault,) = result("boundaries", cases=CASES.replace("10:00 | 3", "10:00 | 40")).faults
    assert fault == "/pack/misuse/tested.sql:13: no firing case shows where least begins to hold"


def test_mutants_drop_each_predicate_and_flip_each_comparison() -> None:
    made = [(mutant.line, mutant.fault) for mutant in mutants(detector_of())]
    assert made == [
        (12, "dropped: feature = 'downloads'"),
        (12, "= became <>: feature = 'downloads'"),
        (13, "dropped: x >= knob('least', 3)"),
        (13, ">= became >: x >= knob('least', 3)"),
    ]


CLAUSES = {
    "an alternative": ("WHERE x > 1 OR n_days > 2", {"x > 1", "n_days > 2"}),
    "a negated part": ("WHERE NOT (x > 1 AND n_days > 2)", {"x > 1", "n_days > 2"}),
    "a group's": ("GROUP BY ALL HAVING max(x) > 1", {"max(x) > 1"}),
    "a window's": ("QUALIFY row_number() OVER (ORDER BY day) = 1", {"row_number() OVER"}),
    "a subquery's": ("WHERE EXISTS (SELECT 1 FROM seen WHERE n > 3)", {"n > 3"}),
}


@pytest.mark.parametrize(("clause", "parts"), CLAUSES.values(), ids=CLAUSES)
def test_a_predicate_is_dropped_wherever_it_stands(clause: str, parts: set[str]) -> None:
    select = f"SELECT user_id, day, 1 AS files FROM user_day {clause};\n"
    dropped = {m.fault for m in mutants(detector_of(select)) if m.fault.startswith("dropped")}
    for part in parts:
        assert any(fault.startswith(f"dropped: {part}") for fault in dropped), dropped


def test_both_ends_of_a_between_are_lost_in_turn_and_keys_of_a_join_stay() -> None:
    select = (
        "SELECT u.user_id, u.day, 1 AS files FROM user_day AS u INNER JOIN presence AS p\n"
        "ON u.user_id = p.user_id AND p.day BETWEEN u.day - 3 AND u.day;\n"
    )
    assert [mutant.fault.partition(":")[0] for mutant in mutants(detector_of(select))] == [
        "dropped",
        "BETWEEN lost its first",
        "BETWEEN lost its last",
    ]


def test_a_detector_is_its_own_after_its_mutants_were_made() -> None:
    detector = detector_of()
    before = rebuilt(detector).text
    mutants(detector)
    assert rebuilt(detector).text == before


SURVIVES = SELECT.replace("x >= knob", "n_days >= 0 AND x >= knob")


def test_a_mutant_that_every_case_holds_for_is_printed_with_its_line() -> None:
    (fault,) = result("mutants", SURVIVES).faults
    assert fault == "/pack/misuse/tested.sql:13: dropped: n_days >= 0"


@pytest.mark.parametrize(
    "select",
    [
        SURVIVES.replace("n_days >= 0", "n_days >= 0  -- equivalent: no count is less\n"),
        SURVIVES.replace("    AND n_days", "    -- equivalent: no count is less\n    AND n_days"),
    ],
    ids=["beside", "above"],
)
def test_an_excuse_is_counted_and_printed_with_its_reason(select: str) -> None:
    ended = result("mutants", select)
    assert ended.passed
    assert ended.said.endswith("1 excused")
    assert all(line.endswith("(no count is less)") for line in ended.excused)


def test_an_excuse_that_covers_nothing_is_a_fault() -> None:
    select = SELECT.replace("    AND x", "    -- equivalent: because\n    AND x")
    (fault,) = result("mutants", select).faults
    assert fault == "/pack/misuse/tested.sql:13: this excuse covers nothing that survives"


def test_a_strict_comparison_needs_a_case_at_its_value() -> None:
    select = SELECT.replace("x >= knob('least', 3)", "x > knob('least', 2)")
    assert result("mutants", select).passed
    apart = CASES.replace("10:00 | 2", "10:00 | 1")
    (fault,) = result("mutants", select, apart).faults
    assert fault == "/pack/misuse/tested.sql:13: > became >=: x > knob('least', 2)"


# Ana's first day fires by itself; on the second she takes more.
TWO_DAYS = """
-- /// fires: both days
-- access:
--   user_id | action   | local_ts         | rows
--   ana     | download | 2026-01-05 10:00 | 3
--   ana     | download | 2026-01-06 10:00 | 4
-- ///
"""
LATER = "sum(x) OVER (PARTITION BY user_id)"


def test_a_case_is_cut_after_each_day_with_findings_but_the_last() -> None:
    assert result("look-ahead", cases=TWO_DAYS).said.startswith("1 of 1 days")
    assert result("look-ahead", cases=TWO_DAYS).faults == ()


def test_a_detector_that_counts_what_came_later_looks_ahead() -> None:
    (fault,) = result("look-ahead", SELECT.replace("x::INT", f"{LATER}::INT"), TWO_DAYS).faults
    assert fault == (
        "/pack/misuse/tested.sql:15: without what came after 2026-01-05, 1 findings are lost and"
        " 1 gained: fires on both days"
    )


def test_a_detector_that_waits_for_what_came_later_looks_ahead() -> None:
    late = SELECT.replace(";", f"\nQUALIFY {LATER} >= 7;")
    (fault,) = result("look-ahead", late, TWO_DAYS).faults
    assert "after 2026-01-05, 1 findings are lost and 0 gained" in fault


def test_a_world_cut_off_behind_a_day_holds_no_later_event() -> None:
    detector, monday = detector_of(cases=TWO_DAYS), date(2026, 1, 5)
    cut = until(build(detector.cases[0], detector.path), monday)
    assert cut.events["access"]["day"].to_list() == [monday] * 3
    assert cut.window.last == monday
