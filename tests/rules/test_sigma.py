"""A Sigma rule finds what its specification says, is a detector like any other, or is refused."""

import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
from sigma_rules import (
    ACCESS,
    DAYS,
    HEAD,
    at,
    correlation,
    found,
    named,
    night,
    rule,
    tables,
    written,
)

from nightporter.errors import DetectorError
from nightporter.rules import Detector, Sandbox, read_pack, sentence
from nightporter.rules.sigma import read_sigma
from nightporter.rules.sigma.mapping import places
from nightporter.window import Window

Read = Callable[..., Detector]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Return a function that writes a rule into a pack and reads it."""
    return lambda *documents: read_sigma(written(tmp_path, *documents))


VALUES = [
    "report.doc", "REPORT.DOC", "report", "re%port", "re_port", "rexport", r"C:\Temp\a", "a*b",
    "a?b", "a+b", "", None, "O'Neil", "10.1.2.3", "10.200.0.1", "10.1.2.3.evil", "11.0.0.1",
    "12", "7", "x\ny", "cGFzcw==",
]  # fmt: skip


@pytest.fixture(scope="module")
def values() -> duckdb.DuckDBPyConnection:
    """Return a table in which each of VALUES stands once as the resource."""
    return tables({"access": [at(n, resource=value) for n, value in enumerate(VALUES)]})


# A detection of the field `resource`, and the values that it finds.
SEMANTICS: dict[str, tuple[str, list[str | None]]] = {
    "case is ignored": ("resource: Report.doc", ["report.doc", "REPORT.DOC"]),
    "cased is exact": ("resource|cased: report.doc", ["report.doc"]),
    "a list is or": ("resource: [report, a+b]", ["report", "a+b"]),
    "star is any run": ("resource: 're*port'", ["report", "re%port", "re_port", "rexport"]),
    "a question mark is one character": ("resource: 'A?b'", ["a*b", "a?b", "a+b"]),
    "an escaped star is a star": (r"resource: 'a\*b'", ["a*b"]),
    "an escaped question mark is one": (r"resource: 'a\?b'", ["a?b"]),
    "percent and underscore are themselves": ("resource: ['re%port', 're_port*']",
                                              ["re%port", "re_port"]),
    "a backslash is itself": (r"resource: 'C:\temp\a'", [r"C:\Temp\a"]),
    "two backslashes before a star are one and a wildcard": (r"resource: 'c:\temp\\*'",
                                                             [r"C:\Temp\a"]),
    "contains": ("resource|contains: PORT.", ["report.doc", "REPORT.DOC"]),
    "contains, all of them": ("resource|contains|all: [re, x]", ["rexport"]),
    "startswith": (r"resource|startswith: 'c:\'", [r"C:\Temp\a"]),
    "endswith": ("resource|endswith: .DOC", ["report.doc", "REPORT.DOC"]),
    "a star crosses lines": ("resource: 'x*y'", ["x\ny"]),
    "re is exact and searches": ("resource|re: '^REP.*C$'", ["REPORT.DOC"]),
    "re with i": ("resource|re|i: '^REP.*C$'", ["report.doc", "REPORT.DOC"]),
    "a point of re is no line's end": ("resource|re: 'x.y'", []),
    "a point of re with s is": ("resource|re|s: 'x.y'", ["x\ny"]),
    "a line's start of re with m": ("resource|re|m: '^y'", ["x\ny"]),
    "cidr takes addresses alone": ("resource|cidr: 10.0.0.0/9", ["10.1.2.3"]),
    "base64": ("resource|base64: pass", ["cGFzcw=="]),
    "base64 somewhere": ("resource|base64offset|contains: as", ["cGFzcw=="]),
    "a number": ("resource: 7", ["7"]),
    "numbers compare as numbers": ("resource|gt: 9", ["12"]),
    "null is a missing field": ("resource: null", [None]),
    "the empty text is none": ("resource: ''", [""]),
    "exists": ("{resource|exists: false}", [None]),
    "a lone star is any value": (
        "resource: '*'", [value for value in VALUES if value is not None]),
    "a quote is itself": ("resource: \"o'neil\"", ["O'Neil"]),
    "an attack is a text": ("resource: \"' OR 1=1 --\"", []),
    "not holds where the field is missing": (
        "{s: {resource: report}, condition: not s}", [v for v in VALUES if v != "report"]),
    "neq is not": ("resource|neq: report", [v for v in VALUES if v != "report"]),
    "not of a comparison": (
        "{s: {resource|lt: 13}, condition: not s}", [v for v in VALUES if v not in ("7", "12")]),
    "all of them": (
        "{a_1: {resource|startswith: re}, a_2: {resource|endswith: t}, condition: all of a_*}",
        ["report", "re%port", "re_port", "rexport"]),
    "one of them": ("{a_1: {resource: a+b}, a_2: {resource: report}, condition: 1 of them}",
                    ["a+b", "report"]),
    "a list of maps is or": ("{s: [{resource: a+b}, {resource: report}], condition: s}",
                             ["a+b", "report"]),
    "a field of the same event": ("{account|fieldref: resource}", []),
}  # fmt: skip


@pytest.mark.parametrize(("detection", "wanted"), SEMANTICS.values(), ids=SEMANTICS)
def test_a_value_is_matched_as_sigma_says(
    read: Read, values: duckdb.DuckDBPyConnection, detection: str, wanted: list[str | None]
) -> None:
    numbers = found(values, read(rule(detection)))
    assert [VALUES[n] for n in sorted(numbers)] == sorted(wanted, key=VALUES.index)


def test_a_reference_compares_two_fields(read: Read) -> None:
    con = tables({"access": [at(0, resource="ANA"), at(1, resource="x-ana"), at(2)]})
    assert found(con, read(rule("User|fieldref: resource"))) == {0}
    assert found(con, read(rule("resource|fieldref|endswith: User"))) == {0, 1}


def test_columns_that_are_no_text_are_compared_as_what_they_are(read: Read) -> None:
    events = [at(0, bytes=10, automated=True), at(1, bytes=9, automated=False), at(2)]
    con = tables({"access": events})
    assert found(con, read(rule("{bytes|gte: 10, automated: true}"))) == {0}
    assert found(con, read(rule("bytes: [9, 10]"))) == {0, 1}
    assert found(con, read(rule("{s: {automated: true}, condition: not s}"))) == {1, 2}


def test_a_rule_says_whom_it_found_when_and_by_which_events(read: Read) -> None:
    detector = read(
        rule(
            "action: view",
            title="Looks {often}",
            level="high",
            tags=["attack.t1213", "attack.defense_evasion", "cve.2026-1"],
            falsepositives=["readers"],
            description="Somebody looks.",
            author="bo",
        )
    )
    header = detector.header
    assert (detector.id, detector.tactic, header.level, header.status) == (
        "tested", "misuse", "high", "test",
    )  # fmt: skip
    assert header.tags == ("attack.t1213", "attack.defense-evasion")
    assert header.falsepositives == ("readers",)
    assert header.description == "Somebody looks. (Sigma rule by bo)"
    con = night(
        {"access": [at(0), at(1), at(1440)]}, accounts=[{"account": "ANA", "user_id": "p1"}]
    )
    rows = list(_rows(con, detector))
    assert [sentence(detector, row) for row in rows] == [
        "p1: Looks (often), 2 events",
        "p1: Looks (often), 1 events",
    ]
    assert [row["day"] for row in rows] == [date(2026, 3, 2), date(2026, 3, 3)]


def _rows(con: duckdb.DuckDBPyConnection, detector: Detector) -> Any:
    from nightporter.rules import run

    return run(con, detector, DAYS, {}).iter_rows(named=True)


SECURITY = {"product": "windows", "service": "security"}
WINDOWS = {
    "a logon": ({"EventID": 4624, "LogonType": [2, 10]}, 0),
    "an object": ({"EventID": 4663, "ObjectName|endswith": r"\PLAN.docx", "AccessMask": "0x1"}, 1),
    "a share": ({"EventID": 5145, "ShareName": r"\\\\*\lab", "RelativeTargetName": r"a\b.doc"}, 2),
}


@pytest.mark.parametrize(("selection", "number"), WINDOWS.values(), ids=WINDOWS)
def test_windows_fields_are_found_where_the_preset_puts_them(
    read: Read, windows: duckdb.DuckDBPyConnection, selection: dict[str, Any], number: int
) -> None:
    assert found(windows, read(rule(selection, SECURITY))) == {number}


@pytest.fixture(scope="module")
def windows() -> duckdb.DuckDBPyConnection:
    """Return a night of a Windows log, and one event that only looks like it."""
    events = [
        at(0, action="logon", app_action="4624 2", logon_type="2"),
        at(1, app_action="4663 0x1", resource=r"D:\lab\plan.docx"),
        at(2, app_action="5145 0x120089", resource=r"\\*\lab\a\b.doc"),
        at(3, action="logon", logon_type="2", resource=r"D:\lab\plan.docx"),
    ]
    return night({"access": events})


def test_a_logsource_of_two_tables_takes_the_one_that_knows_the_values(read: Read) -> None:
    selection = {"EventID": 6416, "DeviceDescription|contains": "stick"}
    detector = read(rule(selection, SECURITY))
    assert detector.query.tables == {"usb"}
    plugged = at(0, action="connect", host="pc", product="ACME Stick", app_action="6416 ")
    assert found(night({"usb": [plugged]}), detector) == {0}


COUNTED = {
    "the edge of the window is in it": ("10m", 3, [0, 5, 10], {0, 1, 2}),
    "a second past it is not": ("10m", 3, [0, 5, 10 + 1 / 60], set()),
    "no bucket parts what slides": ("10m", 3, [9, 11, 12], {0, 1, 2}),
    "only the events of a window": ("10m", 2, [0, 5, 30, 50, 60], {0, 1, 3, 4}),
    "windows that touch": ("10m", 3, [0, 5, 10, 15, 60], {0, 1, 2, 3}),
    "midnight parts nothing": ("20m", 2, [715, 725], {0, 1}),
    "the same instant": ("1s", 2, [3, 3], {0, 1}),
}


@pytest.mark.parametrize(("span", "least", "minutes", "wanted"), COUNTED.values(), ids=COUNTED)
def test_events_are_counted_in_a_window_that_slides(
    read: Read, span: str, least: int, minutes: list[float], wanted: set[int]
) -> None:
    documents = correlation(
        rule("action: view"), type="event_count", timespan=span, condition={"gte": least}
    )
    con = tables({"access": [at(minute) for minute in minutes]})
    assert found(con, read(*documents)) == wanted


def test_a_night_knows_what_happened_before_midnight(read: Read) -> None:
    documents = correlation(
        rule("action: view"), type="event_count", timespan="20m", condition={"gte": 2}
    )
    con = tables({"access": [at(715), at(725)]})
    detector = read(*documents)
    second = date(2026, 3, 3)
    assert found(con, detector, Window(second, second)) == {0, 1}
    first = date(2026, 3, 2)
    assert found(con, detector, Window(first, first)) == set()


def test_each_group_counts_for_itself_and_its_fields_are_whom_it_is_about(read: Read) -> None:
    documents = correlation(
        rule("action: view"), type="event_count", timespan="10m", condition={"gt": 1},
        **{"group-by": ["ComputerName"]},
    )  # fmt: skip
    events = [at(0, host="a"), at(1, host="a", account="bo"), at(2, host="b"), at(3), at(4)]
    detector = read(*documents)
    (row,) = _rows(tables({"access": events}), detector)
    assert detector.header.about == ("host",)
    assert (row["host"], row["candidates"], row["most"]) == ("a", ["ana", "bo"], 2)


def test_a_person_s_accounts_are_one_person(read: Read) -> None:
    documents = correlation(
        rule("action: view"), type="event_count", timespan="10m", condition={"gte": 2}
    )
    events = {"access": [at(0, account="ana"), at(1, account="adm-ana"), at(2, account="bo")]}
    register = [{"account": name, "user_id": "p1"} for name in ("ana", "adm-ana")]
    assert found(night(events, accounts=register), read(*documents)) == {0, 1}


def test_different_values_are_counted_once(read: Read) -> None:
    documents = correlation(
        rule("action: view"), type="value_count", timespan="10m",
        condition={"gte": 3, "field": "ComputerName"},
    )  # fmt: skip
    hosts = ["a", "A", "b", None, "c"]
    con = tables({"access": [at(n, host=host) for n, host in enumerate(hosts)]})
    assert found(con, read(*documents)) == {0, 1, 2, 3, 4}
    assert found(tables({"access": [at(n, host=h) for n, h in enumerate(hosts[:4])]}),
                 read(*documents)) == set()  # fmt: skip


def test_an_event_that_two_rules_describe_is_counted_once(read: Read) -> None:
    documents = correlation(
        rule("action: view"), rule("host: a"), type="event_count", timespan="1m",
        condition={"gte": 2},
    )  # fmt: skip
    assert found(tables({"access": [at(0, host="a")]}), read(*documents)) == set()


A, B = rule("host: a"), rule("host: b")
TEMPORAL = {
    "both, in any order": ("temporal", [("b", 0), ("a", 10)], {0, 1}),
    "one alone": ("temporal", [("a", 0), ("a", 5)], set()),
    "too far apart": ("temporal", [("b", 0), ("a", 10.1)], set()),
    "in order": ("temporal_ordered", [("a", 0), ("b", 10)], {0, 1}),
    "out of order": ("temporal_ordered", [("b", 0), ("a", 5)], set()),
    "at once is no order": ("temporal_ordered", [("a", 0), ("b", 0)], set()),
    "order, too late": ("temporal_ordered", [("a", 0), ("b", 10.1)], set()),
    "the later start counts": ("temporal_ordered", [("a", 0), ("a", 9), ("b", 12)], {1, 2}),
}


@pytest.mark.parametrize(("kind", "events", "wanted"), TEMPORAL.values(), ids=TEMPORAL)
def test_rules_meet_in_time(
    read: Read, kind: str, events: list[tuple[str, float]], wanted: set[int]
) -> None:
    con = tables({"access": [at(minute, host=host) for host, minute in events]})
    assert found(con, read(*correlation(A, B, type=kind, timespan="10m"))) == wanted


def test_a_person_is_followed_from_the_door_to_the_drive(read: Read) -> None:
    door = rule({"action": "entry"}, {"category": "physical_access"})
    drive = rule({"action": "write"}, {"category": "removable_storage"})
    documents = correlation(
        door, drive, type="temporal_ordered", timespan="1h",
        aliases={"who": {"r0": "CardNumber", "r1": "User"}}, **{"group-by": ["who"]},
    )  # fmt: skip
    detector = read(*documents)
    events = {
        "badge": [{"ts": at(0)["ts"], "badge_id": "c1", "door_id": "gate", "action": "entry"}],
        "usb": [at(30, action="write", host="pc", device_class="mass_storage", device_id="d")],
    }
    con = night(
        events, accounts=[{"account": "ana", "user_id": "p1"}],
        badges=[{"badge_id": "c1", "user_id": "p1"}],
    )  # fmt: skip
    (row,) = _rows(con, detector)
    assert row["user_id"] == "p1"
    assert [event.partition("/")[0] for event in row["events"]] == ["badge", "usb"]


COUNT = {"type": "event_count", "timespan": "5m", "condition": {"gte": 2}}
# What is refused: the rule, what is said, at the line that holds which text, and the hint.
REFUSED: dict[str, tuple[list[Any], str, str, str]] = {
    "an unknown field": (
        [rule({"User": "a", "CommandLine|contains": "x"})], "the field 'CommandLine'",
        "CommandLine|contains", "valid: "),
    "a misspelt field": (
        [rule({"s": {"Usr": "a"}, "condition": "not s"})], "the field 'Usr'", "Usr: a",
        "did you mean User?"),
    "a field to refer to": ([rule({"User|fieldref": "Other"})], "'Other'", "Other", "valid: "),
    "an unknown logsource": (
        [rule("User: a", {"product": "linux", "service": "auditd"})],
        "no logsource {product: linux, service: auditd}", "logsource:", "category: file_event"),
    "a product that would widen the rule": (
        [rule("User: a", {"category": "authentication", "product": "okta"})], "no logsource",
        "logsource:", "category: authentication"),
    "an event that no log holds": (
        [rule({"EventID": 4688}, SECURITY)], "EventID 4688", "EventID: 4688", "4624"),
    "a keyword": ([rule({"k": ["mimikatz"], "condition": "k"})], "'mimikatz'", "mimikatz",
                  "field|contains"),
    "an unknown modifier": ([rule({"User|sounds": "a"})], "sounds", "User|sounds", ""),
    "an unknown selection": ([rule({"s": {"User": "a"}, "condition": "s or t"})], "t", "", ""),
    "a look-ahead": ([rule({"User|re": "(?=a)b"})], "(?=a)b", "", ""),
    "a network of IPv6": ([rule({"src_ip|cidr": "fe80::/10"})], "IPv6", "src_ip|cidr", "start"),
    "a part of a time": ([rule({"ts|hour": 3})], "parts of the time", "ts|hour", "off_hours"),
    "an order of flags": ([rule({"automated|gt": 1})], "no number", "automated|gt", ""),
    "no level": ([rule("User: a", level=None)], "no level", "title:", "low"),
    "no tag that is known": ([rule("User: a", tags=["cve.2026-1"])], "no tag", "tags:", "itm."),
    "a timeframe": (
        [rule({"s": {"User": "a"}, "timeframe": "5m", "condition": "s"})], "timeframe",
        "timeframe: 5m", "correlation"),
    "two rules in a file": (
        [rule("User: a"), rule("User: b", title="Second")], "one detector", "", ""),
    "a filter": ([rule("User: a"), {"title": "f", "filter": {}}], "exceptions", "filter", ""),
    "no group-by": (correlation(A, **{**COUNT, "group-by": None}), "lacks group-by",
                    "correlation:", "group-by: User"),
    "a group-by of no field": (correlation(A, **{**COUNT, "group-by": ["Usr"]}), "'Usr'",
                               "- Usr", "User"),
    "too few": (correlation(A, **{**COUNT, "condition": {"lt": 3}}), "lt is not", "lt: 3", "gte"),
    "a sum": (
        correlation(A, type="value_sum", timespan="5m", condition={"gte": 2, "field": "bytes"}),
        "value_sum", "type:", "value_count"),
    "a timespan past the reach": (correlation(A, **{**COUNT, "timespan": "7d"}), "raw access",
                                  "timespan: 7d", "6d"),
    "a rule that is not there": (correlation(A, **{**COUNT, "rules": ["r9"]}), "r9", "- r9", ""),
    "base rules that find by themselves": (correlation(A, **COUNT, generate=True), "generate",
                                           "", "of its own"),
    "a person who is none": (
        correlation(A, B, type="temporal", timespan="5m", **{"group-by": ["x"]},
                    aliases={"x": {"r0": "User", "r1": "ComputerName"}}),
        "a person in one rule", "", ""),
    "an order of some": (
        correlation(A, B, type="temporal_ordered", timespan="5m", condition={"gte": 1}),
        "all of its rules", "condition:", ""),
    "no YAML": (["title: [a\n"], "not YAML", "", ""),
    "a key twice": (["title: a\nlevel: low\ntitle: b\n"], "'title' stands twice", "title: b", ""),
    "an alias of YAML": (["a: &x [1]\nb: *x\n"], "aliases", "", ""),
    "an empty file": ([""], "no Sigma rule", "", ""),
    "a list": (["- a\n"], "no Sigma rule", "- a", ""),
}  # fmt: skip


@pytest.mark.parametrize(("documents", "message", "text", "hint"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_meant_is_refused_at_its_line(
    tmp_path: Path, documents: list[Any], message: str, text: str, hint: str
) -> None:
    path = written(tmp_path, *documents)
    with pytest.raises(DetectorError) as caught:
        read_sigma(path)
    error = caught.value
    assert message in error.message
    assert error.path == path
    assert text in (error.text or "")
    assert bool(error.line) or not text
    assert hint in (error.hint or "")


HOSTILE = [
    "'; DROP TABLE access; --", "-- ///\n-- /// detector", "{user_id}", "\u202egnp.exe", "\x1b[2J",
    '"""\ntitle = "x"', "*/ /* \\", "= cmd()", "%_~\\", "x' || getenv('HOME') || '",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_value_is_only_ever_a_value(read: Read, text: str) -> None:
    con = tables({"access": [at(0, resource=text), at(1, resource="x")]})
    detector = read(rule({"resource|contains": text}))
    assert found(con, detector) == {0}
    assert detector.query.tables == {"access"}


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_title_is_a_title_or_refused(read: Read, text: str) -> None:
    try:
        header = read(rule("User: a", title=text, description=text, author=text)).header
    except DetectorError as error:
        assert "invisible character" in error.message
        return
    assert header.level == "low"
    assert header.says.count("{") == 2


def test_a_rule_runs_in_the_sandbox(read: Read, night_file: Path) -> None:
    detector = read(
        *correlation(rule("action: view"), type="event_count", timespan="1m", condition={"gte": 2})
    )
    with Sandbox(night_file) as sandbox:
        rows = sandbox.run(detector, Window(date(2026, 1, 5), date(2026, 1, 8)), {})
        assert rows["user_id"].to_list() == ["bo"] * 4
        turned = sandbox.run(detector, Window(date(2026, 1, 5), date(2026, 1, 8)), {"count": 3})
        assert turned.is_empty()


def test_a_pack_reads_rules_beside_sql(tmp_path: Path, read: Read, sheet: Any) -> None:
    path = written(tmp_path, rule("User: a"))
    (path.parent / "other.sql").write_text(sheet("SELECT user_id, day FROM access").text)
    (path.parent / "tested.sql").write_text(sheet("SELECT user_id, day FROM access").text)
    pack = read_pack([tmp_path])
    assert [detector.id for detector in pack.detectors] == ["other", "tested"]
    assert "a second detector tested" in pack.errors[0].message


def test_without_pysigma_a_pack_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(tmp_path, rule("User: a"))
    for name in [name for name in sys.modules if name.partition(".")[0] == "sigma"]:
        monkeypatch.delitem(sys.modules, name)
    for name in ("compiling", "selecting", "matching"):
        monkeypatch.delitem(sys.modules, f"nightporter.rules.sigma.{name}", raising=False)
    monkeypatch.setitem(sys.modules, "sigma", None)
    pack = read_pack([tmp_path])
    assert pack.errors[0].hint == "pip install 'nightporter[sigma]'"


def test_the_mapping_names_what_the_tables_have() -> None:
    con = night({})
    for place in places():
        selected = ", ".join(
            f'{field.text} AS "{name}"' for name, field in place.fields.items()
        )  # fmt: skip
        con.execute(f"SELECT {selected} FROM {place.table} WHERE {place.where}").fetchall()
        held = {row[0] for row in con.execute(f"DESCRIBE {place.table}").fetchall()}
        assert held - {"event", "file_id", "line", "ingested_at"} == named(place.table)


def test_head_is_enough_of_a_rule(read: Read) -> None:
    assert read({**HEAD, "logsource": ACCESS, "detection": rule("User: a")["detection"]})
