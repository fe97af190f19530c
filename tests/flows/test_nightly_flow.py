"""The same night under Prefect: a task a stage, a feed, a detector; one failure stops no other."""

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from workspaces import EXPLODES, FEW, june, rows, run

from nightporter.shipped import shipped

END = "2026-06-30T08:00Z"


class Flow:
    """One run of flows/nightly.py on Prefect's own temporary server."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "own" / "misuse").mkdir(parents=True)
        (root / "own" / "misuse" / "explodes.sql").write_text(EXPLODES)
        home = root / "prefect"
        home.mkdir()
        script = [sys.executable, str(shipped("flows") / "nightly.py")]
        self.ran = subprocess.run(
            [*script, "--workspace", str(root), "--as-of", END],
            env={**os.environ, "PREFECT_HOME": str(home)},
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        self._database = home / "prefect.db"

    def asked(self, sql: str) -> list[tuple[str, ...]]:
        with sqlite3.connect(self._database) as con:
            return con.execute(sql).fetchall()


@pytest.fixture(scope="module")
def flow(tmp_path_factory: pytest.TempPathFactory) -> Flow:
    return Flow(june(tmp_path_factory.mktemp("flow"), "2026-06-24", own="own"))


def test_an_incomplete_night_ends_with_5_and_its_state_says_so(flow: Flow) -> None:
    assert flow.ran.returncode == 5, flow.ran.stderr
    assert flow.asked("SELECT state_type, state_name FROM flow_run") == [("FAILED", "Incomplete")]
    assert "explodes.sql" in flow.ran.stderr


def test_each_feed_and_each_detector_is_a_task_and_only_the_broken_one_failed(flow: Flow) -> None:
    tasks = dict(flow.asked("SELECT name, state_type FROM task_run"))
    assert {"ingest fileserver", "ingest usb-hav", "ingest badge-hav", "ingest badge-rey"} < set(
        tasks
    )
    assert {"context", "features", "findings", "risk", "publish", "report"} < set(tasks)
    detectors = {name.removeprefix("detect ") for name in tasks if name.startswith("detect ")}
    assert detectors == {"explodes", *FEW}
    assert {name for name, state in tasks.items() if state != "COMPLETED"} == {"detect explodes"}


def test_the_flow_finds_what_the_command_finds(flow: Flow, tmp_path: Path) -> None:
    plain = june(tmp_path, "2026-06-24")
    run(plain, "2026-06-30T08:00")
    for table in ("findings", "evidence", "risk", "user_day"):
        assert rows(flow.root, table) == rows(plain, table), table


def test_the_terminal_shows_the_ranking_and_nothing_of_prefect(flow: Flow) -> None:
    assert "WHOM TO LOOK AT" in flow.ran.stdout
    assert "prefect" not in flow.ran.stdout.lower()
    assert "leaked" not in flow.ran.stderr


def test_prefect_keeps_no_word_of_what_stands_in_the_logs(flow: Flow) -> None:
    """The broken detector's error holds a user id and a value; both stay in the workspace."""
    (told,) = flow.asked("SELECT message FROM flow_run_state WHERE name = 'Incomplete'")
    assert told == (
        "DetectorError in explodes.sql:10; state/nightly.log in the workspace says the rest",
    )
    for table in ("flow_run_state", "task_run_state", "artifact", "log", "events"):
        assert "boom" not in str(flow.asked(f"SELECT * FROM {table}")), table
    assert "boom" in flow.ran.stderr


def test_the_ranking_and_the_coverage_are_pages_of_the_run(flow: Flow) -> None:
    pages = dict(flow.asked("SELECT key, data FROM artifact WHERE flow_run_id IS NOT NULL"))
    assert set(pages) == {"nightly-ranking", "nightly-coverage"}
    assert "| tfalk |" in pages["nightly-ranking"]
    assert "explodes" in pages["nightly-coverage"]
