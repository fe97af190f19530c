"""The ranking: tactics, repetition, rarity, and who is never cut."""

import json
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest
from suspects import LAST, WINDOW, lake_of

from nightporter.lake import Lake
from nightporter.risk import ranking, write_risk
from nightporter.schema import TABLES
from nightporter.window import Window


def listed(lake: Lake, size: int = 10, floor: float = 0.1) -> list[str]:
    return ranking(lake, WINDOW, size, floor)["user_id"].to_list()


def test_two_tactics_weigh_more_than_one_twice(tmp_path: Path) -> None:
    lake = lake_of(
        tmp_path,
        ("one", 0, "collection", "high", None),
        ("one", 0, "collection", "high", None),
        ("two", 0, "collection", "high", None),
        ("two", 0, "exfiltration", "high", None),
    )
    assert listed(lake) == ["two", "one"]


def test_a_finding_every_night_outweighs_one_wild_night(tmp_path: Path) -> None:
    nights = [("patient", ago, "exfiltration", "high", None) for ago in range(20)]
    lake = lake_of(tmp_path, *nights, ("wild", 0, "collection", "high", 10.0))
    assert listed(lake) == ["patient", "wild"]


def test_a_rule_that_fires_on_everybody_says_little_about_anybody(tmp_path: Path) -> None:
    common = [(f"p{n}", ago, "misuse", "high", None) for n in range(40) for ago in range(20)]
    among_all = ranking(lake_of(tmp_path / "all", *common), WINDOW, 1, 0.1)["risk"][0]
    alone = ranking(lake_of(tmp_path / "one", *common[:20]), WINDOW, 1, 0.1)["risk"][0]
    assert among_all < alone / 3


def test_a_low_rule_cannot_shout_and_a_high_one_cannot_whisper(tmp_path: Path) -> None:
    lake = lake_of(
        tmp_path, ("loud", 0, "misuse", "low", 10.0), ("quiet", 0, "presence", "critical", 0.1)
    )
    assert listed(lake) == ["quiet", "loud"]


def test_what_is_long_ago_fades(tmp_path: Path) -> None:
    lake = lake_of(
        tmp_path, ("old", 27, "misuse", "high", None), ("new", 0, "presence", "high", None)
    )
    rows = lake.read("risk", Window(LAST, LAST)).sort("rank").to_dicts()
    assert [row["user_id"] for row in rows] == ["new", "old"]
    assert json.loads(rows[1]["parts"])["today"] == 0
    assert rows[1]["risk"] < rows[0]["risk"] / 10


def test_a_high_finding_is_never_cut_and_the_floor_holds_for_the_rest(tmp_path: Path) -> None:
    lake = lake_of(
        tmp_path,
        *[(f"m{n}", ago, "misuse", "medium", None) for n in range(3) for ago in range(9)],
        ("grave", 0, "presence", "high", 0.1),
        ("slight", 0, "collection", "informational", None),
    )
    found = ranking(lake, WINDOW, 3, 2.0)
    assert found["user_id"].to_list()[:3] == ["m0", "m1", "m2"]
    assert "grave" in found["user_id"].to_list()
    assert "slight" not in found["user_id"].to_list()


@pytest.mark.parametrize("status", ["withdrawn", "suppressed"])
def test_only_open_findings_count(tmp_path: Path, status: str) -> None:
    lake = lake_of(tmp_path, ("ana", 0, "misuse", "high", None))
    kept = lake.read("findings").with_columns(status=pl.lit(status))
    lake.replace_days("findings", kept, WINDOW)
    write_risk(lake, WINDOW)
    assert listed(lake) == []


def test_risk_of_a_day_reads_no_later_day(tmp_path: Path) -> None:
    said = [("ana", ago, "misuse", "high", 3.0) for ago in (9, 5, 2)]
    lake = lake_of(tmp_path, *said, ("bo", 1, "misuse", "high", 5.0))
    whole = lake.read("risk").filter(pl.col("day") <= LAST - timedelta(days=3))
    earlier = lake_of(tmp_path / "earlier", *said[:2])
    then = earlier.read("risk").filter(pl.col("day") <= LAST - timedelta(days=3))
    assert whole.sort("day", "user_id").equals(then.sort("day", "user_id"))


def test_a_critical_finding_is_listed_however_low_its_risk(tmp_path: Path) -> None:
    common = [(f"p{n}", 0, "misuse", "critical", None) for n in range(45)]
    found = ranking(lake_of(tmp_path, *common), WINDOW, 3, 50.0)
    assert found.height == 45
    assert set(found["listed_by"]) == {"level"}


def test_those_who_may_have_done_it_share_the_risk_and_stand_on_the_list(tmp_path: Path) -> None:
    lake = lake_of(tmp_path, ("ana", 0, "misuse", "high", None))
    shared = lake.read("findings").with_columns(
        user_id=pl.lit(None, pl.String), candidates=pl.lit(["ana", "bo"])
    )
    alone = ranking(lake, WINDOW, 3, 0.1)["risk"][0]
    lake.replace_days("findings", shared, WINDOW)
    write_risk(lake, WINDOW)
    found = ranking(lake, WINDOW, 3, 0.1)
    assert found["user_id"].to_list() == ["ana", "bo"]
    assert found["risk"][0] < alone


def test_a_high_finding_about_one_of_several_lists_nobody_by_itself(tmp_path: Path) -> None:
    lake = lake_of(tmp_path, ("ana", 0, "misuse", "high", None))
    shared = lake.read("findings").with_columns(
        user_id=pl.lit(None, pl.String), candidates=pl.lit(["ana", "bo"])
    )
    lake.replace_days("findings", shared, WINDOW)
    write_risk(lake, WINDOW)
    assert listed(lake, floor=100.0) == []
    lake.replace_days("findings", shared.with_columns(candidates=pl.lit(["ana"])), WINDOW)
    assert listed(lake, floor=100.0) == ["ana"]


def test_a_finding_that_nobody_else_has_is_as_rare_as_the_organisation_is_large(
    tmp_path: Path,
) -> None:
    """50 people for 60 days: one among 3,001 person-days is 10^-3.48."""
    lake = lake_of(tmp_path, ("ana", 0, "misuse", "critical", 10.0))
    parts = json.loads(lake.read("risk", Window(LAST, LAST))["parts"][0])
    assert parts["today"] == pytest.approx(3.4773, abs=0.001)


def test_a_weak_second_sign_never_makes_a_strong_one_weaker(tmp_path: Path) -> None:
    lake = lake_of(
        tmp_path,
        ("one", 0, "presence", "high", None),
        ("two", 0, "presence", "high", None),
        ("two", 0, "presence", "informational", None),
    )
    second = pl.DataFrame({"finding_id": ["2"], "detector": ["d"], "source": ["badge"]})
    shape = TABLES["evidence"].columns
    missing = {name: pl.lit(None, kind) for name, kind in shape.items() if name not in second}
    lake.append("evidence", second.with_columns(**missing).with_columns(day=pl.lit(LAST)))
    write_risk(lake, WINDOW)
    risk = dict(lake.read("risk", Window(LAST, LAST)).select("user_id", "risk").iter_rows())
    assert risk["two"] >= risk["one"]
