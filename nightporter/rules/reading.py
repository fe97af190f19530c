"""One detector file, read: frame, header, SELECT, cases, in this order; no other file."""

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, TypeVar

from nightporter.errors import DetectorError, did_you_mean
from nightporter.rules.allowed import DERIVED, allowed
from nightporter.rules.cases import read_case
from nightporter.rules.detector import SCANNED, TACTICS, Case, Detector, Header, Query
from nightporter.rules.header import fields, key_fault, read_header
from nightporter.rules.sheet import Block, Sheet, checked, read_sheet
from nightporter.schema import SOURCES

_WORDS = ("detector", "fires", "silent")
# Columns that the engine reads rather than shows.
KEYS = ("day", "happened_at")
# How many days of raw events a detector may read before the scanned day.
REACH = {"access": 7, "usb": 35, "badge": 35}
ID = "small letters, digits, underscores"
T = TypeVar("T")


def read_detector(path: Path) -> Detector:
    """Return the detector in the file `path`; raise DetectorError at its first fault."""
    return parse(read_sheet(path))


@lru_cache(maxsize=1000)
def parse(sheet: Sheet) -> Detector:
    """Return the detector that `sheet` holds; who runs many nights reads each text once."""
    read = draft(sheet)
    if read.faults:
        raise read.faults[0]
    assert read.header is not None and read.query is not None
    version = _version(sheet, read.header)
    return Detector(
        sheet.path.stem,
        sheet.path.parent.name,
        sheet.path,
        sheet.text,
        version,
        read.header,
        read.query,
        tuple(read.cases),
    )


@dataclass
class Draft:
    """What could be read of a file, part by part, and every fault that was met, in that order."""

    sheet: Sheet
    header_block: Block | None = None
    words: dict[str, Any] = field(default_factory=dict)
    header: Header | None = None
    query: Query | None = None
    cases: list[Case] = field(default_factory=list)
    faults: list[DetectorError] = field(default_factory=list)

    def part(self, read: Callable[..., T], *given: object) -> T | None:
        """Return what `read` returns, None if it raises a fault, which is kept."""
        try:
            return read(*given)
        except DetectorError as fault:
            self.faults.append(fault)
            return None


def draft(sheet: Sheet) -> Draft:
    """Read every part of `sheet` that can be read; what cannot is a fault, and no exception."""
    read = Draft(sheet)
    if read.part(checked, sheet) is None:
        return read
    read.faults += _place_faults(sheet)
    blocks = read.part(sheet.blocks)
    if blocks is None:
        return read
    if not blocks or blocks[0].word != "detector":
        hint = "the file starts with a line `-- /// detector`"
        read.faults.append(sheet.fault("the header is missing", 1, hint))
        return read
    read.header_block = blocks[0]
    read.words, faults = read_header(sheet, blocks[0])
    read.faults += faults
    read.header = None if faults else Header(**read.words)
    read.query = read.part(allowed, sheet)
    if read.query is not None:
        read.faults += _reach_faults(sheet, blocks[0], read.words, read.query)
        read.faults += _column_faults(sheet, blocks[0], read.words, read.query)
    for block in blocks[1:]:
        if case := read.part(_case, sheet, block):
            read.cases.append(case)
    return read


def _place_faults(sheet: Sheet) -> Iterator[DetectorError]:
    tactic = sheet.path.parent.name
    if tactic not in TACTICS:
        hint = did_you_mean(tactic, TACTICS)
        yield sheet.fault(f"the folder {tactic!r} is no tactic", 1, hint)
    if not is_id(sheet.path.stem):
        yield sheet.fault(f"the file's name is its id: {ID}", 1)


def is_id(name: str) -> bool:
    """Tell whether a detector can be called `name`."""
    return name.isidentifier() and name.islower()


def _case(sheet: Sheet, block: Block) -> Case:
    if block.word not in ("fires", "silent"):
        hint = did_you_mean(block.word, _WORDS)
        raise sheet.fault(f"no block is called {block.word!r}", block.line, hint)
    return read_case(sheet, block)


def _reach_faults(
    sheet: Sheet, block: Block, words: dict[str, Any], query: Query
) -> Iterator[DetectorError]:
    fault = partial(key_fault, sheet, block, "lookback")
    for table, reach in REACH.items():
        if table in query.tables and words.get("lookback", 0) > reach:
            hint = "a longer reach goes through user_day and seen"
            yield fault(f'raw {table} reaches back "{reach}d" at most', hint)
    dated = query.tables & {*SOURCES, *DERIVED}
    if words.get("lookback") and dated and dated <= SCANNED:
        hint = 'lookback = "0d": what it says of a day knows the past by itself'
        yield fault(f"{min(dated)} holds only the scanned days", hint)


def _column_faults(
    sheet: Sheet, block: Block, words: dict[str, Any], query: Query
) -> Iterator[DetectorError]:
    if query.columns is None:
        return
    for key, names in (
        ("says", fields(words.get("says", ""))),
        ("about", words.get("about", ("user_id",))),
    ):
        for name in names:
            if name not in query.columns:
                hint = did_you_mean(name, query.columns)
                yield key_fault(sheet, block, key, f"the SELECT returns no column {name!r}", hint)
    if not set(KEYS) & set(query.columns):
        yield sheet.fault("the SELECT returns neither day nor happened_at", block.line)


def _version(sheet: Sheet, header: Header) -> str:
    """Hash what can change a finding: the SQL without comments, and what findings copy."""
    sql = "".join(_parts(sheet.text)).strip().rstrip(";").strip()
    said = (header.title, header.level, header.tags, header.lookback, header.says, header.about)
    return hashlib.sha256(repr((sql, said)).encode()).hexdigest()[:12]


_PIECE = re.compile(
    r"""(?<=\b[eE])'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*'|"(?:[^"]|"")*"  # E'it\'s'
    |(?<![\w$])\$(\w*)\$.*?\$\1\$  # $$it's$$
    |--[^\n]*|/\*.*?\*/|\s+|[^\s'"/$-]+|.""",
    re.DOTALL | re.VERBOSE,
)


def _parts(text: str) -> Iterator[str]:
    """Yield the SQL of `text` in pieces, each run of blanks and comments as one blank."""
    last = " "
    for found in _PIECE.finditer(text):
        piece = found[0]
        blank = piece.isspace() or piece.startswith(("--", "/*"))
        if not blank or last != " ":
            last = " " if blank else piece
            yield last
