"""Bounds: the best order finds everybody, luck and shuffled labels find nobody in particular."""

from datetime import timedelta

import polars as pl
import pytest
from evaluate.frames import START, day, lists_of, seen_in, truth_of

from nightporter.evaluate.chance import by_chance, luck, oracle, shuffled
from nightporter.evaluate.lists import listed, looked_at, places
from nightporter.evaluate.scoring import cost, outcomes
from nightporter.evaluate.truth import Truth
from nightporter.window import Window

PEOPLE = [f"p{n:03}" for n in range(400)]
WINDOW = Window(START, START + timedelta(days=19))
MOST = places(1000, [1, 10])


@pytest.fixture(scope="module")
def truth() -> Truth:
    """Sixty insiders, one deed each: three on each of twenty days."""
    return truth_of(*[("theft", "insider", PEOPLE[n], {n % 20: 1}) for n in range(60)])


@pytest.fixture(scope="module")
def presence() -> pl.DataFrame:
    days = pl.DataFrame({"day": list(WINDOW)})
    return pl.DataFrame({"user_id": PEOPLE}).join(days, how="cross")


def recall(lists: pl.DataFrame, truth: Truth) -> dict[float, float]:
    rows = (
        outcomes(lists, seen_in(lists, *MOST.values()), truth, MOST)
        .group_by("budget")
        .agg(pl.col("caught").mean())
    )
    return dict(rows.iter_rows())


def test_the_best_order_catches_everybody_without_a_false_alarm(truth: Truth) -> None:
    scores = oracle(truth)
    lists = looked_at(scores, {1: 60})
    rows = outcomes(listed(scores), lists, truth, {1: 60})
    assert rows["caught"].all()
    (paid,) = cost(lists, truth, {1: 60}, WINDOW).to_dicts()
    assert paid["right"] == paid["listed"] == paid["reachable"] > 0
    assert paid["innocent"] == 0


def test_the_best_order_shows_the_newest_first() -> None:
    """One place a day, and a new insider each day, who goes on to the end."""
    began = [("theft", "insider", f"e{n}", dict.fromkeys(range(n, 12), 1)) for n in range(8)]
    truth = truth_of(*began)
    scores = oracle(truth)
    found = outcomes(listed(scores), looked_at(scores, {1: 1}), truth, {1: 1})
    assert found["days"].to_list() == [0] * 8


def test_a_random_order_catches_as_many_as_its_places_say(
    truth: Truth, presence: pl.DataFrame
) -> None:
    """Ten of 400 places a day over four days: 1 - (1 - 1/40)^4 = 9.6 % (less at the end)."""
    found = [recall(listed(luck(presence, seed), 10), truth)[10.0] for seed in range(40)]
    assert sum(found) / len(found) == pytest.approx(0.094, abs=0.015)


def test_shuffled_labels_fall_to_chance(truth: Truth) -> None:
    """A perfect list, its insiders' names exchanged for names of others."""
    rest = lists_of(
        *[(PEOPLE[100 + ago * 7 + n], ago, 4 + n) for ago in range(20) for n in range(7)]
    )
    best = listed(oracle(truth), 3)
    lists = pl.concat([best, rest])
    assert recall(lists, truth)[10.0] > 0.3
    drawn = [recall(lists, shuffled(truth, PEOPLE, seed))[10.0] for seed in range(60)]
    expected = by_chance(seen_in(lists, *MOST.values()), truth, PEOPLE, MOST)[10.0]
    assert sum(drawn) / len(drawn) == pytest.approx(expected, abs=0.01)


def test_chance_counts_the_innocent_who_were_listed_on_the_days_that_count() -> None:
    truth = truth_of(("theft", "insider", "p000", {0: 1}))
    lists = lists_of(("p000", 0, 1), ("p001", 0, 2), ("p001", 1, 2), ("p002", 3, 5), ("p003", 4, 1))
    people = PEOPLE[:11]
    assert by_chance(seen_in(lists, 2, 5), truth, people, {1: 2, 5: 5}) == {1: 0.1, 5: 0.2}


def test_nobody_guilty_is_blamed_when_labels_are_shuffled(truth: Truth) -> None:
    guilty = set(truth.campaigns["user_id"])
    blamed = shuffled(truth, PEOPLE, 3)
    assert not guilty & set(blamed.campaigns["user_id"])
    assert blamed.events.height == truth.events.height
    assert set(blamed.events["user_id"]) == set(blamed.campaigns["user_id"])


def test_equal_seeds_blame_the_same_people(truth: Truth) -> None:
    one, two, other = (shuffled(truth, PEOPLE, seed).campaigns for seed in (1, 1, 2))
    assert one.equals(two)
    assert not one.equals(other)


def test_luck_gives_each_person_and_day_a_score_of_its_own(presence: pl.DataFrame) -> None:
    scores = luck(presence, 1)
    assert scores["score"].n_unique() == presence.height
    assert scores.filter(pl.col("day") == day(0)).height == len(PEOPLE)
