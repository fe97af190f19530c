"""The log's words become ours: enumerations, whole numbers, yes and no."""

from collections.abc import Mapping

import polars as pl

from nightporter.schema import WORDS

YES = ("true", "1", "yes", "ja", "y", "t")
NO = ("false", "0", "no", "nein", "n", "f")


def enumerated(
    source: str,
    column: str,
    texts: pl.Series,
    values: Mapping[str, str],
    patterns: Mapping[str, str],
) -> pl.Series:
    """Return one of the schema's words for each text.

    `values` go before `patterns`, which are searched in order, and these before the words
    themselves. What maps to nothing is the enumeration's catch-all. An empty action is `other`,
    another empty word `unknown` where the enumeration knows that, else null.
    """
    valid = WORDS[source][column]
    folded = {theirs.lower(): ours for theirs, ours in values.items()}
    catch_all = "other" if "other" in valid else "unknown"
    empty = "other" if column == "action" else "unknown" if "unknown" in valid else None
    found = {None: empty}
    words = texts.unique().drop_nulls()
    searched = _searched(words, patterns)
    for text in words.to_list():
        low = text.lower()
        own = low if low in valid else catch_all
        found[text] = values.get(text) or folded.get(low) or searched.get(text) or own
    return texts.replace_strict(found, return_dtype=pl.String)


def renamed(texts: pl.Series, values: Mapping[str, str], patterns: Mapping[str, str]) -> pl.Series:
    """Return the texts with those replaced that `values`, exactly or whatever their case, or
    `patterns` know."""
    if not values and not patterns:
        return texts
    folded = {theirs.lower(): ours for theirs, ours in values.items()}
    words = texts.cast(pl.String).unique().drop_nulls()
    searched = _searched(words, patterns)
    found = {
        word: values.get(word) or folded.get(word.lower()) or searched.get(word, word)
        for word in words.to_list()
    }
    return texts.replace_strict(found, default=None, return_dtype=pl.String)


def _searched(words: pl.Series, patterns: Mapping[str, str]) -> dict[str, str]:
    """Return our word for each text in which a pattern is found: the first pattern's."""
    found: dict[str, str] = {}
    for pattern, ours in reversed(list(patterns.items())):
        found |= dict.fromkeys(words.filter(words.str.contains(pattern)).to_list(), ours)
    return found


def whole_numbers(texts: pl.Series) -> pl.Series:
    """Return 64-bit integers; null where the text is none.

    Who exports a column with gaps often writes it as floats: 1024.0 is a whole number.
    """
    made = texts.cast(pl.Int64, strict=False)
    if made.null_count() == texts.null_count():
        return made
    plain = texts.cast(pl.String).str.replace(r"\.0+$", "").cast(pl.Int64, strict=False)
    return made.zip_with(made.is_not_null(), plain)


def truths(texts: pl.Series) -> pl.Series:
    """Return booleans; null where the text is neither a yes nor a no."""
    if texts.dtype == pl.Boolean:
        return texts
    low = texts.cast(pl.String).str.to_lowercase()
    known = {**dict.fromkeys(YES, True), **dict.fromkeys(NO, False)}
    return low.replace_strict(known, default=None, return_dtype=pl.Boolean)
