"""Compiled rules find what a plain reading of Sigma, event by event, finds."""

import re
from collections.abc import Mapping
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from laws import tried
from sigma_rules import at, correlation, found, rule, tables, written

from nightporter.rules.sigma import read_sigma

# Few letters, so that random values meet; those that SQL, LIKE and Sigma take for signs.
TEXTS = st.text("aB%_*?\\'", max_size=4)
FIELDS = ("resource", "host", "process")
EVENT = st.fixed_dictionaries({field: st.none() | TEXTS for field in FIELDS})
MODIFIERS = ("", "|contains", "|startswith", "|endswith", "|cased", "|neq", "|contains|all")


@st.composite
def items(draw: st.DrawFn) -> tuple[str, Any]:
    modifier = draw(st.sampled_from(MODIFIERS))
    key = draw(st.sampled_from(FIELDS)) + modifier
    if modifier == "|contains|all":
        return key, draw(st.lists(TEXTS, min_size=2, max_size=2))
    nothing = st.none() if not modifier else st.nothing()
    return key, draw(st.one_of(TEXTS, nothing, st.lists(TEXTS, min_size=1, max_size=3)))


SELECTION = st.lists(items(), min_size=1, max_size=2).map(dict)
CONDITIONS = {
    "a": lambda a, b: a,
    "not a": lambda a, b: not a,
    "a and not b": lambda a, b: a and not b,
    "a or b": lambda a, b: a or b,
    "not (a or not b)": lambda a, b: not (a or not b),
    "1 of them": lambda a, b: a or b,
    "all of them": lambda a, b: a and b,
}


@tried(30)
@given(
    st.lists(EVENT, min_size=1, max_size=12), SELECTION, SELECTION, st.sampled_from([*CONDITIONS])
)
def test_a_condition_finds_what_a_plain_reading_finds(
    tmp_path_factory: pytest.TempPathFactory,
    events: list[dict[str, str | None]],
    a: dict[str, Any],
    b: dict[str, Any],
    condition: str,
) -> None:
    con = tables({"access": [at(n, **event) for n, event in enumerate(events)]})
    path = written(tmp_path_factory.mktemp("pack"), rule({"a": a, "b": b, "condition": condition}))
    meant = CONDITIONS[condition]
    wanted = {n for n, event in enumerate(events) if meant(holds(a, event), holds(b, event))}
    assert found(con, read_sigma(path)) == wanted


def holds(selection: Mapping[str, Any], event: Mapping[str, str | None]) -> bool:
    return all(item_holds(key, value, event) for key, value in selection.items())


def item_holds(key: str, value: Any, event: Mapping[str, str | None]) -> bool:
    field, *modifiers = key.split("|")
    values = value if isinstance(value, list) else [value]
    matches = [one_holds(event[field], each, modifiers) for each in values]
    if "neq" in modifiers:
        return not any(matches)
    return all(matches) if "all" in modifiers else any(matches)


def one_holds(text: str | None, wanted: str | None, modifiers: list[str]) -> bool:
    if wanted is None or text is None:
        return text is wanted
    pattern = pattern_of(wanted)
    before = ".*" if {"contains", "endswith"} & {*modifiers} else ""
    after = ".*" if {"contains", "startswith"} & {*modifiers} else ""
    flags = re.DOTALL if "cased" in modifiers else re.DOTALL | re.IGNORECASE
    return re.fullmatch(before + pattern + after, text, flags) is not None


def pattern_of(wanted: str) -> str:
    """A backslash makes a sign of the next of `*?\\`, and is itself before all else."""
    parts, at = [], 0
    while at < len(wanted):
        sign = wanted[at]
        if sign == "\\" and wanted[at + 1 : at + 2] in ("*", "?", "\\"):
            at += 1
            parts.append(re.escape(wanted[at]))
        else:
            parts.append({"*": ".*", "?": "."}.get(sign, re.escape(sign)))
        at += 1
    return "".join(parts)


SPAN = 10
HAPPENED = st.tuples(
    st.integers(0, 40), st.sampled_from(["ana", "bo"]), st.sampled_from(["a", "b", None])
)
KINDS = ("event_count", "value_count", "temporal", "temporal_ordered")
Happened = tuple[int, str, str | None]


@tried(25)
@given(st.lists(HAPPENED, max_size=9), st.sampled_from(KINDS), st.integers(1, 3))
def test_a_correlation_finds_what_each_window_holds(
    tmp_path_factory: pytest.TempPathFactory, events: list[Happened], kind: str, least: int
) -> None:
    condition = {
        "event_count": {"condition": {"gte": least}},
        "value_count": {"condition": {"gte": least, "field": "host"}},
    }.get(kind, {})
    documents = correlation(
        rule("host: a"), rule("host: b"), type=kind, timespan=f"{SPAN}m", **condition
    )
    if not kind.startswith("temporal"):
        documents = correlation(rule("action: view"), type=kind, timespan=f"{SPAN}m", **condition)
    detector = read_sigma(written(tmp_path_factory.mktemp("pack"), *documents))
    cells = [at(minute, account=who, host=host) for minute, who, host in events]
    assert found(tables({"access": cells}), detector) == windows(events, kind, least)


def windows(events: list[Happened], kind: str, least: int) -> set[int]:
    """Return the events of each window that ends with an event and holds what is asked."""
    ruled = kind.startswith("temporal")
    numbers: set[int] = set()
    for until, who, last in events:
        inside = {
            n: (minute, host)
            for n, (minute, other, host) in enumerate(events)
            if other == who and until - SPAN <= minute <= until and (host or not ruled)
        }
        if (last or not ruled) and asked(inside, kind, least, until):
            numbers |= set(inside)
    return numbers


def asked(
    inside: dict[int, tuple[int, str | None]], kind: str, least: int, until: int
) -> bool:  # fmt: skip
    hosts = {host for _, host in inside.values() if host}
    if kind == "event_count":
        return len(inside) >= least
    if kind == "value_count":
        return len(hosts) >= least
    if kind == "temporal":
        return len(hosts) == 2
    pairs = product(inside.values(), repeat=2)
    return any(
        first < second == until and (one, two) == ("a", "b")
        for (first, one), (second, two) in pairs
    )


def test_the_reading_of_this_file_knows_escapes() -> None:
    assert pattern_of(r"a\*b*\\?") == r"a\*b.*\\."
