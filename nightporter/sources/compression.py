"""The bytes inside a raw file, whatever its name says: plain, gzip or zstd, by their first bytes.

An archive that grows beyond all measure is refused while it grows. Knows nothing of lines.
"""

import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, Protocol

import zstandard

from nightporter.errors import LogError

GZIP = b"\x1f\x8b"
ZSTD = b"\x28\xb5\x2f\xfd"
# Compressed bytes handed on at once. A bomb can grow them 1,032-fold (gzip) or 32,768-fold
# (zstd), so these bound one piece to tens of megabytes.
_PIECE = {GZIP: 16_384, ZSTD: 1_024}
_PLAIN = 1 << 20
# Below it a ratio says nothing: a few lines repeated in a small file harm nobody.
_HARMLESS = 256 << 20


class CutArchiveError(Exception):
    """The compressed bytes end too early, or stop making sense; all before was yielded."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True)
class Limits:
    """How large what comes out of an archive may get: as a multiple of its own size, and at all."""

    ratio: int
    size: int

    def check(self, packed: int, unpacked: int) -> None:
        """Raise LogError for an archive that grew too large."""
        grown = unpacked / packed
        if unpacked > self.size:
            said = f"it holds more than {self.size:,} bytes"
            hint = "split it, or raise archive_bytes in [workspace]"
        elif unpacked > _HARMLESS and grown > self.ratio:
            said = f"it grows {grown:,.0f} times, to more than {unpacked:,} bytes"
            hint = "no log does that; if this one is real, raise archive_ratio in [workspace]"
        else:
            return
        raise LogError(f"the archive was refused: {said}", hint=f"nothing of it is loaded; {hint}")


class _Member(Protocol):
    @property
    def eof(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, /) -> bytes: ...


def pieces(raw: BinaryIO, limits: Limits) -> Iterator[bytes]:
    """Yield the decompressed bytes of `raw` in order; raise CutArchiveError where they break.

    Raises LogError for an archive that grows beyond `limits`.
    """
    start = raw.read(4)
    if start.startswith(GZIP):
        counted = _Counted(raw, len(start))
        members = _members(counted, start, _PIECE[GZIP], lambda: zlib.decompressobj(31))
        return _bounded(members, counted, limits)
    if start == ZSTD:
        window = zstandard.ZstdDecompressor(max_window_size=1 << 27)
        counted = _Counted(raw, len(start))
        members = _members(counted, start, _PIECE[ZSTD], window.decompressobj)
        return _bounded(members, counted, limits)
    return _plain(raw, start)


@dataclass
class _Counted:
    """A file that knows how many of its bytes were read."""

    raw: BinaryIO
    taken: int

    def read(self, size: int) -> bytes:
        data = self.raw.read(size)
        self.taken += len(data)
        return data


def _bounded(members: Iterator[bytes], counted: _Counted, limits: Limits) -> Iterator[bytes]:
    unpacked = 0
    for piece in members:
        unpacked += len(piece)
        limits.check(counted.taken, unpacked)
        yield piece


def _plain(raw: BinaryIO, data: bytes) -> Iterator[bytes]:
    while data:
        yield data
        data = raw.read(_PLAIN)


def _members(
    raw: _Counted, data: bytes, size: int, start: Callable[[], _Member]
) -> Iterator[bytes]:
    while data:
        member = start()
        yield from _member(raw, member, data, size)
        # Some writers pad the last member with zeros.
        data = member.unused_data.lstrip(b"\0")
        while not data and (more := raw.read(size)):
            data = more.lstrip(b"\0")


def _member(raw: _Counted, member: _Member, data: bytes, size: int) -> Iterator[bytes]:
    while True:
        before = member.copy() if hasattr(member, "copy") else None
        try:
            out = member.decompress(data)
        except (zlib.error, zstandard.ZstdError) as error:
            yield from _readable(before, data)
            raise CutArchiveError("corrupt_archive", f"the archive is damaged: {error}") from None
        if out:
            yield out
        if member.eof:
            return
        data = raw.read(size)
        if not data:
            raise CutArchiveError("truncated_archive", "the archive ends before its end mark")


def _readable(member: _Member | None, data: bytes) -> Iterator[bytes]:
    """Yield what comes before the damage; zlib itself drops it with the piece that is damaged."""
    for at in range(len(data) if member else 0):
        try:
            yield member.decompress(data[at : at + 1])  # type: ignore[union-attr]
        except zlib.error:
            return
