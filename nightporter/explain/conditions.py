"""The conditions of a filter, as a tree: what is compared, with which knob, and how.

Made from the parse of a WHERE, HAVING or QUALIFY; knows no row.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from nightporter.rules.syntax import SIGNS, Node, within, words

_TURNED = {">=": "<=", ">": "<", "<=": ">=", "<": ">"}


@dataclass(frozen=True)
class Leaf:
    """One condition: `observed` `sign` `wanted`, or only `text` where nothing is compared.

    `knobs` are those of `wanted`. A selector asks what a row is about, and no number of it: a
    row that fails one is no near miss, but another matter. `key` names its columns in a probe.
    """

    key: str
    node: Node
    text: str
    selects: bool
    name: str = ""
    sign: str = ""
    observed: Node | None = None
    wanted: Node | None = None
    knobs: tuple[str, ...] = ()

    @property
    def bare(self) -> bool:
        """Whether a knob is all that stands on the other side."""
        return self.wanted is not None and self.wanted.get("function_name") == "knob"


@dataclass(frozen=True)
class Branch:
    """Conditions of which all must hold, or any."""

    kind: Literal["all", "any"]
    parts: tuple["Leaf | Branch", ...]
    text: str = ""

    @property
    def selects(self) -> bool:
        return all(part.selects for part in self.parts)


@dataclass
class _Reader:
    """Numbers the leaves as it meets them; `names` says what the result calls an expression."""

    names: Mapping[str, str]
    count: int = field(default=0)

    def tree(self, node: Node) -> Leaf | Branch:
        if node["class"] == "CONJUNCTION":
            kind: Literal["all", "any"] = "all" if node["type"] == "CONJUNCTION_AND" else "any"
            return Branch(kind, tuple(self.tree(each) for each in node["children"]), _said(node))
        if node["type"] == "COMPARE_BETWEEN":
            low, high = (
                _comparison(sign, node["input"], node[end])
                for sign, end in (("GREATER", "lower"), ("LESS", "upper"))
            )
            return Branch("all", (self.leaf(low), self.leaf(high)), _said(node))
        return self.leaf(node)

    def leaf(self, node: Node) -> Leaf:
        self.count += 1
        key, text = f"np_{self.count}", _said(node)
        sign = SIGNS.get(node["type"], "") if node["class"] == "COMPARISON" else ""
        if not sign:
            return Leaf(key, node, text, selects=not _knobs(node))
        observed, wanted = node["left"], node["right"]
        if _knobs(observed) and not _knobs(wanted):
            observed, wanted, sign = wanted, observed, _TURNED.get(sign, sign)
        selects = sign in ("=", "<>") and not _knobs(node)
        name = self.names.get(words(observed), _plain(observed))
        return Leaf(key, node, text, selects, name, sign, observed, wanted, _knobs(wanted))


def read_conditions(node: Node, names: Mapping[str, str]) -> Branch:
    """Return the conditions of a filter, those that must all hold at the top.

    `names` maps the SQL of an expression to the column under which the detector shows it.
    """
    tree = _Reader(names).tree(node)
    return tree if isinstance(tree, Branch) and tree.kind == "all" else Branch("all", (tree,))


def leaves(tree: Leaf | Branch) -> Iterator[Leaf]:
    """Yield the conditions of `tree`, in the order of the file."""
    if isinstance(tree, Leaf):
        yield tree
        return
    for part in tree.parts:
        yield from leaves(part)


def shown_as(select_list: list[Node]) -> dict[str, str]:
    """Return what a SELECT calls each expression that it shows, whatever it casts it to."""
    names = {}
    for entry in select_list:
        inner = entry["child"] if entry["class"] == "CAST" else entry
        if entry.get("alias"):
            names[words(inner)] = str(entry["alias"])
    return names


def _comparison(sign: str, left: Node, right: Node) -> Node:
    return {
        "class": "COMPARISON",
        "type": f"COMPARE_{sign}THANOREQUALTO",
        "alias": "",
        "left": left,
        "right": right,
    }


def _knobs(node: Node) -> tuple[str, ...]:
    """Return the names of the knobs in an expression."""
    calls = [each for each in within(node, ("FUNCTION",)) if each["function_name"] == "knob"]
    found = (call["arguments"][0]["expression"]["literal"]["text"] for call in calls)
    return tuple(dict.fromkeys(found))


def _plain(node: Node) -> str:
    """Name an expression by its column where it is one, else by its SQL."""
    return str(node["column_names"][-1]) if node["class"] == "COLUMN_REF" else _said(node)


def _said(node: Node) -> str:
    """Return the SQL of an expression for a reader: knobs by name, no parentheses around it."""
    text = re.sub(r"knob\('(\w+)', [^()]+\)", r"\1", words(node))
    text = re.sub(r'"(\w+)"', r"\1", text)
    return text[1:-1] if _enclosed(text) else text


def _enclosed(text: str) -> bool:
    """Tell whether the first parenthesis closes at the end."""
    depth = 0
    for at, sign in enumerate(text):
        depth += {"(": 1, ")": -1}.get(sign, 0)
        if depth == 0:
            return at == len(text) - 1 and at > 0
    return False
