"""What a run that crashed has added of a file is known for that, whatever becomes of the file."""

import gzip
from pathlib import Path

import pytest

from nightporter.config import Settings
from nightporter.lake import Lake
from tests.sources.feeds import csv_of, event, rows, take, workspace, write

HALF = csv_of(event(1), event(1), b"x", event(2))
# Sorted before the file that is half loaded.
FIRST = csv_of(event(9))


def crash(made: Settings, monkeypatch: pytest.MonkeyPatch, table: str) -> None:
    """Load, and die as soon as `table` has its part."""
    how = "append" if table == "loads" else "adopt"
    commit = getattr(Lake, how)

    def dying(lake: Lake, name: str, *rest: object) -> None:
        commit(lake, name, *rest)
        if name == table:
            raise RuntimeError("power cut")

    with monkeypatch.context() as patch:
        patch.setattr(Lake, how, dying)
        with pytest.raises(RuntimeError, match="power cut"):
            take(made)


def accounted(made: Settings) -> tuple[int, int, int]:
    """Return events, rejects and events by day as the loads tell them; the lake holds as many."""
    loads = rows(made, "loads")
    days = sum(day["events"] for days in loads["days"] for day in days)
    assert (loads["accepted"].sum(), loads["rejected"].sum()) == (
        len(rows(made)),
        len(rows(made, "rejects")),
    )
    return int(loads["accepted"].sum()), int(loads["rejected"].sum()), days


@pytest.mark.parametrize("table", ["rejects", "badge"])
def test_a_file_that_was_packed_after_a_crash_is_no_copy_of_what_the_crash_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, table: str
) -> None:
    made = workspace(tmp_path)
    path = write(tmp_path, "a.csv", HALF)
    crash(made, monkeypatch, table)
    path.unlink()
    write(tmp_path, "a.csv.gz", gzip.compress(HALF, mtime=0))
    take(made)
    assert accounted(made) == (3, 1, 3)


def test_a_second_crash_does_not_hide_what_the_first_one_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = workspace(tmp_path)
    write(tmp_path, "a.csv", HALF)
    crash(made, monkeypatch, "badge")
    write(tmp_path, "0.csv", FIRST)
    # Each file is a batch: the first is loaded, and the other's turn never comes.
    monkeypatch.setattr("nightporter.ingest._BATCH_LINES", 1)
    crash(made, monkeypatch, "loads")
    take(made)
    assert accounted(made) == (4, 1, 4)
