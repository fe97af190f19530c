"""How many days back a SELECT reads before the day of its finding, as its own text says it.

Knows frames of windows and sums of stamps and spans; what hides in other arithmetic it cannot see.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from nightporter.rules.allowed import parser
from nightporter.rules.syntax import Node, line_of, nodes, parsed, within

# Columns that say when an event was; other stamps, such as the end of a card, are no rows.
_STAMPS = {"day", "ts", "local_ts"}
_DAY_SECONDS = 86_400
_UNITS = {
    "to_years": 366.0, "to_months": 31.0, "to_weeks": 7.0, "to_days": 1.0, "to_hours": 1 / 24,
    "to_minutes": 1 / 1440, "to_seconds": 1 / _DAY_SECONDS,
}  # fmt: skip
_COMPARISONS = (
    "COMPARE_LESSTHANOREQUALTO", "COMPARE_LESSTHAN", "COMPARE_GREATERTHANOREQUALTO",
    "COMPARE_GREATERTHAN",
)  # fmt: skip


@dataclass(frozen=True)
class Reach:
    """A window of so many days, which begins on `line`; knobs stand at their defaults."""

    days: float
    line: int


def reaches(text: str) -> list[Reach]:
    """Return every window of the SELECT in `text`, which was allowed before."""
    query = parsed(text)
    found = []
    for node in nodes(query):
        for days in _windows(node):
            found.append(Reach(days, line_of(text, node)))
    return found


def _windows(node: Node) -> Iterator[float]:
    if node.get("class") == "WINDOW":
        yield from _frame(node)
    elif node.get("class") == "FUNCTION" and node["function_name"] in ("+", "-"):
        sides = [argument["expression"] for argument in node["arguments"]]
        if len(sides) == 2:
            yield from _sum(*sides)
    elif node.get("type") in _COMPARISONS:
        yield from _difference(node["left"], node["right"])
        yield from _difference(node["right"], node["left"])
    elif node.get("type") == "COMPARE_BETWEEN":
        yield from _difference(node["input"], node["lower"])
        yield from _difference(node["input"], node["upper"])


def _frame(node: Node) -> Iterator[float]:
    """Yield the ends of a RANGE over stamps; rows that are counted have no days."""
    for side in ("start", "end"):
        if str(node.get(side)).endswith(("PRECEDING_RANGE", "FOLLOWING_RANGE")):
            days = _days(node.get(f"{side}_expr") or {}, plain=True)
            if days is not None:
                yield days


def _sum(one: Node, other: Node) -> Iterator[float]:
    """Yield the span of `ts - INTERVAL 7 DAYS` or `day + 7`."""
    for stamp, span in ((one, other), (other, one)):
        if stamps := _stamps(stamp):
            days = _days(span, plain="day" in stamps)
            if days is not None:
                yield abs(days)


def _difference(gap: Node, span: Node) -> Iterator[float]:
    """Yield the span of `a.ts - b.ts <= INTERVAL 7 DAYS` or `a.day - b.day <= 7`."""
    if gap.get("function_name") != "-" or len(gap["arguments"]) != 2:
        return
    sides = [_stamps(argument["expression"]) for argument in gap["arguments"]]
    if all(sides):
        days = _days(span, plain=all(side == {"day"} for side in sides))
        if days is not None:
            yield abs(days)


def _stamps(node: Node) -> set[str]:
    """Return the stamps that a plain column is; nothing for what is more than a column."""
    if node.get("class") == "CAST":
        return _stamps(node["child"])
    names = node.get("column_names") or [""] if node.get("class") == "COLUMN_REF" else [""]
    return {str(names[-1]).lower()} & _STAMPS


def _days(node: Node, *, plain: bool) -> float | None:
    """Return the days of a span, None if it is none; a `plain` number counts days."""
    if _is_interval(node):
        return _interval(node)
    return _number(node) if plain else None


def _is_interval(node: Node) -> bool:
    return any(
        each.get("function_name") in _UNITS or each.get("type_name") == "INTERVAL"
        for each in nodes(node)
    )


def _interval(node: Node) -> float | None:
    if node.get("class") == "CAST":
        texts = [each["literal"]["text"] for each in within(node["child"], ("CONSTANT",))]
        return _seconds(texts[0]) / _DAY_SECONDS if len(texts) == 1 else None
    if node.get("class") != "FUNCTION":
        return None
    sides = [argument["expression"] for argument in node["arguments"]]
    if node["function_name"] in _UNITS:
        count = _number(sides[0])
        return None if count is None else count * _UNITS[node["function_name"]]
    if node["function_name"] == "*" and len(sides) == 2:
        factors = [_interval(side) if _is_interval(side) else _number(side) for side in sides]
        return None if None in factors else factors[0] * factors[1]  # type: ignore[operator]
    return None


def _number(node: Node) -> float | None:
    """Return a number, or the default of a knob, however it is cast and rounded."""
    if node.get("class") == "CAST":
        return _number(node["child"])
    if node.get("class") == "CONSTANT":
        try:
            return float(node["literal"]["text"])
        except (KeyError, ValueError):
            return None
    sides = [argument["expression"] for argument in node.get("arguments") or []]
    if node.get("function_name") == "knob" or (
        node.get("function_name") in ("trunc", "-") and len(sides) == 1
    ):
        return _number(sides[-1])
    return None


def _seconds(text: str) -> float:
    """Return how long DuckDB takes a text such as '7 days' for; 0 for what is no span."""
    found = parser().cursor().execute("SELECT epoch(try_cast(? AS INTERVAL))", [text]).fetchall()
    return float(found[0][0] or 0)
