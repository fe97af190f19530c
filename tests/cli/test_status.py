"""What a tired person reads at 6 a.m.: the worst first, short, and what to type."""

from datetime import date, timedelta
from pathlib import Path

import orjson
import pytest
from reported import DAY, NOON, Site, load, window

from nightporter.cli.app import main

WORDS = ("status", "--as-of", "2026-06-30T08:00Z")


def typed(root: Path, *words: str) -> None:
    with pytest.raises(SystemExit) as ended:
        main([*words, "--workspace", str(root)])
    assert not ended.value.code


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """Two stale days, one that waits, one that failed, and a log that is silent."""
    site = Site(tmp_path)
    days = [{"day": DAY, "site": "BER", "events": 7}]
    site.holds(
        loads=[load(path="logs/a.csv", ingested_at=NOON, days=days)],
        feed_day=[{"feed": "files", "site": "BER", "day": DAY, "events": 0, "silent": True}],
        windows=[
            window(stage="features"),
            window(stage="doors", status="waiting", reason="waits for doors (BER)"),
            window(stage="bulk", status="failed", reason="boom\nin line 3"),
            *(
                window(stage=stage, day=day, status="stale", reason="late: files 9")
                for stage in ("bulk", "features")
                for day in (date(2026, 6, 2), date(2026, 6, 5))
            ),
            window(stage="old", day=DAY - timedelta(days=1), status="not_evaluated", reason="x"),
        ],
    )
    return site


def test_the_worst_stands_first_with_days_and_reasons_and_what_to_type(
    site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    typed(site.root, *WORDS)
    lines = capsys.readouterr().out.splitlines()
    assert lines[:3] == [
        f"FAILED         1 day, {DAY}  bulk: boom",
        f"WAITING        1 day, {DAY}  doors: waits for doors (BER)",
        "STALE          2 days, 2026-06-02 to 2026-06-05  2 stages: late: files 9",
    ]
    assert lines[3].startswith("SILENT         files (BER): last event 2026-06-29 12:00Z")
    assert "last file a.csv" in lines[4]
    assert [line for line in lines if line.startswith("NOT EVALUATED")] == []
    assert lines[-2] == f"NEXT           nightporter nightly --workspace {site.root}"
    assert lines[-1].startswith("NEXT           nightporter backfill --workspace")
    assert lines[-1].endswith("# 2026-06-02 to 2026-06-05")


def test_all_of_it_is_there_as_json(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    typed(site.root, *WORDS, "--json")
    said = orjson.loads(capsys.readouterr().out)
    assert said["stale"] == [
        {"status": "stale", "reason": "late: files 9", "days": 2, "first_day": "2026-06-02",
         "last_day": "2026-06-05", "stages": ["bulk", "features"]}
    ]  # fmt: skip
    assert [row["stages"] for row in said["not_evaluated"]] == [["old"]]
    (feed,) = said["feeds"]
    assert (feed["lateness"], feed["silent"], feed["silent_sites"]) == (7, True, ["BER"])


@pytest.mark.parametrize(("as_of", "word"), [("2026-07-06", "LOG"), ("2026-07-08", "OVERDUE")])
def test_a_log_that_says_nothing_for_longer_than_it_may_is_overdue(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], as_of: str, word: str
) -> None:
    site = Site(tmp_path)
    days = [{"day": DAY, "site": "BER", "events": 7}]
    site.holds(
        loads=[load(path="logs/a.csv", ingested_at=NOON, days=days)],
        feed_day=[{"feed": "files", "site": "BER", "day": DAY, "events": 7, "silent": False}],
        windows=[window(stage="features")],
    )
    typed(tmp_path, "status", "--as-of", f"{as_of}T08:00Z")
    said = capsys.readouterr().out
    assert f"{word:<15}files: last event 2026-06-29 12:00Z" in said
    assert "scanned to 2026-06-29, " in said


def test_where_nothing_was_ever_loaded_it_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Site(tmp_path)
    typed(tmp_path, *WORDS)
    said = capsys.readouterr().out
    assert "SILENT         files: nothing was ever loaded" in said
    assert "DAYS           0 with 0 events\n" in said
    assert "scanned to nothing yet" in said
    assert f"NEXT           nightporter ingest --workspace {tmp_path}" in said


def test_a_stamp_of_the_future_does_not_keep_a_log_from_being_overdue(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site = Site(tmp_path)
    ahead = load(file_id="g", last_ts=NOON.replace(year=2031), ingested_at=NOON)
    site.holds(loads=[load(last_ts=NOON.replace(month=5), ingested_at=NOON), ahead])
    typed(site.root, *WORDS)
    assert "OVERDUE        files: last event 2026-05-29 12:00Z, 31 days ago" in (
        capsys.readouterr().out
    )


def test_a_log_that_holds_nothing_but_the_future_is_said_to_be_ahead(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site = Site(tmp_path)
    site.holds(loads=[load(last_ts=NOON.replace(year=2031), ingested_at=NOON)])
    typed(site.root, *WORDS)
    assert "last event 2031-06-29 12:00Z, in the future;" in capsys.readouterr().out
