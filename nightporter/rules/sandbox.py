"""The parent's side of the child process: start it, ask it, and replace it when it dies.

Knows limits and pipes; what a detector does is the child's affair.
"""

import json
import os
import re
import selectors
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from types import TracebackType
from typing import Any

import polars as pl

from nightporter.errors import DetectorError, LimitError
from nightporter.rules.detector import Detector
from nightporter.shipped import PACKAGE
from nightporter.window import Window

# An answer of a million wide rows still fits; more is a detector gone wrong.
LONGEST_ANSWER = 1 << 30
DISK = 8 << 30
# What an answer is, or what DuckDB said, in JSON.
LONGEST_HEAD = 1 << 20
START_SECONDS = 60
ENDED = "its process ended"
COMMAND = ("-s", "-P", "-m", "nightporter.rules.child")

_MEMORY = re.compile(r"MemoryError|bad_alloc|allocat|out of memory", re.IGNORECASE)
_UNITS = {"KB": 1 << 10, "MB": 1 << 20, "GB": 1 << 30}


class Sandbox:
    """Runs detectors one by one over the file `night`, each within `seconds` and `memory`."""

    def __init__(
        self, night: Path, *, memory: str = "3GB", seconds: float = 300, threads: int = 2
    ) -> None:
        # Beside the night's file: a killed run's leavings are cleared away together.
        beside = Path(night).resolve().parent
        self._folder = tempfile.TemporaryDirectory(prefix="sandbox-", dir=beside)
        self._limits: dict[str, Any] = {
            "night": str(Path(night).resolve()),
            "temporary": f"{self._folder.name}/spill",
            "memory": _bytes(memory),
            "disk": DISK,
            "seconds": seconds,
            "threads": threads,
        }
        self._child: subprocess.Popen[bytes] | None = None
        self._rest = b""
        self._introduced = False

    def __enter__(self) -> "Sandbox":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end()
        self._folder.cleanup()

    def run(self, detector: Detector, window: Window, knobs: Mapping[str, float]) -> pl.DataFrame:
        """Return the findings of `detector` in `window`; whatever happens is a DetectorError, and
        what its limits did a LimitError."""
        request = {
            "path": str(detector.path),
            "text": detector.text,
            "first": window.first.isoformat(),
            "last": window.last.isoformat(),
            "knobs": dict(knobs),
        }
        try:
            self._start()
            return self._asked(detector, request)
        except _Died as death:
            message = self._epitaph(death)
            self._end()
            raise LimitError(message, path=detector.path) from None
        except BaseException as error:
            if not isinstance(error, DetectorError):
                self._end()  # an interrupt: what the child says next answers nobody
            raise

    def _asked(self, detector: Detector, request: dict[str, Any]) -> pl.DataFrame:
        self._send(request)
        until = time.monotonic() + float(self._limits["seconds"])
        head = self._head(until)
        if "error" in head:
            message, limit = head["error"].pop("message"), head["error"].pop("limit")
            if _MEMORY.search(message.partition("'")[0]):  # a value of a log may say anything
                limit = True
                self._end()  # the address space it took does not come back to the next detector
            kind = LimitError if limit else DetectorError
            raise kind(message, path=detector.path, **head["error"])
        if head["bytes"] > LONGEST_ANSWER:
            raise _Died(f"an answer of {head['bytes']:,} bytes")
        return pl.read_ipc(BytesIO(self._read(head["bytes"], until)))

    def warm(self) -> None:
        """Start the child before the night's file is there: its imports take a second."""
        if self._child is not None and self._child.poll() is None:
            return
        self._end()
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115  closed in _end
        self._child = subprocess.Popen(
            [sys.executable, *COMMAND],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._stderr,
            cwd=self._folder.name,
            env=_environment(self._folder.name),
            start_new_session=True,
            bufsize=0,
        )
        self._rest = b""
        self._introduced = False

    def _start(self) -> None:
        self.warm()
        if self._introduced:
            return
        self._send(self._limits)
        self._head(time.monotonic() + START_SECONDS)
        self._introduced = True

    def _end(self) -> None:
        if self._child is None:
            return
        self._child.kill()
        for pipe in (self._child.stdin, self._child.stdout):
            if pipe:
                pipe.close()
        self._child.wait()
        shutil.rmtree(self._limits["temporary"], ignore_errors=True)  # what a killed sort spilled
        self._stderr.close()
        self._child = None

    def _send(self, message: dict[str, Any]) -> None:
        assert self._child is not None and self._child.stdin is not None
        try:
            rest = memoryview(json.dumps(message).encode() + b"\n")
            while rest:
                rest = rest[os.write(self._child.stdin.fileno(), rest) :]
        except BrokenPipeError:
            raise _Died(ENDED) from None

    def _head(self, until: float) -> dict[str, Any]:
        while b"\n" not in self._rest:
            if len(self._rest) > LONGEST_HEAD:
                raise _Died("its answer is none of ours")
            self._rest += self._piece(until)
        line, _, self._rest = self._rest.partition(b"\n")
        try:
            head: dict[str, Any] = json.loads(line)
        except ValueError:
            raise _Died("its answer is none of ours") from None
        return head

    def _read(self, size: int, until: float) -> bytes:
        pieces, have = [self._rest], len(self._rest)
        while have < size:
            pieces.append(self._piece(until))
            have += len(pieces[-1])
        self._rest = b""
        return b"".join(pieces)

    def _piece(self, until: float) -> bytes:
        assert self._child is not None and self._child.stdout is not None
        with selectors.DefaultSelector() as selector:
            selector.register(self._child.stdout, selectors.EVENT_READ)
            if not selector.select(max(0.0, until - time.monotonic())):
                raise _Died(f"it took longer than {self._limits['seconds']:g} seconds")
        piece = os.read(self._child.stdout.fileno(), 1 << 20)
        if not piece:
            raise _Died(ENDED)
        return piece

    def _epitaph(self, death: "_Died") -> str:
        """Say why the child died: what was known here, else the end of its stderr."""
        if self._child is None or str(death) != ENDED:
            return str(death)
        code = self._child.wait(5)
        size = self._stderr.seek(0, os.SEEK_END)
        self._stderr.seek(max(0, size - 2000))
        told = self._stderr.read().decode("utf-8", "replace").strip()
        last = told.rpartition("\n")[2]
        if _MEMORY.search(told):
            return f"it used more than its {self._limits['memory'] >> 20:,} MB of memory"
        return f"its process ended ({code}){': ' if last else ''}{last[:300]}"


class _Died(Exception):
    """The child is of no more use."""


def _environment(folder: str) -> dict[str, str]:
    """No variable of the parent reaches the child."""
    return {
        "PYTHONPATH": str(PACKAGE.parent),
        "PYTHONDONTWRITEBYTECODE": "1",
        "POLARS_MAX_THREADS": "1",
        # Each arena reserves address space that RLIMIT_AS counts: Arrow's own a whole GiB.
        "MALLOC_ARENA_MAX": "2",
        "ARROW_DEFAULT_MEMORY_POOL": "system",
        "HOME": folder,
        "TMPDIR": folder,
        "TZ": "UTC",
        "LC_ALL": "C.UTF-8",
    }


def _bytes(size: str) -> int:
    found = re.fullmatch(r"(\d+)(KB|MB|GB)", size)
    if not found:
        raise ValueError(f"a size such as 3GB is expected, not {size!r}")
    return int(found[1]) * _UNITS[found[2]]
