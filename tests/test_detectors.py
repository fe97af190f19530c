"""Every case of every detector that ships, each its own test; and cases that catch a break."""

import functools

import duckdb
import pytest

from nightporter.proof import CaseResult, build, judge, night_of
from nightporter.rules import Case, Detector, Sheet, parse, read_pack, run
from nightporter.shipped import shipped
from nightporter.window import Window

PACK = read_pack([shipped("detectors")])
CASES = [
    pytest.param(detector, case, id=f"{detector.id} {case.kind} {case.name}")
    for detector in PACK.detectors
    for case in detector.cases
]


@functools.cache
def night(id: str, at: int) -> tuple[duckdb.DuckDBPyConnection, Window]:
    """Return the night of a case, made once: broken detectors run over the same one."""
    world = build(PACK[id].cases[at], PACK[id].path)
    return night_of(world), world.window


def judged(detector: Detector, at: int) -> CaseResult:
    con, window = night(detector.id, at)
    return judge(detector, detector.cases[at], run(con, detector, window, {}))


def test_every_file_of_the_pack_can_be_read() -> None:
    assert [str(error) for error in PACK.errors] == []


@pytest.mark.parametrize(("detector", "case"), CASES)
def test_case(detector: Detector, case: Case) -> None:
    result = judged(detector, detector.cases.index(case))
    assert result.passed, str(result)


@pytest.mark.parametrize("detector", PACK.detectors, ids=lambda detector: detector.id)
def test_a_detector_has_cases_of_both_kinds_and_says_what_it_cannot_see(detector: Detector) -> None:
    assert {case.kind for case in detector.cases} == {"fires", "silent"}
    assert detector.header.blindspots
    assert detector.header.falsepositives
    assert detector.header.triage


@pytest.mark.parametrize("detector", PACK.detectors, ids=lambda detector: detector.id)
def test_every_knob_has_a_reason_beside_or_above_it(detector: Detector) -> None:
    assert [knob.name for knob in detector.query.knobs if not knob.reason] == []


# Each breaks a shipped detector at one place; some case must turn red.
BREAKS = [
    ("off_hours_bulk_download", "'off_hours_downloads'", "'downloads'"),
    ("off_hours_bulk_download", "knob('min_files', 50)", "knob('min_files', 5)"),
    ("off_hours_bulk_download", "knob('min_files', 50)", "knob('min_files', 500)"),
    ("off_hours_bulk_download", "knob('min_days', 5)", "knob('min_days', 0.5)"),
    ("off_hours_bulk_download", "knob('min_days', 5)", "knob('min_days', 50)"),
    ("off_hours_bulk_download", "knob('min_surprise', 2)", "knob('min_surprise', 0.2)"),
    ("off_hours_bulk_download", "knob('min_surprise', 2)", "knob('min_surprise', 20)"),
    ("off_hours_removable_media", "knob('min_files', 3)", "knob('min_files', 0.3)"),
    ("off_hours_removable_media", "knob('min_files', 3)", "knob('min_files', 30)"),
    ("off_hours_removable_media", "knob('min_days', 5)", "knob('min_days', 0.5)"),
    ("off_hours_removable_media", "knob('min_days', 5)", "knob('min_days', 50)"),
    ("off_hours_removable_media", "('min_surprise', 2)", "('min_surprise', 0.2)"),
    ("off_hours_removable_media", "('min_surprise', 2)", "('min_surprise', 20)"),
    ("off_hours_removable_media", "('min_clean_days', 20)", "('min_clean_days', 2)"),
    ("off_hours_removable_media", "('min_clean_days', 20)", "('min_clean_days', 200)"),
    ("off_hours_removable_media", "('new_habit_files', 40)", "('new_habit_files', 4)"),
    ("off_hours_removable_media", "('new_habit_files', 40)", "('new_habit_files', 4000)"),
    ("off_hours_removable_media", "HAVING count(older.day) = 0", ""),
    ("first_removable_media", "knob('min_days', 30)", "knob('min_days', 3)"),
    ("first_removable_media", "knob('min_days', 30)", "knob('min_days', 300)"),
    ("first_removable_media", "AND first_day = day", ""),
    ("first_removable_media", "AND new_hosts IS NOT NULL", ""),
    ("first_removable_media", "unknown_devices > 0 AND", ""),
    ("first_removable_media", "AND new_to_all", ""),
    ("many_off_hours_days", "knob('min_nights', 10)", "knob('min_nights', 1)"),
    ("many_off_hours_days", "knob('min_nights', 10)", "knob('min_nights', 100)"),
    ("many_off_hours_days", "knob('min_days', 20)", "knob('min_days', 2)"),
    ("many_off_hours_days", "knob('min_days', 20)", "knob('min_days', 200)"),
    ("many_off_hours_days", "knob('times_usual', 3)", "knob('times_usual', 0.3)"),
    ("many_off_hours_days", "knob('times_peers', 2)", "knob('times_peers', 0.2)"),
    ("many_off_hours_days", "knob('times_peers', 2)", "knob('times_peers', 20)"),
    ("many_off_hours_days", "WHERE candidates.role IS NOT DISTINCT FROM people.role", ""),
    ("many_off_hours_days", "candidates.user_id <> days.user_id", "true"),
    ("first_entry_to_room", "knob('min_days', 20)", "knob('min_days', 2)"),
    ("first_entry_to_room", "knob('min_days', 20)", "knob('min_days', 200)"),
    ("first_entry_to_room", "knob('max_peers', 5)", "knob('max_peers', 50)"),
    ("first_entry_to_room", "knob('max_peers', 5)", "knob('max_peers', 0.5)"),
    ("first_entry_to_room", "knob('max_newcomers', 3)", "knob('max_newcomers', 30)"),
    ("first_entry_to_room", "knob('max_newcomers', 3)", "knob('max_newcomers', 0.3)"),
    ("first_entry_to_room", "AND firsts.user_id IS DISTINCT FROM rooms.owner", ""),
    ("first_entry_to_room", "AND owners.user_id IS NULL", ""),
    ("first_entry_to_room", "entries.off_hours\n", "false\n"),
    ("first_entry_to_room", "OR rooms.sensitive", ""),
    ("superseded_badge_used", "knob('grace_hours', 24)", "knob('grace_hours', 2)"),
    ("superseded_badge_used", "AND reads.ts > newer.first_ts", ""),
    ("superseded_badge_used", "AND older.since < newer.since", ""),
    ("superseded_badge_used", "OR reads.ts < newer.last_ts", ""),
    ("superseded_badge_used", "newer.first_day < newer.day OR", ""),
    ("superseded_badge_used", "WHERE register.for_a_day IS NOT TRUE", ""),
    ("superseded_badge_used", "WHERE current_badges.badge_id IS NULL", ""),
    ("unmapped_identity", "knob('min_events', 3)", "knob('min_events', 0.3)"),
    ("unmapped_identity", "knob('min_events', 3)", "knob('min_events', 30)"),
]  # fmt: skip


@pytest.mark.parametrize(("id", "old", "new"), BREAKS)
def test_a_broken_detector_fails_a_case(id: str, old: str, new: str) -> None:
    whole = PACK[id]
    sql, mark, cases = whole.text.partition("\n-- /// fires")
    assert old in sql
    broken = parse(Sheet(whole.path, sql.replace(old, new) + mark + cases))
    assert not all(judged(broken, at).passed for at in range(len(broken.cases)))
