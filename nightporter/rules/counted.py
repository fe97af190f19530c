"""Which features of `user_day` a SELECT can see, by DuckDB's own parse of it.

Proves what it says: where a table is read without a plain `feature = '...'` or `IN`, all are seen.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from nightporter.rules.syntax import Node, parsed, within

_TABLE = "user_day"


@lru_cache(maxsize=1000)
def features_seen(text: str) -> frozenset[str] | None:
    """Return the features whose rows can make a difference to the SELECT, None if all of them can.

    `text` was allowed before; who runs many nights looks into each once.
    """
    select = parsed(text)
    seen: set[str] = set()
    judged = 0
    for node in within(select, ("SELECT_NODE",)):
        place = node["from_table"]
        alone = place.get("type") == "BASE_TABLE"
        for table, conditions in _tables(place, [node.get("where_clause")]):
            named = _named(table, conditions, alone)
            if named is None:
                return None
            seen |= named
            judged += 1
    # One that stands where no SELECT was recognised would be missed.
    read = sum(map(_is_table, within(select, ("BASE_TABLE",))))
    return frozenset(seen) if judged == read else None


def _is_table(node: Node) -> bool:
    return node.get("type") == "BASE_TABLE" and str(node.get("table_name")).lower() == _TABLE


def _tables(place: Node, conditions: list[Any]) -> Iterator[tuple[Node, list[Any]]]:
    """Yield each `user_day` of a FROM with the conditions that every row of it must meet.

    A join that picks the nearest row is no such place: it would pick another one.
    """
    if _is_table(place):
        yield place, conditions
    elif place.get("type") == "JOIN":
        plain = place.get("ref_type") in ("REGULAR", "CROSS") and not place.get(
            "ranking_expression"
        )
        on, kind = [place.get("condition")], place.get("join_type")
        outside = conditions if plain else []
        # What is on the left of a LEFT JOIN stays, whatever it meets.
        yield from _tables(place["left"], outside + (on if plain and kind == "INNER" else []))
        met = on if plain and kind in ("INNER", "LEFT") else []
        yield from _tables(place["right"], outside + met)


def _named(table: Node, conditions: list[Any], alone: bool) -> set[str] | None:
    if table.get("column_name_alias"):
        return None
    name = str(table.get("alias") or table["table_name"]).lower()
    columns = [[name, "feature"], *([["feature"]] if alone else [])]
    found = [_values(each, columns) for whole in conditions for each in _parts(whole)]
    sets = [values for values in found if values is not None]
    return set.intersection(*sets) if sets else None


def _parts(condition: Node | None) -> Iterator[Node]:
    if condition and condition.get("type") == "CONJUNCTION_AND":
        for child in condition["children"]:
            yield from _parts(child)
    elif condition:
        yield condition


def _values(condition: Node, columns: list[list[str]]) -> set[str] | None:
    """Return the texts of `feature = 'a'` or `feature IN ('a', 'b')`."""
    if condition.get("type") == "COMPARE_EQUAL":
        sides = [condition["left"], condition["right"]]
    elif condition.get("type") == "COMPARE_IN":
        sides = condition["children"]
    else:
        return None
    column, *values = sides
    if [str(part).lower() for part in column.get("column_names") or []] not in columns:
        return None
    texts = [value.get("literal") or {} for value in values]
    if any(text.get("kind") != "STRING" for text in texts):
        return None
    return {text["text"] for text in texts}
