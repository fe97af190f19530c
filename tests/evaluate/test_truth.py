"""truth/ as a workspace tells it: read once, and what is wrong in it said with its place."""

from pathlib import Path

import polars as pl
import pytest
from evaluate.frames import day, truth_of

from nightporter.errors import NightporterError
from nightporter.evaluate.truth import read_truth

SAID = truth_of(
    ("theft", "insider", "=cmd|'eve'", {0: 2, 3: 1}), ("fair", "lookalike", "bo", {5: 0})
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "truth").mkdir()
    SAID.campaigns.write_csv(tmp_path / "truth" / "campaigns.csv")
    SAID.events.write_parquet(tmp_path / "truth" / "events.parquet")
    return tmp_path


def test_what_is_written_is_read(root: Path) -> None:
    read = read_truth(root)
    assert read.campaigns.equals(SAID.campaigns)
    assert read.events.equals(SAID.events)


def test_days_that_count_are_those_of_deeds_and_three_after_each() -> None:
    counted = SAID.of("insider").counted().sort("day")
    assert counted["day"].to_list() == [day(n) for n in range(7)]
    assert SAID.since(day(1)).campaigns["user_id"].to_list() == ["bo"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda c: c.drop("kind"), "no column 'kind'"),
        (lambda c: c.with_columns(kind=pl.lit("hero")), "kind 'hero' is not known"),
        (lambda c: pl.concat([c, c]), "stands there twice"),
        (lambda c: c.with_columns(first_day=pl.lit("soon")), "conversion from"),
        (lambda c: c.head(0), "is not in campaigns.csv"),
        (lambda c: c.with_columns(user_id=pl.lit(None)), "campaigns.csv:2: user_id is empty"),
    ],
    ids=["column", "kind", "twice", "day", "stranger", "nobody"],
)
def test_a_wrong_table_is_refused_with_its_place(root: Path, change, said: str) -> None:
    path = root / "truth" / "campaigns.csv"
    change(SAID.campaigns).write_csv(path)
    with pytest.raises(NightporterError) as error:
        read_truth(root)
    assert said in str(error.value)
    assert "truth" in str(error.value)


def test_without_truth_there_is_nothing_to_compare_with(tmp_path: Path) -> None:
    with pytest.raises(NightporterError, match="no truth"):
        read_truth(tmp_path)
