"""A file that grew, and whose earlier lines read otherwise now: each line stands once, as it is."""

import logging
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from nightporter.config import Settings
from nightporter.ingest import ingest_feed
from nightporter.lake import Lake
from nightporter.schema import TABLES
from tests.sources.feeds import BADGE, NOW, csv_of, event, lake_of, rows, take, workspace, write
from tests.sources.test_again import CORRECTED, crashing

MAY = [date(2024, 5, day) for day in (1, 2)]


def grown(root: Path, toml: str = CORRECTED) -> Settings:
    """Read three lines one by one as they come, then a fourth under another configuration."""
    made = workspace(root)
    for minutes in ((1,), (1, 2), (1, 2, 60)):
        write(root, "a.csv", csv_of(*map(event, minutes)))
        take(made)
    write(root, "a.csv", csv_of(*map(event, (1, 2, 60, 61))))
    return workspace(root, toml)


def alone(root: Path, toml: str = CORRECTED) -> list[tuple[object, ...]]:
    made = workspace(root, toml)
    write(root, "a.csv", csv_of(*map(event, (1, 2, 60, 61))))
    take(made)
    return said(made)


def said(made: Settings) -> list[tuple[object, ...]]:
    loads = rows(made, "loads")
    assert loads["accepted"].sum() == len(rows(made))
    assert sum(day["events"] for days in loads["days"] for day in days) == len(rows(made))
    return sorted(rows(made).drop("file_id", "ingested_at").rows(), key=repr)


ZONE = BADGE.replace("Europe/Berlin", "Asia/Tokyo")
NOON = BADGE.replace('"Europe/Berlin"', '"Europe/Berlin"\nday_starts = "12:00"')


@pytest.mark.parametrize("toml", [CORRECTED, ZONE, NOON], ids=["mapping", "zone", "day_starts"])
def test_lines_that_read_otherwise_now_replace_what_stood_there(tmp_path: Path, toml: str) -> None:
    made = grown(tmp_path / "one", toml)
    load = take(made)
    assert (load.accepted, load.duplicates) == (4, 0)
    assert said(made) == alone(tmp_path / "other", toml)
    assert take(made).loaded == 0


def test_it_is_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    made = grown(tmp_path)
    with caplog.at_level(logging.INFO, "nightporter"):
        take(made)
    assert caplog.messages == [
        f"{tmp_path / 'logs' / 'a.csv'} reads otherwise now: 3 earlier lines replaced, and their"
        " days judged again"
    ]


# Before a commit is after the one before it.
_COMMITS = {"delete": 3, "append": 3, "adopt": 1}
STEPS = [(method, n) for method, times in _COMMITS.items() for n in range(times)]


@pytest.mark.parametrize(("method", "nth"), STEPS, ids=[f"{m} {n}" for m, n in STEPS])
def test_a_crash_at_any_commit_is_healed_by_the_next_load(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: str, nth: int
) -> None:
    made = grown(tmp_path / "one")
    with monkeypatch.context() as patch:
        patch.setattr(Lake, method, crashing(getattr(Lake, method), nth, after=False))
        with pytest.raises(RuntimeError, match="power cut"):
            take(made)
    take(made)
    assert said(made) == alone(tmp_path / "other")


def test_a_line_cut_in_its_last_column_is_replaced_by_the_whole_one(tmp_path: Path) -> None:
    made = workspace(tmp_path, BADGE.replace('direction = "dir"', 'record_id = "dir"'))
    whole = csv_of(*(b"2024-05-01 10:00:00,b1,d1,entry,1000%d" % n for n in (1, 2, 3)))
    sizes = [whole.index(b"10001\n") + 6, whole.index(b"10002\n") + 3, len(whole)]
    for size in sizes:
        write(tmp_path, "a.csv", whole[:size])
        take(made)
    events = rows(made).sort("record_id")
    assert events["record_id"].to_list() == ["10001", "10002", "10003"]
    assert events["file_id"].n_unique() == 2, "the first load stands as it was"


@pytest.mark.parametrize(("days", "stand"), [(0, 4), (8, 7)])
def test_a_log_that_was_renamed_is_known_again_for_a_week(
    tmp_path: Path, days: int, stand: int
) -> None:
    made = grown(tmp_path)
    (tmp_path / "logs" / "a.csv").rename(tmp_path / "logs" / "b.csv")
    now = NOW + timedelta(days=days)
    ingest_feed(made, made.feed[0], lake_of(made), now=now)
    assert len(rows(made)) == stand


def test_days_whose_lines_read_otherwise_are_no_longer_what_was_judged(tmp_path: Path) -> None:
    made = grown(tmp_path)
    judged = {"stage": "features", "status": "done", "events": 3}
    shape = TABLES["windows"].columns
    days = [*MAY, date(2024, 5, 3)]
    ledger = pl.DataFrame([{**dict.fromkeys(shape), **judged, "day": day} for day in days], shape)
    lake_of(made).append("windows", ledger)
    take(made)
    assert lake_of(made).read("windows").sort("day")["events"].to_list() == [-1, -1, 3]


def test_what_a_held_case_stands_on_stays_and_no_line_comes_twice(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    made = grown(tmp_path)
    with caplog.at_level(logging.INFO, "nightporter"):
        load = take(made, held={MAY[1]})
    assert (load.accepted, load.duplicates) == (3, 1)
    assert rows(made).sort("ts")["action"].to_list() == ["exit", "exit", "entry", "exit"]
    assert "1 earlier line left as before: a held case stands on their days" in caplog.messages[1]
