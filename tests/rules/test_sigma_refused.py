"""What a rule cannot mean on the lake is refused at its line; hostile values stay values."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sigma_rules import (
    SECURITY,
    at,
    correlation,
    found,
    rule,
    tables,
    written,
)

from nightporter.errors import DetectorError
from nightporter.rules import Detector
from nightporter.rules.sigma import compiling, read_sigma

Read = Callable[..., Detector]
A, B = rule("host: a"), rule("host: b")
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
    "a misspelt logsource": (
        [rule("User: a", {"category": "removable_storag"})], "no logsource", "logsource:",
        "did you mean {category: removable_storage"),
    "a product that would widen the rule": (
        [rule("User: a", {"category": "authentication", "product": "okta"})], "no logsource",
        "logsource:", "category: authentication"),
    "an event that no log holds": (
        [rule({"EventID": 4688}, SECURITY)], "EventID 4688", "EventID: 4688", "4624"),
    "a word that no log holds": (
        [rule({"action": "Uplod"})], "no log that is read holds action Uplod", "action: Uplod",
        "did you mean upload?"),
    "a word under another name": (
        [rule({"DeviceClass": ["phone"]}, {"category": "removable_storage"})],
        "holds DeviceClass phone", "DeviceClass", "mtp"),
    "a misspelt part of the logsource": (
        [rule("User: a", {"category": "file_event", "servise": "smb"})], "'servise'", "servise",
        "did you mean service?"),
    "a part of the logsource that is a number": (
        [rule("User: a", {"category": "file_event", 7: "smb"})], "'7'", "7: smb", ""),
    "a misspelt part of a correlation": (
        correlation(A, **COUNT, groupby=["host"]), "'groupby'", "groupby",
        "did you mean group-by?"),
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
    "a group-by of the time": (
        correlation(A, **{**COUNT, "group-by": ["ts"]}), "group-by 'ts'", "- ts", ""),
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
    "an alias of no field": (
        correlation(A, **{**COUNT, "group-by": ["x"]}, aliases={"x": {"r0": ["User"]}}),
        "the alias 'x' names no field of the rule r0", "- x", "x: {r0: User}"),
    "half a character": (
        ['title: "a\\ud800"\nlevel: low\ntags: [attack.t1213]\n'
         "logsource: {product: nightporter, service: access}\n"
         "detection: {s: {User: a}, condition: s}\n"],
        "an invisible character U+D800", "", ""),
    "an order of some": (
        correlation(A, B, type="temporal_ordered", timespan="5m", condition={"gte": 1}),
        "all of its rules", "condition:", ""),
    "no YAML": (["title: [a\n"], "not YAML", "", ""),
    "a day that is none": (["date: !!timestamp x\n"], "not YAML", "", ""),
    "a flag that is none": (["a: !!bool x\n"], "not YAML", "", ""),
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


def test_of_an_error_that_quotes_a_whole_list_a_few_words_are_looked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(compiling, "_line", lambda _, word, __: asked.append(word))
    path = written(tmp_path, rule("host: a", date=[f"a{n}" for n in range(1200)]))
    with pytest.raises(DetectorError, match="no Sigma rule"):
        read_sigma(path)
    assert 0 < len(asked) < 20


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
