"""Rows, lists and dataclasses, and the texts in them: taken out together, and put back.

Knows which words are nightporter's own, and so nobody's.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

import polars as pl

from nightporter.findings import LEVELS
from nightporter.schema import TABLES, WORDS

Frame = Callable[[pl.DataFrame], pl.DataFrame]

# What nightporter itself says there, and no log.
OURS = frozenset(
    """finding_id case_id event file_id run_id act_id detector version level status tactic stage
    feed source act verdict digest kind how lake_version opening""".split()
)
OWN_WORDS = {
    *(part for table in TABLES.values() for name in table.columns for part in name.split("_")),
    *(name for table in TABLES.values() for name in table.columns),
    *(word for columns in WORDS.values() for words in columns.values() for word in words),
    *LEVELS, *TABLES, "person", "account", "badge", "card", "host", "door", "true", "false", "null",
}  # fmt: skip


def texts_in(value: Any) -> Iterator[str]:
    """Yield every text in `value`, but for those under names of OURS."""
    match value:
        case str():
            yield value
        case bytes():
            yield _text_of(value)
        case dict():
            for key, each in value.items():
                if key not in OURS:
                    yield from texts_in(each)
                    yield from [key] if isinstance(key, str) else []
        case list() | tuple() | set() | frozenset():
            for each in value:
                yield from texts_in(each)
        case _ if is_dataclass(value) and not isinstance(value, type):
            for field in fields(value):
                if field.name not in OURS:
                    yield from texts_in(getattr(value, field.name))


def retold(value: Any, known: Mapping[str, str], frame: Frame) -> Any:
    """Return `value` with each text as `known` has it, and each table as `frame` makes it."""
    match value:
        case str():
            return known.get(value, value)
        case bytes():
            return known[_text_of(value)].encode()
        case dict():
            return {
                _key(key, known): each if key in OURS else retold(each, known, frame)
                for key, each in value.items()
            }
        case pl.DataFrame():
            return frame(value)
        case tuple() if hasattr(value, "_fields"):
            return type(value)(*(retold(each, known, frame) for each in value))
        case list() | tuple() | set() | frozenset():
            return type(value)(retold(each, known, frame) for each in value)
        case _ if is_dataclass(value) and not isinstance(value, type):
            told = {
                field.name: retold(getattr(value, field.name), known, frame)
                for field in fields(value)
                if field.name not in OURS
            }
            return replace(value, **told)
    return value


def _text_of(raw: bytes) -> str:
    """What is in no alphabet of one byte a letter cannot be searched, and is not shown."""
    text = raw.decode("utf-8", "backslashreplace")
    return "(not shown)" if "\0" in text else text


def _key(key: Any, known: Mapping[str, str]) -> Any:
    """A name of a column stays one, whoever is called like it."""
    return key if not isinstance(key, str) or key in OWN_WORDS else known.get(key, key)
