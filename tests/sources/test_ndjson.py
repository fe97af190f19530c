"""JSON lines: each bad one is refused alone, objects are reached into, literal names go first."""

from pathlib import Path

import pytest

from nightporter.errors import ConfigError
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
