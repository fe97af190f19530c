"""Compression is told by the first bytes; a cut archive is read as far as it goes."""

import gzip
from pathlib import Path

import pytest
import zstandard

from tests.sources.feeds import csv_of, event, rows, take, workspace, write

PLAIN = csv_of(*map(event, range(200)))
PACKED = {
    "gzip": gzip.compress(PLAIN),
    "gzip in two members": gzip.compress(PLAIN[:100]) + gzip.compress(PLAIN[100:]),
    "gzip padded": gzip.compress(PLAIN) + b"\0" * 512,
    "zstd": zstandard.compress(PLAIN),
    "zstd in two frames": zstandard.compress(PLAIN[:100]) + zstandard.compress(PLAIN[100:]),
}


@pytest.mark.parametrize("packed", PACKED.values(), ids=PACKED)
def test_archives_are_read_whatever_their_name(tmp_path: Path, packed: bytes) -> None:
    made = workspace(tmp_path)
    write(tmp_path, "a.csv", packed)
    assert take(made).accepted == 200


@pytest.mark.parametrize("left", [5, 12, 200, -1], ids=str)
@pytest.mark.parametrize("kind", ["gzip", "gzip in two members", "zstd", "zstd in two frames"])
def test_a_cut_archive_is_read_as_far_as_it_goes(tmp_path: Path, kind: str, left: int) -> None:
    made = workspace(tmp_path)
    write(tmp_path, "a.csv", PACKED[kind][:left])
    load = take(made)
    assert load.rejected == 1
    assert rows(made, "rejects")["reason"].to_list() == ["truncated_archive"]
    assert load.lines == load.accepted + 1
    [raw] = rows(made, "rejects")["raw"]
    lines = PLAIN.split(b"\n")
    assert lines[rows(made, "rejects")["line"][0] - 1].startswith(raw)


def test_a_damaged_archive_is_one_reject(tmp_path: Path) -> None:
    made = workspace(tmp_path)
    write(tmp_path, "a.csv", b"\x1f\x8b" + b"nonsense" * 9)
    load = take(made)
    assert rows(made, "rejects")["reason"].to_list() == ["corrupt_archive"]
    assert len(load.problems) == 1


def test_a_bomb_of_one_line_stays_small(tmp_path: Path) -> None:
    made = workspace(tmp_path)
    write(tmp_path, "a.csv", gzip.compress(csv_of(event()) + b"0" * (60 << 20) + b"\n" + event(1)))
    load = take(made)
    assert (load.accepted, load.rejected) == (2, 1)
    [(line, reason, size)] = (
        rows(made, "rejects")
        .select("line", "reason", rows(made, "rejects")["raw"].bin.size())
        .rows()
    )
    assert (line, reason, size) == (3, "line_too_long", 1 << 20)
    assert "62,914,560 bytes in one line" in rows(made, "rejects")["detail"][0]
