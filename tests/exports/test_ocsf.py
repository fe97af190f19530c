"""OCSF output is a Detection Finding by the published schema, and says what the finding says."""

import functools
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
from hostiles import STRINGS
from jsonschema import Draft202012Validator
from ocsf_json_schema import OcsfJsonSchemaEmbedded, get_ocsf_schema
from reported import NOON, Row, Site, evidence, finding

from nightporter import config
from nightporter.exports import Selection, lines
from nightporter.findings import LEVELS
from nightporter.hostile import safe
from nightporter.rules import read_pack
from nightporter.shipped import shipped
from nightporter.workspace import lake_of

VERSIONS = ("1.5.0", "1.8.0")


@functools.cache
def schema(version: str) -> Draft202012Validator:
    published = OcsfJsonSchemaEmbedded(get_ocsf_schema(version))
    return Draft202012Validator(published.get_class_schema("detection_finding"))


def faults(event: Row, version: str) -> list[str]:
    return [f"{error.json_path}: {error.message}" for error in schema(version).iter_errors(event)]


def exported(root: Path, *findings: Row, evidence: list[Row] | None = None) -> list[Any]:
    site = Site(root)
    site.holds(findings=findings, evidence=evidence or [])
    said = "".join(lines(lake_of(config.load(root)), "ocsf", Selection()))
    assert safe(said.replace("\n", "")) == said.replace("\n", "")
    return [orjson.loads(line) for line in said.splitlines()]


def badge(**said: Any) -> Row:
    record = '{"badge_id":"card 7","door_id":"vault","direction":"in","reason":null}'
    return evidence(
        event="badge/b/2", source="badge", action="entry", place="vault", object="card 7",
        record=record, **said,
    )  # fmt: skip


def usb(**said: Any) -> Row:
    record = '{"account":"adm-ana","device_id":"S-1","resource":"E:\\\\x\\\\a.pdf","bytes":12}'
    more = {"event": "usb/c/3", **said}
    return evidence(source="usb", action="write", object="E:\\x\\a.pdf", record=record, **more)


ROWS: dict[str, tuple[Row, list[Row]]] = {
    "all sources": (finding(), [evidence(), badge(), usb()]),
    "no evidence": (finding(first_at=NOON, last_at=NOON, surprise=2.5), []),
    "nobody certain": (finding(user_id=None, candidates=["ana", "bo"]), [badge(user_id=None)]),
    "nobody at all": (finding(user_id=None, about='{"door_id":"vault"}'), []),
    "withdrawn": (finding(status="withdrawn", changed_at=datetime(2026, 7, 1, tzinfo=UTC)), []),
    "suppressed": (finding(status="suppressed", suppressed_by="loan", case_id="c"), [usb()]),
}


@pytest.fixture(scope="module")
def events(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Row]:
    """An event of each of ROWS."""
    rows = [row | {"finding_id": case} for case, (row, _) in ROWS.items()]
    known = [each | {"finding_id": case} for case, (_, some) in ROWS.items() for each in some]
    made = exported(tmp_path_factory.mktemp("rows"), *rows, evidence=known)
    return {event["finding_info"]["uid"]: event for event in made}


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("case", ROWS)
def test_every_kind_of_finding_is_valid(events: dict[str, Row], case: str, version: str) -> None:
    event = events[case]
    assert faults(event | {"metadata": event["metadata"] | {"version": version}}, version) == []


def test_the_published_schema_would_notice(tmp_path: Path) -> None:
    (event,) = exported(tmp_path, finding(), evidence=[badge()])
    broken: list[Row] = [
        {key: value for key, value in event.items() if key != "finding_info"},
        event | {"severity_id": 7},
        event | {"time": "2026-06-29"},
        event | {"door": "vault"},
        event | {"evidences": [{"uid": "x"}]},
        event | {"count": None},
    ]
    assert [bool(faults(each, VERSIONS[0])) for each in broken] == [True] * len(broken)


def test_every_shipped_detector_s_tags_are_valid(tmp_path: Path) -> None:
    pack = read_pack([shipped("detectors")]).detectors
    rows = [
        finding(finding_id=d.id, detector=d.id, level=d.level, tactic=d.tactic, tags=d.header.tags)
        for d in pack
    ]
    events = exported(tmp_path, *rows)
    assert [faults(event, VERSIONS[0]) for event in events if faults(event, VERSIONS[0])] == []
    assert [event["metadata"]["labels"] for event in events] == [
        list(d.header.tags) for d in sorted(pack, key=lambda d: d.id)
    ]


def test_what_a_finding_says_stands_where_ocsf_has_it(tmp_path: Path) -> None:
    tags = ["attack.collection", "attack.t1052.001", "attack.t1213", "itm.if002", "itm.me003"]
    (event,) = exported(tmp_path, finding(tags=tags), evidence=[evidence(), usb()])
    info = event["finding_info"]
    assert (event["class_uid"], event["type_uid"], event["severity_id"]) == (2004, 200401, 4)
    assert (info["uid"], info["title"], event["count"]) == ("f1", "Bulk", 2)
    assert event["time"] == NOON.timestamp() * 1000
    assert info["analytic"]["uid"] == "bulk" and info["analytic"]["version"] == "1"
    assert info["attacks"][0]["tactic"] == {"name": "Collection"}
    assert info["attacks"][1]["technique"]["uid"] == "T1052"
    assert info["attacks"][1]["sub_technique"] == {
        "uid": "T1052.001", "name": "Exfiltration over USB",
    }  # fmt: skip
    assert info["attacks"][2]["technique"]["uid"] == "T1213"
    assert info["tags"] == [{"name": "itm", "values": ["IF002", "ME003"]}]
    assert event["metadata"]["labels"] == tags


def test_levels_are_severities(tmp_path: Path) -> None:
    events = exported(tmp_path, *(finding(finding_id=level, level=level) for level in LEVELS))
    said = {event["finding_info"]["uid"]: event["severity_id"] for event in events}
    assert said == {"informational": 1, "low": 2, "medium": 3, "high": 4, "critical": 5}


def test_what_became_of_a_finding_is_its_activity(tmp_path: Path) -> None:
    rows = [
        finding(finding_id="1"),
        finding(finding_id="2", changed_at=datetime(2026, 7, 1, tzinfo=UTC)),
        finding(finding_id="3", status="suppressed"),
        finding(finding_id="4", status="withdrawn"),
    ]
    events = exported(tmp_path, *rows)
    assert [(event["activity_name"], event["status"]) for event in events] == [
        ("Create", "New"), ("Update", "New"), ("Create", "Suppressed"), ("Close", "Resolved"),
    ]  # fmt: skip


def test_a_badge_event_is_a_person_with_a_credential_at_a_door(tmp_path: Path) -> None:
    (event,) = exported(tmp_path, finding(), evidence=[badge()])
    (shown,) = event["evidences"]
    assert shown["user"] == {"uid": "ana", "credential_uid": "card 7"}
    assert shown["resources"] == [{"name": "vault", "type": "door"}]
    assert shown["data"] == {
        "badge_id": "card 7", "door_id": "vault", "direction": "in", "reason": None,
    }  # fmt: skip
    assert "device" not in shown and "file" not in shown
    observed = {each["type"]: each["value"] for each in event["observables"]}
    assert observed["User Credential ID"] == "card 7"
    assert observed["Resource Details Object: name"] == "vault"


def test_a_file_on_a_stick_is_a_file_a_host_and_a_serial_number(tmp_path: Path) -> None:
    (event,) = exported(tmp_path, finding(), evidence=[usb(), usb(event="usb/c/4")])
    shown = event["evidences"][0]
    assert shown["file"] == {"name": "a.pdf", "path": "E:\\x\\a.pdf", "type_id": 0, "size": 12}
    assert shown["device"] == {"name": "pc-1", "type_id": 0}
    assert shown["user"] == {"uid": "ana", "name": "adm-ana"}
    assert [(each["type_id"], each["value"]) for each in event["observables"]] == [
        (31, "ana"), (1, "pc-1"), (45, "E:\\x\\a.pdf"), (37, "S-1"),
    ]  # fmt: skip


def test_a_hostile_name_in_every_field_is_valid_and_verbatim(tmp_path: Path) -> None:
    rows, events = [], []
    for at, name in enumerate(STRINGS):
        key = {"finding_id": f"f{at:02}"}
        record = orjson.dumps({"resource": name, "device_id": name, "account": name}).decode()
        told = {"user_id": name, "place": name, "object": name, "action": name}
        events += [evidence(**key, record=record, **told), badge() | key | told]
        texts = dict.fromkeys(("title", "sentence", "detector", "case_id", "suppressed_by"), name)
        rows.append(finding(**key, user_id=name, candidates=[name], columns=record, **texts))
    for name, event in zip(STRINGS, exported(tmp_path, *rows, evidence=events), strict=True):
        assert faults(event, VERSIONS[0]) == []
        assert event["evidences"][0]["file"]["path"] == name
        assert event["evidences"][1]["resources"][0]["name"] == name
        assert {each["value"] for each in event["observables"]} == {name}
