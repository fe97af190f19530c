"""Whatever way a household ends, nobody of it stays behind."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from nightporter.cli.household import Household
from nightporter.errors import NightporterError

# A child that starts another in a session of its own, writes down its number, and goes on.
FAMILY = """
import subprocess, sys, time
kept = subprocess.Popen(["sleep", "97"], start_new_session=True)
open(sys.argv[1], "w").write(str(kept.pid))
time.sleep(float(sys.argv[2]))
"""
HOUSE = """
import sys
from pathlib import Path
from nightporter.cli.household import Household
with Household(Path(sys.argv[1])) as house:
    house.start("family", [sys.executable, "-c", sys.argv[2], sys.argv[3], "97"], "http://x")
    house.wait()
"""


def grandchild(noted: Path) -> int:
    end = time.monotonic() + 20
    while not (noted.exists() and noted.read_text()):
        assert time.monotonic() < end
        time.sleep(0.05)
    return int(noted.read_text())


def is_alive(process: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False


def is_gone(process: int) -> bool:
    """Whoever was killed still has to get round to dying."""
    end = time.monotonic() + 10
    while is_alive(process) and time.monotonic() < end:
        time.sleep(0.05)
    return not is_alive(process)


needs_proc = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="no /proc here")


@needs_proc
@pytest.mark.parametrize("wish", [signal.SIGHUP, signal.SIGTERM, signal.SIGINT])
def test_a_closed_terminal_or_a_wish_to_end_ends_them_all(
    tmp_path: Path, wish: signal.Signals
) -> None:
    noted = tmp_path / "noted"
    words = [sys.executable, "-c", HOUSE, str(tmp_path / "home"), FAMILY, str(noted)]
    house = subprocess.Popen(words)
    process = grandchild(noted)
    assert is_alive(process)
    house.send_signal(wish)
    assert house.wait(30) == 0
    assert is_gone(process)


@needs_proc
def test_a_child_that_dies_by_itself_leaves_nobody(tmp_path: Path) -> None:
    noted = tmp_path / "noted"
    with (
        pytest.raises(NightporterError, match="ended by itself"),
        Household(tmp_path / "home") as house,
    ):
        house.start("family", [sys.executable, "-c", FAMILY, str(noted), "2"], "http://x")
        house.wait()
    assert is_gone(grandchild(noted))
