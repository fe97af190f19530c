"""Windows event logs: the layout of winlogbeat; what is damaged is refused, the rest is read."""

import sys
from pathlib import Path

import pytest

from nightporter.errors import LogError
from nightporter.sources.reading import identify
from nightporter.sources.typed import Log
from tests.sources.feeds import rows, take, workspace, write
from tests.sources.written_evtx import Element, event_log

SECURITY = """
[[feed]]
name = "security"
source = "access"
paths = ["logs/*"]
format = "evtx"
only = {"winlog.event_id" = ["4624", "4625", "1102"]}
[feed.fields]
ts = "@timestamp"
account = ["winlog.event_data.TargetUserName", "winlog.user_data.SubjectUserName"]
action = "winlog.event_id"
host = "winlog.computer_name"
app = "winlog.provider_name"
record_id = "winlog.record_id"
outcome = "event.outcome"
resource = "winlog.event_data.param2"
[feed.values.action]
4624 = "logon"
4625 = "logon_failed"
1102 = "log_cleared"
"""


def security(event_id: str, number: int, data: Element) -> Element:
    keywords = "0x8010000000000000" if event_id == "4625" else "0x8020000000000000"
    system: tuple[Element, ...] = (
        ("Provider", {"Name": "Security-Auditing", "Guid": "{1}"}, ()),
        ("EventID", {}, event_id),
        ("Keywords", {}, keywords),
        ("TimeCreated", {"SystemTime": f"2026-01-01T10:00:0{number}.500000Z"}, ()),
        ("EventRecordID", {}, str(700 + number)),
        ("Channel", {}, "Security"),
        ("Computer", {}, "PC-7"),
    )
    return ("Event", {}, (("System", {}, system), data))


def who(name: str) -> Element:
    return ("EventData", {}, (("Data", {"Name": "TargetUserName"}, name),))


CLEARED: Element = (
    "UserData",
    {},
    (("LogFileCleared", {}, (("SubjectUserName", {}, "adm-wei"),)),),
)
EVENTS = [
    security("4624", 1, who("wei")),
    security("4634", 2, who("wei")),
    security("4625", 3, who("ana")),
    security("1102", 4, CLEARED),
]


def test_records_are_read_in_the_layout_of_winlogbeat(tmp_path: Path) -> None:
    made = workspace(tmp_path, SECURITY)
    write(tmp_path, "a.evtx", event_log(EVENTS))
    load = take(made)
    assert (load.lines, load.accepted, load.ignored, load.problems) == (4, 3, 1, ())
    found = rows(made).sort("line")
    assert found.select("line", "account", "action", "outcome").rows() == [
        (1, "wei", "logon", "success"),
        (3, "ana", "logon_failed", "failure"),
        (4, "adm-wei", "log_cleared", "success"),
    ]
    assert found.select("host", "app", "record_id").row(0) == ("PC-7", "Security-Auditing", "701")
    assert str(found["ts"][0]) == "2026-01-01 10:00:01.500000+00:00"


def test_a_damaged_record_is_refused_and_the_next_ones_keep_their_number(tmp_path: Path) -> None:
    made = workspace(tmp_path, SECURITY)
    data = bytearray(event_log(EVENTS))
    second = data.index(b"**\0\0", data.index(b"**\0\0") + 4)
    data[second + 28 : second + 40] = b"\xee" * 12
    write(tmp_path, "a.evtx", bytes(data))
    take(made)
    assert rows(made, "rejects").select("line", "reason").rows() == [(2, "bad_record")]
    assert rows(made).sort("line")["line"].to_list() == [1, 3, 4]


def test_a_damaged_chunk_is_refused_and_the_next_one_read(tmp_path: Path) -> None:
    made = workspace(tmp_path, SECURITY)
    data = event_log(EVENTS)
    write(tmp_path, "a.evtx", data[:4096] + b"torn" + data[4100:] + data[4096:])
    take(made)
    assert rows(made, "rejects").select("line", "reason").rows() == [(1, "bad_record")]
    assert rows(made).sort("line")["line"].to_list() == [2, 4, 5]


def test_a_file_that_was_cut_off_says_so(tmp_path: Path) -> None:
    made = workspace(tmp_path, SECURITY)
    data = event_log(EVENTS)
    write(tmp_path, "a.evtx", data + data[4096:9000])
    take(made)
    (reject,) = rows(made, "rejects").select("line", "reason", "detail").rows()
    assert reject[:2] == (5, "cut_file")
    assert "last 4,904 bytes" in reject[2]
    assert len(rows(made)) == 3


def test_a_large_file_that_changes_while_it_is_read_is_left_for_the_next_night(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = workspace(tmp_path, SECURITY)
    path = write(tmp_path, "a.evtx", event_log(EVENTS))

    def outrun(found: Path) -> tuple[Log, bytes | None]:
        said = identify(found)
        path.write_bytes(event_log(EVENTS[:3]))
        return said

    monkeypatch.setattr("nightporter.sources.reading._SMALL", 0)
    monkeypatch.setattr("nightporter.ingest.identify", outrun)
    (problem,) = take(made).problems
    assert "changed while it was read" in str(problem)
    assert (len(rows(made)), len(rows(made, "loads"))) == (0, 0)


def test_what_is_no_event_log_says_so(tmp_path: Path) -> None:
    made = workspace(tmp_path, SECURITY)
    write(tmp_path, "a.evtx", b"nonsense")
    (problem,) = take(made).problems
    assert isinstance(problem, LogError)
    assert "cannot be read as an event log" in str(problem)


def test_without_the_package_one_is_told_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "evtx", None)
    made = workspace(tmp_path, SECURITY)
    write(tmp_path, "a.evtx", event_log(EVENTS))
    (problem,) = take(made).problems
    assert 'pip install "nightporter[evtx]"' in str(problem)
