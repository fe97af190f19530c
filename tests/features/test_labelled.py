"""What is counted and met of documents with a label, and of shares."""

from typing import Any

import pytest
from stored import everyone, night, settings, spanned, stored

from nightporter import features
from nightporter.features.declared import KINDS
from nightporter.shipped import shipped

WORDS = ("Confidential", "strictly confidential", "restricted", "CLASSIFIED", "Secret")


def asked(source: str, rows: list[dict[str, Any]], sql: str) -> list[Any]:
    at = [{"at": "2026-03-03T10:00", "account": "ana", "host": "pc", **row} for row in rows]
    events = {source: stored(source, at)}
    con = night(events, everyone(events))
    features.write(con, settings(), spanned(events))
    return con.sql(sql).fetchall()


@pytest.mark.parametrize(
    ("source", "action", "feature"),
    [("access", "print", "labelled_prints"), ("usb", "write", "labelled_media_writes")],
)
def test_labelled_documents_count_once_a_day(source: str, action: str, feature: str) -> None:
    labels = [*WORDS, *WORDS, "Top Secret", "internal", None]
    rows = [
        {"action": action, "label": label, "resource": f"/p/{str(label).lower()}"}
        for label in labels
    ]
    rows.append({**rows[0], "resource": "/p/refused", "outcome": "failure"})
    sql = f"SELECT x FROM user_day WHERE feature = '{feature}'"
    assert asked(source, rows, sql) == [(6,)]


@pytest.mark.parametrize(
    ("resource", "folder"),
    [
        ("/projects/skin/restricted/a.docx", "/projects/skin"),
        ("/legal/a.docx", "/legal"),
        (r"\\srv\share\skin\2026\a.docx", "//srv/share/skin"),
        (r"P:\skin\plans\a.docx", "P:/skin/plans"),
        ("https://t.example/sites/hr/pay/a.docx", "https://t.example/sites/hr"),
        ("a.docx", None),
    ],
)
def test_a_labelled_folder_is_two_steps_below_the_server(resource: str, folder: str) -> None:
    rows = [
        {"action": "view", "label": "Secret", "resource": resource},
        {"action": "view", "resource": "/open/plans/a.docx"},
        {"action": "view", "label": "Secret", "resource": "/no/no/a.docx", "outcome": "failure"},
        {"action": "preview", "label": "Secret", "resource": "/drawn/by/a.docx"},
        {"action": "sync", "label": "Secret", "resource": "/fetched/by/a.docx"},
    ]
    said = asked("access", rows, "SELECT value FROM seen WHERE kind = 'labelled_folder'")
    assert said == [(folder,)] * (folder is not None)


@pytest.mark.parametrize(
    ("resource", "share"),
    [
        ("/finance/2026/a.docx", "/finance"),
        ("finance/a.docx", "finance"),
        (r"\\*\finance\a.docx", "//*/finance"),
        (r"\\fs-01\finance\a.docx", "//fs-01/finance"),
        (r"P:\finance\a.docx", "P:/finance"),
        ("https://t.example/sites/hr/pay/a.docx", "https://t.example/sites/hr"),
        ("https://t.example/Shared/a.docx", "https://t.example/Shared"),
    ],
)
def test_a_share_is_the_first_step_below_the_server(resource: str, share: str) -> None:
    rows = [{"action": "view", "resource": resource}]
    assert asked("access", rows, "SELECT value FROM seen WHERE kind = 'share'") == [(share,)]


def test_nobody_has_met_a_share_that_refused() -> None:
    rows = [{"action": "view", "resource": "/board/a.docx", "outcome": "failure"}]
    assert asked("access", rows, "SELECT value FROM seen WHERE kind = 'share'") == []


@pytest.mark.parametrize(
    ("name", "id"),
    [
        ("share", "collection/first_access_to_share"),
        ("share", "collection/denied_burst"),
        ("share", "misuse/self_granted_access"),
        ("labelled_folder", "collection/collection_coverage"),
        ("labelled_folder", "collection/sensitive_outside_role"),
    ],
)
def test_what_a_detector_calls_a_share_or_a_folder_seen_does_too(name: str, id: str) -> None:
    (value,) = (kind.value for kind in KINDS if kind.name == name)
    (pattern,) = (part for part in value.split("'") if part.startswith("^"))
    assert f"'{pattern}'" in (shipped("detectors") / f"{id}.sql").read_text("utf-8")
