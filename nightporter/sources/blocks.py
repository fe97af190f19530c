"""Decompressed bytes cut at line ends, with the exact number of each block's first line.

Knows lines, not records: a reader may give back the start of a record that goes on.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate
from typing import Any

from nightporter.sources.compression import CutArchiveError
from nightporter.sources.parsed import Reject

MARK = b"\xef\xbb\xbf"
BLOCK = 16 << 20
LONG_LINE = 1 << 20
# A line beyond this is not even held: its first megabyte is kept, the raw file has the rest.
GIANT_LINE = 16 << 20


@dataclass
class Block:
    """Whole lines. `closed`: nothing follows directly, so nothing may be given back."""

    data: bytes
    first_line: int
    closed: bool = False
    rejects: list[Reject] = field(default_factory=list)
    unread: int = 0

    @property
    def lines(self) -> int:
        """Physical lines; the last may lack its end."""
        return len(self.raw_lines)

    @cached_property
    def raw_lines(self) -> "Lines":
        """The bytes of each physical line, without its end."""
        return Lines(self.data)

    def skip_mark(self) -> None:
        """Take a byte order mark off the front of a file."""
        if self.first_line == 1:
            self.data = self.data.removeprefix(MARK)

    def drop(self, size: int) -> bytes:
        """Take `size` bytes, whole lines, off the front; ask for lines afterwards."""
        taken, self.data = self.data[:size], self.data[size:]
        self.first_line += _count(taken)
        return taken


class Lines(Sequence[bytes]):
    """The lines of a block: a few that are asked for are looked up, more are cut all at once."""

    _STRIDE = 1 << 16
    _FEW = 200

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._asked = 0

    def __len__(self) -> int:
        return self._ends[-1] + _unended(self._data)

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._all)

    def __getitem__(self, row: Any) -> Any:
        self._asked += 1
        if self._asked > self._FEW:
            return self._all[row]
        start = self._start(row)
        end = self._data.find(b"\n", start)
        return self._data[start:] if end < 0 else self._data[start:end]

    @cached_property
    def _all(self) -> list[bytes]:
        return self._data.removesuffix(b"\n").split(b"\n")

    @cached_property
    def _ends(self) -> list[int]:
        """The number of line ends before each stride."""
        starts = range(0, len(self._data), self._STRIDE)
        counts = (self._data.count(b"\n", at, at + self._STRIDE) for at in starts)
        return [0, *accumulate(counts)]

    def _start(self, row: int) -> int:
        """Return where line `row`, counted from 0, starts: behind as many line ends."""
        if not row:
            return 0
        stride = bisect_left(self._ends, row) - 1
        at = stride * self._STRIDE
        for _ in range(row - self._ends[stride]):
            at = self._data.find(b"\n", at) + 1
        return at


class Blocks:
    """The blocks of one file, in order; `lines` is the number of physical lines so far."""

    def __init__(self, pieces: Iterator[bytes], size: int = BLOCK) -> None:
        self._pieces = pieces
        self._size = size
        self._held = b""
        self._ended = False
        self._cut: CutArchiveError | None = None
        self.lines = 0
        # The number of the file's last line, once it is known that no line end follows it.
        self.unended: int | None = None

    def __iter__(self) -> Iterator[Block]:
        while not self._ended:
            self._fill(len(self._held) + self._size)
            yield from self._whole_lines()
        if self._cut:
            yield self._refused(self._cut.reason, self._cut.detail, self._held[:LONG_LINE])

    def _fill(self, target: int) -> None:
        parts, size = [self._held], len(self._held)
        while size < target and not self._ended:
            piece = self._next_piece()
            parts.append(piece)
            size += len(piece)
        self._held = b"".join(parts)

    def _next_piece(self) -> bytes:
        try:
            return next(self._pieces)
        except StopIteration:
            self._ended = True
        except CutArchiveError as cut:
            self._ended, self._cut = True, cut
        return b""

    def _whole_lines(self) -> Iterator[Block]:
        whole = self._ended and not self._cut
        cut = len(self._held) if whole else self._held.rfind(b"\n") + 1
        if not cut and len(self._held) > GIANT_LINE:
            yield self._giant()
            return
        data, self._held = self._held[:cut], self._held[cut:]
        at = 0
        while (long := _long_line(data, at)) is not None:
            yield from self._block(data[at : long[0]], closed=True)
            yield self._too_long(data[long[0] : long[1]], long[1] - long[0])
            at = long[1] + 1
        yield from self._block(data[at:] if at else data, closed=self._ended)

    def _block(self, data: bytes, closed: bool) -> Iterator[Block]:
        if not data:
            return
        block = Block(data, self.lines + 1, closed)
        if self._ended and not self._held and not data.endswith(b"\n"):
            self.unended = block.first_line + data.count(b"\n")
        yield block
        if block.unread:
            read = data[: len(data) - block.unread]
            self._held = data[len(read) :] + self._held
            self.lines += _count(read)
        else:
            self.lines = block.first_line - 1 + block.lines

    def _refused(self, reason: str, detail: str, raw: bytes) -> Block:
        self.lines += 1
        return Block(b"", self.lines, True, [Reject(self.lines, reason, detail, raw)])

    def _giant(self) -> Block:
        kept, size, self._held = self._held[:LONG_LINE], len(self._held), b""
        while not self._ended:
            piece = self._next_piece()
            end = piece.find(b"\n")
            size += len(piece) if end < 0 else end
            if end >= 0:
                self._held = piece[end + 1 :]
                break
        return self._too_long(kept, size)

    def _too_long(self, raw: bytes, size: int) -> Block:
        """Refuse a line: how much is kept of it depends on its size, not on where it lies."""
        detail = f"{size:,} bytes in one line"
        if size > GIANT_LINE:
            raw, detail = raw[:LONG_LINE], f"{detail}; the first {LONG_LINE:,} are kept here"
        return self._refused("line_too_long", detail, raw)


def _count(data: bytes) -> int:
    return data.count(b"\n") + _unended(data)


def _unended(data: bytes) -> bool:
    return bool(data) and not data.endswith(b"\n")


def _long_line(data: bytes, at: int) -> tuple[int, int] | None:
    """Return where the first line over LONG_LINE bytes starts and ends, from `at` on."""
    while len(data) - at > LONG_LINE:
        near = data.rfind(b"\n", at, at + LONG_LINE + 1)
        if near < 0:
            end = data.find(b"\n", at)
            return at, len(data) if end < 0 else end
        at = near + 1
    return None
