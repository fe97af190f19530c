"""Processes that live and die with this one: a Prefect server and what it schedules.

Each runs in a session of its own, so that Ctrl-C reaches this process first; however the
household ends, short of SIGKILL, nobody stays behind. Knows processes, not what they are for.
"""

import os
import secrets
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any

from nightporter.errors import NightporterError

# Seconds to say goodbye in.
GRACE = 10.0

# A process: its number, and when it was born.
Process = tuple[int, str]


class Household:
    """Child processes, their state under `home`, and the wish to end."""

    def __init__(self, home: Path) -> None:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.home = home
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        # Who descends from each: a child that has died can no longer be asked.
        self._families: dict[str, set[Process]] = {}
        self._ending = threading.Event()
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> "Household":
        for wish in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            self._before[wish] = signal.signal(wish, lambda *_: self._ending.set())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._remember()
        for name, child in reversed(self._children.items()):
            _end(child, self._families[name])
        for wish, handler in self._before.items():
            signal.signal(wish, handler)

    @property
    def password_file(self) -> Path:
        """Other people on this machine reach 127.0.0.1, too: the server asks for a password."""
        path = self.home / "password"
        if not path.exists():
            path.write_text(f"admin:{secrets.token_urlsafe(18)}\n", "utf-8")
            path.chmod(0o600)
        return path

    @property
    def server_log(self) -> Path:
        return self.home / "server.log"

    def configured_url(self) -> str | None:
        """Return the Prefect server that the environment names."""
        return os.environ.get("PREFECT_API_URL") or None

    def start(self, name: str, command: list[str], url: str, log: Path | None = None) -> None:
        """Start a process that talks to the Prefect server at `url`.

        What it says goes to the end of `log`, or to stderr.
        """
        with log.open("ab") if log else open(sys.stderr.fileno(), "wb", closefd=False) as said:
            self._children[name] = subprocess.Popen(
                command,
                env=self._environment(url),
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                start_new_session=True,
            )

    def _environment(self, url: str) -> dict[str, str]:
        mine = {
            "PREFECT_HOME": str(self.home),
            "PREFECT_API_URL": url,
            "PREFECT_SERVER_UI_STATIC_DIRECTORY": str(self.home / "pages"),
            "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
            "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
            "DO_NOT_TRACK": "1",
        }
        if self.configured_url() is None:
            password = self.password_file.read_text("utf-8").strip()
            mine |= {
                "PREFECT_SERVER_API_AUTH_STRING": password,
                "PREFECT_API_AUTH_STRING": password,
            }
        return {**os.environ, **mine}

    def wait_for(self, url: str, seconds: float) -> None:
        """Wait until the server at `url` is healthy, or somebody wishes to end."""
        end = time.monotonic() + seconds
        while not self._ending.is_set() and not self.answers(url):
            self._check()
            if time.monotonic() > end:
                raise NightporterError(
                    f"the Prefect server was not healthy in {seconds:.0f} s",
                    hint=f"what it said stands in {self.server_log}",
                )
            self._ending.wait(0.25)

    def answers(self, url: str) -> bool:
        """Tell whether a healthy Prefect server is at `url`."""
        try:
            # The address is the administrator's own, and nothing of the answer is kept.
            with urllib.request.urlopen(f"{url}/health", timeout=5) as answer:  # noqa: S310
                return bool(answer.status == 200)
        except (OSError, ValueError):
            return False

    def wait(self) -> None:
        """Wait until somebody wishes to end; a process that ended by itself is an error."""
        while not self._ending.wait(0.5):
            self._check()

    def _remember(self) -> None:
        for name, child in self._children.items():
            known = self._families.setdefault(name, set())
            if child.returncode is None:  # else its number may be somebody else's by now
                known |= _family(child.pid)

    def _check(self) -> None:
        self._remember()
        for name, child in self._children.items():
            if (code := child.poll()) is not None and not self._ending.is_set():
                raise NightporterError(
                    f"the process {name} ended by itself, with {code}",
                    hint=f"what it said stands above, or in {self.server_log}",
                )


def _end(child: subprocess.Popen[bytes], family: set[Process]) -> None:
    """End a process and all that descend from it, in whatever session; first politely."""
    # A number may belong to somebody else by now: the moment of birth tells.
    alive = family & _processes().keys()
    # Prefect's runner takes Ctrl-C in better grace than SIGTERM; a night says that it was ended.
    _signal({one for one in alive if one[0] != child.pid}, signal.SIGTERM)
    child.send_signal(signal.SIGINT)
    with suppress(subprocess.TimeoutExpired):
        child.wait(GRACE)
    _signal(family & _processes().keys(), signal.SIGKILL)
    child.wait()


def _signal(processes: set[Process], number: int) -> None:
    for id, _ in processes:
        with suppress(ProcessLookupError):
            os.kill(id, number)


def _family(of: int) -> set[Process]:
    parents = _processes()
    found: set[Process] = set()
    fresh = {process for process in parents if process[0] == of}
    while fresh:
        found |= fresh
        ids = {id for id, _ in fresh}
        fresh = {process for process, parent in parents.items() if parent in ids} - found
    return found


def _processes() -> dict[Process, int]:
    """Return the parent of every process."""
    words = ["ps", "-A", "-o", "pid=,ppid=,lstart="]
    if not Path("/proc/self/stat").exists():
        lines = subprocess.run(words, capture_output=True, text=True, check=False).stdout
        rows = [line.split(maxsplit=2) for line in lines.splitlines()]
        return {(int(id), born): int(parent) for id, parent, born in rows}
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            # What follows the name in brackets: state, parent, ...; the 20th is the birth.
            said = stat.read_text("utf-8", errors="replace").rpartition(")")[2].split()
            parents[(int(stat.parent.name), said[19])] = int(said[1])
    return parents
