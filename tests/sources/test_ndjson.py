"""JSON lines: each bad one is refused alone, objects are reached into, literal names go first."""

import json
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nightporter.errors import ConfigError
from nightporter.sources.blocks import Block
from nightporter.sources.ndjson import parse_exact, parse_fast
from tests.sources.feeds import ACCESS, rows, take, workspace, write

GOOD = b'{"time":"2024-05-01T10:00:00Z","who":"wei","op":"READ","size":7}'

TORTURE = {
    "no JSON": (b"hello", "bad_json"),
    "two objects": (GOOD + GOOD, "bad_json"),
    "cut": (GOOD[:-4], "bad_json"),
    "half a surrogate": (rb'{"who":"\ud800"}', "bad_json"),
    "a list": (b"[1]", "not_an_object"),
    "null": (b"null", "not_an_object"),
    "invalid UTF-8": (b'{"who":"\xff"}', "bad_utf8"),
    "a NUL": (b'{"who":"\0"}', "nul_byte"),
    "an escaped NUL": (GOOD.replace(b"wei", rb"w\u0000"), "nul_byte"),
    "nobody": (GOOD.replace(b"wei", b""), "no_subject"),
    "null for nobody": (GOOD.replace(b'"wei"', b"null"), "no_subject"),
    "no time": (b'{"who":"wei","op":"READ"}', "no_stamp"),
    "a word for a number": (GOOD.replace(b":7", b':"much"'), "bad_number"),
    "a number too large": (GOOD.replace(b":7", b":99999999999999999999"), "bad_number"),
    "a fraction": (GOOD.replace(b":7", b":7.5"), "bad_number"),
    "two megabytes": (b'{"who":"' + b"x" * (2 << 20), "line_too_long"),
}


@pytest.mark.parametrize(("line", "reason"), TORTURE.values(), ids=TORTURE)
def test_a_bad_line_is_one_reject_and_its_neighbours_are_events(
    tmp_path: Path, line: bytes, reason: str
) -> None:
    made = workspace(tmp_path, ACCESS)
    other = GOOD.replace(b":7", b":8")
    write(tmp_path, "a.ndjson", GOOD + b"\r\n\n" + line + b"\n" + other)
    load = take(made)
    assert rows(made, "rejects").select("line", "reason", "raw").rows() == [(3, reason, line)]
    assert (load.lines, load.accepted) == (3, 2)
    assert rows(made).select("line", "bytes", "action", "app_action").sort("line").rows() == [
        (1, 7, "view", "READ"),
        (4, 8, "view", "READ"),
    ]


_JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=4)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=2), st.dictionaries(st.sampled_from("ab"), inner, max_size=2)
    ),
    max_leaves=5,
)
_LINE = st.one_of(
    st.dictionaries(st.sampled_from(["a", "b", "a.b"]), _JSON).map(json.dumps),
    st.sampled_from(["", " {}", "{}\r", "[1]", '{"a":1', "\x01", '{"a":"\\u0000"}', "{'a':1}"]),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(_LINE, min_size=1, max_size=6), st.booleans())
def test_the_fast_way_never_differs_from_the_exact_one(lines: list[str], ends: bool) -> None:
    data = ("\n".join(lines) + "\n" * ends).encode()
    if not data:
        return
    with duckdb.connect() as con:
        fast = parse_fast(Block(data, 5, closed=True), ["a", "a.b"], con)
        exact = parse_exact(Block(data, 5, closed=True), ["a", "a.b"], con)
    if fast is not None:
        assert fast.columns.rows() == exact.columns.rows()
        assert fast.lines.to_list() == exact.lines.to_list()
        assert list(fast.raw()) == list(exact.raw())
        assert (fast.physical, exact.rejects) == (exact.physical, [])


def test_plain_objects_take_the_fast_way() -> None:
    data = b'{"a":1}\n{"b":{"a":"x"}}\n'
    with duckdb.connect() as con:
        fast = parse_fast(Block(data, 1, closed=True), ["a", "b.a"], con)
    assert fast is not None
    assert fast.columns.rows() == [("1", None), (None, "x")]


def test_dots_reach_into_objects_unless_the_key_has_them(tmp_path: Path) -> None:
    toml = ACCESS.replace('"who"', '"user.name"').replace('"op"', '"{ev.kind}"')
    made = workspace(tmp_path, toml)
    deep = b'{"time":"2024-05-01T10:00:00Z","user":{"name":"deep"},"ev":{"kind":"READ"},"size":1}'
    flat = deep.replace(b'"ev"', b'"user.name":"flat","ev"')
    write(tmp_path, "a.ndjson", deep + b"\n" + flat + b"\n")
    assert take(made).problems == ()
    assert rows(made).sort("line")["account"].to_list() == ["deep", "flat"]


@pytest.mark.parametrize("theirs", ["whom", "user.name"])
def test_a_key_that_no_object_has_is_a_fault_of_the_map(tmp_path: Path, theirs: str) -> None:
    made = workspace(tmp_path, ACCESS.replace('"who"', f'"{theirs}"'))
    write(tmp_path, "a.ndjson", GOOD + b"\n")
    error = take(made).problems[0]
    assert isinstance(error, ConfigError)
    assert error.text == f'account = "{theirs}"'
    assert "(valid: op, size, time, who)" in str(error)
    assert take(made).loaded == 0


def test_a_key_that_few_objects_lack_is_a_notice(tmp_path: Path) -> None:
    made = workspace(tmp_path, ACCESS.replace("bytes", 'session_id = "sid"\nbytes'))
    write(tmp_path, "a.ndjson", GOOD + b"\n")
    said: list[str] = []
    assert take(made, notice=said.append).accepted == 1
    assert "none of its 1 objects has 'sid'" in said[0]


def test_a_key_misspelt_is_a_fault_even_if_it_is_optional(tmp_path: Path) -> None:
    made = workspace(tmp_path, ACCESS.replace('bytes = "size"', 'bytes = "sizes"'))
    write(tmp_path, "a.ndjson", GOOD + b"\n")
    assert "did you mean size?" in str(take(made).problems[0])
