"""A detector in the child process: bounded, locked, and replaced when it dies."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from nightporter.errors import DetectorError
from nightporter.rules import Detector, Sandbox, run
from nightporter.rules.sandbox import _environment
from nightporter.window import Window

Read = Callable[..., Detector]
DAYS = Window(date(2026, 1, 5), date(2026, 1, 8))
PER_DAY = "SELECT user_id, day, count(*)::INT AS n, array_agg(event ORDER BY ts) AS events\n"
PER_DAY += "FROM access GROUP BY user_id, day HAVING count(*) >= knob('least', 1)\n"


@pytest.fixture(scope="module")
def sandbox(night_file: Path) -> Iterator[Sandbox]:
    with Sandbox(night_file, seconds=4, memory="2GB") as box:
        yield box


def test_it_finds_what_the_same_detector_finds_in_process(
    sandbox: Sandbox, detector: Read, night: object
) -> None:
    rows = sandbox.run(detector(PER_DAY), DAYS, {})
    assert rows.height == 8
    assert rows.equals(run(night, detector(PER_DAY), DAYS, {}))  # type: ignore[arg-type]


def test_knobs_reach_it(sandbox: Sandbox, detector: Read) -> None:
    assert sandbox.run(detector(PER_DAY), DAYS, {"least": 3}).is_empty()


def test_an_error_comes_back_with_its_line(sandbox: Sandbox, detector: Read) -> None:
    with pytest.raises(DetectorError) as caught:
        sandbox.run(detector("SELECT user_id, day,\n  host::INT AS n\nFROM access"), DAYS, {})
    assert (caught.value.line, caught.value.text) == (10, "  host::INT AS n")


ENDLESS = "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r)\n"
ENDLESS += "SELECT 'x' AS user_id, DATE '2026-01-05' AS day, count(*) AS n FROM r"


def test_an_endless_recursion_is_killed_and_the_next_detector_runs(
    night_file: Path, detector: Read
) -> None:
    with Sandbox(night_file, seconds=1) as box:
        box.run(detector(PER_DAY), DAYS, {})
        started = time.monotonic()
        with pytest.raises(DetectorError, match="longer than 1 seconds"):
            box.run(detector(ENDLESS), DAYS, {})
        assert time.monotonic() - started < 3
        assert box.run(detector(PER_DAY), DAYS, {}).height == 8


HOGS = {
    "a text of gigabytes": "len(repeat('x', 3000000000))",
    "a list of gigabytes": "len(list_sort(range(800000000)))",
    "a pad": "len(lpad('x', 2000000000, host || 'ab'))",
}


@pytest.mark.parametrize("hog", HOGS.values(), ids=HOGS)
def test_memory_is_bounded(sandbox: Sandbox, detector: Read, hog: str) -> None:
    with pytest.raises(DetectorError):
        sandbox.run(detector(f"SELECT user_id, day, {hog} AS n FROM access"), DAYS, {})
    assert sandbox.run(detector(PER_DAY), DAYS, {}).height == 8


def test_a_child_that_was_killed_is_replaced(night_file: Path, detector: Read) -> None:
    with Sandbox(night_file) as box:
        box.run(detector(PER_DAY), DAYS, {})
        assert box._child is not None
        os.kill(box._child.pid, 9)
        box._child.wait()
        assert box.run(detector(PER_DAY), DAYS, {}).height == 8


def test_nothing_of_the_parent_s_environment_reaches_it(tmp_path: Path) -> None:
    os.environ["NIGHTPORTER_SECRET"] = "x"
    assert "NIGHTPORTER_SECRET" not in _environment(str(tmp_path))
    assert "PATH" not in _environment(str(tmp_path))


def test_a_missing_night_is_an_error_not_a_hang(tmp_path: Path, detector: Read) -> None:
    with (
        Sandbox(tmp_path / "none.duckdb") as box,
        pytest.raises(DetectorError, match="its process ended"),
    ):
        box.run(detector(PER_DAY), DAYS, {})


def test_it_leaves_nothing_behind(night_file: Path, detector: Read) -> None:
    with Sandbox(night_file) as box:
        box.run(detector(PER_DAY), DAYS, {})
        assert box._child is not None
        child, folder = box._child, Path(box._folder.name)
    assert child.poll() is not None
    assert not folder.exists()


# What the engine's lock alone forbids: these run without the allow-list.
FORBIDDEN = {
    "a copy": "COPY (SELECT 1) TO '{tmp}/out.csv'",
    "a copy inside a CTE": "WITH x AS (COPY (SELECT 1) TO '{tmp}/out.csv') SELECT 1",
    "an export": "EXPORT DATABASE '{tmp}/out'",
    "a write to the night": "INSERT INTO night.access SELECT * FROM night.access",
    "a table in the night": "CREATE TABLE night.main.evil AS SELECT 1",
    "a view in the night": "CREATE VIEW night.main.evil AS SELECT 1",
    "an update of the night": "UPDATE night.access SET host = 'x'",
    "a drop": "DROP TABLE night.access",
    "another database": "ATTACH '{tmp}/out.duckdb'",
    "the night again, writable": "ATTACH '{night}' AS again (READ_WRITE)",
    "a file": "SELECT * FROM read_text('/etc/hostname')",
    "a csv by name": "SELECT * FROM '/etc/passwd'",
    "a glob": "SELECT * FROM glob('/*')",
    "the network": "SELECT * FROM read_csv('https://example.org/x.csv')",
    "an extension": "INSTALL httpfs",
    "unlocking": "SET enable_external_access = true",
    "unlocking the lock": "SET lock_configuration = false",
    "more memory": "SET memory_limit = '1TB'",
    "a reset": "RESET memory_limit",
    "allowed folders": "SET allowed_directories = ['/']",
    "profiling to a file": "PRAGMA profiling_output = '{tmp}/out.json'",
    "a log to a file": "CALL enable_logging(storage='file', storage_config={{'path': '{tmp}'}})",
    "a stored secret": "CREATE PERSISTENT SECRET s (TYPE http)",
    "a variable of Python": "SELECT * FROM frame",
    "the environment": "SELECT getenv('HOME')",
}  # fmt: skip

PROBE = """
import json, sys, pathlib
from nightporter.rules.child import locked, _limit
asked = json.loads(sys.stdin.read())
_limit(asked["memory"], asked["disk"])
import pyarrow as pa
frame = pa.table({"a": [1]})
con = locked(pathlib.Path(asked["night"]), asked)
said = {}
for name, sql in asked["sql"].items():
    try:
        con.execute(sql).fetchall()
        said[name] = "allowed"
    except Exception as error:
        said[name] = "refused: " + str(error)
print(json.dumps(said))
"""


@pytest.fixture(scope="module")
def said(night_file: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return what the locked connection answered to each forbidden statement."""
    tmp = tmp_path_factory.mktemp("outside")
    asked = {
        "night": str(night_file), "temporary": str(tmp / "spill"), "memory": 3 << 30,
        "disk": 1 << 30, "threads": 1, "seconds": 60,
        "sql": {name: sql.format(tmp=tmp, night=night_file) for name, sql in FORBIDDEN.items()},
    }  # fmt: skip
    before = night_file.read_bytes()
    done = subprocess.run(
        [sys.executable, "-c", PROBE], input=json.dumps(asked), env=_environment(str(tmp)),
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    assert night_file.read_bytes() == before
    assert [path for path in tmp.rglob("*") if path.is_file()] == []
    answers: dict[str, str] = json.loads(done.stdout)
    return answers


@pytest.mark.parametrize("name", FORBIDDEN)
def test_the_lock_holds_without_the_allow_list(said: dict[str, str], name: str) -> None:
    assert said[name].startswith("refused"), FORBIDDEN[name]


def test_a_large_sort_spills_within_its_bounds(night_file: Path, detector: Read) -> None:
    sql = """SELECT 'x' AS user_id, DATE '2026-01-05' AS day, max(n) AS n FROM (
        SELECT row_number() OVER (ORDER BY hash(range)) AS n FROM range(15000000))"""
    with Sandbox(night_file, memory="2GB", seconds=60) as box:
        assert box.run(detector(sql), DAYS, {})["n"].to_list() == [15_000_000]
