"""A night that nobody starts: PostgreSQL, a Prefect server, a worker, and the clock.

The deployment is that of prefect.yaml, due every minute.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from services import (
    ROOT,
    Api,
    environment,
    free_port,
    postgres,
    postgres_binaries,
    prefect_server,
    processes_with,
    until,
    worker,
)
from workspaces import FEW, june, rows, run

AS_OF = "2026-06-30T08:00Z"

# Some seconds of work, so that there is a night to overlap with and to kill.
SLOW = """\
-- /// detector
-- title = "Takes its time"
-- level = "low"
-- status = "test"
-- tags = ["attack.collection"]
-- lookback = "0d"
-- says = "{user_id}"
-- ///

SELECT user_id, day
FROM user_day
WHERE (SELECT sum(hash(a.range + b.range) % 7) FROM range(50000) AS a, range(4000) AS b) < 0;

-- /// silent: always
-- access:
--   user_id | action | local_ts
--   ana     | view   | 2026-01-05 10:00
-- ///
"""


class House:
    """Everything that docker-compose.yml names, as processes; and what happened in it."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.folder, self._stack = folder, stack
        self.root = june(folder / "site", "2026-06-22", own="own")
        _add_slow_detector(self.root)
        binaries = postgres_binaries()
        self.database = "PostgreSQL" if binaries else "SQLite (no PostgreSQL is installed)"
        stored: dict[str, str] = {}
        if binaries:
            url = stack.enter_context(postgres(folder, binaries))
            stored["PREFECT_SERVER_DATABASE_CONNECTION_URL"] = url
        port = free_port()
        self.api = Api(f"http://127.0.0.1:{port}/api", "admin:for this test")
        self.env = environment(
            folder / "home",
            **stored,
            **self.api.settings,
            NIGHTPORTER_WORKSPACE=str(self.root),
            NIGHTPORTER_AS_OF=AS_OF,
            NIGHTPORTER_POOL="house",
            # Every minute only catches the SQLAlchemy break: with a newer one than we allow,
            # everything looks healthy, and no scheduled run is ever created.
            NIGHTPORTER_CRON="* * * * *",
            # Short enough for a test; a living run is not touched, its heart beats every 30 s.
            NIGHTPORTER_DEAD_AFTER="35",
            PREFECT_FLOWS_HEARTBEAT_FREQUENCY="30",
            PREFECT_SERVER_DEPLOYMENTS_CONCURRENCY_SLOT_WAIT_SECONDS="2",
            PREFECT_WORKER_QUERY_SECONDS="1",
        )
        self.server = prefect_server(folder, self.env, port)
        stack.callback(self.clear)

    def deploy(self) -> None:
        command = [sys.executable, str(ROOT / "flows" / "deploy.py")]
        ran = subprocess.run(
            command, env=self.env, cwd=self.folder, capture_output=True, text=True, check=False
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr

    def employ(self) -> None:
        self.worker = worker(self.folder, self.env)

    def started(self, id: str) -> bool:
        return self.api.run(id)["state"]["type"] == "RUNNING"

    def ended(self, id: str) -> bool:
        return self.api.run(id)["state"]["type"] in ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")

    def killed(self, id: str) -> None:
        """End a run and its worker as a power cut would: nobody is left to report it."""
        self.worker.kill()
        for process in processes_with(f"PREFECT__FLOW_RUN_ID={id}"):
            os.kill(process, signal.SIGKILL)

    def has_logged(self, stage: str, since: int) -> bool:
        log = self.root / "state" / "nightly.log"
        return f" {stage} " in log.read_text("utf-8")[since:]

    def clear(self) -> None:
        self.server.kill()
        for process in processes_with(f"PREFECT_HOME={self.folder / 'home'}"):
            os.kill(process, signal.SIGKILL)


def _add_slow_detector(root: Path) -> None:
    (root / "own" / "misuse").mkdir(parents=True)
    (root / "own" / "misuse" / "takes_its_time.sql").write_text(SLOW)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with ExitStack() as stack:
        house = House(tmp_path_factory.mktemp("house"), stack)
        house.deploy()
        house.employ()
        yield house


@pytest.fixture(scope="module")
def nights(house: House) -> tuple[dict[str, Any], dict[str, Any]]:
    """The first run that the clock started, and one by hand that was asked for meanwhile."""
    scheduled = house.api.first_of_the_clock(90)
    second = house.api.start()
    house.api.pause()
    until("the scheduled night ends", lambda: house.ended(scheduled), 90)
    until("the second night ends", lambda: house.ended(second), 90)
    return house.api.run(scheduled), house.api.run(second)


Nights = tuple[dict[str, Any], dict[str, Any]]


def test_the_clock_alone_starts_a_night_and_it_ends_well(
    house: House, nights: Nights, record_property: Any
) -> None:
    first, _ = nights
    assert first["auto_scheduled"] and first["created_by"]["type"] == "SCHEDULE"
    assert (first["state"]["type"], first["state"]["name"]) == ("COMPLETED", "Completed")
    due, began, ended = (
        datetime.fromisoformat(first[key])
        for key in ("expected_start_time", "start_time", "end_time")
    )
    assert due.second == 0
    record_property(
        f"scheduled night on {house.database}",
        f"began {(began - due).total_seconds():.1f} s after its minute,"
        f" done {(ended - due).total_seconds():.1f} s after it",
    )


def test_the_run_says_what_it_is(nights: Nights) -> None:
    first, _ = nights
    assert first["name"] == f"nightly as of {AS_OF}"
    assert set(first["tags"]) == {"nightporter", "auto-scheduled"}
    assert first["state"]["message"] == "scanned 2026-05-31 to 2026-06-29"


def test_each_feed_and_each_detector_is_a_task_of_the_run(house: House, nights: Nights) -> None:
    tasks = house.api.tasks(nights[0]["id"])
    assert {name for name in tasks if name.startswith("ingest ")} == {
        f"ingest {feed}" for feed in ("fileserver", "usb-hav", "badge-hav", "badge-rey")
    }
    detectors = {name.removeprefix("detect ") for name in tasks if name.startswith("detect ")}
    assert detectors == {"takes_its_time", *FEW}
    assert {"context", "features", "findings", "risk", "publish", "report"} < set(tasks)
    assert set(tasks.values()) == {"COMPLETED"}


def test_the_stages_are_in_the_log_of_the_run(house: House, nights: Nights) -> None:
    said = house.api.logs(nights[0]["id"])
    assert any(line.startswith("detect takes_its_time ") for line in said)


def test_the_scheduled_night_finds_what_the_command_finds(
    house: House, nights: Nights, tmp_path: Path
) -> None:
    plain = june(tmp_path, "2026-06-22")
    run(plain, AS_OF.removesuffix("Z"))
    for table in ("findings", "risk"):
        assert rows(house.root, table) == rows(plain, table), table
    assert rows(house.root, "risk")
    with duckdb.connect(str(house.root / "findings.duckdb"), read_only=True) as con:
        published = con.execute("SELECT count(*) FROM findings").fetchall()[0][0]
    assert published == len(rows(plain, "findings"))


def test_prefect_is_told_who_and_never_what(house: House, nights: Nights) -> None:
    pages = house.api.pages()
    assert set(pages) == {"nightly-ranking", "nightly-coverage"}
    assert "tfalk" in pages["nightly-ranking"] and "high" in pages["nightly-ranking"]
    assert "takes&#95;its&#95;time" not in pages["nightly-ranking"]
    for secret in ("Tjark", "Falk", "downloaded", "media outside"):
        assert secret not in "".join(pages.values())
        assert not any(secret in line for line in house.api.logs(nights[0]["id"]))


def test_a_second_night_waits_for_the_first(house: House, nights: Nights) -> None:
    first, second = nights
    assert "AwaitingConcurrencySlot" in house.api.states(second["id"])
    assert second["state"]["type"] == "COMPLETED"
    assert datetime.fromisoformat(second["start_time"]) >= datetime.fromisoformat(first["end_time"])


def test_deploying_again_adds_nothing(house: House, nights: Nights) -> None:
    before = house.api.deployed()
    house.deploy()
    house.api.pause()
    assert house.api.deployed() == before
    assert before["automations"] == ["nightporter-dead-run"]
    assert before["cron"] == ("* * * * *", "Europe/Berlin")
    assert before["limit"] == (1, "ENQUEUE")


def test_a_run_that_died_with_its_worker_is_marked_crashed(house: House, nights: Nights) -> None:
    """No other run is touched, though the watch looks at them all."""
    dying = house.api.start(first="2026-06-22")
    until("the run is running", lambda: house.started(dying), 30)
    until("its heart beats", lambda: house.api.heartbeats(dying) > 0, 15)
    house.killed(dying)
    until("the dead run is marked", lambda: house.ended(dying), 60)
    state = house.api.run(dying)["state"]
    assert (state["type"], state["name"]) == ("CRASHED", "Crashed")
    assert "No heartbeat" in state["message"]
    assert {house.api.run(night["id"])["state"]["type"] for night in nights} == {"COMPLETED"}


def test_a_night_whose_server_dies_still_publishes(house: House, nights: Nights) -> None:
    before = {table: rows(house.root, table) for table in ("findings", "risk")}
    (house.root / "findings.duckdb").unlink()
    so_far = (house.root / "state" / "nightly.log").stat().st_size
    house.employ()
    house.api.start(first="2026-06-22")
    until("it is half done", lambda: house.has_logged("features", so_far), 60)
    house.server.kill()
    until("it publishes", (house.root / "findings.duckdb").exists, 60)
    until("it does not wait for pages", lambda: house.has_logged("artifacts", so_far), 30)
    assert {table: rows(house.root, table) for table in before} == before
    with duckdb.connect(str(house.root / "findings.duckdb"), read_only=True) as con:
        published = con.execute("SELECT count(*) FROM findings").fetchall()[0][0]
    assert published == len(before["findings"]) > 0
