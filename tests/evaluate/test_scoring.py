"""Lists against the truth, each figure computed by hand."""

import random
from datetime import timedelta

import polars as pl
import pytest
from evaluate.frames import day, lists_of, scores_of, seen_in, truth_of

from nightporter.evaluate.lists import alone, listed, looked_at, places, ranks_alone
from nightporter.evaluate.scoring import cost, outcomes
from nightporter.intervals import wilson
from nightporter.window import Window

WINDOW = Window(day(0), day(9))


def found(lists: pl.DataFrame, deeds: dict[int, int], most: int = 1) -> dict[str, object]:
    """What one insider, eve, and a list of `most` places come to."""
    truth = truth_of(("theft", "insider", "eve", deeds))
    (row,) = outcomes(lists, seen_in(lists, most), truth, {1: most}).to_dicts()
    return row


@pytest.mark.parametrize(
    ("hits", "cases", "low", "high"),
    [
        (8, 10, 0.4902, 0.9433),  # Wilson 1927; the values of R's binom.confint
        (0, 10, 0.0, 0.2775),
        (10, 10, 0.7225, 1.0),
        (90, 100, 0.8256, 0.9448),
        (1, 2, 0.0945, 0.9055),
        (0, 0, 0.0, 1.0),
    ],
)
def test_the_interval_is_wilsons(hits: int, cases: int, low: float, high: float) -> None:
    assert wilson(hits, cases) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(
    ("people", "budget", "expected"),
    [(2000, 1, 2), (2000, 5, 10), (150, 1, 1), (150, 10, 2), (1499, 1, 1), (1500, 1, 2)],
)
def test_a_budget_is_so_many_places_for_a_thousand_and_at_least_one(
    people: int, budget: int, expected: int
) -> None:
    assert places(people, [budget]) == {budget: expected}


def test_a_list_holds_the_highest_scores_of_each_day() -> None:
    scores = scores_of(("ana", 0, 1.0), ("bo", 0, 3.0), ("eve", 0, 2.0), ("ana", 1, 0.5))
    assert sorted(listed(scores, 2).rows()) == sorted(
        lists_of(("bo", 0, 1), ("eve", 0, 2), ("ana", 1, 1)).rows()
    )


def test_a_score_of_nothing_lists_nobody() -> None:
    assert listed(scores_of(("ana", 0, 0.0)), 5).is_empty()


def seen(*said: tuple[str, int, float], most: int = 1) -> list[tuple[str, int]]:
    lists = looked_at(scores_of(*said), {1: most})
    assert lists["most"].unique().to_list() in ([most], [])
    return [(user, (at - day(0)).days) for user, at in lists.select("user_id", "day").rows()]


def test_who_was_looked_at_leaves_the_place_to_the_next() -> None:
    said = [(who, ago, score) for ago in range(3) for who, score in (("ana", 2.0), ("bo", 1.0))]
    assert seen(*said) == [("ana", 0), ("bo", 1)]


@pytest.mark.parametrize(
    ("ago", "score", "again"),
    [(29, 14.9, False), (29, 15.0, True), (30, 10.0, True), (1, 15.0, True), (1, 10.0, False)],
)
def test_a_score_half_as_high_again_or_a_month_asks_for_another_look(
    ago: int, score: float, again: bool
) -> None:
    assert seen(("ana", 0, 10.0), ("ana", ago, score)) == [("ana", 0), *[("ana", ago)] * again]


def test_a_detector_that_did_not_speak_before_asks_for_another_look() -> None:
    days = scores_of(*[("ana", ago, 10.0) for ago in range(5)])
    said = days.with_columns(kinds=pl.Series([["a"], ["a"], ["a", "b"], ["b"], ["a"]]))
    lists = looked_at(said, {1: 1})
    assert lists["day"].to_list() == [day(0), day(2)]


def test_each_budget_has_a_reader_of_its_own() -> None:
    said = [(who, ago, score) for ago in range(2) for who, score in (("ana", 2.0), ("bo", 1.0))]
    lists = looked_at(scores_of(*said), {1: 1, 5: 2})
    assert lists.filter(most=1)["user_id"].to_list() == ["ana", "bo"]
    assert lists.filter(most=2)["day"].to_list() == [day(0), day(0)]


def test_of_two_thieves_each_has_the_place_that_the_other_would_take() -> None:
    scores = scores_of(("eve", 0, 3.0), ("kim", 0, 2.0), ("ana", 0, 1.0), ("bo", 1, 9.0))
    assert looked_at(scores, {1: 1})["user_id"].to_list() == ["eve", "bo"]
    lists = alone(scores, {1: 1}, {"eve", "kim"})
    assert lists.rows() == [("eve", day(0), 1, 1), ("kim", day(0), 1, 1)]


def test_alone_an_innocent_person_of_the_same_score_stands_before() -> None:
    scores = scores_of(("eve", 0, 2.0), ("ana", 0, 2.0))
    assert alone(scores, {1: 1}, {"eve"}).is_empty()
    assert alone(scores, {5: 2}, {"eve"})["place"].to_list() == [2]


def test_alone_an_earlier_look_is_enough_for_a_month_too() -> None:
    scores = scores_of(*[("eve", ago, 10.0) for ago in (0, 1, 29, 30)], ("eve", 2, 15.0))
    assert [at - day(0) for at in alone(scores, {1: 1}, {"eve"})["day"]] == [
        timedelta(ago) for ago in (0, 2)
    ]


@pytest.mark.parametrize("seed", range(20))
def test_a_thief_alone_is_first_listed_when_the_whole_list_of_the_house_says_so(seed: int) -> None:
    drawn = random.Random(seed)
    names = ["eve", *(f"p{n}" for n in range(12))]
    scores = scores_of(
        *[(who, ago, drawn.expovariate(1)) for ago in range(20) for who in names
          if drawn.random() < 0.3]
    )  # fmt: skip
    most = {1: 1, 3: 2}
    firsts = [
        lists.filter(pl.col("user_id") == "eve").group_by("most").agg(pl.col("day").min())
        for lists in (looked_at(scores, most), alone(scores, most, {"eve"}))
    ]
    assert firsts[0].sort("most").equals(firsts[1].sort("most"))


def test_equal_scores_do_not_list_the_same_people_every_day() -> None:
    scores = scores_of(*[(f"p{n}", ago, 1.0) for n in range(50) for ago in range(50)])
    assert listed(scores, 1)["user_id"].n_unique() > 20


@pytest.mark.parametrize("offset", [2, 3, 5])
def test_listed_on_a_day_of_a_deed_or_up_to_three_days_after_is_caught(offset: int) -> None:
    assert found(lists_of(("eve", offset, 1)), {2: 1})["caught"]


@pytest.mark.parametrize("offset", [0, 1, 6, 9])
def test_listed_before_the_first_deed_or_later_is_not_caught(offset: int) -> None:
    row = found(lists_of(("eve", offset, 1)), {2: 1})
    assert (row["caught"], row["found_on"], row["days"]) == (False, None, None)


def test_between_two_deeds_the_days_of_grace_count_and_no_others() -> None:
    deeds = {0: 1, 9: 1}
    assert found(lists_of(("eve", 3, 1)), deeds)["days"] == 3
    assert not found(lists_of(("eve", 4, 1)), deeds)["caught"]


def test_a_place_beyond_the_budget_is_no_catch() -> None:
    lists = lists_of(("eve", 2, 4), ("eve", 3, 6))
    truth = truth_of(("theft", "insider", "eve", {2: 1}))
    found = outcomes(lists, seen_in(lists, 3, 4), truth, {1: 3, 5: 4})
    rows = found.select("budget", "caught", "best_place").rows()
    assert rows == [(1.0, False, 4), (5.0, True, 4)]


def test_who_else_is_listed_catches_nobody() -> None:
    assert not found(lists_of(("ana", 2, 1)), {2: 1})["caught"]


def test_what_is_gone_counts_to_the_end_of_the_listed_day() -> None:
    deeds = {0: 10, 2: 30, 4: 60}
    row = found(lists_of(("eve", 4, 1), ("eve", 2, 1)), deeds)
    assert (row["found_on"], row["days"], row["gone"]) == (day(2), 2, 0.4)


def test_whoever_is_never_listed_takes_everything() -> None:
    assert found(lists_of(), {0: 10})["gone"] == 1.0


def test_of_a_campaign_that_takes_no_document_nothing_is_gone() -> None:
    assert found(lists_of(("eve", 0, 1)), {0: 0})["gone"] is None
    assert found(lists_of(), {0: 0})["gone"] is None


def paid(lists: pl.DataFrame, *said: tuple, most: int = 2) -> dict[str, object]:
    (row,) = cost(seen_in(lists, most), truth_of(*said), {1: most}, WINDOW).to_dicts()
    return row


def test_each_place_of_the_lists_is_accounted_for() -> None:
    """Six places: two right, one too early, one of a look-alike, two of the same innocent, who
    stands on days that could have been eve's."""
    lists = lists_of(
        ("eve", 1, 1), ("eve", 2, 1), ("eve", 3, 1),
        ("mig", 2, 2), ("bo", 4, 1), ("bo", 5, 1), ("bo", 6, 3),
    )  # fmt: skip
    row = paid(
        lists, ("theft", "insider", "eve", {2: 1}), ("migration", "lookalike", "mig", {1: 0})
    )
    assert row == {
        "budget": 1.0, "listed": 6, "right": 2, "reachable": 2, "early": 1, "lookalike": 1,
        "innocent": 4, "innocent_people": 3,
    }  # fmt: skip


def test_the_ceiling_leaves_out_who_was_just_looked_at() -> None:
    """One place a day goes to bo; eve's days are 2 to 5, and on day 3 somebody looked at her."""
    lists = lists_of(*[("bo", offset, 1) for offset in (2, 4, 5)], ("eve", 3, 1))
    row = paid(lists, ("theft", "insider", "eve", {2: 1}))
    assert (row["listed"], row["right"], row["reachable"]) == (4, 1, 2)


def test_an_insider_listed_long_after_the_deed_is_neither_right_nor_innocent() -> None:
    row = paid(lists_of(("eve", 8, 1)), ("theft", "insider", "eve", {0: 1}))
    assert (row["listed"], row["right"], row["innocent"]) == (1, 0, 0)


def test_the_ceiling_is_what_the_best_order_of_as_many_places_would_reach() -> None:
    """Three guilty on days 0 to 3: two places are filled on day 0, one on day 1, one on day 8."""
    guilty = [("theft", "insider", name, {0: 1}) for name in ("eve", "kim", "lou")]
    lists = lists_of(("ana", 0, 1), ("bo", 0, 2), ("ana", 1, 1), ("ana", 8, 1))
    row = paid(lists, *guilty)
    assert (row["listed"], row["reachable"], row["right"]) == (4, 3, 0)


def test_places_outside_the_tested_days_do_not_count() -> None:
    assert paid(lists_of(("bo", 10, 1)), ("theft", "insider", "eve", {2: 1}))["listed"] == 0


def test_a_days_place_that_is_right_is_not_a_look_alikes() -> None:
    row = paid(
        lists_of(("eve", 2, 1)),
        ("theft", "insider", "eve", {2: 1}),
        ("migration", "lookalike", "eve", {2: 0}),
    )
    assert (row["right"], row["lookalike"]) == (1, 0)


def test_a_thiefs_best_place_is_among_those_who_are_none() -> None:
    ranks = lists_of(("eve", 1, 1), ("ana", 1, 2), ("kim", 1, 3), ("lou", 1, 4), ("eve", 2, 1))
    found = ranks_alone(ranks, {"eve", "kim", "lou"}).sort("day", "user_id")
    assert found.rows() == [("eve", day(1), 1), ("kim", day(1), 2), ("lou", day(1), 2),
                            ("eve", day(2), 1)]  # fmt: skip
