"""The bytes inside a raw file, whatever its name says: plain, gzip or zstd, by their first bytes.

Knows nothing of lines.
"""

import zlib
from collections.abc import Callable, Iterator
from typing import BinaryIO, Protocol

import zstandard

GZIP = b"\x1f\x8b"
ZSTD = b"\x28\xb5\x2f\xfd"
# Compressed bytes handed on at once. A bomb can grow them 1,032-fold (gzip) or 32,768-fold
# (zstd), so these bound one piece to tens of megabytes.
_PIECE = {GZIP: 16_384, ZSTD: 1_024}
_PLAIN = 1 << 20


class CutArchiveError(Exception):
    """The compressed bytes end too early, or stop making sense; all before was yielded."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


class _Member(Protocol):
    @property
    def eof(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, /) -> bytes: ...


def pieces(raw: BinaryIO) -> Iterator[bytes]:
    """Yield the decompressed bytes of `raw` in order; raise CutArchiveError where they break."""
    start = raw.read(4)
    if start.startswith(GZIP):
        return _members(raw, start, _PIECE[GZIP], lambda: zlib.decompressobj(31))
    if start == ZSTD:
        window = zstandard.ZstdDecompressor(max_window_size=1 << 27)
        return _members(raw, start, _PIECE[ZSTD], window.decompressobj)
    return _plain(raw, start)


def _plain(raw: BinaryIO, data: bytes) -> Iterator[bytes]:
    while data:
        yield data
        data = raw.read(_PLAIN)


def _members(
    raw: BinaryIO, data: bytes, size: int, start: Callable[[], _Member]
) -> Iterator[bytes]:
    while data:
        member = start()
        yield from _member(raw, member, data, size)
        # Some writers pad the last member with zeros.
        data = member.unused_data.lstrip(b"\0")
        while not data and (more := raw.read(size)):
            data = more.lstrip(b"\0")


def _member(raw: BinaryIO, member: _Member, data: bytes, size: int) -> Iterator[bytes]:
    while True:
        try:
            out = member.decompress(data)
        except (zlib.error, zstandard.ZstdError) as error:
            raise CutArchiveError("corrupt_archive", f"the archive is damaged: {error}") from None
        if out:
            yield out
        if member.eof:
            return
        data = raw.read(size)
        if not data:
            raise CutArchiveError("truncated_archive", "the archive ends before its end mark")
