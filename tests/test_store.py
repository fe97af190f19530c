"""A lake in an object store says what a lake in a folder says, whatever breaks in between."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from object_store import ENDPOINT, SECRET, ObjectStore, running
from services import until
from workspaces import june, rows, run

from nightporter import config
from nightporter.errors import ConfigError, LakeError
from nightporter.lake import Lake
from nightporter.schema import TABLES
from nightporter.store import Store
from nightporter.window import Window
from nightporter.workspace import lake_of

MORNING = "2026-06-30T06:00"
SINCE = "2026-06-22"


@pytest.fixture(scope="module")
def s3() -> Iterator[ObjectStore]:
    with running() as server:
        server.bucket("lakes")
        yield server


@pytest.fixture(autouse=True)
def served(s3: ObjectStore) -> None:
    s3.serve()
    s3.counted()


def workspace(root: Path, lake: str) -> Path:
    june(root, SINCE, whole_months=False)  # each day is two dozen requests
    file = root / "nightporter.toml"
    file.write_text(
        file.read_text("utf-8").replace('lake = "lake"', f'lake = "{lake}"', 1), "utf-8"
    )
    return root


def elsewhere(tmp_path: Path, name: str) -> Lake:
    uri = f"s3://lakes/{name}"
    return Lake(uri, Store(uri, tmp_path / "near"))


def said(root: Path) -> dict[str, list[tuple[Any, ...]]]:
    return {table: rows(root, table) for table in TABLES}


def seen(day: int, user: str = "ana") -> pl.DataFrame:
    row = {
        "user_id": user,
        "day": date(2026, 1, day),
        "detector": "x",
        "finding_id": f"{user}{day}",
    }
    return pl.DataFrame([{column: row.get(column) for column in TABLES["findings"].columns},],
                        schema=TABLES["findings"].columns)  # fmt: skip


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[tuple[Any, ...]]]:
    root = workspace(tmp_path_factory.mktemp("folder"), "lake")
    assert run(root, MORNING).exit_code == 0
    told = said(root)
    assert told["findings"] and told["risk"] and told["evidence"]
    return told


def test_a_night_says_what_it_says_of_a_folder_and_twice_adds_nothing(
    s3: ObjectStore, tmp_path: Path, undisturbed: dict[str, list[tuple[Any, ...]]]
) -> None:
    root = workspace(tmp_path, "s3://lakes/night")
    assert run(root, MORNING).exit_code == 0
    assert said(root) == undisturbed
    assert not (root / "lake").exists() and not (root / "s3:").exists()
    lake = lake_of(config.load(root))
    versions = {table: lake.version(table) for table in TABLES}
    s3.counted()
    assert run(root, MORNING).exit_code == 0
    assert {table: lake.version(table) for table in TABLES} == versions
    assert "bytes" not in s3.counted()


def test_a_store_that_goes_away_in_mid_night_leaves_nothing_half_visible_and_heals(
    s3: ObjectStore, tmp_path: Path, undisturbed: dict[str, list[tuple[Any, ...]]]
) -> None:
    root = workspace(tmp_path, "s3://lakes/gone")
    s3.serve(writes=150)  # about half of what the night writes
    try:
        night = run(root, MORNING)
        assert night.exit_code == 5, night
    except LakeError as error:
        assert "nothing half done" in str(error)
    s3.serve()
    half = said(root)
    assert half != undisturbed
    assert set(half["access"]) <= set(undisturbed["access"])
    assert run(root, MORNING).exit_code == 0
    assert said(root) == undisturbed


def test_a_run_that_is_killed_heals(
    s3: ObjectStore, tmp_path: Path, undisturbed: dict[str, list[tuple[Any, ...]]]
) -> None:
    root = workspace(tmp_path, "s3://lakes/killed")
    command = [sys.executable, "-m", "nightporter", "ingest", "-w", str(root)]
    puts = 0

    def begun() -> bool:
        nonlocal puts
        puts += s3.counted().get("PUT", 0)
        return puts > 20

    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as night:
        until("the run has written something", begun, 30)
        night.send_signal(signal.SIGKILL)
    assert night.returncode == -signal.SIGKILL
    assert run(root, MORNING).exit_code == 0
    assert said(root) == undisturbed


def test_two_writers_at_once_lose_nothing(tmp_path: Path) -> None:
    lakes = [elsewhere(tmp_path / str(n), "shared") for n in range(2)]
    lakes[0].append("findings", seen(1, "first"))

    def write(n: int) -> None:
        for day in range(1, 11):
            lakes[n].append("findings", seen(day, f"writer{n}"), (f"writer{n}", day))

    writers = [threading.Thread(target=write, args=(n,)) for n in range(2)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert lakes[0].read("findings").height == 21
    assert [lakes[1].committed("findings", f"writer{n}") for n in range(2)] == [10, 10]


def test_only_the_days_of_the_window_are_fetched_and_each_once(
    s3: ObjectStore, tmp_path: Path
) -> None:
    lake = elsewhere(tmp_path, "window")
    for day in range(1, 6):
        lake.append("findings", seen(day))
    wanted = Window(date(2026, 1, 2), date(2026, 1, 3))
    assert lake.days("findings") == [date(2026, 1, day) for day in range(1, 6)]
    assert "bytes" not in s3.counted()
    files = lake.files("findings", wanted)
    assert len(files) == 2 and s3.counted()["bytes"] == sum(Path(f).stat().st_size for f in files)
    assert lake.read("findings", wanted).height == 2
    assert "bytes" not in s3.counted()


def test_a_copy_that_was_cut_off_is_fetched_anew(s3: ObjectStore, tmp_path: Path) -> None:
    lake = elsewhere(tmp_path, "cut")
    lake.append("findings", seen(1))
    (file,) = lake.files("findings")
    os.truncate(file, 10)
    s3.counted()
    assert lake.read("findings").height == 1
    assert s3.counted()["bytes"] == Path(file).stat().st_size > 10


def test_a_file_that_is_put_is_whole_and_kept_near(s3: ObjectStore, tmp_path: Path) -> None:
    big = os.urandom(9 << 20)
    for lake in (elsewhere(tmp_path, "put"), Lake(str(tmp_path / "folder"))):
        local = tmp_path / "made"
        local.write_bytes(big)
        lake.put("access", local, "day=2026-01-01/one.parquet")
        assert not local.exists()
    kept = tmp_path / "near" / "access" / "day=2026-01-01" / "one.parquet"
    assert kept.read_bytes() == big
    far = Store("s3://lakes/put", tmp_path / "other")
    (copy,) = far.bring("access", {"day=2026-01-01/one.parquet": len(big)})
    assert Path(copy).read_bytes() == big
    assert (tmp_path / "folder/access/day=2026-01-01/one.parquet").read_bytes() == big


def test_copies_that_are_dead_or_too_many_go_and_those_in_use_stay(tmp_path: Path) -> None:
    lake = elsewhere(tmp_path, "tidy")
    assert lake.store
    for day in (1, 2, 3):
        lake.append("findings", seen(day))
    old = [Path(file) for file in lake.files("findings")]
    lake.replace_days("findings", seen(3, "bo"), Window(date(2026, 1, 3), date(2026, 1, 3)))
    lake.files("findings")
    dead = next(file for file in old if "day=2026-01-03" in str(file))
    lake.store.tidy(lake.names, 0)
    assert all(file.exists() for file in old)  # asked for within the hour
    yesterday = time.time() - 86_400
    for file in old:
        os.utime(file, (yesterday, yesterday))
    lake.store.tidy(lake.names, 10**9)
    assert [file for file in old if not file.exists()] == [dead]
    lake.store.tidy(lake.names, 0)
    assert not any(file.exists() for file in old)
    assert lake.read("findings").height == 3


def fault(root: Path, *words: str) -> tuple[int, str]:
    command = [sys.executable, "-m", "nightporter", *words, "-w", str(root)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert SECRET not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr and len(done.stderr.splitlines()) < 20, done.stderr
    return done.returncode, done.stderr


def test_a_bucket_that_does_not_exist_is_named(tmp_path: Path) -> None:
    code, told = fault(workspace(tmp_path, "s3://no-such-bucket/x"), "status")
    assert code == 2
    assert "the bucket of the lake s3://no-such-bucket/x does not exist at 127.0.0.1:" in told


def test_no_credentials_are_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.setenv("AWS_METADATA_ENDPOINT", "http://127.0.0.1:9")
    code, told = fault(workspace(tmp_path, "s3://lakes/x"), "status")
    assert code == 2
    assert "no credentials for the lake s3://lakes/x" in told and "AWS_ACCESS_KEY_ID" in told


def test_a_store_that_is_down_is_incomplete(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(ENDPOINT, "http://127.0.0.1:9")
    code, told = fault(workspace(tmp_path, "s3://lakes/x"), "nightly", "--as-of", MORNING)
    assert code == 5
    assert "the store of the lake s3://lakes/x at 127.0.0.1:9 fails: Connection refused" in told


@pytest.mark.parametrize(
    "address", ["s3://porter:hunter2@lakes/x", "s3://lakes/x?key=hunter2"], ids=["user", "query"]
)
def test_a_key_in_the_address_is_refused_and_not_shown(tmp_path: Path, address: str) -> None:
    with pytest.raises(ConfigError) as raised:
        lake_of(config.load(workspace(tmp_path, address)))
    assert "hunter2" not in str(raised.value) and "environment" in str(raised.value)


def test_an_address_of_another_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"no lake can lie at ftp://"):
        lake_of(config.load(workspace(tmp_path, "ftp://lakes/x")))
