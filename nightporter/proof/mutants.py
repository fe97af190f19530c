"""Detectors that are wrong at one place: a predicate dropped, or a comparison flipped.

Made on DuckDB's own parse and put back to text by DuckDB, so that what is mutated is what runs;
runs nothing.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from nightporter.rules import Detector
from nightporter.rules.syntax import SIGNS, Node, nodes, parsed, text_of, within

# Each becomes its neighbour: what differs is one value.
_FLIPS = {
    "COMPARE_GREATERTHANOREQUALTO": "COMPARE_GREATERTHAN",
    "COMPARE_LESSTHANOREQUALTO": "COMPARE_LESSTHAN",
    "COMPARE_EQUAL": "COMPARE_NOTEQUAL",
    "COMPARE_DISTINCT_FROM": "COMPARE_NOT_DISTINCT_FROM",
}
_FLIPS |= {new: old for old, new in _FLIPS.items()}
_STRICT = ("COMPARE_GREATERTHAN", "COMPARE_LESSTHAN")
_SIGNS = SIGNS | {
    "COMPARE_DISTINCT_FROM": "IS DISTINCT FROM",
    "COMPARE_NOT_DISTINCT_FROM": "IS NOT DISTINCT FROM",
}
_CLAUSES = ("where_clause", "having", "qualify", "filter", "condition")
_COMMENT = re.compile(r"--[^\n]*")
_EXCUSE = re.compile(r"--\s*equivalent:\s*(?P<reason>\S.*)")


@dataclass(frozen=True)
class Mutant:
    """A detector with one fault, which begins on `line`; `fault` says it in words.

    `knobs` holds those of a comparison that was flipped from >= to > or from <= to <: their
    observed value tells the two apart.
    """

    detector: Detector
    line: int
    fault: str
    knobs: frozenset[str] = frozenset()

    def __str__(self) -> str:
        return f"{self.detector.path}:{self.line}: {self.fault}"


@dataclass(frozen=True)
class Excuse:
    """`-- equivalent: reason`: why no case can tell the mutants of a line from the file."""

    line: int
    reason: str
    covers: int


def rebuilt(detector: Detector) -> Detector:
    """Return `detector` as its mutants are written, without a fault."""
    return replace(detector, text=text_of(parsed(detector.text)))


def mutants(detector: Detector) -> list[Mutant]:
    """Return every mutant of `detector`, in the order of their lines."""
    query = parsed(detector.text)
    joins = [node for node in nodes(query) if node.get("type") == "JOIN"]
    keys = {id(part) for join in joins for part in _parts_of(join) if _is_key(part)}
    nearest = {id(part) for join in joins if join["ref_type"] == "ASOF" for part in _parts_of(join)}
    drops = [site for site in _drops(query) if id(site.node) not in keys | nearest]
    flips = [site for site in _flips(query) if id(site.node) not in keys]
    made = [_mutant(detector, query, site) for site in (*drops, *flips)]
    return sorted(made, key=lambda mutant: mutant.line)


def excuses(detector: Detector) -> list[Excuse]:
    """Return the excuses; one on a line of its own covers the next line that is no comment."""
    lines = detector.text.split("\n")
    found = []
    for number, line in enumerate(lines, 1):
        if excuse := _EXCUSE.search(line):
            covers = number
            while lines[covers - 1].lstrip().startswith("--") and covers < len(lines):
                covers += 1
            found.append(Excuse(number, excuse["reason"].strip(), covers))
    return found


@dataclass(frozen=True)
class _Site:
    node: Node
    new: Node
    fault: str
    strict: bool = False


def _mutant(detector: Detector, query: Node, site: _Site) -> Mutant:
    line, said = _place(detector, site.node)
    knobs = frozenset(_knobs(site.node)) if site.strict else frozenset()
    old = dict(site.node)
    site.node.clear()
    site.node.update(site.new)
    text = text_of(query)
    site.node.clear()
    site.node.update(old)
    return Mutant(replace(detector, text=text), line, f"{site.fault}: {said}", knobs)


def _knobs(node: Node) -> Iterator[str]:
    for found in within(node, ("FUNCTION",)):
        if found["function_name"] == "knob":
            yield found["arguments"][0]["expression"]["literal"]["text"]


def _place(detector: Detector, node: Node) -> tuple[int, str]:
    """Return the line where `node` begins, and its text without comments.

    A part that DuckDB made up stands nowhere.
    """
    raw = detector.text.encode()
    spans = [
        (start, start + each.get("query_location_length", 0))
        for each in nodes(node)
        if (start := each.get("query_location", len(raw))) < len(raw)
    ]
    start = min((start for start, _ in spans), default=0)
    end = max((end for _, end in spans), default=0)
    return raw[:start].count(b"\n") + 1, " ".join(_COMMENT.sub("", raw[start:end].decode()).split())


def _parts_of(join: Node) -> list[Node]:
    whole = join.get("condition") or {}
    return list(whole["children"]) if whole.get("type") == "CONJUNCTION_AND" else [whole]


def _is_key(part: Node) -> bool:
    """Tell whether a join finds its rows by `part`, an equality of columns: else all match all."""
    sides = (part.get("left"), part.get("right"))
    return part.get("type") == "COMPARE_EQUAL" and all(
        within(side, ("COLUMN_REF",)) for side in sides
    )


def _drops(query: Node) -> Iterator[_Site]:
    """Yield each predicate of each clause, to be dropped."""
    for node in nodes(query):
        for key in _CLAUSES:
            clause = node.get(key)
            if isinstance(clause, dict) and "class" in clause:
                # A QUALIFY without a window is none.
                kept = "count(*) OVER () > 0" if key == "qualify" else "true"
                if clause["type"] != "CONJUNCTION_AND":
                    yield _Site(clause, _expression(kept), "dropped")
                yield from _parts(clause, kept)


def _parts(node: Node, kept: str) -> Iterator[_Site]:
    while node["type"] == "OPERATOR_NOT":
        node = node["children"][0]
    if node["class"] == "CONJUNCTION":
        without = kept if node["type"] == "CONJUNCTION_AND" else f"NOT ({kept})"
        for child in node["children"]:
            yield _Site(child, _expression(without), "dropped")
            yield from _parts(child, kept)


def _flips(query: Node) -> Iterator[_Site]:
    """Yield each comparison, to be flipped."""
    for node in nodes(query):
        if node.get("class") == "COMPARISON" and (kind := _FLIPS.get(node["type"])):
            fault = f"{_SIGNS[node['type']]} became {_SIGNS[kind]}"
            yield _Site(node, {**node, "type": kind}, fault, kind in _STRICT)
        elif node.get("type") == "COMPARE_BETWEEN":
            for low, high, end in ((">", "<=", "first"), (">=", "<", "last")):
                new = _expression(f"a {low} b AND c {high} d") | {"alias": node["alias"]}
                above, below = new["children"]
                above |= {"left": node["input"], "right": node["lower"]}
                below |= {"left": node["input"], "right": node["upper"]}
                yield _Site(node, new, f"BETWEEN lost its {end}", strict=True)


def _expression(text: str) -> Node:
    expression: Node = parsed(f"SELECT {text}")["select_list"][0]
    return expression
