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
    HEAD,
    SECURITY,
    at,
    correlation,
    found,
    found_rows,
    named,
    night,
    rule,
    tables,
    written,
)

from nightporter.rules import Detector, Sandbox, read_pack, sentence
from nightporter.rules.sigma.mapping import places
from nightporter.window import Window

Read = Callable[..., Detector]
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
    rows = found_rows(con, detector)
    assert [sentence(detector, row) for row in rows] == [
        "p1: Looks (often), 2 events",
        "p1: Looks (often), 1 events",
    ]
    assert [row["day"] for row in rows] == [date(2026, 3, 2), date(2026, 3, 3)]


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


def test_of_a_new_member_the_target_is_the_group(read: Read) -> None:
    security = {"account": "adm", "action": "admin_change"}
    events = [
        at(0, **security, app_action="4732 ", resource="CN=eve,DC=x to Administrators"),
        at(1, **security, app_action="4732 ", resource="CN=eve,DC=x to Guests"),
        at(2, account="Administrators", action="logon", app_action="4624 2"),
    ]
    con = tables({"access": events})
    meant = {"TargetUserName|startswith": "Administr", "SubjectUserName": "adm"}
    assert found(con, read(rule({"EventID": 4732, **meant}, SECURITY))) == {0}
    assert found(con, read(rule({"TargetUserName": "administrators"}, SECURITY))) == {0, 2}
