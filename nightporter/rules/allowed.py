"""The allow-list: which SQL a detector may hold, judged on DuckDB's own parse of it.

What is not known to be harmless is refused, whatever DuckDB learns to do next.
"""

import functools
import json
import re
from dataclasses import dataclass, field
from typing import Any

import duckdb

from nightporter.context.tables import TABLES as CONTEXT
from nightporter.errors import DetectorError, did_you_mean
from nightporter.rules.detector import Knob, Query
from nightporter.rules.sheet import Sheet
from nightporter.schema import SOURCES

DERIVED = (
    "user_day", "user_hour", "user_slow", "seen", "host_day", "presence", "feed_day", "feed_clock",
    "identities_unmapped", "whereabouts",
)  # fmt: skip
# What has no days: which zone lies in which, and what the night knows of the pack.
TIMELESS = ("zones", "detector_sources")
TABLES = frozenset((*SOURCES, *DERIVED, *TIMELESS, *CONTEXT))

_QUERIES = {"SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "CTE_NODE"}
_PLACES = {
    "BASE_TABLE", "JOIN", "SUBQUERY", "TABLE_FUNCTION", "EMPTY", "EXPRESSION_LIST",
}  # fmt: skip
_EXPRESSIONS = {
    "BETWEEN", "CASE", "CAST", "COLUMN_REF", "COMPARISON", "CONJUNCTION", "CONSTANT", "FUNCTION",
    "LAMBDA", "LAMBDA_REF", "OPERATOR", "POSITIONAL_REFERENCE", "STAR", "SUBQUERY", "TYPE",
    "WINDOW", "COLLATE",
}  # fmt: skip
DEEPEST = 100
_TABLE_FUNCTIONS = {"range", "generate_series", "unnest"}

# Macros of DuckDB that were read one by one, and what its list of functions does not name.
_MACROS = {
    "array_append", "array_to_string", "date_add", "days_in_month", "fdiv", "fmod", "geomean",
    "if", "ifnull", "knob", "list_any_value", "list_append", "list_avg", "list_bool_and",
    "list_bool_or", "list_count", "list_first", "list_histogram", "list_last", "list_mad",
    "list_max", "list_median", "list_min", "list_mode", "list_prepend", "list_product",
    "list_reverse", "list_stddev_pop", "list_stddev_samp", "list_string_agg", "list_sum",
    "nullif", "split_part", "unnest", "wavg", "weighted_avg",
}  # fmt: skip
# "Consistent" by DuckDB's list, yet not for us: clock, chance, session, other SQL, internals.
_REFUSED = re.compile(
    r"__internal.*|(get_|txid_|inet_|pg_|has_|st_|parse_duckdb|json_(de)?serialize).*"
    r"|current_.*|.*(setting|variable|sleep|query|random|uuid|write|read|log_message|secret).*"
    r"|age|ago|now|today|version|localtime(stamp)?|reservoir_quantile|nextval|currval|setval"
    r"|create_sort_key|can_cast_implicitly|make_type|cast_to_type|get_type|replace_type|invoke"
    r"|finalize|combine|combine_aggr|to_aggregate_state|error|user|session_user|getenv|stats|index_key"
)
_SPECIAL_NAMES = {
    "current_date", "current_time", "current_timestamp", "localtime", "localtimestamp",
    "current_user", "session_user", "user", "current_role", "current_catalog", "current_schema",
    "current_database", "rowid",
}  # fmt: skip


@functools.cache
def parser() -> duckdb.DuckDBPyConnection:
    """Return the connection that only ever parses: opening one costs more than a parse."""
    return duckdb.connect(config={"threads": 1, "enable_external_access": False})


@functools.cache
def _functions() -> frozenset[str]:
    """Return what answers the same whenever it is asked.

    DuckDB 2.0.1 calls what depends on the session's time zone, such as `-` of two instants,
    consistent within a query only; ours is always UTC.
    """
    rows = parser().cursor().execute(
        """SELECT lower(function_name) FROM duckdb_functions()
        WHERE function_type IN ('scalar', 'aggregate', 'window')
        GROUP BY 1
        HAVING bool_or(stability = 'CONSISTENT') AND NOT bool_or(stability = 'VOLATILE')"""
    )  # fmt: skip
    known = {str(name) for (name,) in rows.fetchall()}
    return frozenset({name for name in known if not _REFUSED.fullmatch(name)} | _MACROS)


def allowed(sheet: Sheet) -> Query:
    """Return what the SELECT of `sheet` uses; raise DetectorError if any of it is not allowed."""
    walk = _Walk(sheet)
    try:
        node = single_select(sheet)
        walk.node(node, frozenset())
    except RecursionError:
        raise sheet.fault("the SELECT is nested too deeply") from None
    return Query(
        frozenset(walk.tables),
        tuple(walk.knobs.values()),
        frozenset(walk.functions),
        frozenset(walk.texts),
        _columns(node),
    )


def single_select(sheet: Sheet) -> dict[str, Any]:
    too_deep = _too_deep(sheet.text)
    if too_deep is not None:
        raise sheet.fault("the SELECT is nested too deeply", sheet.line_at(too_deep))
    found = parser().cursor().execute("SELECT json_serialize_sql(?)", [sheet.text]).fetchall()
    parsed: dict[str, Any] = json.loads(found[0][0])
    if parsed["error"]:
        line = sheet.line_at(int(parsed["position"])) if parsed.get("position") else None
        if parsed.get("error_type") == "not implemented":
            raise sheet.fault("a detector is one SELECT and nothing else", first_line(sheet.text))
        raise sheet.fault(str(parsed["error_message"]), line)
    statements = parsed["statements"]
    if len(statements) != 1:
        message = f"a detector is one SELECT; this file holds {len(statements) or 'none'}"
        raise sheet.fault(message, first_line(sheet.text))
    node: dict[str, Any] = statements[0]["node"]
    return node


def _too_deep(text: str) -> int | None:
    """Return where brackets nest deeper than any SELECT needs, in bytes of `text`.

    The parser takes minutes over a file of nothing but nested joins, and it knows no clock.
    """
    raw, depth = text.encode(), 0
    for at, kind in duckdb.tokenize(text):
        if kind == duckdb.token_type.operator:
            sign = raw[at : at + 1]
            depth += (sign in (b"(", b"[")) - (sign in (b")", b"]"))
            if depth > DEEPEST:
                return int(at)
    return None


_LEAD = re.compile(r"(?:\s+|--[^\n]*|/\*.*?\*/)*", re.DOTALL)


def first_line(text: str) -> int:
    """Return the line on which the SQL of `text` begins, after blanks and comments."""
    lead = _LEAD.match(text)
    return text[: lead.end() if lead else 0].count("\n") + 1


def _columns(node: dict[str, Any]) -> tuple[str, ...] | None:
    while "select_list" not in node:
        first = node.get("left") or next(iter(node.get("children") or []), None)
        if not isinstance(first, dict):
            return None
        node = first
    names = [_column(entry) for entry in node["select_list"]]
    return tuple(names) if all(names) else None


def _column(entry: dict[str, Any]) -> str:
    """Return the name of a column, "" where only DuckDB knows it."""
    return str(entry.get("alias") or (entry.get("column_names") or [""])[-1])


@dataclass
class _Walk:
    """Goes through the parse once and notes what it meets."""

    sheet: Sheet
    tables: set[str] = field(default_factory=set)
    functions: set[str] = field(default_factory=set)
    texts: set[str] = field(default_factory=set)
    knobs: dict[str, Knob] = field(default_factory=dict)
    line: int | None = None

    def fault(self, message: str, hint: str | None = None) -> DetectorError:
        return self.sheet.fault(message, self.line or first_line(self.sheet.text), hint)

    def query(self, node: dict[str, Any], scope: frozenset[str]) -> None:
        """Check a query node; `scope` holds the CTE names that it may read."""
        if node.get("type") not in _QUERIES:
            kind = str(node.get("type")).removesuffix("_NODE").removesuffix("_QUERY")
            raise self.fault(f"{kind} is not allowed in a detector: it only reads")
        for entry in node.get("cte_map", {}).get("map", []):
            name = _folded(entry["key"])
            if name in TABLES:
                raise self.fault(f"a CTE may not take the name of the table {name}")
            self.visit(entry["value"], scope)
            scope |= {name}
        # A recursion knows itself on its right side alone: on the left its name is a table's.
        own = {_folded(node["cte_name"])} if node["type"] == "RECURSIVE_CTE_NODE" else set()
        for key, item in node.items():
            if key != "cte_map":
                self.visit(item, scope | own if key == "right" else scope)

    def visit(self, value: Any, scope: frozenset[str]) -> None:
        """Check everything in `value`, however it is nested."""
        if isinstance(value, dict):
            self.node(value, scope)
        elif isinstance(value, list):
            for item in (each for each in value if isinstance(each, dict | list)):
                self.visit(item, scope)

    def node(self, node: dict[str, Any], scope: frozenset[str]) -> None:
        position = node.get("query_location")
        if isinstance(position, int):
            self.line = self.sheet.line_at(position) or self.line
        if node.get("sample") or node.get("at_clause"):
            raise self.fault("neither samples nor versions: same logs, same findings")
        if "cte_map" in node or str(node.get("type")).endswith("_NODE"):
            self.query(node, scope)
            return
        if "class" in node:
            self.expression(node)
        elif "sample" in node:
            self.place(node, scope)
        self.visit(list(node.values()), scope)

    def place(self, node: dict[str, Any], scope: frozenset[str]) -> None:
        kind = node["type"]
        if kind not in _PLACES:
            raise self.fault(f"{kind} is not allowed after FROM")
        if kind == "TABLE_FUNCTION":
            name = node["function"].get("function_name", "")
            if name.lower() not in _TABLE_FUNCTIONS or _qualified(node["function"]):
                hint = f"allowed: {', '.join(sorted(_TABLE_FUNCTIONS))}"
                raise self.fault(f"the table function {name} is not allowed", hint)
        if kind == "BASE_TABLE":
            name = node["table_name"]
            if node.get("schema_name") or node.get("catalog_name"):
                raise self.fault(f"{name}: tables are named without schema or catalog")
            folded = _folded(name)
            if folded not in scope | TABLES:
                raise self.fault(f"no table {name!r}", did_you_mean(name, TABLES | scope))
            if folded not in scope:
                self.tables.add(folded)

    def expression(self, node: dict[str, Any]) -> None:
        kind = node["class"]
        if kind not in _EXPRESSIONS:
            raise self.fault(f"{kind} is not allowed in a detector")
        if kind in ("FUNCTION", "WINDOW"):
            self.function(node)
        elif kind == "CONSTANT" and node["literal"].get("kind") == "STRING":
            self.texts.add(node["literal"]["text"])
        elif kind == "COLUMN_REF" and node["column_names"][-1].lower() in _SPECIAL_NAMES:
            raise self.fault(
                f"{node['column_names'][-1]} is not allowed: a detector knows neither clock"
                " nor session", "the engine cuts the window"
            )  # fmt: skip

    def function(self, node: dict[str, Any]) -> None:
        name = str(node["function_name"]).lower()
        if _qualified(node):
            raise self.fault(f"{name}: functions are named without schema")
        if name not in _functions() and name not in _TABLE_FUNCTIONS:
            guess, _, rest = did_you_mean(name, _functions()).partition("  (")
            raise self.fault(f"the function {name} is not allowed", guess if rest else None)
        self.functions.add(name)
        if name == "knob":
            self.knob(node)

    def knob(self, node: dict[str, Any]) -> None:
        values = [argument["expression"] for argument in node["arguments"]]
        name = values[0].get("literal", {}) if len(values) == 2 else {}
        default = _number(values[1]) if len(values) == 2 else None
        if name.get("kind") != "STRING" or default is None or not name["text"].isidentifier():
            raise self.fault("a knob is knob('name', number)")
        knob = Knob(name["text"], default, self.line or 0, self._reason())
        known = self.knobs.setdefault(knob.name, knob)
        if known.default != knob.default:
            raise self.fault(f"knob {knob.name} has two defaults, the other in line {known.line}")

    def _reason(self) -> str:
        """Return the comment beside the knob, else the one right above its line."""
        at = (self.line or 1) - 1
        above = self.sheet.lines[at - 1].strip() if at else ""
        beside = self.sheet.lines[at].partition("--")[2].strip()
        return beside or (above.removeprefix("--").strip() if above.startswith("--") else "")


def _folded(name: str) -> str:
    """Return a name as DuckDB compares it, which knows no capitals but those of ASCII."""
    return name.encode().lower().decode()


def _qualified(node: dict[str, Any]) -> bool:
    return bool(node.get("schema") or node.get("catalog"))


def _number(node: dict[str, Any]) -> float | None:
    if node.get("function_name") == "-" and len(node["arguments"]) == 1:
        inner = _number(node["arguments"][0]["expression"])
        return None if inner is None else -inner
    literal = node.get("literal", {})
    if node.get("class") != "CONSTANT" or literal.get("kind") in ("STRING", "NULL_LITERAL"):
        return None
    try:
        return float(literal["text"])
    except (KeyError, ValueError):
        return None
