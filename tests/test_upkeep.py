"""A lake that grows every night stays quick to read, and takes nothing from its readers."""

import re
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from small import House
from stored import settings

from nightporter import nightly, upkeep
from nightporter.config import load
from nightporter.desk import Act, write_acts
from nightporter.engine import session
from nightporter.lake import Lake
from nightporter.schema import TABLES
from nightporter.upkeep import keep_up, tidy
from nightporter.workspace import lake_of


def said(table: str, n: int, day: int = 1) -> pl.DataFrame:
    row = {"finding_id": f"{n}", "day": date(2026, 1, day), "detector": "x", "file_id": f"{n}"}
    shape = TABLES[table].columns
    return pl.DataFrame([{column: row.get(column) for column in shape}], schema=shape)


def grown(tmp_path: Path, table: str, commits: int = 32) -> Lake:
    lake = Lake(str(tmp_path / "lake"))
    for n in range(commits):
        lake.append(table, said(table, n), (f"feed/{n}", 1))
    return lake


@pytest.mark.parametrize("table", ["loads", "findings"], ids=["without days", "with days"])
def test_many_small_files_become_one_and_say_the_same(tmp_path: Path, table: str) -> None:
    lake = grown(tmp_path, table)
    before = lake.read(table)
    assert tidy(lake, table)
    assert len(lake.files(table)) == 1
    assert lake.read(table).equals(before)
    assert lake.committed(table, "feed/7") == 1


def test_a_short_file_does_not_make_a_table_look_small(tmp_path: Path) -> None:
    """DuckDB plans by one file: if it takes events for few, it hashes them for every register."""
    lake = Lake(str(tmp_path))
    for rows in (1, 3000, 2000, 4000, 1):
        lake.append("loads", pl.concat([said("loads", 0)] * rows))
    with session() as con:
        lake.view(con, "loads")
        ((_, plan),) = con.execute("EXPLAIN SELECT file_id FROM loads").fetchall()
    (guess,) = re.findall(r"~([\d,]+) rows", plan)[-1:]
    assert 3000 < int(guess.replace(",", "")) < 30_000


def test_a_reader_keeps_the_files_it_was_named(tmp_path: Path) -> None:
    lake = grown(tmp_path, "loads")
    named = lake.files("loads")
    tidy(lake, "loads")
    assert len(named) == 32 and all(Path(file).exists() for file in named)


def test_what_was_replaced_more_than_a_week_ago_is_deleted(tmp_path: Path) -> None:
    lake = grown(tmp_path, "findings", 1)
    first = lake.files("findings")
    for n in range(32):
        lake.replace("findings", said("findings", n), "day = '2026-01-01'")
    for entry in Path(lake.place("findings"), "_delta_log").glob("*.json"):
        aged = re.sub(r'("deletionTimestamp":)\d+', r"\g<1>1700000000000", entry.read_text("utf-8"))
        entry.write_text(aged, "utf-8")
    assert tidy(lake, "findings")
    assert not Path(first[0]).exists()
    assert lake.read("findings")["finding_id"].to_list() == ["31"]


def test_only_the_days_with_many_files_are_rewritten(tmp_path: Path) -> None:
    lake = grown(tmp_path, "findings")
    lake.append("findings", said("findings", 99, day=2))
    (alone,) = [file for file in lake.files("findings") if "day=2026-01-02" in file]
    tidy(lake, "findings")
    assert alone in lake.files("findings") and len(lake.files("findings")) == 2


def test_the_files_of_a_held_day_stay_as_they_are(tmp_path: Path) -> None:
    lake = grown(tmp_path, "findings")
    for n in range(6):
        lake.append("findings", said("findings", 90 + n, day=2))
    mine = {file for file in lake.files("findings") if "day=2026-01-02" in file}
    assert tidy(lake, "findings", {date(2026, 1, 2)})
    assert mine < set(lake.files("findings")) and len(lake.files("findings")) == 7


def test_a_table_whose_turn_has_not_come_is_left_alone(tmp_path: Path) -> None:
    lake = grown(tmp_path, "loads", 20)
    assert not tidy(lake, "loads")
    assert len(lake.files("loads")) == 20
    lake = grown(tmp_path, "loads", 20)
    assert tidy(lake, "loads") and not tidy(lake, "loads")


def test_a_lake_that_cannot_be_tidied_is_a_problem_and_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake = grown(tmp_path, "loads", 1)

    def full(lake: Lake, table: str, held: object) -> bool:
        raise OSError("no space left on device")

    monkeypatch.setattr(upkeep, "tidy", full)
    (problem,) = keep_up(settings(), lake)
    assert problem.exit_code == 5 and "was not tidied" in str(problem)


def test_a_night_leaves_the_days_of_held_cases_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house, asked = House(tmp_path, monkeypatch), []
    lake, day = lake_of(load(tmp_path)), date(2026, 1, 2)
    write_acts(lake, [Act("lena", "hold", "c1", "ana", days=(day,))], [])
    monkeypatch.setattr(nightly, "keep_up", lambda *said: asked.append(said[2:]) or [])
    house.night("2026-01-10")
    assert asked == [(frozenset({day}),)]
