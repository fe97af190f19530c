"""One workspace measured in a process of its own: what it took is given back when it ends.

Says each stage on stdout, a JSON line; the last line says how much memory it took, or what was
wrong.
"""

import os
import resource
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path
from threading import Thread
from typing import Any

import duckdb
import orjson

from nightporter import config
from nightporter.config import Settings
from nightporter.errors import NightporterError
from nightporter.evaluate.measuring import Measured, measure
from nightporter.evaluate.options import Options
from nightporter.evaluate.replay import compared, replay
from nightporter.evaluate.results import keep
from nightporter.evaluate.truth import read_truth
from nightporter.window import Window
from nightporter.workspace import cache, owner_only

# What one database may hold in memory; the pipeline's detectors have a limit of their own.
MEMORY = "1000MiB"


def main(words: list[str]) -> int:
    """Measure the workspace words[0] into the folder words[1], as the JSON words[2] says."""
    owner_only()
    asked = orjson.loads(words[2])
    _bound(asked["threads"])
    started = time.monotonic()
    try:
        settings, options = config.load(Path(words[0])), Options(**asked["options"])
        measured = measure(settings, options, _step)
        again = _replayed(settings, measured) if asked["replay"] else {}
    except NightporterError as error:
        _say(error=str(error), exit_code=error.exit_code)
        return 1
    facts = {
        **asked["facts"], **again, "options": asked["options"], "mb": _memory(),
        "seconds": round(time.monotonic() - started, 1),
        "problems": [str(problem) for problem in measured.problems],
    }  # fmt: skip
    keep(Path(words[1]), measured, facts)
    return 0


def _end_with_parent() -> None:
    """Nobody waits for what is measured once the pipe to the parent is closed.

    Read below sys.stdin: its lock, held by a thread, would keep the process from ending by itself.
    """
    while os.read(0, 4096):
        pass
    os._exit(1)


def _bound(threads: int) -> None:
    """Hold every database of this process to a budget: by itself it takes most of the machine.

    What does not fit goes to the disk, beside the database or below the working folder.
    """
    connect = duckdb.connect

    def bounded(*words: Any, **more: Any) -> duckdb.DuckDBPyConnection:
        con = connect(*words, **more)
        con.execute(f"SET memory_limit = '{MEMORY}'; SET threads = {threads}")
        return con

    duckdb.connect = bounded


def _replayed(settings: Settings, measured: Measured) -> dict[str, Any]:
    tested = Window(measured.facts["first_day"], measured.facts["last_day"])
    near = cache(settings) / "replay"
    scores = replay(settings, near, tested, _step)
    shutil.rmtree(near)
    truth = read_truth(settings.root).since(tested.first)
    people = measured.facts["people"]
    return {"replay": compared(measured.scores, scores, truth, people, tested)}


def _step(name: str, work: Callable[[], Any]) -> Any:
    _say(stage=name)
    return work()


def _say(**said: object) -> None:
    sys.stdout.write(orjson.dumps(said).decode() + "\n")
    sys.stdout.flush()


def _memory() -> int:
    """The most that this process or one of its own held at once, in MB."""
    most = max(
        resource.getrusage(who).ru_maxrss
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return most // 1024


if __name__ == "__main__":
    Thread(target=_end_with_parent, daemon=True).start()
    sys.exit(main(sys.argv[1:]))
