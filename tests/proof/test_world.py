"""A row written by hand becomes the ordinary events it stands for."""

from datetime import date, datetime
from pathlib import Path

import pytest

from nightporter.errors import DetectorError
from nightporter.proof import World, build
from nightporter.rules import Sheet, parse
from nightporter.schema import TABLES
from nightporter.window import Window

HEAD = """-- /// detector
-- title = "A test"
-- level = "low"
-- status = "test"
-- tags = ["attack.t1213"]
-- lookback = "0d"
-- says = "{user_id}"
-- ///
SELECT user_id, day FROM access;
-- /// fires: it
"""


def world(body: str) -> World:
    commented = "".join(f"-- {line}\n" for line in body.strip().splitlines())
    read = parse(Sheet(Path("/pack/misuse/tested.sql"), f"{HEAD}{commented}-- ///\n"))
    return build(read.cases[0], read.path)


def test_what_a_row_leaves_out_is_ordinary() -> None:
    made = world("access:\n user_id | action | local_ts\n ana | view | 2026-01-05 10:00")
    row = made.events["access"].row(0, named=True)
    assert made.events["access"].schema == TABLES["access"].columns
    assert (row["account"], row["host"], row["outcome"]) == ("ana", "pc-ana", "success")
    assert (row["resource"], row["site"], row["feed"]) == ("doc-0001", "HQ", "access")
    assert row["day"] == date(2026, 1, 5)
    assert made.context["accounts"].to_dicts() == [{"account": "ana", "user_id": "ana"}]
    assert made.window == Window(date(2026, 1, 5), date(2026, 1, 5))


def test_the_hours_before_five_belong_to_the_day_before() -> None:
    made = world("access:\n user_id | action | local_ts\n ana | view | 2026-01-05 04:59")
    assert made.events["access"]["day"].to_list() == [date(2026, 1, 4)]


def test_rows_days_and_every_repeat() -> None:
    made = world(
        """
        access:
          user_id | action | local_ts         | rows | every | days
          ana     | view   | 2026-01-05 10:00 | 3    | 60    | 2
        """
    )
    events = made.events["access"]
    assert events["local_ts"].to_list()[:3] == [datetime(2026, 1, 5, 10, n) for n in range(3)]
    assert events["resource"].to_list() == ["doc-0001", "doc-0002", "doc-0003"] * 2
    assert events["line"].n_unique() == 6


def test_workdays_leave_out_the_weekend() -> None:
    made = world(
        """
        access:
          user_id | action | local_ts         | workdays
          ana     | view   | 2026-01-08 10:00 | 3
        """
    )
    assert made.events["access"]["day"].to_list() == [
        date(2026, 1, 8), date(2026, 1, 9), date(2026, 1, 12),
    ]  # fmt: skip


def test_documents_are_distinct_within_a_day_across_rows() -> None:
    made = world(
        """
        access:
          user_id | action | local_ts         | rows
          ana     | view   | 2026-01-05 10:00 | 2
          bo      | view   | 2026-01-05 11:00 | 2
          bo      | logon  | 2026-01-05 09:00 | 1
        """
    )
    resources = made.events["access"]["resource"].to_list()
    assert resources == ["doc-0001", "doc-0002", "doc-0003", "doc-0004", None]


def test_a_written_register_beats_the_implied_one() -> None:
    made = world(
        """
        badge:
          user_id | badge_id | action | local_ts
          ana     | c-1      | entry  | 2026-01-05 10:00
          bo      | c-2      | entry  | 2026-01-05 10:00
        badges:
          badge_id | user_id | kind
          c-1      | ana     | loaner
        """
    )
    assert made.context["badges"].to_dicts() == [
        {"badge_id": "c-1", "user_id": "ana", "kind": "loaner"},
        {"badge_id": "c-2", "user_id": "bo", "kind": None},
    ]


def test_a_row_without_a_person_implies_nobody() -> None:
    made = world("access:\n account | action | local_ts\n ghost | view | 2026-01-05 10:00")
    assert "accounts" not in made.context
    assert made.events["access"]["account"].to_list() == ["ghost"]


def test_every_feed_that_a_row_names_is_configured() -> None:
    made = world(
        """
        badge:
          user_id | action | feed  | local_ts
          ana     | entry  | doors | 2026-01-05 10:00
          ana     | entry  |       | 2026-01-05 10:00
        """
    )
    feeds = [(feed.name, feed.source) for feed in made.settings.feed]
    assert feeds == [("badge", "badge"), ("doors", "badge")]


def test_a_case_may_say_what_detectors_stand_on() -> None:
    made = world(
        """
        badge:
          user_id | action | local_ts
          ana     | entry  | 2026-01-05 10:00
        detector_sources:
          detector | need  | source
          rooms    | badge | badge
        """
    )
    assert made.detector_sources.rows() == [("rooms", "badge", "badge")]
    assert "detector_sources" not in made.context


def test_null_is_written_out() -> None:
    made = world(
        "usb:\n user_id | action | device_id | local_ts\n a | write | null | 2026-01-05 10:00"
    )
    assert made.events["usb"]["device_id"].to_list() == [None]


FAULTS: dict[str, tuple[str, str]] = {
    "an action that is none": ("| viewed |", "action 'viewed'"),
    "no action": ("|        |", "the row has no action"),
}


@pytest.mark.parametrize(("cell", "message"), FAULTS.values(), ids=FAULTS)
def test_a_wrong_cell_is_refused_at_its_line(cell: str, message: str) -> None:
    with pytest.raises(DetectorError, match=message) as caught:
        world(f"access:\n user_id | action | local_ts\n ana {cell} 2026-01-05 10:00")
    assert caught.value.line == 13


def test_a_wrong_stamp_is_refused_with_an_example() -> None:
    with pytest.raises(DetectorError, match="'10:00' is no stamp") as caught:
        world("access:\n user_id | action | local_ts\n ana | view | 10:00")
    assert caught.value.hint == "a stamp looks like 2026-01-05 10:00"
