"""Files that grow, turn or are replaced between two nights: every new line comes in, once."""

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

from nightporter.ingest import FeedLoad
from tests.sources.feeds import ACCESS, BADGE, csv_of, event, rows, take, workspace, write


def _json(*minutes: int) -> bytes:
    line = '{{"time": "2024-05-01T10:{:02}:00Z", "who": "ana", "op": "READ"}}\n'
    return "".join(line.format(minute) for minute in minutes).encode()


def _csv(*minutes: int) -> bytes:
    return csv_of(*map(event, minutes))


def _members(*minutes: int) -> bytes:
    """gzip as a service appends to it: a member for each line."""
    header, *lines = _csv(*minutes).splitlines(keepends=True)
    return gzip.compress(header, mtime=0) + b"".join(gzip.compress(e, mtime=0) for e in lines)


def _packed(*minutes: int) -> bytes:
    return gzip.compress(_csv(*minutes), mtime=0)


Written = Callable[..., bytes]
FORMATS = {
    "csv": (BADGE, _csv), "ndjson": (ACCESS, _json),
    "gzip packed anew": (BADGE, _packed), "gzip of members": (BADGE, _members),
}  # fmt: skip
# What half a last line of each becomes; half of a gzip is an archive that ends too early.
CUTS = {
    "csv": (BADGE, _csv, "truncated_line"), "ndjson": (ACCESS, _json, "truncated_line"),
    "gzip of members": (BADGE, _members, "truncated_archive"),
}  # fmt: skip


def _counts(load: FeedLoad) -> tuple[int, int, int]:
    return load.accepted, load.duplicates, load.rejected


@pytest.mark.parametrize(("toml", "written"), FORMATS.values(), ids=FORMATS)
def test_a_file_that_grew_brings_only_its_new_lines(
    tmp_path: Path, toml: str, written: Written
) -> None:
    made = workspace(tmp_path, toml)
    write(tmp_path, "a", written(1, 1, 2))
    assert _counts(take(made)) == (3, 0, 0)
    write(tmp_path, "a", written(1, 1, 2, 1, 3))
    assert _counts(take(made)) == (2, 3, 0)
    assert sorted(rows(made)["ts"].dt.minute()) == [1, 1, 1, 2, 3]


@pytest.mark.parametrize(("toml", "written", "reason"), CUTS.values(), ids=CUTS)
def test_half_a_last_line_comes_in_once_it_is_whole(
    tmp_path: Path, toml: str, written: Written, reason: str
) -> None:
    made = workspace(tmp_path, toml)
    write(tmp_path, "a", written(1, 2)[:-20])
    assert _counts(take(made)) == (1, 0, 1)
    assert rows(made, "rejects")["reason"].to_list() == [reason]
    write(tmp_path, "a", written(1, 2, 3))
    assert _counts(take(made)) == (2, 1, 0)
    assert sorted(rows(made)["ts"].dt.minute()) == [1, 2, 3]


def test_a_last_line_that_only_gets_its_end_is_no_new_event(tmp_path: Path) -> None:
    made = workspace(tmp_path)
    write(tmp_path, "a.csv", _csv(1, 2)[:-1])
    assert _counts(take(made)) == (2, 0, 0)
    write(tmp_path, "a.csv", _csv(1, 2))
    assert _counts(take(made)) == (0, 2, 0)


@pytest.mark.parametrize(("toml", "written"), FORMATS.values(), ids=FORMATS)
def test_a_file_that_was_renamed_is_known_by_its_content(
    tmp_path: Path, toml: str, written: Written
) -> None:
    made = workspace(tmp_path, toml)
    path = write(tmp_path, "a", written(1, 2))
    take(made)
    path.rename(path.with_name("a.1"))
    load = take(made)
    assert (load.files, load.loaded, load.lines) == (1, 0, 0)


@pytest.mark.parametrize(("toml", "written"), FORMATS.values(), ids=FORMATS)
def test_a_new_file_in_the_place_of_a_renamed_one_is_loaded_alone(
    tmp_path: Path, toml: str, written: Written
) -> None:
    made = workspace(tmp_path, toml)
    path = write(tmp_path, "a", written(1, 2))
    take(made)
    path.rename(path.with_name("a.1"))
    write(tmp_path, "a", written(3))
    load = take(made)
    assert (load.files, load.loaded, *_counts(load)) == (2, 1, 1, 0, 0)
    assert rows(made, "loads")["path"].to_list() == ["logs/a", "logs/a"]


def test_a_file_that_grew_before_it_was_packed_away_brings_only_its_new_lines(
    tmp_path: Path,
) -> None:
    made = workspace(tmp_path)
    path = write(tmp_path, "a", _csv(1, 2))
    take(made)
    path.unlink()
    write(tmp_path, "a.1.gz", _packed(1, 2, 3))
    write(tmp_path, "a", _csv(4))
    assert _counts(take(made)) == (2, 2, 0)
    assert sorted(rows(made)["ts"].dt.minute()) == [1, 2, 3, 4]


def test_a_file_replaced_under_the_same_name_is_a_new_load_and_takes_nothing_away(
    tmp_path: Path,
) -> None:
    made = workspace(tmp_path)
    write(tmp_path, "a.csv", _csv(1, 2))
    take(made)
    write(tmp_path, "a.csv", _csv(2, 5))
    assert _counts(take(made)) == (1, 1, 0)
    assert sorted(rows(made)["ts"].dt.minute()) == [1, 2, 5]
    assert rows(made, "loads")["file_id"].n_unique() == 2


def test_a_file_that_shrank_brings_nothing_and_takes_nothing_away(tmp_path: Path) -> None:
    made = workspace(tmp_path)
    write(tmp_path, "a.csv", _csv(1, 2, 3))
    take(made)
    write(tmp_path, "a.csv", _csv(1))
    assert _counts(take(made)) == (0, 1, 0)
    assert sorted(rows(made)["ts"].dt.minute()) == [1, 2, 3]
