"""A correlation slides over time, group by group; its edges are those that docs/sigma.md names."""

from collections.abc import Callable
from datetime import date

import pytest
from sigma_rules import (
    at,
    correlation,
    found,
    found_rows,
    night,
    rule,
    tables,
)

from nightporter.rules import Detector
from nightporter.window import Window

Read = Callable[..., Detector]
COUNTED = {
    "the edge of the window is in it": ("10m", 3, [0, 5, 10], {0, 1, 2}),
    "a second past it is not": ("10m", 3, [0, 5, 10 + 1 / 60], set()),
    "no bucket parts what slides": ("10m", 3, [9, 11, 12], {0, 1, 2}),
    "only the events of a window": ("10m", 2, [0, 5, 30, 50, 60], {0, 1, 3, 4}),
    "windows that touch": ("10m", 3, [0, 5, 10, 15, 60], {0, 1, 2, 3}),
    "midnight parts nothing": ("20m", 2, [715, 725], {0, 1}),
    "the same instant": ("1s", 2, [3, 3], {0, 1}),
}


@pytest.mark.parametrize(("span", "least", "minutes", "wanted"), COUNTED.values(), ids=COUNTED)
def test_events_are_counted_in_a_window_that_slides(
    read: Read, span: str, least: int, minutes: list[float], wanted: set[int]
) -> None:
    documents = correlation(
        rule("action: view"), type="event_count", timespan=span, condition={"gte": least}
    )
    con = tables({"access": [at(minute) for minute in minutes]})
    assert found(con, read(*documents)) == wanted


def test_a_night_knows_what_happened_before_midnight(read: Read) -> None:
    documents = correlation(
        rule("action: view"), type="event_count", timespan="20m", condition={"gte": 2}
    )
    con = tables({"access": [at(715), at(725)]})
    detector = read(*documents)
    second = date(2026, 3, 3)
    assert found(con, detector, Window(second, second)) == {0, 1}
    first = date(2026, 3, 2)
    assert found(con, detector, Window(first, first)) == set()


def test_each_group_counts_for_itself_and_its_fields_are_whom_it_is_about(read: Read) -> None:
    documents = correlation(
        rule("action: view"), type="event_count", timespan="10m", condition={"gt": 1},
        **{"group-by": ["ComputerName"]},
    )  # fmt: skip
    events = [at(0, host="a"), at(1, host="a", account="bo"), at(2, host="b"), at(3), at(4)]
    detector = read(*documents)
    (row,) = found_rows(tables({"access": events}), detector)
    assert detector.header.about == ("host",)
    assert (row["host"], row["candidates"], row["most"]) == ("a", ["ana", "bo"], 2)


def test_a_person_s_accounts_are_one_person(read: Read) -> None:
    documents = correlation(
        rule("action: view"), type="event_count", timespan="10m", condition={"gte": 2}
    )
    events = {"access": [at(0, account="ana"), at(1, account="adm-ana"), at(2, account="bo")]}
    register = [{"account": name, "user_id": "p1"} for name in ("ana", "adm-ana")]
    assert found(night(events, accounts=register), read(*documents)) == {0, 1}


def test_different_values_are_counted_once(read: Read) -> None:
    documents = correlation(
        rule("action: view"), type="value_count", timespan="10m",
        condition={"gte": 3, "field": "ComputerName"},
    )  # fmt: skip
    hosts = ["a", "A", "b", None, "c"]
    con = tables({"access": [at(n, host=host) for n, host in enumerate(hosts)]})
    assert found(con, read(*documents)) == {0, 1, 2, 3, 4}
    assert found(tables({"access": [at(n, host=h) for n, h in enumerate(hosts[:4])]}),
                 read(*documents)) == set()  # fmt: skip


def test_an_event_that_two_rules_describe_is_counted_once(read: Read) -> None:
    documents = correlation(
        rule("action: view"), rule("host: a"), type="event_count", timespan="1m",
        condition={"gte": 2},
    )  # fmt: skip
    assert found(tables({"access": [at(0, host="a")]}), read(*documents)) == set()


A, B = rule("host: a"), rule("host: b")
TEMPORAL = {
    "both, in any order": ("temporal", [("b", 0), ("a", 10)], {0, 1}),
    "one alone": ("temporal", [("a", 0), ("a", 5)], set()),
    "too far apart": ("temporal", [("b", 0), ("a", 10.1)], set()),
    "in order": ("temporal_ordered", [("a", 0), ("b", 10)], {0, 1}),
    "out of order": ("temporal_ordered", [("b", 0), ("a", 5)], set()),
    "at once is no order": ("temporal_ordered", [("a", 0), ("b", 0)], set()),
    "order, too late": ("temporal_ordered", [("a", 0), ("b", 10.1)], set()),
    "the later start counts": ("temporal_ordered", [("a", 0), ("a", 9), ("b", 12)], {1, 2}),
}


@pytest.mark.parametrize(("kind", "events", "wanted"), TEMPORAL.values(), ids=TEMPORAL)
def test_rules_meet_in_time(
    read: Read, kind: str, events: list[tuple[str, float]], wanted: set[int]
) -> None:
    con = tables({"access": [at(minute, host=host) for host, minute in events]})
    assert found(con, read(*correlation(A, B, type=kind, timespan="10m"))) == wanted


def test_a_person_is_followed_from_the_door_to_the_drive(read: Read) -> None:
    door = rule({"action": "entry"}, {"category": "physical_access"})
    drive = rule({"action": "write"}, {"category": "removable_storage"})
    documents = correlation(
        door, drive, type="temporal_ordered", timespan="1h",
        aliases={"who": {"r0": "CardNumber", "r1": "User"}}, **{"group-by": ["who"]},
    )  # fmt: skip
    detector = read(*documents)
    events = {
        "badge": [{"ts": at(0)["ts"], "badge_id": "c1", "door_id": "gate", "action": "entry"}],
        "usb": [at(30, action="write", host="pc", device_class="mass_storage", device_id="d")],
    }
    con = night(
        events, accounts=[{"account": "ana", "user_id": "p1"}],
        badges=[{"badge_id": "c1", "user_id": "p1"}],
    )  # fmt: skip
    (row,) = found_rows(con, detector)
    assert row["user_id"] == "p1"
    assert [event.partition("/")[0] for event in row["events"]] == ["badge", "usb"]
