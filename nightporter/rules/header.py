"""The TOML header of a detector file: its keys, their kinds, and the words they allow."""

import re
import tomllib
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

from nightporter.context.tables import TABLES as CONTEXT
from nightporter.errors import DetectorError, did_you_mean
from nightporter.rules.detector import LEVELS, STATUSES
from nightporter.rules.sheet import UNSEEN, Block, Sheet
from nightporter.rules.tags import has_form, tag_fault
from nightporter.schema import SOURCES, WORDS, mappable

REQUIRED = ("title", "level", "status", "tags", "lookback", "says")
_TEXTS = ("title", "level", "status", "lookback", "says", "description", "triage")
# What a log may show or leave out: actions, and columns.
_PARTS = {source: [*WORDS[source]["action"], *mappable(source)] for source in SOURCES}

_LISTS = ("tags", "falsepositives", "blindspots", "references", "about", "needs")
KEYS = (*_TEXTS, *_LISTS)

_NEED = re.compile(r"[a-z_]+\.[a-z_]+(\|[a-z_]+)*")
FIELD = re.compile(r"\{([^{}]*)\}")


def read_header(sheet: Sheet, block: Block) -> tuple[dict[str, Any], list[DetectorError]]:
    """Return the words of the header that `block` holds by key, and every fault of it.

    A key whose value is of another kind is left out. Without a fault the words make a Header.
    """
    try:
        words = _toml(sheet, block)
    except DetectorError as error:
        return {}, [error]
    faults = []
    for key in [key for key in words if key not in KEYS]:
        faults.append(key_fault(sheet, block, key, f"unknown key {key!r}", did_you_mean(key, KEYS)))
        del words[key]
    for key in [key for key in REQUIRED if not words.get(key)]:
        faults.append(sheet.fault(f"the header lacks the key {key!r}", block.line))
        words.pop(key, None)
    for key, value in list(words.items()):
        try:
            words[key] = _kind(key, value, partial(key_fault, sheet, block, key))
        except DetectorError as error:
            faults.append(error)
            del words[key]
    faults += _word_faults(sheet, block, words)
    return words, faults


def fields(says: str) -> list[str]:
    """Return the columns that a sentence names."""
    return FIELD.findall(says)


def _toml(sheet: Sheet, block: Block) -> dict[str, Any]:
    try:
        return tomllib.loads("\n".join(block.lines))
    except (ValueError, RecursionError) as error:  # of TOML, of a number or a list without end
        found = re.search(r"at line (\d+)", str(error))
        line = block.line + int(found[1]) if found else block.line
        raise sheet.fault(f"the header is not TOML: {error}", line) from None


def _check_seen(key: str, texts: Iterable[str], fault: Callable[[str], DetectorError]) -> None:
    """Refuse in an escape what the lines of the file may not hold; a title is one line."""
    for text in texts:
        if found := UNSEEN.search(text if key == "title" else text.replace("\n", " ")):
            raise fault(f"an invisible character U+{ord(found[0]):04X} in {key}")


def _kind(key: str, value: object, fault: Callable[[str], DetectorError]) -> object:
    if key == "lookback":
        days = re.fullmatch(r"(\d{1,3})d", value) if isinstance(value, str) else None
        if not days:
            raise fault('lookback is a number of days such as "7d"')
        return int(days[1])
    if key in _TEXTS:
        if not isinstance(value, str):
            raise fault(f"{key} is a text")
        _check_seen(key, [value.strip()], fault)
        return value.strip()
    if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
        raise fault(f"{key} is a list of texts")
    _check_seen(key, value, fault)
    return tuple(value)


def _word_faults(sheet: Sheet, block: Block, words: dict[str, Any]) -> Iterator[DetectorError]:
    fault = partial(key_fault, sheet, block)
    for key, valid in (("level", LEVELS), ("status", STATUSES)):
        if key in words and words[key] not in valid:
            yield fault(key, f"{key} {words[key]!r}", did_you_mean(words[key], valid))
    for tag in words.get("tags", ()):
        if not has_form(tag):
            _, hint = tag_fault(tag) or ("", None)
            yield fault("tags", f"unknown tag {tag!r}", hint)
    for need in words.get("needs", ()):
        if wrong := _wrong_need(need):
            yield fault("needs", *wrong)
    says = words.get("says", "")
    for field in fields(says):
        if not field.isidentifier():
            yield fault("says", f"says may hold column names only, not {{{field}}}")
    if set(FIELD.sub("", says)) & {"{", "}"} or "\n" in says:
        yield fault("says", "says is one line with columns in { }")
    if not words.get("about", ("user_id",)):
        yield fault("about", "about names at least one column")


def _wrong_need(need: str) -> tuple[str, str] | None:
    """Return what is wrong with a need, and a hint."""
    if not _NEED.fullmatch(need):
        return f"{need!r} is no need", (
            'needs are parts of logs or tables: "usb.write", "access.upload|share", "doors.owner"'
        )
    table, _, rest = need.partition(".")
    parts = {**_PARTS, **CONTEXT}
    if table not in parts:
        return f"no source or table {table!r}", did_you_mean(table, parts)
    for part in rest.split("|"):
        if part not in parts[table]:
            return f"{table} has no {part!r}", did_you_mean(part, parts[table])
    if "|" in rest and table not in SOURCES:
        return f"{need!r}: only a log may give one or the other", "name each column as a need"
    return None


def key_fault(
    sheet: Sheet, block: Block, key: str, message: str, hint: str | None = None
) -> DetectorError:
    """Return the error that shows the line of the header on which `key` stands."""
    named = re.compile(rf"""\s*["']?{re.escape(key)}["']?\s*=""")
    line = next((number for number, text in block if named.match(text)), block.line)
    return sheet.fault(message, line, hint)
