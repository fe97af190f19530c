"""A SELECT as DuckDB's parser sees it, and back to text: nodes to take apart and put together.

Knows no detector's meaning; what is built here goes through the allow-list again before it runs.
"""

import functools
import json
from collections.abc import Iterator
from typing import Any

from nightporter.rules.allowed import parser

Node = dict[str, Any]

# How a comparison of two values is written.
SIGNS = {
    "COMPARE_GREATERTHANOREQUALTO": ">=",
    "COMPARE_GREATERTHAN": ">",
    "COMPARE_LESSTHANOREQUALTO": "<=",
    "COMPARE_LESSTHAN": "<",
    "COMPARE_EQUAL": "=",
    "COMPARE_NOTEQUAL": "<>",
}


def parsed(text: str) -> Node:
    """Return the query node of the one SELECT in `text`, which was allowed before."""
    found = parser().cursor().execute("SELECT json_serialize_sql(?)", [text]).fetchall()
    node: Node = json.loads(found[0][0])["statements"][0]["node"]
    return node


def text_of(query: Node) -> str:
    """Return the SQL of a query node."""
    whole = json.dumps({"error": False, "statements": [{"node": query}]})
    said = parser().cursor().execute("SELECT json_deserialize_sql(?)", [whole]).fetchall()
    return str(said[0][0])


def words(expression: Node) -> str:
    """Return the SQL of one expression."""
    query = parsed("SELECT 1")
    query["select_list"] = [{**expression, "alias": ""}]
    return text_of(query).removeprefix("SELECT ").rstrip(";")


def common(query: Node) -> dict[str, Node]:
    """Return the query's CTEs, by name, in the order in which they stand."""
    return {
        str(entry["key"]): entry["value"]["query_node"]
        for entry in query.get("cte_map", {}).get("map", [])
    }


def line_of(text: str, node: Node) -> int:
    """Return the line of `text` on which `node` begins; 1 for what DuckDB made up."""
    raw = text.encode()
    starts = [at for each in nodes(node) if (at := each.get("query_location", len(raw))) < len(raw)]
    return raw[: min(starts, default=0)].count(b"\n") + 1


def nodes(value: object) -> Iterator[Node]:
    """Yield every node in `value`, however deep, the outer before the inner."""
    if isinstance(value, list):
        for item in value:
            yield from nodes(item)
    elif isinstance(value, dict):
        yield value
        for item in value.values():
            yield from nodes(item)


def within(value: object, kinds: tuple[str, ...]) -> list[Node]:
    """Return every node of one of `kinds` in `value`, however deep: an expression's kind is its
    class, anything else's its type."""
    return [node for node in nodes(value) if node.get("class", node.get("type")) in kinds]


@functools.cache
def aggregates() -> frozenset[str]:
    """Return the names of the functions that make one value of many rows."""
    rows = parser().cursor().execute(
        "SELECT DISTINCT lower(function_name) FROM duckdb_functions()"
        " WHERE function_type = 'aggregate'"
    )  # fmt: skip
    return frozenset(name for (name,) in rows.fetchall())


def aggregated(expression: Node) -> bool:
    """Tell whether an expression needs a group of rows."""
    names = {found["function_name"].lower() for found in within(expression, ("FUNCTION",))}
    return bool(names & aggregates())


def sources(place: Node | None) -> list[str]:
    """Return the tables and CTEs without a row of which a FROM yields none."""
    if not place:
        return []
    if place["type"] == "BASE_TABLE":
        return [str(place["table_name"])]
    if place["type"] != "JOIN":
        return []
    right = sources(place["right"]) if place["join_type"] in ("INNER", "SEMI") else []
    left = sources(place["left"]) if place["join_type"] != "RIGHT" else []
    return left + right


def columns(query: Node, known: dict[str, list[str]]) -> list[str]:
    """Return the names of a query's columns; `known` has those of the tables that it reads."""
    while "select_list" not in query:
        first = query.get("left") or next(iter(query.get("children") or []), None)
        if not isinstance(first, dict):
            return []
        query = first
    names: list[str] = []
    for entry in query["select_list"]:
        if entry["class"] == "STAR":
            tables = [entry["relation_name"]] if entry.get("relation_name") else _tables(query)
            names += [name for table in tables for name in known.get(table, [])]
        else:
            names.append(str(entry.get("alias") or (entry.get("column_names") or [""])[-1]))
    return names


def _tables(query: Node) -> list[str]:
    found, left = [], [query.get("from_table")]
    while left:
        place = left.pop()
        if place and place["type"] == "JOIN":
            left += [place["left"], place["right"]]
        elif place and place["type"] == "BASE_TABLE":
            found.append(str(place["table_name"]))
    return found
