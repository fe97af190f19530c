"""One detector file, read: frame, header, SELECT, cases, in this order; no other file."""

import hashlib
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from nightporter.errors import did_you_mean
from nightporter.rules.allowed import DERIVED, allowed
from nightporter.rules.cases import read_case
from nightporter.rules.detector import SCANNED, TACTICS, Case, Detector, Header, Query
from nightporter.rules.header import fields, read_header
from nightporter.rules.sheet import Block, Sheet, checked, read_sheet
from nightporter.schema import SOURCES

_WORDS = ("detector", "fires", "silent")
# Columns that the engine reads rather than shows.
KEYS = ("day", "happened_at")
# How many days of raw events a detector may read before the scanned day.
REACH = {"access": 7, "usb": 35, "badge": 35}


def read_detector(path: Path) -> Detector:
    """Return the detector in the file `path`; raise DetectorError at its first fault."""
    return parse(read_sheet(path))


@lru_cache(maxsize=1000)
def parse(sheet: Sheet) -> Detector:
    """Return the detector that `sheet` holds; who runs many nights reads each text once."""
    checked(sheet)
    tactic = sheet.path.parent.name
    if tactic not in TACTICS:
        hint = did_you_mean(tactic, TACTICS)
        raise sheet.fault(f"the folder {tactic!r} is no tactic", 1, hint)
    if not sheet.path.stem.isidentifier() or not sheet.path.stem.islower():
        raise sheet.fault("the file's name is its id: small letters, digits, underscores", 1)
    blocks = sheet.blocks()
    header = _header(sheet, blocks)
    query = allowed(sheet)
    _check_reach(sheet, blocks[0], header, query)
    _check_columns(sheet, blocks[0], header, query)
    cases = tuple(_case(sheet, block) for block in blocks[1:])
    version = _version(sheet, header)
    name = sheet.path.stem
    return Detector(name, tactic, sheet.path, sheet.text, version, header, query, cases)


def _header(sheet: Sheet, blocks: list[Block]) -> Header:
    if not blocks or blocks[0].word != "detector":
        hint = "the file starts with a line `-- /// detector`"
        raise sheet.fault("the header is missing", 1, hint)
    return read_header(sheet, blocks[0])


def _case(sheet: Sheet, block: Block) -> Case:
    if block.word not in ("fires", "silent"):
        hint = did_you_mean(block.word, _WORDS)
        raise sheet.fault(f"no block is called {block.word!r}", block.line, hint)
    return read_case(sheet, block)


def _check_reach(sheet: Sheet, block: Block, header: Header, query: Query) -> None:
    for table, reach in REACH.items():
        if table in query.tables and header.lookback > reach:
            line = _line_of(block, "lookback")
            hint = "a longer reach goes through user_day and seen"
            raise sheet.fault(f'raw {table} reaches back "{reach}d" at most', line, hint)
    dated = query.tables & {*SOURCES, *DERIVED}
    if header.lookback and dated and dated <= SCANNED:
        line = _line_of(block, "lookback")
        hint = 'lookback = "0d": what it says of a day knows the past by itself'
        raise sheet.fault(f"{min(dated)} holds only the scanned days", line, hint)


def _line_of(block: Block, key: str) -> int:
    return next((n for n, text in block if text.startswith(key)), block.line)


def _check_columns(sheet: Sheet, block: Block, header: Header, query: Query) -> None:
    if query.columns is None:
        return
    for key, names in (("says", fields(header.says)), ("about", header.about)):
        for name in names:
            if name not in query.columns:
                hint = did_you_mean(name, query.columns)
                message = f"the SELECT returns no column {name!r}"
                raise sheet.fault(message, _line_of(block, key), hint)
    if not set(KEYS) & set(query.columns):
        raise sheet.fault("the SELECT returns neither day nor happened_at", block.line)


def _version(sheet: Sheet, header: Header) -> str:
    """Hash what can change a finding: the SQL without comments, and what findings copy."""
    sql = "".join(_parts(sheet.text)).strip().rstrip(";").strip()
    said = (header.title, header.level, header.tags, header.lookback, header.says, header.about)
    return hashlib.sha256(repr((sql, said)).encode()).hexdigest()[:12]


def _parts(text: str) -> Iterator[str]:
    """Yield the SQL of `text` in pieces, each run of blanks and comments as one blank."""
    pattern = r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|--[^\n]*|/\*.*?\*/|\s+|[^\s'\"/-]+|."
    last = " "
    for piece in re.findall(pattern, text, re.DOTALL):
        blank = piece.isspace() or piece.startswith(("--", "/*"))
        if not blank or last != " ":
            last = " " if blank else piece
            yield last
