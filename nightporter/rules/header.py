"""The TOML header of a detector file: its keys, their kinds, and the words they allow."""

import re
import tomllib
from collections.abc import Callable
from functools import partial
from typing import Any

from nightporter.context.tables import TABLES as CONTEXT
from nightporter.errors import DetectorError, did_you_mean
from nightporter.rules.detector import LEVELS, STATUSES, Header
from nightporter.rules.sheet import Block, Sheet
from nightporter.schema import SOURCES, WORDS

REQUIRED = ("title", "level", "status", "tags", "lookback", "says")
_TEXTS = ("title", "level", "status", "lookback", "says", "description", "triage")
_ACTIONS = {source: WORDS[source]["action"] for source in SOURCES}

_LISTS = ("tags", "falsepositives", "blindspots", "references", "about", "needs")
KEYS = (*_TEXTS, *_LISTS)

# ATT&CK tactics and techniques; the Insider Threat Matrix's five letters of articles.
_TAG = re.compile(
    r"attack\.(t\d{4}(\.\d{3})?|initial-access|execution|persistence|privilege-escalation"
    r"|defense-evasion|credential-access|discovery|lateral-movement|collection|exfiltration|impact)"
    r"|itm\.(mt|me|pr|if|af)\d{3}(\.\d{3})?"
)
_NEED = re.compile(r"[a-z_]+\.[a-z_]+")
_FIELD = re.compile(r"\{([^{}]*)\}")


def read_header(sheet: Sheet, block: Block) -> Header:
    """Return the header that `block` holds; raise DetectorError at its first fault."""
    words = _toml(sheet, block)
    for key in words:
        if key not in KEYS:
            raise _at(sheet, block, key, f"unknown key {key!r}", did_you_mean(key, KEYS))
    for key in REQUIRED:
        if not words.get(key):
            raise sheet.fault(f"the header lacks the key {key!r}", block.line)
    for key, value in words.items():
        words[key] = _kind(key, value, partial(_at, sheet, block, key))
    _check_words(sheet, block, words)
    return Header(**words)


def is_tag(word: str) -> bool:
    """Tell whether a detector may bear the tag `word`."""
    return _TAG.fullmatch(word) is not None


def fields(says: str) -> list[str]:
    """Return the columns that a sentence names."""
    return _FIELD.findall(says)


def _toml(sheet: Sheet, block: Block) -> dict[str, Any]:
    try:
        return tomllib.loads("\n".join(block.lines))
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"at line (\d+)", str(error))
        line = block.line + int(found[1]) if found else block.line
        raise sheet.fault(f"the header is not TOML: {error}", line) from None


def _kind(key: str, value: object, fault: Callable[[str], DetectorError]) -> object:
    if key == "lookback":
        days = re.fullmatch(r"(\d{1,3})d", value) if isinstance(value, str) else None
        if not days:
            raise fault('lookback is a number of days such as "7d"')
        return int(days[1])
    if key in _TEXTS:
        if not isinstance(value, str):
            raise fault(f"{key} is a text")
        return value.strip()
    if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
        raise fault(f"{key} is a list of texts")
    return tuple(value)


def _check_words(sheet: Sheet, block: Block, words: dict[str, Any]) -> None:
    for key, valid in (("level", LEVELS), ("status", STATUSES)):
        if words[key] not in valid:
            hint = did_you_mean(words[key], valid)
            raise _at(sheet, block, key, f"{key} {words[key]!r}", hint)
    for tag in words["tags"]:
        if not is_tag(tag):
            hint = "tags are ATT&CK's (attack.collection, attack.t1213) or itm.if002"
            raise _at(sheet, block, "tags", f"unknown tag {tag!r}", hint)
    for need in words.get("needs", ()):
        if not _NEED.fullmatch(need):
            hint = 'needs are parts of sources or tables, such as "usb.write" or "doors.owner"'
            raise _at(sheet, block, "needs", f"{need!r} is no need", hint)
        table, _, part = need.partition(".")
        parts = {**_ACTIONS, **CONTEXT}
        if table not in parts:
            hint = did_you_mean(table, parts)
            raise _at(sheet, block, "needs", f"no source or table {table!r}", hint)
        if part not in parts[table]:
            hint = did_you_mean(part, parts[table])
            raise _at(sheet, block, "needs", f"{table} has no {part!r}", hint)
    for field in fields(words["says"]):
        if not field.isidentifier():
            raise _at(sheet, block, "says", f"says may hold column names only, not {{{field}}}")
    if set(_FIELD.sub("", words["says"])) & {"{", "}"} or "\n" in words["says"]:
        raise _at(sheet, block, "says", "says is one line with columns in { }")
    if not words.get("about", ("user_id",)):
        raise _at(sheet, block, "about", "about names at least one column")


def _at(
    sheet: Sheet, block: Block, key: str, message: str, hint: str | None = None
) -> DetectorError:
    named = re.compile(rf"""\s*["']?{re.escape(key)}["']?\s*=""")
    line = next((number for number, text in block if named.match(text)), block.line)
    return sheet.fault(message, line, hint)
