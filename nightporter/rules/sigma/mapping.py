"""Which table, predicate and column a Sigma logsource and its fields stand for.

Reads mapping.toml, which is data; knows neither pySigma nor the matching of values.
"""

import difflib
import functools
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import polars as pl

from nightporter.errors import did_you_mean
from nightporter.schema import TABLES, WORDS

Kind = Literal["text", "number", "flag", "other"]

# What the views of events add to the stored columns.
_AT_HOST = {"zone": "text", "owner": "text", "fixed": "flag", "since_entry": "number"}
_EVERY = {"user_id": "text", "account_kind": "text", "off_hours": "flag", "off_minutes": "number",
          "day_type": "text", "automated": "flag"}  # fmt: skip
ADDED: dict[str, dict[str, Any]] = {
    "access": {**_EVERY, **_AT_HOST, "console": "flag"},
    "usb": {**_EVERY, **_AT_HOST},
    "badge": {**_EVERY, "zone": "text", "owner": "text", "door_kind": "text", "sensitive": "flag"},
}
_STORED = ("file_id", "line", "ingested_at")
# Columns that name the person; grouped by, they are the person, whatever the account.
PERSONAL = ("account", "badge_id", "user_id")


class Refusal(Exception):
    """What a rule says and the lake cannot; `word` is where in the file it stands."""

    def __init__(self, message: str, word: str | None = None, hint: str | None = None) -> None:
        super().__init__(message)
        self.message, self.word, self.hint = message, word, hint


@dataclass(frozen=True)
class Field:
    """A Sigma field as SQL over one event, and what kind of value it is."""

    name: str
    sql: str
    kind: Kind

    @property
    def text(self) -> str:
        """Return the SQL of its text."""
        return self.sql if self.kind == "text" else f"CAST({self.sql} AS VARCHAR)"


@dataclass(frozen=True)
class Place:
    """A logsource that the lake holds: the rows of `table` for which `where` is true."""

    table: str
    where: str
    fields: Mapping[str, Field]
    only: Mapping[str, tuple[str, ...]]
    needs: tuple[str, ...]
    category: str = ""
    products: tuple[str, ...] = ("",)
    services: tuple[str, ...] = field(default=("",))

    def __getitem__(self, name: str) -> Field:
        if name not in self.fields:
            hint = did_you_mean(name, self.fields)
            raise Refusal(f"no column of {self.table} holds the field {name!r}", name, hint)
        return self.fields[name]

    def __str__(self) -> str:
        said = {
            "category": (self.category,), "product": self.products, "service": self.services,
        }  # fmt: skip
        return ", ".join(
            f"{key}: {' or '.join(word or 'none' for word in words)}"
            for key, words in said.items()
            if any(words)
        )


def places_of(category: str, product: str, service: str) -> list[Place]:
    """Return the places that hold a logsource, the likeliest first; raise Refusal for none.

    What a rule leaves out is "". A product or service is never ignored: that would find more than
    the rule says.
    """
    found = [
        place
        for place in places()
        if place.category == category and product in place.products and service in place.services
    ]
    if not found:
        said = {"category": category, "product": product, "service": service}
        shown = ", ".join(f"{key}: {word}" for key, word in said.items() if word)
        message = f"the lake holds no logsource {{{shown}}}"
        known = {str(place).partition(", product: none")[0]: f"{{{place}}}" for place in places()}
        near = difflib.get_close_matches(shown, known, n=1, cutoff=0.6)
        guess = f"did you mean {known[near[0]]}?  " if near else ""
        raise Refusal(message, "logsource", f"{guess}(valid: {'; '.join(known.values())})")
    return found


@functools.cache
def places() -> tuple[Place, ...]:
    """Return every logsource of mapping.toml."""
    data = tomllib.loads(Path(__file__).with_name("mapping.toml").read_text("utf-8"))
    return tuple(_place(entry, data["fields"]) for entry in data["logsource"])


def _place(entry: Mapping[str, Any], groups: Mapping[str, Mapping[str, str]]) -> Place:
    columns = columns_of(entry["table"])
    fields = {name: Field(name, name, kind) for name, kind in columns.items()}
    for name, sql in _group(groups, entry["fields"]).items():
        fields[name] = Field(name, sql, columns.get(sql, "text"))
    words = WORDS[entry["table"]]
    only = {name: words[field.sql] for name, field in fields.items() if field.sql in words}
    return Place(
        entry["table"],
        entry["where"],
        fields,
        {**only, **{name: tuple(values) for name, values in entry.get("only", {}).items()}},
        tuple(entry.get("needs", ())),
        entry.get("category", ""),
        tuple(entry["products"]),
        tuple(entry.get("services", ("",))),
    )


def _group(groups: Mapping[str, Mapping[str, str]], name: str) -> dict[str, str]:
    own = dict(groups[name])
    like = own.pop("like", None)
    return {**(_group(groups, like) if like else {}), **own}


def columns_of(table: str) -> dict[str, Kind]:
    """Return the kind of every column that a rule may name of `table`."""
    stored: dict[str, Kind] = {
        name: _kind(dtype) for name, dtype in TABLES[table].columns.items() if name not in _STORED
    }
    return {**stored, **ADDED[table]}


def _kind(dtype: Any) -> Kind:
    if dtype == pl.String:
        return "text"
    if dtype == pl.Boolean:
        return "flag"
    return "number" if dtype == pl.Int64 else "other"


def column_name(field: Field) -> str:
    """Return the name under which a finding shows `field`."""
    return field.sql if field.sql.isidentifier() else re.sub(r"\W", "_", field.name).lower()
