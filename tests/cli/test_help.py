"""Help says what every command is for, though one is imported only when it is called for."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    ("words", "said"),
    [([], "Scan everything that is due"), (["detectors"], "Print what DETECTOR would have said")],
)
def test_each_command_has_its_line(words: list[str], said: str) -> None:
    command = [sys.executable, "-m", "nightporter", *words]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    assert said in ran.stdout
