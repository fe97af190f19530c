"""Texts, rows and tables with pseudonyms in the place of known words, many at a time.

A word counts where it stands by itself: between signs, blanks, and for long ones digits. Marks
are put around every run of letters and digits, so that one search finds whole words only.
"""

import hashlib
import hmac
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TypeVar

import polars as pl

from nightporter.engine import session
from nightporter.names.known import Word
from nightporter.names.nested import OURS, OWN_WORDS, retold, texts_in

Value = TypeVar("Value")

# Runs of letters, and runs of letters and digits.
_LETTERS, _ENDED, _RUN, _RAN, _EDGE = "\x01", "\x02", "\x03", "\x04", "\x05"
# A text that is JSON from end to end: outside its strings nothing can be a name.
_STRING = r'"(?:[^"\\]|\\.)*"'
_JSON = rf"^(?:{_STRING}|[\s{{}}\[\]:,]|true|false|null|-?\d[\d.eE+-]*)*$"
_MARKS = f"[{_LETTERS}-{_EDGE}]"
# A word of letters that long is found between digits, too; a number that long is no count.
_LONG = 5
_BEFORE = ("badge ", "badge:", "card ", "account ", "account:", "user ", "/", "\\", "_")


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
        said = "\n".join(f"{text}\t{name}" for text, name in sorted(self._loose.items()))
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

    def _pseudonym(self, said: tuple[str, str]) -> str:
        kind, text = said
        digest = hmac.new(self.key, f"{kind}:{text}".encode(), hashlib.sha256).hexdigest()
        return f"{kind}-{digest[:8]}"

    @cached_property
    def _marks(self) -> dict[str, str]:
        texts = pl.Series([*(word.text for word in self.words), *_BEFORE], dtype=pl.String)
        return dict(zip(texts, _mark(texts), strict=True))

    @cached_property
    def _strict(self) -> dict[str, str]:
        """Return what is replaced in JSON, where a bare number is no name."""
        found: dict[str, str] = {}
        for word in self.words:
            name, marked = self.called[word.kind, word.whose], self._marks[word.text]
            if _is_weak(word.text):
                found |= dict(self._beside(word.text, marked, name))
            elif word.text.isalpha() and len(word.text) >= _LONG:
                found[marked.strip(_RUN + _RAN)] = name
            else:
                found[marked] = name
        return _longest_first(found)

    def _beside(self, text: str, marked: str, name: str) -> Iterator[tuple[str, str]]:
        """Yield where a word that says nothing alone says something."""
        yield f"{_EDGE}{marked}{_EDGE}", name
        for before in _BEFORE if text.isdigit() else _BEFORE[:-3]:
            yield f"{self._marks[before]}{marked}", f"{before}{name}"
        if text.isdigit():
            yield f'"{marked}"', f'"{name}"'

    @cached_property
    def _loose(self) -> dict[str, str]:
        """Return what is replaced in prose: long numbers, too."""
        numbers = {
            self._marks[word.text]: self.called[word.kind, word.whose]
            for word in self.words
            if word.text.isdigit() and len(word.text) >= _LONG
        }
        return _longest_first({**numbers, **self._strict})

    def series(self, texts: pl.Series) -> pl.Series:
        """Return `texts` (String) with pseudonyms; each distinct text is looked at once."""
        return self.frame(pl.DataFrame({"texts": texts}))["texts"]

    def _told(self, texts: pl.Series) -> pl.Series:
        """Return distinct `texts` with pseudonyms."""
        at = self._at(texts)
        held = texts.gather(at)
        opened = held.str.contains(r"^\s*[\[{]")
        json = opened & held.str.contains(_JSON)
        for some, tell in (
            (json, self._in_json),
            (opened & ~json, partial(self._replaced, words=self._strict)),
            (~opened, partial(self._replaced, words=self._loose)),
        ):
            where = some.arg_true()
            if where.len():
                held = held.scatter(where, tell(held.gather(where)))
        return texts.clone().scatter(at, held) if at.len() else texts

    def _at(self, texts: pl.Series) -> pl.Series:
        """Return where a word may stand: marks cost twenty times as much as this look."""
        # Of thousands of words `contains_any` takes ten times as long to be prepared as this.
        words = [word.text for word in self.words]
        told = texts.str.replace_many(words, [_EDGE], ascii_case_insensitive=True, leftmost=True)
        return (told != texts).arg_true()

    def _in_json(self, texts: pl.Series) -> pl.Series:
        """Return records with pseudonyms: each distinct string in them is searched once."""
        strings = texts.str.extract_all(_STRING).explode(empty_as_null=False, keep_nulls=False)
        strings = strings.unique()
        old = strings.gather(self._at(strings))
        new = self._replaced(old, self._strict)
        moved = old != new
        if not moved.any():  # polars replaces no empty list
            return texts
        return texts.str.replace_many(
            old.filter(moved).to_list(), new.filter(moved).to_list(), leftmost=True
        )

    def _replaced(self, texts: pl.Series, words: Mapping[str, str]) -> pl.Series:
        bare = texts.str.replace_all(_MARKS, "\ufffd")
        edged = pl.select(pl.concat_str(pl.lit(_EDGE), _mark(bare), pl.lit(_EDGE))).to_series()
        told = edged.str.replace_many(
            list(words), list(words.values()), ascii_case_insensitive=True, leftmost=True
        )
        return told.str.replace_all(_MARKS, "")

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
        flat = [_flat(each).drop_nulls().unique() for each in read]
        # In one go: that the search is prepared costs as much as it to look into many texts.
        shown, at = self._told(pl.concat(flat)), 0
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


def _is_weak(text: str) -> bool:
    """Tell whether `text` alone says nothing: a number, a letter, a word of nightporter's own."""
    return text.isdigit() or len(text) < 2 or text.lower() in OWN_WORDS


def _mark(texts: pl.Series) -> pl.Series:
    letters = texts.str.replace_all(r"([\p{L}\p{M}]+)", f"{_LETTERS}${{1}}{_ENDED}")
    return letters.str.replace_all(
        rf"([\p{{L}}\p{{M}}\p{{N}}{_LETTERS}{_ENDED}]+)", f"{_RUN}${{1}}{_RAN}"
    )


def _longest_first(words: Mapping[str, str]) -> dict[str, str]:
    """Where two begin at one place, the longer one is meant."""
    return dict(sorted(words.items(), key=lambda each: (-len(each[0]), each[0])))
