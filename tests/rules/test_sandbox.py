"""A detector in the child process: bounded, locked, and replaced when it dies."""

import os
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from nightporter.errors import DetectorError, LimitError
from nightporter.rules import Detector, Sandbox, run
from nightporter.rules import sandbox as parent
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


def test_a_child_that_was_killed_is_replaced(night_file: Path, detector: Read) -> None:
    with Sandbox(night_file) as box:
        box.run(detector(PER_DAY), DAYS, {})
        assert box._child is not None
        spilled = Path(box._limits["temporary"]) / "duckdb_temp_block-0.block"
        spilled.parent.mkdir()
        spilled.write_bytes(b"half of a sort")
        os.kill(box._child.pid, 9)
        box._child.wait()
        assert box.run(detector(PER_DAY), DAYS, {}).height == 8
        assert not spilled.exists()


def test_a_child_that_ran_out_of_memory_is_replaced(sandbox: Sandbox, detector: Read) -> None:
    hog = detector("SELECT user_id, day, strlen(repeat('x', 3000000000)) AS n FROM access")
    sandbox.run(detector(PER_DAY), DAYS, {})
    assert sandbox._child is not None
    before = sandbox._child
    with pytest.raises(LimitError, match=r"[Mm]emory"):
        sandbox.run(hog, DAYS, {})
    assert before.poll() is not None


def test_a_value_that_speaks_of_memory_breaks_no_limit(sandbox: Sandbox, detector: Read) -> None:
    names = detector("SELECT user_id, day, (host || ' is out of memory')::INT AS n FROM access")
    with pytest.raises(DetectorError, match=" is out of memory'") as caught:
        sandbox.run(names, DAYS, {})
    assert not isinstance(caught.value, LimitError)


def test_an_answer_that_is_none_of_ours_is_an_error(
    night_file: Path, detector: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    for said in ("'not JSON\\n'", "'x' * 3000000"):
        talk = f"import sys; sys.stdout.write({said}); sys.stdout.flush(); sys.stdin.read()"
        monkeypatch.setattr(parent, "COMMAND", ("-c", talk))
        with (
            Sandbox(night_file) as box,
            pytest.raises(DetectorError, match="none of ours"),
        ):
            box.run(detector(PER_DAY), DAYS, {})


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


def test_a_large_sort_spills_within_its_bounds(night_file: Path, detector: Read) -> None:
    sql = """SELECT 'x' AS user_id, DATE '2026-01-05' AS day, max(n) AS n FROM (
        SELECT row_number() OVER (ORDER BY hash(range)) AS n FROM range(15000000))"""
    with Sandbox(night_file, memory="2GB", seconds=60) as box:
        assert box.run(detector(sql), DAYS, {})["n"].to_list() == [15_000_000]
