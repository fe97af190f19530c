"""Compression is told by the first bytes; a cut archive is read as far as it goes."""

import gzip
import tracemalloc
import zlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
import zstandard

from nightporter.errors import LogError
from nightporter.sources.compression import Limits, pieces
from tests.sources.feeds import BADGE, csv_of, event, rows, take, workspace, write

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


def _packed(kind: str, megabytes: int) -> bytes:
    """An archive of a header and lines that repeat, made piece by piece."""
    packer = (
        zlib.compressobj(9, wbits=31)
        if kind == "gzip"
        else zstandard.ZstdCompressor().compressobj()
    )
    lines = (event() + b"\n") * 30_000
    parts = [packer.compress(csv_of())]
    parts += [packer.compress(lines) for _ in range(megabytes * 1_000_000 // len(lines) + 1)]
    return b"".join([*parts, packer.flush()])


@pytest.mark.parametrize("kind", ["gzip", "zstd"])
def test_a_bomb_is_refused_whole_and_the_other_files_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr("nightporter.sources.compression._HARMLESS", 4 << 20)
    made = workspace(tmp_path)
    write(tmp_path, "a.csv", _packed(kind, 6))
    write(tmp_path, "b.csv", csv_of(event(1), event(2)))
    load = take(made)
    assert (load.loaded, load.accepted, load.rejected) == (1, 2, 0)
    [bomb] = load.problems
    assert isinstance(bomb, LogError)
    assert bomb.path == tmp_path / "logs/a.csv"
    assert "the archive was refused: it grows" in str(bomb)
    assert "raise archive_ratio in [workspace]" in str(bomb)
    assert rows(made, "loads")["path"].to_list() == ["logs/b.csv"]


def test_a_small_file_may_repeat_itself_as_often_as_it_likes(tmp_path: Path) -> None:
    made = workspace(tmp_path)
    write(tmp_path, "a.csv", _packed("gzip", 2))
    assert take(made).problems == ()


def test_an_archive_that_holds_too_much_is_refused_whatever_its_ratio(tmp_path: Path) -> None:
    made = workspace(tmp_path, f'[workspace]\narchive_bytes = "1MB"\n{BADGE}')
    write(tmp_path, "a.csv", _packed("gzip", 2))
    assert "it holds more than 1,000,000 bytes" in str(take(made).problems[0])
    assert len(rows(made, "loads")) == 0


@pytest.mark.parametrize(
    "packed",
    [lambda data: gzip.compress(data), zstandard.compress],
    ids=["gzip", "zstd"],
)
def test_a_bomb_is_never_held(packed: Callable[[bytes], bytes]) -> None:
    bomb = packed(bytes(300 << 20))
    tracemalloc.start()
    try:
        with pytest.raises(LogError, match="grows"):
            for _ in pieces(BytesIO(bomb), Limits(200, 10**12)):
                pass
        assert tracemalloc.get_traced_memory()[1] < 80 << 20
    finally:
        tracemalloc.stop()
