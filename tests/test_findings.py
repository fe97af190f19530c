"""A finding's identity, and what becomes of it when a night says it again, or no longer."""

from datetime import UTC, date, datetime

import polars as pl

from nightporter.findings import Claim, compose, finding_id, merge
from nightporter.schema import TABLES

DAY = date(2026, 3, 2)
THEN, NOW = datetime(2026, 3, 3, tzinfo=UTC), datetime(2026, 3, 4, tzinfo=UTC)
CLAIM = Claim("d", "v1", "Title", "high", "misuse", ("attack.t1",), ("user_id",))


def composed(rows: list[dict], now: datetime = THEN) -> pl.DataFrame:
    found = compose(pl.DataFrame(rows), CLAIM, lambda row: f"{row['user_id']} {row['n']}", now)
    return found.with_columns(first_at=pl.lit(THEN), last_at=pl.lit(THEN))


def findings(rows: list[dict], now: datetime = THEN) -> pl.DataFrame:
    return composed(rows, now).select(list(TABLES["findings"].columns))


def test_the_identity_is_a_function_of_detector_subject_and_day() -> None:
    ids = {
        finding_id(detector, {"user_id": user}, day)
        for detector in ("a", "b")
        for user in ("ana", "bo")
        for day in (DAY, date(2026, 3, 3))
    }
    assert len(ids) == 8
    assert finding_id("a", {"x": 1, "y": 2}, DAY) == finding_id("a", {"y": 2, "x": 1}, DAY)


def test_two_rows_about_one_thing_are_one_finding_with_the_evidence_of_both() -> None:
    rows = [
        {"user_id": "ana", "day": DAY, "n": 1, "surprise": 2.0, "events": ["access/a/1"]},
        {"user_id": "ana", "day": DAY, "n": 9, "surprise": 5.0, "events": ["access/a/2"]},
    ]
    (row,) = composed(rows).to_dicts()
    assert row["sentence"] == "ana 9"
    assert row["events"] == ["access/a/1", "access/a/2"]


def test_a_map_whose_keys_are_numbers_is_shown() -> None:
    rows = pl.DataFrame(
        {"user_id": ["ana"], "day": [DAY], "hours": [[{"key": 22, "value": 1}]]}
    ).with_columns(pl.col("hours").cast(pl.Map(pl.Int64, pl.Int64)))
    found = compose(rows, CLAIM, lambda row: "", THEN)
    assert found["columns"].to_list() == ['{"hours":{"22":1}}']


def test_saying_it_again_changes_no_time_and_writes_no_history() -> None:
    old = findings([{"user_id": "ana", "day": DAY, "n": 1}])
    stored, history = merge(findings([{"user_id": "ana", "day": DAY, "n": 1}], NOW), old, NOW, "r")
    assert stored.equals(old)
    assert history.is_empty()


def test_new_words_keep_when_it_was_found_and_say_when_it_changed() -> None:
    old = findings([{"user_id": "ana", "day": DAY, "n": 1}])
    stored, history = merge(findings([{"user_id": "ana", "day": DAY, "n": 2}], NOW), old, NOW, "r")
    (row,) = stored.to_dicts()
    assert (row["found_at"], row["changed_at"]) == (THEN, NOW)
    assert history["sentence"].to_list() == ["ana 2"]


def test_what_no_longer_holds_is_withdrawn_once_and_can_come_back() -> None:
    said = [{"user_id": "ana", "day": DAY, "n": 1}]
    old = findings(said)
    gone, history = merge(old.clear(), old, NOW, "r")
    assert gone["status"].to_list() == history["status"].to_list() == ["withdrawn"]
    hidden = old.with_columns(status=pl.lit("suppressed"), suppressed_by=pl.lit("move"))
    (row,) = merge(old.clear(), hidden, NOW, "r")[0].to_dicts()
    assert (row["status"], row["suppressed_by"]) == ("withdrawn", None)
    again, nothing = merge(old.clear(), gone, datetime(2026, 3, 9, tzinfo=UTC), "r")
    assert again.equals(gone) and nothing.is_empty()
    back, _ = merge(findings(said, NOW), gone, NOW, "r")
    assert back["status"].to_list() == ["open"]
    assert back["found_at"].to_list() == [THEN]
