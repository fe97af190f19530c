"""Lines of text: named groups are columns; what a pattern, an extract or a word does."""

from pathlib import Path

import pytest

from nightporter.errors import ConfigError
from tests.sources.feeds import rows, take, workspace, write

SAMBA = r"""
[site.BE]
zone = "Europe/Berlin"
[[feed]]
name = "samba"
source = "access"
paths = ["logs/*"]
format = "lines"
site = "BE"
pattern = '^(?<time>\S+) (?<user>[^|]*)\|(?<op>[^|]*)\|(?<path>.*)$'
[feed.fields]
ts = "time"
account = "user"
action = "op"
resource = "path"
[feed.extract]
account = '^(?:[^\\]+\\)?([^@]*)'
[feed.values.action]
pread = "view"
[feed.patterns.action]
'^p?write' = "write"
'write$' = "delete"
'^p' = "print"
[feed.automated]
account = ['\$$', '^SYSTEM$']
resource = ['(?i)\.TMP$']
"""
STAMP = "2026-01-01T10:00:00+01:00"


def log(*lines: str) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()


def test_named_groups_become_columns_and_other_lines_are_refused(tmp_path: Path) -> None:
    made = workspace(tmp_path, SAMBA)
    lines = [f"{STAMP} D\\wei@x|pread|a|b", "kernel: oops", "", f"{STAMP} ana|pread|ü\r", "\xff\0"]
    write(tmp_path, "a", "\ufeff".encode() + log(*lines))
    load = take(made)
    assert rows(made).sort("line").select("line", "account", "resource").rows() == [
        (1, "wei", "a|b"),
        (4, "ana", "ü"),
    ]
    refused = rows(made, "rejects").sort("line").select("line", "reason", "raw").rows()
    assert refused == [
        (2, "no_match", b"kernel: oops"),
        (5, "nul_byte", "\xff\0".encode()),
    ]
    assert load.lines == 4
    assert rows(made, "loads")["blank_lines"].to_list() == [1]


def test_extract_takes_the_group_or_else_the_whole_text(tmp_path: Path) -> None:
    made = workspace(tmp_path, SAMBA)
    names = ["D\\wei", "wei@site", "wei", "D\\@x"]
    write(tmp_path, "a", log(*(f"{STAMP} {name}|pread|{name}" for name in names)))
    take(made)
    assert rows(made).sort("line")["account"].to_list() == ["wei", "wei", "wei"]
    assert rows(made, "rejects").select("line", "reason").rows() == [(4, "no_subject")]


def test_words_go_before_patterns_and_the_first_pattern_that_is_found_wins(tmp_path: Path) -> None:
    made = workspace(tmp_path, SAMBA)
    words = ["pread", "pwrite", "overwrite", "print", "pxx", "Sesame", "view"]
    write(tmp_path, "a", log(*(f"{STAMP} wei|{word}|x" for word in words)))
    load = take(made)
    found = rows(made).sort("line")["action"].to_list()
    assert found == ["view", "write", "delete", "print", "print", "other", "view"]
    assert load.tally.unmapped == (("Sesame", 1),)


def test_what_a_pattern_calls_a_machine_is_automated(tmp_path: Path) -> None:
    made = workspace(tmp_path, SAMBA)
    lines = ["pc1$|pread|x", "SYSTEM|pread|x", "wei|pread|x.tmp", "wei|pread|", "wei|pread|x"]
    write(tmp_path, "a", log(*(f"{STAMP} {line}" for line in lines)))
    take(made)
    found = rows(made).sort("line")["automated"].to_list()
    assert found == [True, True, True, False, False]


def test_a_feed_that_names_no_machines_says_nothing_of_them(tmp_path: Path) -> None:
    made = workspace(tmp_path, SAMBA.partition("[feed.automated]")[0])
    write(tmp_path, "a", log(f"{STAMP} pc1$|pread|x"))
    take(made)
    assert rows(made)["automated"].to_list() == [None]


def test_refusals_are_counted_by_reason_with_their_first_line(tmp_path: Path) -> None:
    made = workspace(tmp_path, SAMBA)
    write(tmp_path, "a", log(f"{STAMP} wei|pread|x", "x", "Jan  1 10:00:00 y", "z wei|pread|x"))
    write(tmp_path, "b", log("x", f"{STAMP} ana|pread|x"))
    first, second = take(made).tally.refusals
    assert (first.reason, first.lines, first.path.name, first.line) == ("no_match", 3, "a", 2)
    assert (second.reason, second.lines, second.line) == ("bad_stamp", 1, 4)


def test_a_syslog_stamp_is_refused_with_what_the_sender_should_write(tmp_path: Path) -> None:
    made = workspace(tmp_path, SAMBA.replace(r"(?<time>\S+)", r"(?<time>[^|]{15})"))
    write(tmp_path, "a", log("Jan  1 10:00:00 wei|pread|x"))
    take(made)
    (detail,) = rows(made, "rejects")["detail"].to_list()
    assert "says no year" in detail
    assert "RFC 3339" in detail


FAULTS = {
    "no regular expression": ("'^p?write' = \"write\"", "'(' = \"write\"", "not a regular"),
    "look-around": ("'^p' = ", "'(?=p)' = ", "no look-around"),
    "no group": (r"'^(?:[^\\]+\\)?([^@]*)'", "'^x'", "exactly one group"),
    "an unknown word": ("'^p' = \"print\"", "'^p' = \"prnt\"", "did you mean print?"),
    "a group that is not there": ('resource = "path"', 'resource = "pth"', "no group named 'pth'"),
    "a field that is not mapped": ("account = ['\\$$'", "process = ['\\$$'", "no field 'process'"),
    "a stamp without a year": (
        'format = "lines"',
        'format = "lines"\nstamp = "%b %d %H:%M:%S"',
        "RSYSLOG_FileFormat",
    ),
}


@pytest.mark.parametrize(("old", "new", "says"), FAULTS.values(), ids=FAULTS)
def test_a_wrong_pattern_is_refused_with_its_line(
    tmp_path: Path, old: str, new: str, says: str
) -> None:
    assert old in SAMBA
    made = workspace(tmp_path, SAMBA.replace(old, new))
    write(tmp_path, "a", log(f"{STAMP} wei|pread|x"))
    with pytest.raises(ConfigError) as raised:
        take(made)
    assert says in str(raised.value)
    assert raised.value.text in SAMBA.replace(old, new).splitlines()


def test_stamps_of_a_zone_are_shown_on_the_clock_of_the_site(tmp_path: Path) -> None:
    made = workspace(tmp_path, SAMBA.replace('site = "BE"', 'site = "BE"\nzone = "UTC"'))
    write(tmp_path, "a", log("2026-07-01T10:00:00 wei|pread|x", f"{STAMP} wei|pread|x"))
    take(made)
    found = rows(made).sort("line").select("ts", "local_ts", "site").rows()
    assert [(str(ts), str(local), site) for ts, local, site in found] == [
        ("2026-07-01 10:00:00+00:00", "2026-07-01 12:00:00", "BE"),
        ("2026-01-01 09:00:00+00:00", "2026-01-01 10:00:00", "BE"),
    ]


@pytest.mark.parametrize("name", ["text", "place", "blank", "groups"])
def test_a_group_may_have_any_name(tmp_path: Path, name: str) -> None:
    named = SAMBA.replace("(?<path>", f"(?<{name}>").replace('"path"', f'"{name}"')
    made = workspace(tmp_path, named)
    write(tmp_path, "a", log(f"{STAMP} wei|pread|b", "", "kernel: oops"))
    assert (take(made).accepted, rows(made)["resource"].to_list()) == (1, ["b"])
    assert rows(made, "rejects")["raw"].to_list() == [b"kernel: oops"]
