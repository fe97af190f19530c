"""Who acts like a machine stands apart: for two weeks, whatever day it is, and not for ever."""

from pathlib import Path

import pytest
from suspects import LAST, WINDOW, Row, ago, finding, holding, present, ranked

from nightporter.lake import Lake
from nightporter.risk import ranking, write_risk
from nightporter.window import Window

PEOPLE = {f"p{n}": 40 + n for n in range(50)}


def loud(user: str, days: int, events: int = 20_000, first: int = 0) -> list[Row]:
    return [
        {"user_id": user, "day": ago(n), "site": "A", "day_type": "workday", "events": events}
        for n in range(first, days)
    ]  # fmt: skip


def robots(root: Path, *rows: list[Row], day: object = LAST) -> list[str]:
    lake = holding(root, presence=[*present(PEOPLE), *(row for some in rows for row in some)])
    write_risk(lake, WINDOW)
    return sorted(lake.read("robots").filter(day=day)["user_id"])


def test_two_weeks_far_above_everybody_make_a_robot(tmp_path: Path) -> None:
    assert robots(tmp_path, loud("bot", 14)) == ["bot"]
    row = Lake(str(tmp_path)).read("robots").row(0, named=True)
    assert (row["day"], row["since"], row["events"]) == (LAST, ago(13), 20_000)
    assert row["usual"] == pytest.approx(89, abs=1)


def test_thirteen_days_do_not(tmp_path: Path) -> None:
    assert robots(tmp_path, loud("busy", 13)) == []


def test_nineteen_times_as_much_as_the_others_does_not(tmp_path: Path) -> None:
    assert robots(tmp_path, loud("busy", 40, 19 * 88)) == []


def test_one_calm_day_makes_a_person_of_it(tmp_path: Path) -> None:
    rows = [*loud("bot", 60, first=2), *loud("bot", 2, 30, first=1), *loud("bot", 1)]
    assert robots(tmp_path, rows) == []
    assert set(Lake(str(tmp_path)).read("robots")["day"]) == set(Window(ago(27), ago(2)))


def test_robots_hide_neither_each_other_nor_the_bar(tmp_path: Path) -> None:
    both = [*loud("one", 20, 5_000), *loud("two", 20, 900_000), *loud("three", 20, 80_000)]
    assert robots(tmp_path, both) == ["one", "three", "two"]


def test_a_sunday_on_which_it_is_alone_says_nothing(tmp_path: Path) -> None:
    """Of the last day there are only robots: nobody is there to compare them with."""
    people = [row for row in present(PEOPLE) if row["day"] < LAST]
    lake = holding(tmp_path, presence=[*people, *loud("bot", 40), *loud("cron", 40, 9_000)])
    write_risk(lake, WINDOW)
    assert set(lake.read("robots").filter(day=LAST)["user_id"]) == {"bot", "cron"}


def test_who_falls_silent_for_weeks_is_forgotten(tmp_path: Path) -> None:
    assert robots(tmp_path, loud("bot", 60, first=16)) == []


def accused(root: Path, days: int) -> Lake:
    """Every night a robot copies what nobody copies; ana did it once."""
    said = [finding(f"bot{n}", ago(n), user_id="bot") for n in range(days)]
    rows = [*present(PEOPLE), *loud("bot", 100)]
    return holding(root, findings=[*said, finding("ana", LAST)], presence=rows)


def test_a_robot_takes_no_place_and_no_weight_of_a_person(tmp_path: Path) -> None:
    lake = accused(tmp_path / "with", 45)
    risk = ranked(lake, Window(ago(45), LAST))
    assert set(risk["user_id"]) == {"ana"}
    assert ranking(lake, WINDOW, 10, 0.1)["user_id"].to_list() == ["ana"]
    assert set(lake.read("cases")["user_id"]) == {"ana"}
    alone = ranked(accused(tmp_path / "without", 0), Window(ago(45), LAST))
    assert risk.select("day", "risk").equals(alone.select("day", "risk"))
    night = ranked(lake, Window(LAST, LAST))
    assert night.equals(risk.filter(day=LAST)), "a night knows who was a robot before"


def test_what_became_a_robot_leaves_the_list(tmp_path: Path) -> None:
    """Its first two weeks are a person's; the list of the last day knows better."""
    said = [finding(n, ago(n), user_id="bot") for n in range(20)]
    lake = holding(tmp_path, findings=said, presence=[*present(PEOPLE), *loud("bot", 20)])
    risk = ranked(lake)
    assert risk["day"].max() == ago(7)
    assert ranking(lake, WINDOW, 10, 0.1).is_empty()
