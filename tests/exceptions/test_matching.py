"""Which findings an exception hides, and that it hides no others and loses none."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import orjson
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from suspects import finding

from nightporter.exceptions import Entry, suppressed
from nightporter.schema import TABLES

DAY = date(2026, 3, 10)
THEN, NOW = datetime(2026, 3, 11, tzinfo=UTC), datetime(2026, 3, 12, tzinfo=UTC)
STICK = {"device_id": ("S1",)}


def entry(**said: Any) -> Entry:
    """An exception for ana, any detector, the days around DAY."""
    first, until = DAY - timedelta(days=5), DAY + timedelta(days=5)
    given = Entry(
        "migration", "exceptions/a.toml", 1, (), ("ana",), ("lena",), {}, {}, first, until,
        "lena", None, "moving house", "T-1",
    )  # fmt: skip
    return replace(given, **said)


def frame(table: str, rows: list[dict[str, Any]]) -> pl.DataFrame:
    shape = TABLES[table].columns
    filled = [{column: row.get(column) for column in shape} for row in rows]
    return pl.DataFrame(filled, schema=pl.Schema(shape), orient="row")


def judged(
    said: dict[str, Any] | list[dict[str, Any]], *entries: Entry, records: tuple[str, ...] = ()
) -> pl.DataFrame:
    """The findings (about ana on DAY, changed THEN) as they stand after `entries`; the first
    stands on events with these records."""
    several = [said] if isinstance(said, dict) else said
    usual = {"found_at": THEN, "changed_at": THEN}
    rows = [{**finding(n, DAY, **usual), **more} for n, more in enumerate(several)]
    shown = [{"finding_id": "0", "event": f"usb/a/{n}", "record": r} for n, r in enumerate(records)]
    return suppressed(frame("findings", rows), frame("evidence", shown), entries, NOW)


def hidden(said: dict[str, Any], one: Entry, records: tuple[str, ...] = ()) -> bool:
    (row,) = judged(said, one, records=records).to_dicts()
    assert (row["status"] == "suppressed") == (row["suppressed_by"] == "migration")
    assert row["status"] in ("open", "suppressed")
    return row["status"] == "suppressed"


@pytest.mark.parametrize(
    ("said", "covered"),
    [
        ({}, True),
        ({"user_id": "bo"}, False),
        ({"user_id": None, "candidates": ["ana"]}, True),
        ({"user_id": None, "candidates": ["ana", "bo"]}, False),
        ({"user_id": None}, False),
        ({"user_id": None, "candidates": []}, False),
    ],
    ids=["the person", "another", "the only candidate", "one of two", "nobody", "no candidate"],
)
def test_whoever_may_be_meant_must_be_named(said: dict[str, Any], covered: bool) -> None:
    assert hidden(said, entry()) is covered


def test_a_host_is_covered_in_any_case_and_no_other_thing_is() -> None:
    desk = entry(what={"host": ("WS-1", "Lab*")})
    for host in ("ws-1", "LAB-2"):
        assert hidden({"columns": f'{{"host": "{host}"}}'}, desk)
    assert not hidden({}, entry(what=STICK), ('{"device_id": "s1"}',))


@pytest.mark.parametrize(
    ("away", "covered"), [(-6, False), (-5, True), (5, True), (6, False)], ids=str
)
def test_its_first_and_last_day_are_covered_and_the_day_after_is_armed_again(
    away: int, covered: bool
) -> None:
    assert hidden({"day": DAY + timedelta(days=away)}, entry()) is covered


def test_only_the_detectors_that_it_names_are_silenced() -> None:
    assert hidden({"detector": "bulk"}, entry(detectors=("bulk", "other")))
    assert not hidden({"detector": "bulky"}, entry(detectors=("bulk", "other")))


@pytest.mark.parametrize("user", ["lena", "Lena"])
def test_its_owner_is_never_covered_though_it_names_nobody(user: str) -> None:
    sensor = entry(people=None, what={"door_id": ("D1",)})
    about = '{"door_id": "D1"}'
    assert hidden({"about": about, "user_id": "ana"}, sensor)
    assert hidden({"about": about, "user_id": None}, sensor)
    assert not hidden({"about": about, "user_id": user}, sensor)
    assert not hidden({"about": about, "user_id": None, "candidates": ["ana", user]}, sensor)


@pytest.mark.parametrize(
    ("columns", "covered"),
    [
        ('{"device_id": "S1"}', True),
        ('{"device_id": "S2"}', False),
        ('{"device_id": "s1"}', False),
        ('{"device_id": ["S1"]}', True),
        ('{"device_id": ["S1", "S2"]}', False),
        ('{"device_id": []}', False),
        ('{"device_id": null}', False),
        ("{}", False),
    ],
)
def test_a_finding_that_names_its_things_is_judged_by_them(columns: str, covered: bool) -> None:
    assert hidden({"columns": columns}, entry(what=STICK)) is covered


@pytest.mark.parametrize(
    ("records", "covered"),
    [
        (('{"device_id":"S1"}', '{"device_id":"S1"}'), True),
        (('{"device_id":"S1"}', '{"device_id":"S2"}'), False),
        (('{"device_id":"S1"}', '{"device_id":null}'), False),
        (('{"device_id":"S1"}', '{"door_id":"D9"}'), True),
        (('{"door_id":"D9"}',), False),
        ((), False),
    ],
    ids=["this stick", "another too", "an unknown one too", "and a door", "a door", "nothing"],
)
def test_a_finding_that_names_none_is_judged_by_all_events_it_stands_on(
    records: tuple[str, ...], covered: bool
) -> None:
    assert hidden({}, entry(what=STICK), records) is covered
    assert hidden({"columns": '{"device_id": null}'}, entry(what=STICK), records) is covered
    assert hidden({"columns": '{"device_id": "S1"}'}, entry(what=STICK), records)


def test_the_stick_of_one_person_is_not_excused_in_the_hand_of_another() -> None:
    records = ('{"device_id":"S1"}',)
    assert hidden({}, entry(what=STICK), records)
    assert not hidden({"user_id": "bo"}, entry(what=STICK), records)


def test_all_its_columns_must_hold_and_a_star_ends_a_prefix() -> None:
    both = entry(what={"device_id": ("S1",), "resource": ("/move/*", "/list.csv")})
    held = '{"device_id":"S1","resource":"%s"}'
    assert hidden({}, both, (held % "/move/a", held % "/list.csv"))
    assert not hidden({}, both, (held % "/move/a", held % "/list.csv.gz"))
    assert not hidden({}, both, (held % "/own/move/a",))
    assert not hidden({}, both, ('{"device_id":"S2","resource":"/move/a"}',))


@pytest.mark.parametrize("name", ["x' OR '1'='1", '"; DROP TABLE findings; --', "%", "\x1b[2J"])
def test_a_hostile_name_is_a_name(name: str) -> None:
    assert hidden({"user_id": name}, entry(people=(name,)))
    assert not hidden({"user_id": name}, entry())
    assert not hidden({}, entry(people=(name,)))
    (record,) = orjson.dumps({"device_id": name}).decode().splitlines()
    assert not hidden({}, entry(what=STICK), (record,))
    assert hidden({}, entry(what={"device_id": (name,)}), (record,))


def test_two_that_hide_it_both_say_so_and_it_stays_hidden_when_one_goes() -> None:
    (row,) = judged({}, entry(name="b"), entry(name="a")).to_dicts()
    assert row["suppressed_by"] == "a, b"
    (row,) = judged({}, entry(name="b")).to_dicts()
    assert row["suppressed_by"] == "b"


def test_a_finding_that_is_open_again_has_no_exception_and_one_withdrawn_stays() -> None:
    was = {"status": "suppressed", "suppressed_by": "gone", "case_id": None}
    withdrawn = {"status": "withdrawn"}
    again, gone = judged([was, withdrawn]).to_dicts()
    assert (again["status"], again["suppressed_by"], again["changed_at"]) == ("open", None, NOW)
    assert (gone["status"], gone["changed_at"]) == ("withdrawn", THEN)
    (still,) = judged([withdrawn], entry()).to_dicts()
    assert (still["status"], still["suppressed_by"]) == ("withdrawn", None)


def test_a_hidden_finding_leaves_its_case_and_says_when() -> None:
    (row,) = judged({"case_id": "c1"}, entry()).to_dicts()
    assert (row["status"], row["case_id"], row["changed_at"]) == ("suppressed", None, NOW)
    (same,) = judged({"status": "suppressed", "suppressed_by": "migration"}, entry()).to_dicts()
    assert same["changed_at"] == THEN


_SAID = st.fixed_dictionaries(
    {
        "user_id": st.sampled_from(["ana", "bo", "lena", None]),
        "detector": st.sampled_from(["bulk", "door"]),
        "status": st.sampled_from(["open", "suppressed", "withdrawn"]),
        "day": st.dates(DAY - timedelta(days=7), DAY + timedelta(days=7)),
        "columns": st.sampled_from(["{}", '{"device_id":"S1"}', '{"device_id":"S2"}']),
    }
)
_ENTRIES = st.lists(
    st.builds(
        entry,
        name=st.sampled_from(["a", "b", "c"]),
        people=st.sampled_from([None, ("ana",), ("ana", "bo")]),
        detectors=st.sampled_from([(), ("bulk",)]),
        what=st.sampled_from([{}, STICK]),
    ),
    unique_by=lambda one: one.name,
    max_size=3,
)


@settings(max_examples=25, deadline=None)
@given(st.lists(_SAID, max_size=8), _ENTRIES)
def test_nothing_is_lost_and_what_is_hidden_is_what_the_words_say(
    said: list[dict[str, Any]], entries: list[Entry]
) -> None:
    after = judged(said, *entries)
    assert after["finding_id"].to_list() == [str(n) for n in range(len(said))]
    assert set(after["status"]) <= {"open", "suppressed", "withdrawn"}
    for was, row in zip(said, after.to_dicts(), strict=True):
        by = sorted(one.name for one in entries if _means(one, was))
        gone = was["status"] == "withdrawn"
        expected = None if gone else ", ".join(by) or None
        assert row["suppressed_by"] == expected
        assert row["status"] == ("withdrawn" if gone else "suppressed" if by else "open")


def _means(one: Entry, said: dict[str, Any]) -> bool:
    """The rule in plain words, for findings that name at most one person and one thing."""
    who = said["user_id"]
    person = who != "lena" if one.people is None else who in one.people and who != "lena"
    thing = not one.what or said["columns"] == '{"device_id":"S1"}'
    rule = not one.detectors or said["detector"] in one.detectors
    return person and thing and rule and one.first <= said["day"] <= one.until
