"""Known words found in texts, and replaced, many at a time.

A word counts where it stands by itself: between signs, blanks, and for long ones digits. Marks
are put around every run of letters and digits, so that one search finds whole words only.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, partial

import orjson
import polars as pl

from nightporter.names.known import Word
from nightporter.names.nested import OWN_WORDS

# Runs of letters, and runs of letters and digits.
_LETTERS, _ENDED, _RUN, _RAN, _EDGE = "\x01", "\x02", "\x03", "\x04", "\x05"
# A text that is JSON from end to end: outside its strings nothing can be a name.
_STRING = r'"(?:[^"\\]|\\.)*"'
_JSON = rf"^(?:{_STRING}|[\s{{}}\[\]:,]|true|false|null|-?\d[\d.eE+-]*)*$"
_OPENED = r"^\s*[\[{]"
_MARKS = f"[{_LETTERS}-{_EDGE}]"
# A word of letters that long is found between digits, too; a number that long is no count.
_LONG = 5
_BEFORE = ("badge ", "badge:", "card ", "account ", "account:", "user ", "/", "\\", "_")


@dataclass(frozen=True)
class Search:
    """Looks for `words`; in the place of one stands what it is `called`, by (kind, whose)."""

    words: tuple[Word, ...]
    called: Mapping[tuple[str, str], str]

    @cached_property
    def _written(self) -> list[str]:
        """Return every word as it may stand in a text: in a string of JSON it is escaped."""
        words = [word.text for word in self.words]
        return list(dict.fromkeys([*words, *map(_escaped, words)]))

    @cached_property
    def _marks(self) -> dict[str, str]:
        texts = pl.Series([*self._written, *_BEFORE], dtype=pl.String)
        return dict(zip(texts, _mark(texts), strict=True))

    @cached_property
    def _strict(self) -> dict[str, str]:
        """Return what is replaced where a bare number is no name, by marked word."""
        return _longest_first(self._patterns(self.words, str))

    @cached_property
    def _in_strings(self) -> dict[str, str]:
        """Return what is replaced in JSON, by marked word."""
        odd = [word for word in self.words if _escaped(word.text) != word.text]
        raw = self._patterns(odd, str)
        others = {marked: name for marked, name in self._strict.items() if marked not in raw}
        return _longest_first({**others, **self._patterns(odd, _escaped)}) if odd else self._strict

    def _patterns(self, words: Iterable[Word], spell: Callable[[str], str]) -> dict[str, str]:
        found: dict[str, str] = {}
        for word in words:
            name, marked = self.called[word.kind, word.whose], self._marks[spell(word.text)]
            if _is_weak(word.text):
                found |= dict(self._beside(word.text, marked, name))
            elif word.text.isalpha() and len(word.text) >= _LONG:
                found[marked.strip(_RUN + _RAN)] = name
            else:
                found[marked] = name
        return found

    def _beside(self, text: str, marked: str, name: str) -> Iterator[tuple[str, str]]:
        """Yield where a word that says nothing alone says something."""
        yield f"{_EDGE}{marked}{_EDGE}", name
        for before in _BEFORE if text.isdigit() else _BEFORE[:-3]:
            yield f"{self._marks[before]}{marked}", f"{before}{name}"
        if text.isdigit():
            yield f'"{marked}"', f'"{name}"'

    @cached_property
    def loose(self) -> dict[str, str]:
        """Return what is replaced in prose, by marked word: long numbers, too."""
        numbers = {
            self._marks[word.text]: self.called[word.kind, word.whose]
            for word in self.words
            if word.text.isdigit() and len(word.text) >= _LONG
        }
        return _longest_first({**numbers, **self._strict})

    def told(self, texts: pl.Series) -> pl.Series:
        """Return distinct `texts` (String, no NULLs), each word replaced."""
        return _either(texts, texts.str.contains(_OPENED), self._in_records, self._in_prose)

    def _in_prose(self, texts: pl.Series) -> pl.Series:
        at = self._at(texts)
        if not at.len():
            return texts
        return texts.clone().scatter(at, self._replaced(texts.gather(at), self.loose))

    def _in_records(self, texts: pl.Series) -> pl.Series:
        """Most hold words as whole strings and nowhere else: those are done by one quick look."""
        if not self._whole:  # polars replaces no empty list
            return self._in_any_record(texts)
        old, new = list(self._whole), list(self._whole.values())
        told = texts.str.replace_many(old, new, ascii_case_insensitive=True, leftmost=True)
        more = self._at(told)
        if not more.len():
            return told
        return told.scatter(more, self._in_any_record(texts.gather(more)))

    def _in_any_record(self, texts: pl.Series) -> pl.Series:
        ways = (self._in_json, partial(self._replaced, words=self._strict))
        return _either(texts, texts.str.contains(_JSON), *ways)

    @cached_property
    def _whole(self) -> dict[str, str]:
        """Return what stands for a string that is a word from end to end, quotes included."""
        # Other words could stand between two strings, or before a quote that is escaped.
        old = pl.Series([f'"{word.text}"' for word in self.words], dtype=pl.String)
        old = old.filter(old.str.contains(r'^"[\p{L}\p{N}][^"\\]*"$'))
        return dict(zip(old, self._replaced(old, self._in_strings), strict=True))

    def _at(self, texts: pl.Series) -> pl.Series:
        """Return where a word may stand: marks cost twenty times as much as this look."""
        # Of thousands of words `contains_any` takes ten times as long to be prepared as this.
        told = texts.str.replace_many(
            self._written, [_EDGE], ascii_case_insensitive=True, leftmost=True
        )
        return (told != texts).arg_true()

    def _in_json(self, texts: pl.Series) -> pl.Series:
        """Return records with pseudonyms: each distinct string in them is searched once."""
        strings = texts.str.extract_all(_STRING).explode(empty_as_null=False, keep_nulls=False)
        strings = strings.unique()
        old = strings.gather(self._at(strings))
        new = self._replaced(old, self._in_strings)
        moved = old != new
        if not moved.any():
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


_Way = Callable[[pl.Series], pl.Series]


def _either(texts: pl.Series, which: pl.Series, tell: _Way, other: _Way) -> pl.Series:
    """Return `texts` as `tell` makes them where `which` holds, and as `other` does elsewhere."""
    if which.all():
        return tell(texts)
    for some, way in ((which, tell), (~which, other)):
        at = some.arg_true()
        if at.len():
            texts = texts.clone().scatter(at, way(texts.gather(at)))
    return texts


def _is_weak(text: str) -> bool:
    """Tell whether `text` alone says nothing: a number, a letter, a word of nightporter's own."""
    return text.isdigit() or len(text) < 2 or text.lower() in OWN_WORDS


def _escaped(text: str) -> str:
    return orjson.dumps(text)[1:-1].decode()


def _mark(texts: pl.Series) -> pl.Series:
    letters = texts.str.replace_all(r"([\p{L}\p{M}]+)", f"{_LETTERS}${{1}}{_ENDED}")
    return letters.str.replace_all(
        rf"([\p{{L}}\p{{M}}\p{{N}}{_LETTERS}{_ENDED}]+)", f"{_RUN}${{1}}{_RAN}"
    )


def _longest_first(words: Mapping[str, str]) -> dict[str, str]:
    """Where two begin at one place, the longer one is meant."""
    return dict(sorted(words.items(), key=lambda each: (-len(each[0]), each[0])))
