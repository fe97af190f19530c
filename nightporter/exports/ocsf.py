"""A finding as an OCSF Detection Finding (class 2004), one JSON object a line.

Knows OCSF's names and numbers. OCSF has no class for doors: a badge event stands among the
evidences as a person with a credential, a resource of type door, and its whole record.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import orjson

from nightporter import __version__
from nightporter.exports.json_text import array, members, value
from nightporter.findings import LEVELS
from nightporter.rules.articles import article
from nightporter.rules.tags import ATTACK_VERSION, known_tags

# The oldest version with all that is said here; 1.6 to 1.8 allow the same.
VERSION = "1.5.0"

_PRODUCT = {"name": "nightporter", "vendor_name": "nightporter", "version": __version__}
_SEVERITY = {level: at for at, level in enumerate(LEVELS, 1)}
# status_id and its caption, activity_id and its caption.
_STATUS = {"open": (1, "New"), "suppressed": (3, "Suppressed"), "withdrawn": (4, "Resolved")}
_ACTIVITIES = {1: "Create", 2: "Update", 3: "Close"}


def line(row: Mapping[str, Any]) -> str:
    """Return a row of `findings`, with what `GATHERED` adds, as one JSON object."""
    status, caption = _STATUS[row["status"]]
    activity = _activity(row)
    event = {
        "activity_id": activity,
        "activity_name": _ACTIVITIES[activity],
        "category_uid": 2,
        "category_name": "Findings",
        "class_uid": 2004,
        "class_name": "Detection Finding",
        "type_uid": 200400 + activity,
        "type_name": f"Detection Finding: {_ACTIVITIES[activity]}",
        "time": _ms(row["changed_at"]),
        "start_time": _ms(row["first_at"]),
        "end_time": _ms(row["last_at"]),
        "severity_id": _SEVERITY[row["level"]],
        "severity": row["level"].capitalize(),
        "status_id": status,
        "status": caption,
        "message": row["sentence"],
        "count": row["events"],
        "metadata": _metadata(row),
        "finding_info": _finding_info(row),
        "observables": _observables(row),
        "evidences": _fragment(row["evidences"]),
        "unmapped": _unmapped(row),
    }
    return orjson.dumps(_present(event), option=orjson.OPT_SORT_KEYS).decode()


def _activity(row: Mapping[str, Any]) -> int:
    if row["status"] == "withdrawn":
        return 3
    return 1 if row["found_at"] == row["changed_at"] else 2


def _metadata(row: Mapping[str, Any]) -> dict[str, Any]:
    return _present(
        {
            "version": VERSION,
            "product": _PRODUCT,
            # Another state of the same finding is another event.
            "uid": f"{row['finding_id']}/{_ms(row['changed_at'])}",
            "event_code": row["detector"],
            "labels": row["tags"] or None,
        }
    )


def _finding_info(row: Mapping[str, Any]) -> dict[str, Any]:
    tags = row["tags"] or ()
    return _present(
        {
            "uid": row["finding_id"],
            "title": row["title"],
            "desc": row["sentence"],
            "types": [row["tactic"]] if row["tactic"] else None,
            "created_time": _ms(row["found_at"]),
            "modified_time": _ms(row["changed_at"]),
            "first_seen_time": _ms(row["first_at"]),
            "last_seen_time": _ms(row["last_at"]),
            "analytic": _analytic(row),
            "attacks": [_attack(tag) for tag in tags if tag.startswith("attack.")] or None,
            "data_sources": row["sources"],
            "tags": _articles(tags) or None,
        }
    )


def _analytic(row: Mapping[str, Any]) -> dict[str, Any]:
    rule = {"type_id": 1, "type": "Rule", "uid": row["detector"], "version": row["version"]}
    return _present({**rule, "name": row["title"], "category": row["tactic"]})


def _attack(tag: str) -> dict[str, Any]:
    """Return a tactic, a technique, or a technique with its sub-technique."""
    named = {"version": ATTACK_VERSION} if tag in known_tags() else {}
    if article(tag).kind == "tactic":
        return {**named, "tactic": _named(tag)}
    technique, _, sub = tag.removeprefix("attack.").partition(".")
    above = {"technique": _named(f"attack.{technique}")}
    return {**named, **above, "sub_technique": _named(tag)} if sub else {**named, **above}


def _named(tag: str) -> dict[str, str]:
    """ATT&CK's numbers of tactics (TA0009) are no tags: a tactic has its name alone."""
    found, known = article(tag), known_tags().get(tag)
    name = known.name if known else found.name
    if found.kind == "tactic":
        return {"name": name or found.id}
    return {"uid": found.id, "name": name} if name else {"uid": found.id}


def _articles(tags: Iterable[str]) -> list[dict[str, Any]]:
    """The Insider Threat Matrix has no place in OCSF: its ids are tags."""
    ids = [article(tag).id for tag in tags if tag.startswith("itm.")]
    return [{"name": "itm", "values": ids}] if ids else []


def _observables(row: Mapping[str, Any]) -> orjson.Fragment | None:
    """Distinct values of the evidence, then those who are named without any."""
    people = [row["user_id"], *(row["candidates"] or ())]
    named = {person: "unmapped.candidates" for person in people if person is not None}
    if row["user_id"] is not None:
        named[row["user_id"]] = "unmapped.user_id"
    texts = [
        orjson.dumps(
            {"name": name, "type": "User Object: uid", "type_id": 31, "value": person}
        ).decode()
        for person, name in named.items()
    ]
    texts += [row[kind] for kind in _OBSERVED if row[kind]]
    return orjson.Fragment(f"[{','.join(texts)}]") if texts else None


def _unmapped(row: Mapping[str, Any]) -> dict[str, Any]:
    plain = ("status", "user_id", "candidates", "surprise", "case_id", "suppressed_by")
    said = {key: row[key] for key in plain} | {"day": row["day"].isoformat()}
    texts = {key: _fragment(row[key]) for key in ("about", "columns")}
    return _present({**said, **texts})


def _fragment(text: str | None) -> orjson.Fragment | None:
    return orjson.Fragment(text) if text else None


def _present(values: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what is not known: OCSF has no null."""
    return {name: value for name, value in values.items() if value is not None}


def _ms(moment: datetime | None) -> int | None:
    return None if moment is None else round(moment.timestamp() * 1000)


def _said(key: str) -> str:
    return f"(record ->> '$.{key}')"


def _where(known: str, sql: str) -> str:
    return f"CASE WHEN {known} IS NOT NULL THEN {sql} END"


_PATH, _CARD = _said("resource"), "CASE WHEN source = 'badge' THEN object END"
_HOST = "CASE WHEN source <> 'badge' THEN place END"
_DOOR = "CASE WHEN source = 'badge' THEN place END"
_BASENAME = f"coalesce(nullif(regexp_extract({_PATH}, '[^/\\\\]+$'), ''), {_PATH})"

_ACCOUNT = _said("account")
_USER = _where(  # OCSF has no user with a credential alone
    f"coalesce(user_id, {_ACCOUNT})",
    members(uid=value("user_id"), name=value(_ACCOUNT), credential_uid=value(_CARD)),
)
# A host, a file of unknown kind: no log says more.
_DEVICE = members(name=value(_HOST), type_id=_where(_HOST, "'0'"))
_FILE = members(
    name=value(_BASENAME),
    path=value(_PATH),
    type_id=_where(_PATH, "'0'"),
    size=_where(_PATH, _said("bytes")),
)
_RESOURCE = members(name=value(_DOOR), type=_where(_DOOR, value("'door'")))
_EVIDENCE = members(
    uid=value("event"),
    name=value("concat_ws(' ', source, action)"),
    user=_USER,
    device=_DEVICE,
    file=_FILE,
    resources=f"'[' || {_RESOURCE} || ']'",
    data="record",
)


def _observed(name: str, kind: str, type_id: int, sql: str) -> str:
    said = members(
        name=value(f"'{name}'"), type=value(f"'{kind}'"), type_id=f"'{type_id}'", value=value(sql)
    )
    text = _where(sql, said)
    return f"string_agg(DISTINCT {text}, ',' ORDER BY {text})"


_OBSERVED = {
    "devices": _observed("evidences.device.name", "Hostname", 1, _HOST),
    "files": _observed("evidences.file.path", "File Path", 45, _PATH),
    "media": _observed("evidences.data.device_id", "Serial Number", 37, _said("device_id")),
    "doors": _observed("evidences.resources.name", "Resource Details Object: name", 38, _DOOR),
    "cards": _observed("evidences.data.badge_id", "User Credential ID", 19, _CARD),
}

# What a finding's evidence becomes; aggregates over rows of `evidence`.
GATHERED = {
    "evidences": array(_EVIDENCE, " ORDER BY ts, event"),
    "events": "count(*)",
    "sources": "list(DISTINCT source ORDER BY source)",
    **_OBSERVED,
}
