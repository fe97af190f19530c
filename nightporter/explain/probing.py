"""A detector with one filter taken out: SQL that shows one person's rows and what they failed.

Takes the parse of the detector apart; what it makes is a detector again, which the allow-list
judges and the locked process runs. Knows no row.
"""

import copy
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from nightporter.explain.conditions import Branch, Leaf, leaves, read_conditions, shown_as
from nightporter.rules.detector import Detector
from nightporter.rules.syntax import Node, aggregated, columns, common, parsed, sources, text_of
from nightporter.schema import SOURCES

# What the rows of every table that a detector reads say of whom and when.
_PERSONAL = (
    *SOURCES, "user_day", "user_slow", "user_hour", "seen", "host_day", "presence", "whereabouts",
)  # fmt: skip

_HEADER = """-- /// detector
-- title = "A question about one person"
-- level = "informational"
-- status = "test"
-- tags = ["attack.collection"]
-- lookback = "{lookback}d"
-- says = "{{user_id}}"
-- ///

"""


@dataclass(frozen=True)
class Probe:
    """A detector that shows a person's rows before the filter `conditions`; `stage` names it."""

    detector: Detector
    stage: str
    conditions: Branch


@dataclass(frozen=True)
class Anatomy:
    """A detector's query and its CTEs, ready to be asked about one person and one day."""

    detector: Detector
    person: str
    day: date

    @cached_property
    def query(self) -> Node:
        return parsed(self.detector.text)

    @cached_property
    def known(self) -> dict[str, list[str]]:
        """Return the columns of every table and CTE that can be asked about a person."""
        known = {table: ["user_id", "day"] for table in _PERSONAL}
        for name, node in common(self.query).items():
            known[name] = columns(node, known)
        return known

    def about_people(self) -> bool:
        return "user_id" in columns(self.query, self.known)

    def target(self, cte: str | None) -> Node:
        """Return the query that makes `cte`, or the final one; without its own CTEs."""
        return self.query if cte is None else common(self.query)[cte]

    def needs(self, cte: str | None) -> list[str]:
        """Return the tables and CTEs without whose rows there is none in `cte`."""
        return sources(self.target(cte).get("from_table"))

    def census(self) -> Detector | None:
        """Return a detector of one row: how many rows each CTE has for the person."""
        known = self.known
        asked = [name for name in common(self.query) if "user_id" in known[name]]
        if not asked:
            return None
        counts = ", ".join(
            f'(SELECT count(*) FROM "{name}" WHERE {self._mine(known[name])}) AS "np_{name}"'
            for name in asked
        )
        body = parsed(f"SELECT {self._person()} AS user_id, {self._date()} AS day, {counts}")
        return self._detector(text_of({**body, "cte_map": self.query["cte_map"]}))

    def probes(self, cte: str | None) -> Iterator[Probe]:
        """Yield a probe for each filter of `cte`, the last that a row must pass first."""
        target = self.target(cte)
        if target.get("type") != "SELECT_NODE":
            return
        grouped = bool(target["group_expressions"]) or _groups(target)
        for stage in ("qualify", "having", "where_clause"):
            if not target[stage]:
                continue
            conditions = read_conditions(target[stage], shown_as(target["select_list"]))
            opened = _opened(target, stage, grouped)
            for leaf in leaves(conditions):
                opened["select_list"] += _projected(leaf)
            text = self._asked(cte, opened, conditions)
            yield Probe(self._detector(text), stage.removesuffix("_clause").upper(), conditions)

    def _asked(self, cte: str | None, opened: Node, conditions: Branch) -> str:
        """The rows of `opened` that are the person's, after the CTEs that it may read."""
        ctes = self.query["cte_map"]["map"]
        before = [entry["key"] for entry in ctes].index(cte) if cte else len(ctes)
        whole = {**opened, "cte_map": {"map": ctes[:before]}}
        names = columns(opened, self.known)
        keys = ", ".join(
            f'"{column["alias"]}"' for leaf in leaves(conditions) for column in _projected(leaf)
        )
        day = "day" if "day" in names else f"{self._date()} AS day"
        inner = text_of(whole).rstrip().rstrip(";")
        return f"SELECT user_id, {day}, {keys} FROM ({inner}) AS np WHERE {self._mine(names)}"

    def _mine(self, names: list[str]) -> str:
        today = f" AND day = {self._date()}" if "day" in names else ""
        return f"user_id = {self._person()}{today}"

    def _person(self) -> str:
        """A name can hold anything, a line of a detector's frame too: here it is hex digits."""
        return f"decode(unhex('{self.person.encode('utf-8', 'replace').hex()}'))"

    def _date(self) -> str:
        return f"DATE '{self.day}'"

    def _detector(self, sql: str) -> Detector:
        lookback = self.detector.header.lookback
        return replace(self.detector, text=f"{_HEADER.format(lookback=lookback)}{sql}\n")


def _groups(target: Node) -> bool:
    return target["aggregate_handling"] == "FORCE_AGGREGATES" or any(
        aggregated(entry) for entry in target["select_list"]
    )


def _opened(target: Node, stage: str, grouped: bool) -> Node:
    """Return `target` without the filter `stage` and without those that come after it."""
    node = copy.deepcopy(target)
    node["modifiers"] = []
    for later in {"qualify": (), "having": ("qualify",), "where_clause": ("qualify", "having")}[
        stage
    ]:
        node[later] = None
    node[stage] = None
    if stage == "where_clause" and grouped:
        # Before the rows are grouped: only whose they are and of which day.
        node |= {"group_expressions": [], "group_sets": []}
        node["aggregate_handling"] = "STANDARD_HANDLING"
        node["select_list"] = [
            entry
            for entry in node["select_list"]
            if columns({"select_list": [entry]}, {}) in (["user_id"], ["day"])
            and not aggregated(entry)
        ]
    return node


def _projected(leaf: Leaf) -> list[Node]:
    """The columns of one condition: whether it holds, and its two sides."""
    sides = {"": leaf.node, "_is": leaf.observed, "_wants": leaf.wanted}
    return [
        {**copy.deepcopy(node), "alias": f"{leaf.key}{end}"}
        for end, node in sides.items()
        if node is not None
    ]
