"""The lines of a detector file and the blocks that its comments frame.

A block starts with `-- /// word` and ends with `-- ///`; knows nothing of what is inside.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from pathlib import Path

from nightporter.errors import DetectorError
from nightporter.hostile import CONTROL

LONGEST = 500_000
_FENCE = re.compile(r"--\s*///(?:\s+(?P<word>[^\s:]+)\s*:?\s*(?P<rest>.*))?\s*$")
# Characters that make a reader see other text than the machine does: all but the tab that move a
# cursor, turn the direction of writing or are not seen; and half a character, which only escapes
# can write.
UNSEEN = re.compile(rf"(?!\t){CONTROL.pattern}")


@dataclass(frozen=True)
class Block:
    """What stands between two fences, without the comment sign; `line` is the first fence's."""

    word: str
    rest: str
    line: int
    lines: tuple[str, ...]

    def __iter__(self) -> Iterator[tuple[int, str]]:
        return iter(enumerate(self.lines, self.line + 1))


@dataclass(frozen=True)
class Sheet:
    """The text of one file, able to point at its own lines."""

    path: Path
    text: str

    @cached_property
    def lines(self) -> list[str]:
        return [line.removesuffix("\r") for line in self.text.split("\n")]

    @cached_property
    def _ends(self) -> list[int]:
        """Return how many bytes there are up to the end of each line."""
        return list(accumulate(len(line.encode()) + 1 for line in self.text.split("\n")))

    def line_at(self, position: int) -> int | None:
        """Return the line of the byte at `position`, None for what lies beyond the text."""
        return bisect_right(self._ends, position) + 1 if position < self._ends[-1] else None

    def fault(
        self, message: str, line: int | None = None, hint: str | None = None
    ) -> DetectorError:
        """Return the error that shows `line`."""
        lines = self.lines
        shown = lines[line - 1] if line and line <= len(lines) else None
        return DetectorError(message, path=self.path, line=line, text=shown, hint=hint)

    def blocks(self) -> list[Block]:
        """Return the blocks in order; raise DetectorError for one that never ends."""
        blocks: list[Block] = []
        start: int | None = None
        for number, line in enumerate(self.lines, 1):
            fence = _FENCE.match(line)
            if fence is None:
                if start is not None and not line.startswith("--"):
                    hint = f"the block from line {start} ends with a line `-- ///`"
                    raise self.fault("a block holds comment lines only", number, hint)
            elif start is not None and fence["word"] is None:
                blocks.append(self._block(start, number))
                start = None
            elif start is not None:
                raise self.fault(f"the block before it, line {start}, lacks its `-- ///`", number)
            elif fence["word"] is None:
                raise self.fault("this ends a block, but none is open", number)
            else:
                start = number
        if start is not None:
            raise self.fault("the block lacks its end, a line `-- ///`", start)
        return blocks

    def _block(self, first: int, last: int) -> Block:
        fence = _FENCE.match(self.lines[first - 1])
        assert fence is not None
        inner = (line.removeprefix("--").rstrip() for line in self.lines[first : last - 1])
        lines = tuple(line.removeprefix(" ") for line in inner)
        return Block(fence["word"], fence["rest"].strip(), first, lines)


def read_sheet(path: Path) -> Sheet:
    """Read a file as UTF-8; refuse what a reader could not see as it is."""
    try:
        raw = path.read_bytes()
        text = raw.decode("utf-8-sig")
    except OSError as error:
        raise DetectorError(f"cannot be read: {error.strerror}", path=path) from None
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise DetectorError("this line is not UTF-8", path=path, line=line) from None
    return checked(Sheet(path, text))


def checked(sheet: Sheet) -> Sheet:
    """Return `sheet` unless it is huge or holds characters that deceive its reader."""
    if len(sheet.text) > LONGEST:
        raise sheet.fault(f"{len(sheet.text)} characters are more than a detector has")
    for number, line in enumerate(sheet.lines, 1):
        if found := UNSEEN.search(line):
            raise sheet.fault(f"an invisible character U+{ord(found[0]):04X} in the line", number)
    return sheet
