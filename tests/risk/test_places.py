"""What nobody is known to have done ranks where it was done."""

import json
from pathlib import Path

import pytest
from suspects import LAST, Row, ago, finding, holding, present, ranked


def at(number: object, days: int, about: Row, **said: object) -> Row:
    nobody = {"user_id": None, "candidates": None, "about": json.dumps(about)}
    return finding(number, ago(days), **{**nobody, **said})


@pytest.mark.parametrize(
    ("about", "place"),
    [({"door_id": "D1"}, ("door", "D1")), ({"device_id": "a:b"}, ("device", "a:b")),
     ({"host": "pc", "account": "x"}, ("host", "pc")), ({"feed": "fs"}, ("feed", "fs")),
     ({"identity": "badge:c-7"}, ("badge", "c-7")), ({"n": 1}, ("other", "misuse_high"))],
    ids=["door", "device", "host", "log", "card", "nothing known"],
)  # fmt: skip
def test_a_finding_about_nobody_ranks_where_it_was(
    tmp_path: Path, about: Row, place: tuple[str, str]
) -> None:
    lake = holding(tmp_path, findings=[at(1, 0, about)], presence=present())
    assert ranked(lake).is_empty()
    places = lake.read("places").filter(day=LAST)
    assert places.select("kind", "id").rows() == [place]
    assert places["rank"].to_list() == [1] and places["risk"][0] > 0


def test_a_device_and_a_door_that_act_alone_are_no_people(tmp_path: Path) -> None:
    said = [at(1, 0, {}, user_id="door:D1"), at(2, 0, {}, user_id="host:pc"),
            at(3, 0, {}, user_id="badge:c-7"), at(4, 0, {}, candidates=["ana", "bo"])]  # fmt: skip
    lake = holding(tmp_path, findings=said, presence=present())
    assert set(ranked(lake)["user_id"]) == {"badge:c-7", "ana", "bo"}
    assert set(lake.read("places").select("kind", "id").rows()) == {("door", "D1"), ("host", "pc")}


def test_a_door_that_opens_night_after_night_stands_above_one_night(tmp_path: Path) -> None:
    nights = [at(n, n, {"door_id": "often"}, tactic="presence") for n in range(9)]
    once = at("once", 0, {"door_id": "once"}, tactic="presence")
    lake = holding(tmp_path, findings=[*nights, once], presence=present())
    ranked(lake)
    rows = lake.read("places").filter(day=LAST).sort("rank").to_dicts()
    assert [row["id"] for row in rows] == ["often", "once"]
    assert len(json.loads(rows[0]["parts"])["days"]) == 9
    assert json.loads(rows[0]["parts"])["findings"][0]["finding_id"] == "0"


def test_a_door_that_opens_on_a_day_without_people_counts(tmp_path: Path) -> None:
    people = [row for row in present() if row["day"] != LAST]
    lake = holding(tmp_path, findings=[at(1, 0, {"door_id": "vault"})], presence=people)
    ranked(lake)
    (risk,) = lake.read("places").filter(day=LAST)["risk"]
    assert risk > 5
