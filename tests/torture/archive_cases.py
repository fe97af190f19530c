"""Hostile archives and hostile Parquet: cut, damaged, disguised, grown beyond measure."""

import gzip
import io
import zlib
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as parquet
import zstandard

from tests.sources.feeds import ACCESS, csv_of, event
from tests.torture.case import Case, Feed
from tests.torture.delimited_cases import DOORS

# Long enough that what was read before a cut is more than nothing.
MANY = csv_of(*(event(n, f"b{n * 7919 % 1000}") for n in range(3_000)))
ALL = range(2, 3_002)
PACKED, ZSTD = gzip.compress(MANY, mtime=0), zstandard.ZstdCompressor().compress(MANY)
# zstd gives blocks of 128 KB, whole or not at all.
LARGE = csv_of(*(event(n, f"b{n * 7919 % 1000}") for n in range(12_000)))
TWO = gzip.compress(csv_of(event(1)), mtime=0) + gzip.compress(event(2) + b"\n", mtime=0)
# 8 MB in each of 40 members: 320 MB from 320 KB.
BOMB = gzip.compress(csv_of(), mtime=0) + 40 * gzip.compress(b"0" * 8_000_000, mtime=0)


def _packed(name: str, data: bytes, plain: bytes, **due: Any) -> Case:
    return Case(f"archive: {name}", DOORS, data, plain=plain, header=1, **due)


def _whole(name: str, data: bytes) -> Case:
    return _packed(name, data, MANY, accepted=ALL)


def _broken(name: str, data: bytes, plain: bytes, reason: str = "truncated_archive") -> Case:
    """What could be read is kept; all the rest is one reject."""
    lines = plain.count(b"\n")
    return _packed(name, data, plain, accepted=range(2, lines + 1), rejected=[(lines + 1, reason)])


def _unpacked(data: bytes) -> bytes:
    return zlib.decompressobj(31).decompress(data)


def _unpacked_zstd(data: bytes) -> bytes:
    return zstandard.ZstdDecompressor().decompressobj().decompress(data)


def _wrong_sum(data: bytes) -> bytes:
    return data[:-8] + bytes([data[-8] ^ 1]) + data[-7:]


HALF = PACKED[: len(PACKED) // 2]
LARGE_ZSTD = zstandard.ZstdCompressor().compress(LARGE)
MOST_ZSTD = LARGE_ZSTD[: len(LARGE_ZSTD) * 3 // 4]
ARCHIVES = [
    _whole("gzip that is called .csv", PACKED),
    _whole("zstd that is called .csv", ZSTD),
    _whole("gzip padded with zeros", PACKED + b"\0" * 512),
    _packed("gzip of two members", TWO, csv_of(event(1), event(2)), accepted=(2, 3)),
    _broken("gzip cut in the middle", HALF, _unpacked(HALF)),
    _broken("gzip without its end mark", PACKED[:-8], MANY),
    _broken("gzip with a wrong sum", _wrong_sum(PACKED), MANY, "corrupt_archive"),
    _broken("gzip with garbage after it", PACKED + b"garbage", MANY, "corrupt_archive"),
    _broken("gzip cut in its second member", TWO[:-12], csv_of(event(1)) + _unpacked(
        gzip.compress(event(2) + b"\n", mtime=0)[:-12])),
    _broken("zstd cut after three quarters", MOST_ZSTD, _unpacked_zstd(MOST_ZSTD)),
    Case("archive: mere first bytes of one", DOORS, b"\x1f\x8b", plain=b"",
         rejected=[(1, "truncated_archive")], problem="no line of it could be read"),
    Case("archive: nonsense after first bytes of one", DOORS, b"\x1f\x8b" + b"nonsense",
         rejected=[(1, "corrupt_archive")], plain=b"", problem="no line of it could be read"),
    Case("archive: bomb", DOORS, BOMB, refused="the archive was refused: it grows"),
]  # fmt: skip
STAMP = "2024-05-01T10:00:00Z"


def _table(**columns: list[Any]) -> bytes:
    file = io.BytesIO()
    given = {"time": [STAMP], "who": ["ana"], "op": ["READ"], "size": [1], **columns}
    parquet.write_table(pa.table(given), file)
    return file.getvalue()


def _rows(**columns: list[Any]) -> bytes:
    """Return what rejects of a Parquet file hold: its rows as JSON."""
    names, rows = list(columns), zip(*columns.values(), strict=True)
    return b"".join(orjson.dumps(dict(zip(names, row, strict=True))) + b"\n" for row in rows)


TABLES = Feed(ACCESS.replace("ndjson", "parquet"), _table(who=["before"]), _table(who=["after"]))
SOUND = _table()
SIZES = {"time": [STAMP] * 3, "who": ["a", "b", None], "op": ["READ"] * 3, "size": ["1", "x", "2"]}
NUMBERS = {"time": [17, 18], "who": [1, 2], "op": [True, False], "size": [1, 2]}
PARQUET = [
    Case("Parquet: damaged end", TABLES, SOUND[:-9] + b"\xff" * 9,
         refused="cannot be read as Parquet"),
    Case("Parquet: damaged page", TABLES, b"PAR1" + b"\xff" * 60 + SOUND[64:],
         refused="cannot be read as Parquet"),
    Case("Parquet: cut in the middle", TABLES, SOUND[: len(SOUND) // 2],
         refused="cannot be read as Parquet"),
    Case("Parquet: text", TABLES, csv_of(event(1)), refused="cannot be read as Parquet"),
    Case("Parquet: empty file", TABLES, b"", refused="cannot be read as Parquet"),
    Case("Parquet: without a column", TABLES, _table().replace(b"time", b"tome"),
         refused="has no column 'time'"),
    Case("Parquet: no rows", TABLES, _table(**{name: [] for name in SIZES}), plain=b""),
    Case("Parquet: texts where numbers are due", TABLES, _table(**SIZES), plain=_rows(**SIZES),
         accepted=[1], rejected=[(2, "bad_number"), (3, "no_subject")]),
    Case("Parquet: numbers where texts are due", TABLES, _table(**NUMBERS), plain=_rows(**NUMBERS),
         rejected=[(1, "bad_stamp"), (2, "bad_stamp")], problem="no line of it could be read"),
]  # fmt: skip
CASES = [*ARCHIVES, *PARQUET]
