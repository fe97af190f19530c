"""A corrected mapping reads files again: old events go, new ones come, whatever crashes."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from nightporter.config import Settings
from nightporter.lake import Lake
from nightporter.schema import TABLES
from nightporter.sources.again import note_again
from tests.sources.feeds import BADGE, csv_of, event, lake_of, rows, take, workspace, write

CORRECTED = BADGE + '[feed.values.action]\nentry = "exit"\nodd = "denied"\n'
ODD = b"2024-05-01 10:00:00,b1,d1,odd,in"


def read_once(root: Path) -> None:
    made = workspace(root)
    write(root, "a.csv", csv_of(event(1), event(1), b"x", ODD))
    write(root, "b.csv", csv_of(event(1), event(2), event(60)))
    take(made)


def corrected(root: Path) -> Settings:
    return workspace(root, CORRECTED)


def state(made: Settings) -> list[list[tuple[object, ...]]]:
    tables = [rows(made, table).drop("ingested_at") for table in ("badge", "rejects", "loads")]
    return [sorted(table.rows(), key=repr) for table in tables]


def never_read_otherwise(root: Path) -> list[list[tuple[object, ...]]]:
    made = corrected(root)
    write(root, "a.csv", csv_of(event(1), event(1), b"x", ODD))
    write(root, "b.csv", csv_of(event(1), event(2), event(60)))
    take(made)
    return state(made)


def test_files_read_again_are_as_if_never_read_otherwise(tmp_path: Path) -> None:
    read_once(tmp_path / "one")
    made = corrected(tmp_path / "one")
    assert take(made).loaded == 0
    again = note_again(made, made.feed[0], lake_of(made))
    assert again.days == (date(2024, 5, 1), date(2024, 5, 2))
    assert take(made).loaded == 2
    assert set(rows(made)["action"]) == {"exit", "denied"}
    assert state(made) == never_read_otherwise(tmp_path / "other")
    assert take(made).loaded == 0


_COMMITS = {"delete": 3, "append": 4, "adopt": 2}
STEPS = [(method, n) for method, times in _COMMITS.items() for n in range(times)]


@pytest.mark.parametrize(("method", "nth"), STEPS, ids=[f"{m} {n}" for m, n in STEPS])
@pytest.mark.parametrize("after", [True, False], ids=["after", "before"])
def test_a_crash_at_any_commit_is_finished_by_the_next_load(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: str, nth: int, after: bool
) -> None:
    read_once(tmp_path / "one")
    made = corrected(tmp_path / "one")
    note_again(made, made.feed[0], lake_of(made))
    with monkeypatch.context() as patch:
        patch.setattr(Lake, method, crashing(getattr(Lake, method), nth, after))
        with pytest.raises(RuntimeError, match="power cut"):
            take(made)
    take(made)
    assert state(made) == never_read_otherwise(tmp_path / "other")


@pytest.mark.parametrize("nth", [0, 1], ids=["rejects", "events"])
def test_what_a_crash_left_is_read_by_the_mapping_of_the_next_load(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, nth: int
) -> None:
    german = BADGE.replace("[feed.fields]", 'stamp = "%d.%m.%Y %H:%M:%S"\n[feed.fields]')
    made = workspace(tmp_path, german)
    write(tmp_path, "a.csv", csv_of(event(1), event(2), b"01.05.2024 10:00:00,b1,d1,entry,in"))
    with monkeypatch.context() as patch:
        patch.setattr(Lake, "adopt", crashing(Lake.adopt, nth, after=True))
        with pytest.raises(RuntimeError, match="power cut"):
            take(made)
    assert take(workspace(tmp_path)).accepted == 2
    assert rows(made)["line"].to_list() == [2, 3]
    assert rows(made, "rejects")["line"].to_list() == [4]


def crashing(commit: object, nth: int, after: bool) -> object:
    calls = iter(range(100))

    def crash(*given: object) -> None:
        if (this := next(calls) == nth) and not after:
            raise RuntimeError("power cut")
        commit(*given)  # type: ignore[operator]
        if this:
            raise RuntimeError("power cut")

    return crash


def test_a_file_that_is_gone_keeps_its_events(tmp_path: Path) -> None:
    made = workspace(tmp_path)
    write(tmp_path, "a.csv", csv_of(event(1)))
    write(tmp_path, "b.csv", csv_of(event(2)))
    take(made)
    (tmp_path / "logs" / "a.csv").unlink()
    made = corrected(tmp_path)
    assert note_again(made, made.feed[0], lake_of(made)).gone == 1
    take(made)
    assert rows(made).sort("ts")["action"].to_list() == ["entry", "exit"]


@pytest.mark.parametrize("name", ["a.csv", "a.csv.1"], ids=["in place", "renamed"])
def test_what_a_file_held_before_it_grew_is_forgotten_with_it(tmp_path: Path, name: str) -> None:
    made = workspace(tmp_path)
    for minutes in ((1,), (1, 2), (1, 2, 3)):
        path = write(tmp_path, "a.csv", csv_of(*map(event, minutes)))
        take(made)
    path.rename(path.with_name(name))
    write(tmp_path, "other.csv", csv_of(event(4)))
    made = corrected(tmp_path)
    again = note_again(made, made.feed[0], lake_of(made))
    assert (len(again.file_ids), again.gone) == (1, 0)
    take(made)
    assert rows(made)["action"].to_list() == ["exit"] * 4


def test_days_read_again_are_no_longer_what_was_judged(tmp_path: Path) -> None:
    read_once(tmp_path)
    made, lake = corrected(tmp_path), Lake(str(tmp_path / "lake"))
    days = [date(2024, 5, 1), date(2024, 5, 2), date(2024, 5, 3)]
    judged = {"stage": "features", "status": "done", "events": 3}
    shape = TABLES["windows"].columns
    ledger = pl.DataFrame([{**dict.fromkeys(shape), **judged, "day": day} for day in days], shape)
    lake.append("windows", ledger)
    note_again(made, made.feed[0], lake)
    take(made)
    assert lake.read("windows").sort("day")["events"].to_list() == [-1, -1, 3]
