"""Cases in the lake: findings carry their case, and nights write what one pass writes."""

import random
from pathlib import Path

import polars as pl
import pytest
from suspects import LAST, WINDOW, Row, acted, ago, finding, holding, lake_of, present, ranked

from nightporter.config.settings import RiskSection
from nightporter.lake import Lake
from nightporter.risk import write_risk
from nightporter.window import Window

TABLES = ("risk", "places", "robots", "cases")


def filed(lake: Lake) -> dict[str, str | None]:
    return dict(lake.read("findings").select("finding_id", "case_id").iter_rows())


def test_findings_about_a_certain_person_carry_the_case_and_the_six_weeks_before_it(
    tmp_path: Path,
) -> None:
    said = [
        finding("old", ago(47), level="low"), finding("before", ago(30), level="informational"),
        finding("opens", ago(5)), finding("after", ago(1)),
        finding("gone", ago(1), status="withdrawn"),
        finding("other", ago(1), user_id="bo", level="low"),
        finding("one", ago(1), user_id=None, candidates=["ana"]),
        finding("shared", ago(1), user_id=None, candidates=["ana", "bo"], level="low"),
    ]  # fmt: skip
    lake = holding(tmp_path, findings=said, presence=present())
    ranked(lake, Window(ago(50), LAST), floor=7.0)
    (case,) = lake.read("cases").to_dicts()
    assert (case["user_id"], case["opening"], case["opened"]) == ("ana", "opens", ago(5))
    assert (case["findings"], case["level"], case["status"]) == (5, "high", "open")
    named = {key for key, value in filed(lake).items() if value == case["case_id"]}
    assert named == {"before", "opens", "after", "one"}
    assert {value for key, value in filed(lake).items() if key not in named} == {None}


def test_a_second_pass_writes_no_case_and_no_finding(tmp_path: Path) -> None:
    lake = lake_of(tmp_path, ("ana", 3, "misuse", "high", None))
    before = lake.version("findings"), lake.version("cases")
    write_risk(lake, WINDOW)
    assert (lake.version("findings"), lake.version("cases")) == before


def test_what_an_analyst_said_of_a_case_stays(tmp_path: Path) -> None:
    lake = lake_of(tmp_path, ("ana", 3, "misuse", "medium", None))
    acted(lake, "verdict", "authorised")
    for _ in range(2):
        write_risk(lake, WINDOW)
        (case,) = lake.read("cases").to_dicts()
        assert (case["verdict"], case["reviewed"], case["held"]) == ("authorised", LAST, False)
        lake.replace("cases", lake.read("cases").clear(), "true")


def test_what_an_analyst_closed_is_closed_on_every_rerun_and_the_next_finding_opens_another(
    tmp_path: Path,
) -> None:
    said = [finding("a", ago(20)), finding("b", ago(4))]
    lake = holding(tmp_path, findings=said, presence=present(50, 110))
    ranked(lake, Window(ago(30), ago(10)))
    acted(lake, "status", "closed", ago(10))
    ranked(lake, Window(ago(9), LAST))
    old, new = lake.read("cases").sort("opened").to_dicts()
    assert (old["status"], old["closed"], old["level"]) == ("closed", ago(10), "high")
    assert filed(lake) == {"a": old["case_id"], "b": new["case_id"]}
    ranked(lake, Window(ago(30), LAST))
    assert lake.read("cases").sort("opened").to_dicts() == [old, new]


def test_a_case_in_somebody_s_hands_stays_when_its_list_no_longer_holds(tmp_path: Path) -> None:
    lake = lake_of(tmp_path, ("ana", 3, "misuse", "high", None))
    acted(lake, "assign", "ida")
    gone = lake.read("findings").with_columns(status=pl.lit("withdrawn"))
    lake.replace_days("findings", gone, WINDOW)
    write_risk(lake, Window(ago(3), LAST))
    assert lake.read("cases")["status"].to_list() == ["dormant"]


def test_a_withdrawn_finding_takes_its_case_along(tmp_path: Path) -> None:
    lake = lake_of(tmp_path, ("ana", 3, "misuse", "high", None), ("bo", 3, "misuse", "high", None))
    kept = lake.read("findings").with_columns(
        status=pl.when(user_id="ana").then(pl.lit("withdrawn")).otherwise("status")
    )
    lake.replace_days("findings", kept, WINDOW)
    write_risk(lake, Window(ago(3), LAST))
    status = dict(lake.read("cases").select("user_id", "status").iter_rows())
    assert status == {"ana": "withdrawn", "bo": "open"}


@pytest.mark.parametrize(("people", "places"), [(50, 3), (5_000, 5), (30_000, 10)])
def test_a_day_lists_one_in_a_thousand_at_least_three_at_most_ten(
    tmp_path: Path, people: int, places: int
) -> None:
    said = [finding(n, LAST, user_id=f"u{n}", level="medium") for n in range(20)]
    lake = holding(tmp_path, findings=said, presence=present(people, 2))
    ranked(lake, Window(ago(1), LAST))
    assert lake.read("cases").height == places


def test_who_did_nothing_on_a_day_is_not_listed_on_it(tmp_path: Path) -> None:
    """Four of a day and three places; on the next day all have faded to the same height."""
    said = [
        finding(n, ago(1), user_id=f"u{n}", tactic=f"t{n}", level="medium",
                surprise=3.4 if n else 3.2)
        for n in range(4)
    ]  # fmt: skip
    lake = holding(tmp_path, findings=said, presence=present())
    risk = ranked(lake, Window(ago(1), LAST), factors=False)
    assert risk.filter(day=LAST)["user_id"][0] == "u0"
    assert set(lake.read("cases")["user_id"]) == {"u1", "u2", "u3"}


def test_a_second_case_takes_nothing_of_the_first(tmp_path: Path) -> None:
    """The six weeks before the second listing reach into the case that was closed since."""
    said = [finding(n, ago(n), level="medium") for n in (60, 50, 10)]
    lake = holding(tmp_path, findings=said, presence=present())
    ranked(lake, Window(ago(60), ago(45)))
    acted(lake, "verdict", "authorised", ago(45))
    ranked(lake, Window(ago(44), LAST))
    old, new = lake.read("cases").sort("opened").to_dicts()
    assert (old["status"], old["closed"], new["first_day"]) == ("closed", ago(20), ago(10))
    assert filed(lake) == {"60": old["case_id"], "50": old["case_id"], "10": new["case_id"]}


def test_an_empty_list_opens_no_case(tmp_path: Path) -> None:
    lake = holding(tmp_path, findings=[finding(1, LAST, level="low")], presence=present())
    assert ranked(lake, floor=50.0).height == 1
    assert lake.read("cases").is_empty()


def story(seed: int) -> list[Row]:
    dice = random.Random(seed)
    levels = ("informational", "low", "low", "medium", "high")
    return [
        finding(n, ago(dice.randrange(60)), user_id=f"p{dice.randrange(12)}",
                tactic=dice.choice(("misuse", "collection")), level=dice.choice(levels),
                surprise=dice.uniform(0, 5))
        for n in range(60)
    ]  # fmt: skip


def test_nights_write_what_one_pass_writes(tmp_path: Path) -> None:
    people = {f"p{n}": 500 if n == 0 else 1 for n in range(12)}  # p0 becomes a robot
    one = holding(tmp_path / "one", findings=story(3), presence=present(people))
    many = holding(tmp_path / "many", findings=story(3), presence=present(people))
    tables = {"people": pl.DataFrame([{"user_id": "p3", "left": "2026-04-20 00:00:00"}])}
    ranked(one, Window(ago(60), LAST), tables=tables)
    ends = [44, 43, 19, 0]
    for last, until in zip([61, *ends], ends, strict=False):
        ranked(many, Window(ago(last - 1), ago(until)), tables=tables)
    for table in TABLES:
        assert one.read(table).sort(pl.all()).equals(many.read(table).sort(pl.all())), table
    assert filed(one) == filed(many)
    assert one.read("cases").height > 3
    assert set(one.read("robots")["user_id"]) == {"p0"}


def test_a_finding_is_in_one_case_though_an_analyst_holds_an_earlier_one_again(
    tmp_path: Path,
) -> None:
    said = [finding("a", ago(75), level="medium"), finding("b", ago(2))]
    lake = holding(tmp_path, findings=said, presence=present(50, 110))
    write_risk(lake, Window(ago(80), ago(70)), RiskSection(floor=0.1))
    acted(lake, "verdict", "authorised", ago(70))
    write_risk(lake, Window(ago(69), ago(2)), RiskSection(floor=0.1))
    first, second = lake.read("cases").sort("opened")["case_id"]
    acted(lake, "hold", case=first)
    more = pl.DataFrame([finding("c", ago(1))], schema_overrides={"day": pl.Date})
    lake.append("findings", lake.read("findings").clear().pipe(_with, more))
    for day in (ago(1), LAST):
        write_risk(lake, Window(day, day), RiskSection(floor=0.1))
        rows = sorted(lake.read("findings").select("finding_id", "case_id").rows())
        assert rows == [("a", first), ("b", second), ("c", second)]
    assert lake.read("cases").sort("opened")["findings"].to_list() == [1, 2]


def _with(shape: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    return pl.concat([shape, rows.cast({"tags": pl.List(pl.String)})], how="diagonal_relaxed")
