"""JSON inside a column is unfolded; lists that must hold one entry are counted; lines set aside.

What the feed's configuration asks of any format's columns before they get our names.
"""

from functools import reduce

import duckdb
import polars as pl

from nightporter.sources.fields import FieldMap
from nightporter.sources.parsed import Parsed, Reject
from nightporter.sources.reach import reached

# No column of a log has this name.
_PLACE = "nightporter_place"


def unfolded(parsed: Parsed, fields: FieldMap, con: duckdb.DuckDBPyConnection) -> Parsed:
    """Return the block with every name that the feed reads, without the lines that it ignores."""
    if not len(parsed.lines):
        return parsed
    if fields.feed.json_columns:
        parsed = _with_members(parsed, fields, con)
    if fields.feed.single:
        parsed = _singular(parsed, fields.feed.single, con)
    return _set_aside(parsed, fields) if fields.feed.only else parsed


def _with_members(parsed: Parsed, fields: FieldMap, con: duckdb.DuckDBPyConnection) -> Parsed:
    """Add a column for each name that reaches into a JSON column; refuse what is no object."""
    there = parsed.columns.columns
    inner = [n for n in fields.names if fields.column(n) != n and fields.column(n) in there]
    if not inner:
        return parsed
    outer = list(dict.fromkeys(map(fields.column, inner)))
    con.register("nested_rows", parsed.columns.select(outer).with_row_index(_PLACE).to_arrow())
    safe = {
        name: f"CASE WHEN json_valid({_name(name)}) THEN {_name(name)} END AS t{n},"
        f" {_name(name)} <> '' AND coalesce(json_type(t{n}), '') <> 'OBJECT' AS bad{n}"
        for n, name in enumerate(outer)
    }
    texts = {name: f"t{n}" for n, name in enumerate(outer)}
    values = [
        f"{reached(texts[fields.column(name)], name[len(fields.column(name)) + 1 :])} AS c{n}"
        for n, name in enumerate(inner)
    ]
    bad = [f"bad{n}" for n in range(len(outer))]
    found: pl.DataFrame = con.sql(
        f"SELECT {', '.join(bad + values)} FROM"
        f" (SELECT {_PLACE}, {', '.join(safe.values())} FROM nested_rows) ORDER BY {_PLACE}"
    ).pl()
    members = found.select(pl.col(f"c{n}").alias(name) for n, name in enumerate(inner))
    whole = Parsed(**{**vars(parsed), "columns": parsed.columns.hstack(members)})
    gone = found.select(pl.any_horizontal(pl.col(bad).fill_null(False))).to_series()
    return _refused(whole, gone, "bad_json", f"{' or '.join(outer)} holds no JSON object")


def _singular(parsed: Parsed, name: str, con: duckdb.DuckDBPyConnection) -> Parsed:
    """Refuse lines whose list `name` holds several entries, or none: no entry is lost unseen."""
    con.register("nested_rows", parsed.columns.select(text=name).with_row_index("place").to_arrow())
    sizes: pl.Series = con.sql(
        "SELECT coalesce(json_array_length(CASE WHEN json_valid(text) THEN text END), 0)::BIGINT"
        " AS n FROM nested_rows ORDER BY place"
    ).pl()["n"]
    return _refused(parsed, sizes != 1, "several_events", f"{name} does not hold exactly one entry")


def _refused(parsed: Parsed, gone: pl.Series, reason: str, detail: str) -> Parsed:
    if not gone.any():
        return parsed
    raw = parsed.raw()
    rows = gone.arg_true().to_list()
    return parsed.without(
        gone, [Reject(int(parsed.lines[row]), reason, detail, raw[row]) for row in rows]
    )


def _set_aside(parsed: Parsed, fields: FieldMap) -> Parsed:
    """Take out the lines that are none of the feed's business, and count them."""
    tests = [_cleaned(name, fields).is_in(list(words)) for name, words in fields.feed.only.items()]
    wanted = parsed.columns.select(reduce(pl.Expr.and_, tests).fill_null(False)).to_series()
    gone = ~wanted
    return parsed.without(gone, ignored=int(gone.sum())) if gone.any() else parsed


def _cleaned(name: str, fields: FieldMap) -> pl.Expr:
    text = pl.col(name).cast(pl.String)
    return text.str.strip_chars() if fields.feed.trim else text


def _name(column: str) -> str:
    return '"' + column.replace('"', '""') + '"'
