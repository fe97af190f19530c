"""An evaluation's files: figures as JSON, and the page, for their owner alone."""

from collections.abc import Sequence
from pathlib import Path

import orjson

from nightporter.evaluate.page import render
from nightporter.evaluate.results import Figures
from nightporter.hostile import in_json
from nightporter.report.record import swap

PAGE, NUMBERS = "evaluation.html", "evaluation.json"


def write_files(out: Path, profiles: Sequence[Figures], command: str) -> Path:
    """Write both files below `out` and return the page's path."""
    out.mkdir(parents=True, exist_ok=True, mode=0o700)
    told = {"command": command, "profiles": profiles}
    numbers = orjson.dumps(told, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS)
    swap(out / NUMBERS, in_json(numbers.decode()).encode())
    swap(out / PAGE, render(profiles, command).encode())
    return out / PAGE
