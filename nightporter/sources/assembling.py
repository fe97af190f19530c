"""The log's columns become texts under our names: templates, first choices, what is cut out.

Knows the field map, not the words of the schema.
"""

from collections.abc import Sequence

import polars as pl

from nightporter.sources.fields import BRACES, FieldMap, named


def assemble(columns: pl.DataFrame, fields: FieldMap) -> pl.DataFrame:
    """Return the texts under our names, plus `site`; empty becomes null, constants are filled in.

    A column that comes typed, as Parquet's do, keeps its type; templates, choices and cuts make
    text of it.
    """
    texts = {ours: _chosen(columns, theirs, fields) for ours, theirs in fields.theirs.items()}
    for ours, pattern in fields.feed.extract.items():
        texts[ours] = _cut(texts[ours].cast(pl.String), pattern)
    return columns.select(
        *(value.alias(ours) for ours, value in texts.items()),
        *(pl.lit(word).alias(ours) for ours, word in fields.feed.constants.items()),
    )


def made_by_machines(texts: pl.DataFrame, fields: FieldMap) -> pl.Expr:
    """Say of each row whether one of the feed's patterns for machines is found in its texts."""
    found = [
        pl.col(ours).cast(pl.String).str.contains("|".join(f"(?:{each})" for each in patterns))
        for ours, patterns in fields.feed.automated.items()
    ]
    return pl.any_horizontal(each.fill_null(False) for each in found)


def _chosen(columns: pl.DataFrame, theirs: Sequence[str], fields: FieldMap) -> pl.Expr:
    """Return the first choice that has a value; a file may lack the columns of some of them."""
    there = [text for text in theirs if set(named(text)) <= set(columns.columns)]
    values = [_value(columns, text, fields) for text in there]
    if len(values) == 1:
        return values[0]
    return pl.coalesce(value.cast(pl.String) for value in values)


def _cut(text: pl.Expr, pattern: str) -> pl.Expr:
    """Return the pattern's group, null if that is empty; without a match the whole text."""
    found = pl.coalesce(text.str.extract(pattern), text)
    return pl.when(found != "").then(found)


def _value(columns: pl.DataFrame, theirs: str, fields: FieldMap) -> pl.Expr:
    if not BRACES.search(theirs):
        return _cleaned(columns, theirs, fields)
    names = named(theirs)
    literals = BRACES.sub("\0", theirs).split("\0")
    parts: list[pl.Expr] = [pl.lit(literals[0])]
    for name, literal in zip(names, literals[1:], strict=True):
        value = _cleaned(columns, name, fields).cast(pl.String).fill_null("")
        parts += [value, pl.lit(literal)]
    silent = pl.all_horizontal(_cleaned(columns, name, fields).is_null() for name in names)
    return pl.when(~silent).then(pl.concat_str(parts))


def _cleaned(columns: pl.DataFrame, name: str, fields: FieldMap) -> pl.Expr:
    value = pl.col(name)
    if columns.schema[name] != pl.String:
        return value
    if fields.feed.trim:
        value = value.str.strip_chars()
    return pl.when(value != "").then(value)
