"""Texts, rows and tables with pseudonyms in the place of known words, many at a time."""

import hashlib
import hmac
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import polars as pl

from nightporter.engine import session
from nightporter.names.known import Word
from nightporter.names.nested import OURS, retold, texts_in
from nightporter.names.search import Search

Value = TypeVar("Value")


@dataclass(frozen=True)
class Mask:
    """Known words and their pseudonyms; without `key` everything stays as it is."""

    words: tuple[Word, ...] = ()
    key: bytes = b""

    @property
    def on(self) -> bool:
        return bool(self.key)

    @cached_property
    def digest(self) -> str:
        """Return what changes with anything that is shown otherwise."""
        said = "\n".join(f"{text}\t{name}" for text, name in sorted(self._search.loose.items()))
        return hashlib.sha256(said.encode()).hexdigest() if self.on else ""

    @cached_property
    def called(self) -> dict[tuple[str, str], str]:
        """Return the pseudonym of each (kind, whose): of two alike the later one gets another."""
        known: dict[tuple[str, str], str] = {}
        taken: set[str] = set()
        for kind, whose in sorted({(word.kind, word.whose) for word in self.words}):
            name = next(n for n in map(self._pseudonym, _tries(kind, whose)) if n not in taken)
            taken.add(name)
            known[kind, whose] = name
        return known

    @cached_property
    def meant(self) -> dict[str, str]:
        """Return the user_id (an unresolved one with its prefix) behind each pseudonym."""
        meant = {}
        for (kind, whose), name in self.called.items():
            if kind == "person":
                meant[name] = whose
            elif kind in ("account", "badge"):
                meant[name] = f"{kind}:{whose}"
        return meant

    @cached_property
    def _search(self) -> Search:
        return Search(self.words, self.called)

    def _pseudonym(self, said: tuple[str, str]) -> str:
        kind, text = said
        digest = hmac.new(self.key, f"{kind}:{text}".encode(), hashlib.sha256).hexdigest()
        return f"{kind}-{digest[:8]}"

    def series(self, texts: pl.Series) -> pl.Series:
        """Return `texts` (String) with pseudonyms; each distinct text is looked at once."""
        return self.frame(pl.DataFrame({"texts": texts}))["texts"]

    def frame(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Return `rows` with pseudonyms in every column of texts that logs or registers fill."""
        if not self.on or not self.words:
            return rows
        return rows.with_columns(self.columns(list(filter(may_name, rows.get_columns()))))

    def columns(self, columns: Sequence[pl.Series]) -> list[pl.Series]:
        """Return `columns` (String, Binary or lists of texts, each of any length) with pseudonyms.

        Raw lines (Binary) that are no UTF-8 cannot be searched, and become NULL.
        """
        if not columns:
            return []
        read = [_decoded(each) if each.dtype == pl.Binary else each for each in columns]
        flat = [_flat(each).drop_nulls().unique(maintain_order=True) for each in read]
        # In one go: that the search is prepared costs as much as it to look into many texts.
        shown, at = self._search.told(pl.concat(flat)), 0
        new = []
        for column, old in zip(read, flat, strict=True):
            new.append(_swapped(column, old, shown.slice(at, old.len())))
            at += old.len()
        return [each.cast(was.dtype) for each, was in zip(new, columns, strict=True)]

    def text(self, text: str) -> str:
        """Return one text with pseudonyms; of many, `of` is far quicker."""
        # To look for all words costs half a second in a house of thousands.
        if not self._begin.intersection(_runs(text)):
            return text
        return str(self.series(pl.Series([text])).item())

    @cached_property
    def _begin(self) -> frozenset[str]:
        """Return the runs of letters or digits with which a word begins."""
        return frozenset(run for word in self.words for run in _runs(word.text)[:1])

    def of(self, value: Value) -> Value:
        """Return `value` with pseudonyms: texts, and rows, lists and dataclasses that hold some."""
        if not self.on:
            return value
        texts = sorted(set(texts_in(value)))
        known = dict(zip(texts, self.series(pl.Series(texts, dtype=pl.String)), strict=True))
        told: Value = retold(value, known, self.frame)
        return told

    def real(self, text: str) -> str:
        """Return `text` with user_ids in the place of their pseudonyms."""
        for name, user in self.meant.items():
            text = text.replace(name, user)
        return text


# Everybody under the own name.
PLAIN = Mask()


def may_name(column: pl.Series) -> bool:
    """Tell whether `column` holds texts that may name somebody."""
    return column.name not in OURS and column.dtype in (pl.String, pl.Binary, pl.List(pl.String))


def _flat(column: pl.Series) -> pl.Series:
    if column.dtype == pl.String:
        return column.rename("")
    return column.list.explode(empty_as_null=False, keep_nulls=False).rename("")


def _swapped(column: pl.Series, old: pl.Series, new: pl.Series) -> pl.Series:
    if column.dtype == pl.String and column.len() == old.len():
        return new.rename(column.name)
    moved = old != new
    if not moved.any():
        return column
    pair = old.filter(moved), new.filter(moved)
    if column.dtype == pl.String:
        return column.replace(*pair)
    return column.list.eval(pl.element().replace(*pair))


def _runs(text: str) -> list[str]:
    return re.findall(r"\d+|(?:[^\W\d_]|[\u0300-\u036f])+", text.lower())


def _decoded(raw: pl.Series) -> pl.Series:
    """A name of two bytes a letter is not found: such a text is not shown."""
    with session() as con:
        con.register("given", pl.DataFrame({"raw": raw}).to_arrow())
        texts: pl.DataFrame = con.sql("SELECT try(decode(raw)) AS raw FROM given").pl()
    shown = pl.when(~pl.col("raw").str.contains("\0", literal=True)).then("raw")
    return texts.select(shown.alias(raw.name)).to_series()


def _tries(kind: str, whose: str) -> Iterable[tuple[str, str]]:
    yield kind, whose
    for at in range(1, 1000):
        yield kind, f"{whose}\0{at}"
