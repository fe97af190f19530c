"""CSV as spreadsheets read it, JSON lines with all that the lake holds, and what is chosen."""

import csv
import io
import os
import re
import stat
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from reported import DAY, NOON, Row, Site, evidence, finding

from nightporter import config
from nightporter.exports import Selection, lines, write
from nightporter.lake import Lake
from nightporter.schema import TABLES
from nightporter.workspace import lake_of

FINDINGS = (
    finding(tags=["attack.collection", "itm.if002"], candidates=["ana", "bo, jr"], surprise=1.5),
    finding(finding_id="f2", status="withdrawn", level="low", user_id=None, about='{"n": 1}'),
    finding(finding_id="f3", status="suppressed", day=DAY - timedelta(days=1), sentence='a "b", c'),
)
EVIDENCE = (
    evidence(event="access/a/2", line=2, ts=NOON + timedelta(microseconds=7)),
    evidence(),
    evidence(finding_id="f3", day=DAY - timedelta(days=1), user_id=None, record=None),
)


def lake(root: Path) -> Lake:
    Site(root).holds(findings=FINDINGS, evidence=EVIDENCE)
    return lake_of(config.load(root))


def table(root: Path) -> list[dict[str, str]]:
    text = "".join(lines(lake(root), "csv", Selection()))
    assert text.count("\r\n") == text.count("\n") == 1 + len(FINDINGS)
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def told(lake: Lake, chosen: Selection) -> list[Any]:
    return [orjson.loads(line) for line in lines(lake, "jsonl", chosen)]


def test_csv_has_every_column_of_a_finding_and_how_many_events(tmp_path: Path) -> None:
    rows = table(tmp_path)
    assert list(rows[0]) == [*TABLES["findings"].columns, "events"]
    assert [row["finding_id"] for row in rows] == ["f3", "f1", "f2"]
    assert [row["events"] for row in rows] == ["1", "2", "0"]
    assert rows[0]["sentence"] == 'a "b", c'
    assert rows[1]["tags"] == "attack.collection itm.if002"
    assert rows[1]["candidates"] == '["ana","bo, jr"]'
    assert rows[1]["found_at"] == "2026-06-29T12:00:00Z"
    assert rows[2]["user_id"] == ""


def test_csv_with_nothing_to_say_is_its_head(tmp_path: Path) -> None:
    Site(tmp_path)
    (head,) = lines(lake_of(config.load(tmp_path)), "csv", Selection())
    assert head.startswith("finding_id,detector,") and head.endswith(",events\r\n")


def test_json_lines_hold_every_column_and_every_event(tmp_path: Path) -> None:
    late, first, second = told(lake(tmp_path), Selection())
    for said, row in ((late, FINDINGS[2]), (first, FINDINGS[0]), (second, FINDINGS[1])):
        assert set(said) == {*TABLES["findings"].columns, "events", "evidence"}
        assert _as_told(row) == {key: said[key] for key in TABLES["findings"].columns}
    assert [each["event"] for each in first["evidence"]] == ["access/a/1", "access/a/2"]
    columns = set(TABLES["evidence"].columns) - {"finding_id", "detector", "day"}
    assert [set(each) for each in (*first["evidence"], *late["evidence"])] == [columns] * 3
    assert first["evidence"][1]["ts"] == "2026-06-29T12:00:00.000007Z"
    assert first["evidence"][1]["local_ts"] == "2026-06-29T14:00:00.000000"
    assert first["evidence"][1]["record"] == {"day": "2026-06-29", "site": "BER"}
    assert late["evidence"][0]["user_id"] is None and late["evidence"][0]["record"] is None
    assert (second["events"], second["evidence"]) == (0, [])


def _as_told(row: Row) -> Row:
    filled = {column: row.get(column) for column in TABLES["findings"].columns}
    for key in ("about", "columns"):
        filled[key] = orjson.loads(filled[key])
    text = orjson.dumps(filled, option=orjson.OPT_UTC_Z)
    return dict(orjson.loads(text))


def test_days_levels_and_states_are_chosen(tmp_path: Path) -> None:
    known = lake(tmp_path)

    def ids(chosen: Selection) -> list[str]:
        return [said["finding_id"] for said in told(known, chosen)]

    assert ids(Selection(since=DAY)) == ["f1", "f2"]
    assert ids(Selection(until=DAY - timedelta(days=1))) == ["f3"]
    assert ids(Selection(since=date(2026, 7, 1))) == []
    assert ids(Selection(level="medium")) == ["f3", "f1"]
    assert ids(Selection(statuses=("open",))) == ["f1"]


def test_equal_lakes_give_equal_bytes(tmp_path: Path) -> None:
    known = lake(tmp_path)
    for format in ("ocsf", "csv", "jsonl"):
        once, twice = (list(lines(known, format, Selection())) for _ in range(2))
        assert once == twice


def test_a_file_is_its_owner_s_alone_whatever_the_process_allows(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        write(tmp_path / "out", ["line\n"])
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "out").stat().st_mode) == 0o600


def test_the_page_s_way_back_gives_the_very_texts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = (Path(__file__).parents[2] / "docs" / "exports.md").read_text("utf-8")
    (script,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    name = "=cmd|'/C calc'!A0\\u0041\n\u202e"
    Site(tmp_path).holds(findings=[finding(user_id=name)])
    write(tmp_path / "high.csv", lines(lake_of(config.load(tmp_path)), "csv", Selection()))
    monkeypatch.chdir(tmp_path)
    known: dict[str, Any] = {}
    exec(script, known)
    assert [row["user_id"] for row in known["rows"]] == [name]
