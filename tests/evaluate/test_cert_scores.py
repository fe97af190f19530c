"""The score counts what the lists showed: checked by hand on lists that are written by hand."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from nightporter.evaluate.cert.answers import Answers
from nightporter.evaluate.cert.scores import Score, score
from nightporter.lake import Lake
from nightporter.schema import TABLES

DAY = date(2010, 6, 1)


def on(offset: int) -> date:
    return DAY + timedelta(days=offset)


def filled(table: str, *rows: dict[str, Any]) -> pl.DataFrame:
    """Rows that name only what matters here."""
    columns = TABLES[table].columns
    return pl.DataFrame([{**dict.fromkeys(columns), **row} for row in rows], schema=columns)


class Lists:
    """A lake of a thousand people in which only the ranking stands."""

    def __init__(self, root: Path) -> None:
        self.lake = Lake(str(root / "lake"))
        everybody = ({"user_id": f"p{n}", "day": DAY} for n in range(1000))
        self.lake.append("presence", filled("presence", *everybody))

    def ranked(self, offset: int, *users: str, carried: tuple[str, ...] = ()) -> None:
        """The people of one day, highest first; `carried` have no finding of the day itself."""
        rows = [
            {"user_id": user, "day": on(offset), "risk": 100.0 - at, "rank": at + 1,
             "parts": json.dumps({"last_finding": str(on(offset - (user in carried)))})}
            for at, user in enumerate(users)
        ]  # fmt: skip
        self.lake.append("risk", filled("risk", *rows))


@pytest.fixture
def lists(tmp_path: Path) -> Lists:
    return Lists(tmp_path)


def truth(*campaigns: tuple[str, str, int, int, list[tuple[int, int]]]) -> Answers:
    """(scenario, user, first, last, [(day, documents)]), days as offsets."""
    rows, deeds = [], []
    for scenario, user, first, last, done in campaigns:
        rows.append(
            {"campaign_id": user, "campaign": scenario, "kind": "insider", "user_id": user,
             "first_day": on(first), "last_day": on(last), "documents": sum(n for _, n in done)}
        )  # fmt: skip
        for at, (offset, documents) in enumerate(done):
            moment = datetime.combine(on(offset), datetime.min.time(), UTC)
            deeds.append(
                {"campaign_id": user, "feed": "file", "source": "usb", "record_id": f"{user}{at}",
                 "user_id": user, "ts": moment, "day": on(offset), "documents": documents}
            )  # fmt: skip
    return Answers(pl.DataFrame(rows), pl.DataFrame(deeds), {})


def scored(lists: Lists, answers: Answers, last: int = 20) -> Score:
    return score(lists.lake, answers, DAY, on(last))


def first_listed(result: Score, user: str) -> dict[int, Any]:
    return next(row["first_listed"] for row in result.insiders if row["user_id"] == user)


def test_a_place_beyond_the_budget_is_no_place(lists: Lists) -> None:
    lists.ranked(3, "p1", "p2", "p3", "bad")
    lists.ranked(5, "p1", "bad")
    result = scored(lists, truth(("s1", "bad", 2, 6, [(2, 4), (5, 5), (6, 7)])))
    assert result.places == {1: 1, 3: 3, 5: 5, 10: 10}
    assert first_listed(result, "bad") == {1: None, 3: on(5), 5: on(3), 10: on(3)}
    (row,) = result.insiders
    assert row["best_place"] == 2
    assert row["days"] == {1: None, 3: 3, 5: 1, 10: 1}
    # What was taken on the day of the list itself is gone by the morning.
    assert row["gone"] == {1: 16, 3: 9, 5: 4, 10: 4}
    assert result.scenarios[0]["listed"] == {1: 0, 3: 1, 5: 1, 10: 1}


@pytest.mark.parametrize(("offset", "caught"), [(1, False), (2, True), (9, True), (10, False)])
def test_a_window_goes_on_for_three_days(lists: Lists, offset: int, caught: bool) -> None:
    lists.ranked(offset, "bad")
    result = scored(lists, truth(("s1", "bad", 2, 6, [(2, 0)])))
    assert (first_listed(result, "bad")[1] is not None) == caught


def test_who_only_carries_an_earlier_finding_takes_no_place(lists: Lists) -> None:
    lists.ranked(3, "p1", "bad", "p2", carried=("p1",))
    lists.ranked(4, "bad", "p2", carried=("bad",))
    result = scored(lists, truth(("s1", "bad", 3, 4, [(3, 1), (4, 1)])))
    assert first_listed(result, "bad")[1] == on(3)
    assert (result.days[0]["listed"], result.days[0]["right"]) == (2, 1)


def test_days_are_right_where_the_person_did_something_on_them(lists: Lists) -> None:
    lists.ranked(3, "p1", "bad")
    lists.ranked(4, "bad", "p1", "p2")
    lists.ranked(5, "p3")
    done = [(3, 1), (3, 1), (5, 1), (6, 1)]
    result = scored(lists, truth(("s1", "bad", 3, 6, done), ("s1", "too", 5, 5, [(5, 1)])))
    one, three = result.days[:2]
    assert (one["listed"], one["right"], one["recall"], one["precision"]) == (3, 0, 0, 0)
    # One place on each of three days, two of which had a deed: more could not be right.
    assert one["ceiling"] == pytest.approx(2 / 3)
    assert (three["listed"], three["right"], three["deed_days"]) == (6, 1, 4)
    assert three["recall"] == pytest.approx(1 / 4)
    assert three["precision"] == pytest.approx(1 / 6)
    assert (one["innocent"], three["innocent"]) == (2, 3)


def test_the_whole_period_gives_seventy_places_in_a_thousand(lists: Lists) -> None:
    lists.ranked(3, *(f"p{n}" for n in range(69)), "bad", "late")
    lists.ranked(9, *(f"p{n}" for n in range(69)))
    result = scored(lists, truth(("s1", "bad", 3, 4, [(3, 1)]), ("s2", "late", 3, 4, [(3, 1)])))
    assert [row["whole_period"] for row in result.scenarios] == [1, 0]


def test_who_began_in_the_warm_up_is_not_scored(lists: Lists) -> None:
    lists.ranked(3, "early", "bad")
    both = truth(("s1", "early", -1, 4, [(3, 1)]), ("s1", "bad", 0, 4, [(3, 1)]))
    result = scored(lists, both)
    assert [row["user_id"] for row in result.insiders] == ["bad"]
    assert result.unscored == 1


def test_a_deed_that_no_log_holds_is_counted(lists: Lists) -> None:
    """The ids of the data set are unique in one of its files only."""
    lists.ranked(3, "bad")
    done = truth(("s1", "bad", 3, 5, [(3, 1), (4, 1), (5, 1)]))
    assert scored(lists, done).unseen == 3
    for feed, record, offset in (("device", "bad0", 3), ("file", "bad1", 4)):
        row = {"feed": feed, "record_id": record, "day": on(offset)}
        lists.lake.append("usb", filled("usb", row))
    assert scored(lists, done).unseen == 2


def test_few_people_still_have_a_list_of_one(tmp_path: Path) -> None:
    lake = Lake(str(tmp_path / "lake"))
    lake.append("presence", filled("presence", {"user_id": "a", "day": DAY}))
    assert score(lake, truth(("s1", "a", 1, 2, [(1, 1)])), DAY, on(5)).places[10] == 1
