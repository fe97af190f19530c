"""A night as a whole: nothing twice, nothing lost, one pass or many."""

import gzip
import signal
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from workspaces import EXPLODES, FEW, asked, june, rows, run

from nightporter import config
from nightporter.config import Feed
from nightporter.errors import UsageError
from nightporter.ingest import FeedLoad, ingest_feed
from nightporter.window import Window
from nightporter.workspace import locked

DERIVED = (
    "presence", "user_hour", "user_day", "first_seen", "host_day", "findings", "evidence",
    "risk", "places", "robots", "cases", "windows",
)  # fmt: skip
END = "2026-06-30T08:00"
FIRST = "2026-06-20"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The last third of a month, scanned in one pass."""
    root = june(tmp_path_factory.mktemp("whole"), FIRST)
    assert run(root, END).exit_code == 0
    assert {name for (name,) in asked(root, "SELECT detector FROM findings")} == FEW
    return root


def test_the_last_day_that_ended_everywhere_is_scanned_and_no_running_day(
    whole: Path, tmp_path: Path
) -> None:
    """At 04:30 UTC the day has ended in Berlin, and still runs in Reykjavik."""
    last = asked(whole, "SELECT max(day) FROM windows")
    assert last == [(date(2026, 6, 29),)]
    running = run(june(tmp_path, "2026-06-25"), "2026-06-30T04:30").window
    assert running is not None and running.last == date(2026, 6, 28)


def test_running_again_changes_nothing(whole: Path) -> None:
    before = {table: rows(whole, table) for table in DERIVED}
    history = rows(whole, "finding_history")
    made = [whole / "findings.duckdb", *sorted((whole / "reports").rglob("*.*"))]
    written = [path.stat().st_mtime_ns for path in made]
    files = {path.name for path in made}
    assert {"findings.duckdb", "index.html", "report.json"} < files, "and a file for each case"
    night = run(whole, END)
    assert night.window is None
    assert {table: rows(whole, table) for table in DERIVED} == before
    assert rows(whole, "finding_history") == history
    assert [path.stat().st_mtime_ns for path in made] == written


def test_scanning_the_same_days_again_by_order_changes_nothing(whole: Path) -> None:
    before = {table: rows(whole, table) for table in DERIVED}
    history = rows(whole, "finding_history")
    night = run(whole, END, first=date(2026, 6, 20))
    assert night.window == Window(date(2026, 6, 20), date(2026, 6, 29))
    assert {found.detector for found in night.detections} == FEW
    assert {table: rows(whole, table) for table in DERIVED} == before
    assert rows(whole, "finding_history") == history


def test_night_by_night_says_what_one_pass_says(whole: Path, tmp_path: Path) -> None:
    """The later logs lie there from the start: no night may look ahead at them."""
    root = june(tmp_path, FIRST)
    for day in (23, 24, 27, 30):
        run(root, f"2026-06-{day}T08:00")
    for table in set(DERIVED) - {"windows"}:
        assert rows(root, table) == rows(whole, table), table


@pytest.mark.parametrize("stage", ["ingest usb-hav", "detect first_entry_to_room", "findings"])
def test_a_run_that_was_killed_is_healed_by_the_next(
    whole: Path, tmp_path: Path, stage: str
) -> None:
    root = june(tmp_path, FIRST)
    words = ["nightly", "--workspace", str(root), "--as-of", f"{END}Z"]
    with subprocess.Popen(
        [sys.executable, "-m", "nightporter", *words],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as night:
        for line in night.stderr:
            if line.strip().startswith(f"{stage} "):
                break
        night.send_signal(signal.SIGKILL)
    assert night.returncode == -signal.SIGKILL
    assert run(root, END).exit_code == 0
    for table in ("access", "usb", "badge", "rejects", "loads", *DERIVED):
        assert rows(root, table) == rows(whole, table), table


def test_two_runs_never_meet(whole: Path) -> None:
    with locked(config.load(whole)), pytest.raises(UsageError, match="another run holds"):
        run(whole, END)


def test_a_broken_detector_stops_no_other_and_its_days_are_failed(tmp_path: Path) -> None:
    root = june(tmp_path, "2026-06-22", own="detectors")
    folder = root / "detectors" / "misuse"
    folder.mkdir(parents=True)
    (folder / "explodes.sql").write_text(EXPLODES)
    night = run(root, END)
    assert night.exit_code == 5
    assert {found.detector for found in night.detections} == {"explodes", *FEW}
    said = asked(root, "SELECT DISTINCT stage, status FROM windows")
    assert ("explodes", "failed") in said
    assert ("superseded_badge_used", "done") in said
    assert (
        "boom" in asked(root, "SELECT any_value(reason) FROM windows WHERE status = 'failed'")[0][0]
    )


@pytest.mark.parametrize("fault", [OSError("no space left"), ValueError("no such year")])
def test_a_feed_that_fails_unexpectedly_stops_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    def explode(settings: object, feed: Feed, *rest: object, **given: object) -> FeedLoad:
        if feed.name == "usb-hav":
            raise fault
        return ingest_feed(settings, feed, *rest, **given)  # type: ignore[arg-type]

    monkeypatch.setattr("nightporter.nightly.ingest_feed", explode)
    night = run(june(tmp_path, "2026-06-28"), END)
    assert night.exit_code == 5
    assert [str(problem) for problem in night.problems] == [
        f"the feed usb-hav was not loaded: {type(fault).__name__}: {fault}"
    ]
    assert len(night.loads) == 3


def test_a_report_that_cannot_be_written_is_a_problem_and_nothing_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def explode(*_: object) -> None:
        raise OSError("no space left")

    root = june(tmp_path, "2026-06-25")
    monkeypatch.setattr("nightporter.nightly.write_report", explode)
    night = run(root, END)
    assert night.exit_code == 5
    assert [str(problem) for problem in night.problems] == [
        "the report was not written: OSError: no space left"
    ]
    assert (root / "findings.duckdb").exists()
    assert asked(root, "SELECT max(day) FROM windows") == [(date(2026, 6, 29),)]


def test_what_went_wrong_in_a_night_stands_in_its_report(tmp_path: Path) -> None:
    root = june(tmp_path, "2026-06-25")
    run(root, END)
    for path in (root / "logs" / "badge" / "rey").iterdir():
        path.unlink()
    assert run(root, END).exit_code == 5, "nothing new was scanned, and a log is missing"
    page = (root / "reports" / "2026-06-29" / "index.html").read_text("utf-8")
    assert "1 thing failed" in page
    assert "nothing matches logs/badge/rey/*.csv" in page
    assert str(root) not in page


def test_an_old_day_that_gets_late_logs_is_seen_again(tmp_path: Path) -> None:
    root = june(tmp_path, "2026-06-24")
    late = root / "logs" / "access" / "2026-06-27.ndjson.gz"
    kept = late.read_bytes()
    late.unlink()
    run(root, "2026-06-29T08:00")
    late.write_bytes(kept)
    night = run(root, END)  # the file starts at midnight UTC, in the business day before
    assert night.window == Window(date(2026, 6, 26), date(2026, 6, 29))
    undisturbed = june(tmp_path / "other", "2026-06-24")
    run(undisturbed, END)
    for table in ("user_day", "user_hour", "findings", "evidence"):
        assert rows(root, table) == rows(undisturbed, table), table


def test_a_badge_feed_that_loses_most_reads_sends_nobody_home(tmp_path: Path) -> None:
    """The administrator's nights go on; of all reads a few are left, and only ways out."""
    root = june(tmp_path)
    log = root / "logs" / "badge" / "hav" / "2026-06.csv.gz"
    head, *lines = gzip.decompress(log.read_bytes()).splitlines(keepends=True)
    kept = [line for line in lines if line[:2] < b"19" or b"H-GATE;Aus" in line]
    log.write_bytes(gzip.compress(b"".join([head, *kept])))
    run(root, END)
    lost = "day = '2026-06-22'"
    said = f"stage = 'activity_without_presence' AND {lost}"
    assert asked(root, f"SELECT status FROM windows WHERE {said}") == [("not_evaluated",)]
    found = f"detector = 'activity_without_presence' AND {lost}"
    assert asked(root, f"SELECT count(*) FROM findings WHERE {found}") == [(0,)]
