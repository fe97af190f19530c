"""The process in which detectors run: bounded, locked, knowing one file and two pipes.

Reads requests (one JSON a line) from stdin, writes answers (a JSON line, then Arrow) to stdout.
"""

import json
import os
import resource
import signal
import sys
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO

import duckdb

from nightporter.engine import SORTED_ASOF

MIB = 1 << 20


def main() -> None:
    """Serve requests until stdin ends; the first line says the limits."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever prints must not end up between the answers
    limits = json.loads(sys.stdin.readline())
    _limit(limits["memory"], limits["disk"])
    con = locked(Path(limits["night"]), limits)
    _answer(answers, {"ready": True})
    for line in sys.stdin:
        signal.setitimer(signal.ITIMER_REAL, limits["seconds"] + 5)  # if the parent is no more
        _serve(con, json.loads(line), answers)
        signal.setitimer(signal.ITIMER_REAL, 0)


def _limit(memory: int, disk: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_FSIZE, (disk, disk))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.umask(0o077)


def locked(night: Path, limits: dict[str, Any]) -> duckdb.DuckDBPyConnection:
    """Open `night` for reading and throw away every key: no file, network, setting, extension."""
    con = duckdb.connect(
        str(night),
        read_only=True,  # also of any database in memory: nothing outlasts its detector
        config={
            "threads": int(limits["threads"]),
            "memory_limit": f"{_memory_of_duckdb(limits['memory']) // MIB}MiB",
            "temp_directory": str(limits["temporary"]),
            "max_temp_directory_size": f"{limits['disk'] // MIB}MiB",
            "python_enable_replacements": False,
            "autoload_known_extensions": False,
            "autoinstall_known_extensions": False,
        },
    )
    for setting in (
        "timezone = 'UTC'",
        SORTED_ASOF,
        "enable_external_access = false",
        "lock_configuration = true",
    ):
        con.execute(f"SET GLOBAL {setting}")
    return con


def _memory_of_duckdb(memory: int) -> int:
    """Leave Python and its libraries their share of the process's address space."""
    return max(memory - 1536 * MIB, memory // 4)


def _serve(con: duckdb.DuckDBPyConnection, request: dict[str, Any], answers: BinaryIO) -> None:
    from nightporter.errors import DetectorError, LimitError
    from nightporter.rules.execution import run
    from nightporter.rules.reading import parse
    from nightporter.rules.sheet import Sheet
    from nightporter.window import Window

    try:
        # Parsed again, so that nothing runs here that the allow-list did not see here.
        detector = parse(Sheet(Path(request["path"]), request["text"]))
        window = Window(date.fromisoformat(request["first"]), date.fromisoformat(request["last"]))
        with con.cursor() as own:  # temporary macros, views and variables end with it
            rows = run(own, detector, window, request["knobs"])
    except DetectorError as error:
        fields = {name: getattr(error, name) for name in ("message", "line", "text", "hint")}
        _answer(answers, {"error": {**fields, "limit": isinstance(error, LimitError)}})
        return
    body = _arrow(rows)
    _answer(answers, {"bytes": len(body)}, body)


def _arrow(rows: Any) -> bytes:
    import io

    buffer = io.BytesIO()
    rows.write_ipc(buffer, compression="uncompressed")
    return buffer.getvalue()


def _answer(answers: BinaryIO, head: dict[str, Any], body: bytes = b"") -> None:
    answers.write(json.dumps(head).encode() + b"\n" + body)
    answers.flush()


if __name__ == "__main__":
    main()
