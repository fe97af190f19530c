"""The parts of a deployment as processes: PostgreSQL, a Prefect server, a worker.

All on loopback, on free ports, with everything they write under one folder.
"""

import base64
import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

ROOT = Path(__file__).parent.parent
PREFECT = (sys.executable, "-m", "prefect")

# Telemetry off, and nothing of whoever runs the tests.
QUIET = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_LOGGING_LEVEL": "INFO",
    "TZ": "UTC",
}


def environment(home: Path, **more: str) -> dict[str, str]:
    """The environment of this process, with Prefect's own settings replaced by `more`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    return {**kept, **QUIET, "PREFECT_HOME": str(home), **more}


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def until(what: str, true: Callable[[], bool], seconds: float) -> None:
    """Wait for `true`; fail with `what` was waited for."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"{what}: not within {seconds:.0f} s"
        time.sleep(0.25)


def postgres_binaries() -> Path | None:
    """The folder of the newest PostgreSQL server that is installed, if one is."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=_major)
    if found:
        return found[-1].parent
    elsewhere = shutil.which("initdb")
    return Path(elsewhere).parent if elsewhere else None


def _major(initdb: Path) -> int:
    return int(initdb.parent.parent.name)


@contextmanager
def postgres(folder: Path, binaries: Path) -> Iterator[str]:
    """Run a PostgreSQL server with a database of its own; give Prefect's URL of it."""
    # Not below `folder`: whenever root starts another pytest, it shuts its folders anew.
    with TemporaryDirectory(prefix="postgres-") as made:
        data, port = Path(made), free_port()
        who = _unprivileged(data)
        make = [binaries / "initdb", "-D", data, "-U", "prefect", "-A", "trust", "-E", "UTF8", "-N"]
        subprocess.run(make, check=True, capture_output=True, cwd=data, **who)
        settings = (
            f"port={port}",
            "listen_addresses=127.0.0.1",
            "unix_socket_directories=",
            "fsync=off",
        )
        told = (part for setting in settings for part in ("-c", setting))
        with (folder / "postgres.log").open("wb") as log:
            server = subprocess.Popen(
                [binaries / "postgres", "-D", data, *told], stdout=log, stderr=log, cwd=data, **who
            )
        try:
            until("PostgreSQL answers", lambda: _listens(port), 30)
            yield f"postgresql+asyncpg://prefect@127.0.0.1:{port}/postgres"
        finally:
            server.send_signal(signal.SIGQUIT)
            server.wait(30)


def _unprivileged(data: Path) -> dict[str, object]:
    """PostgreSQL refuses to run as root, and nobody may not enter root's folders."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    os.chown(data, nobody.pw_uid, nobody.pw_gid)
    for above in data.parents[:-1]:
        if above.stat().st_uid == 0 and not above.stat().st_mode & 0o001:
            above.chmod(above.stat().st_mode | 0o011)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _listens(port: int) -> bool:
    with socket.socket() as caller:
        return caller.connect_ex(("127.0.0.1", port)) == 0


class Service:
    """One process with all its children in a session of its own, its output in a file."""

    def __init__(self, name: str, command: list[str], env: Mapping[str, str], folder: Path) -> None:
        self.log = folder / f"{name}.log"
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, env=env, cwd=folder, stdout=log, stderr=log, start_new_session=True
            )

    def said(self) -> str:
        return self.log.read_text("utf-8", errors="replace")

    def kill(self) -> None:
        """SIGKILL to the whole session's group: nothing of it can say goodbye."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(30)

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.kill()


def prefect_server(folder: Path, env: Mapping[str, str], port: int) -> Service:
    """Start one Prefect server with its services inside, and wait until it is healthy."""
    words = ["server", "start", "--host", "127.0.0.1", "--port", str(port)]
    server = Service("server", [*PREFECT, *words], env, folder)
    try:
        until("the Prefect server is healthy", lambda: _healthy(server, port), 120)
    except BaseException:
        server.kill()
        raise
    return server


def _healthy(server: Service, port: int) -> bool:
    assert server.process.poll() is None, server.said()
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/health", timeout=5) as answer:
            return answer.status == 200
    except OSError:
        return False


def worker(folder: Path, env: Mapping[str, str]) -> Service:
    """Start a process worker for the deployment's pool."""
    words = ["worker", "start", "--pool", env["NIGHTPORTER_POOL"], "--type", "process"]
    return Service("worker", [*PREFECT, *words], env, folder)


def processes_with(mark: str) -> list[int]:
    """The processes whose environment holds `mark`, whoever their parent is now."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            alive = (folder / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
            if alive and mark.encode() in (folder / "environ").read_bytes().split(b"\0"):
                found.append(int(folder.name))
        except OSError:
            continue
    return found


class Api:
    """What a Prefect server answers, asked without importing Prefect."""

    def __init__(self, url: str, password: str) -> None:
        self.url, self._password = url, password

    @property
    def settings(self) -> dict[str, str]:
        """What server and client must know of it."""
        return {
            "PREFECT_API_URL": self.url,
            "PREFECT_API_AUTH_STRING": self._password,
            "PREFECT_SERVER_API_AUTH_STRING": self._password,
        }

    def ask(self, path: str, body: dict[str, Any] | None = None) -> Any:
        """POST `body`, or GET where there is none."""
        basic = base64.b64encode(self._password.encode()).decode()
        request = urllib.request.Request(
            self.url + path,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Basic {basic}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            said = answer.read()
        return json.loads(said) if said else None

    def first_of_the_clock(self, seconds: float) -> str:
        """Wait for a run that the schedule made to be running; return its id."""
        asked = {"flow_runs": {"state": {"type": {"any_": ["RUNNING"]}}}}

        def running() -> list[dict[str, Any]]:
            return [run for run in self.ask("/flow_runs/filter", asked) if run["auto_scheduled"]]

        until("a scheduled night begins", lambda: bool(running()), seconds)
        return str(running()[0]["id"])

    def run(self, id: str) -> dict[str, Any]:
        return dict(self.ask(f"/flow_runs/{id}"))

    @property
    def deployment(self) -> dict[str, Any]:
        return dict(self.ask("/deployments/name/nightly/nightly"))

    def start(self, **parameters: str) -> str:
        body = {"parameters": parameters, "state": {"type": "SCHEDULED"}}
        return str(self.ask(f"/deployments/{self.deployment['id']}/create_flow_run", body)["id"])

    def pause(self) -> None:
        self.ask(f"/deployments/{self.deployment['id']}/pause_deployment", {})

    def states(self, id: str) -> list[str]:
        return [state["name"] for state in self.ask(f"/flow_run_states/?flow_run_id={id}")]

    def tasks(self, id: str) -> dict[str, str]:
        asked = {"flow_runs": {"id": {"any_": [id]}}}
        return {t["name"]: t["state"]["type"] for t in self.ask("/task_runs/filter", asked)}

    def logs(self, id: str) -> list[str]:
        asked = {"logs": {"flow_run_id": {"any_": [id]}}}
        return [line["message"] for line in self.ask("/logs/filter", asked)]

    def pages(self) -> dict[str, str]:
        return {a["key"]: a["data"] for a in self.ask("/artifacts/latest/filter", {})}

    def heartbeats(self, id: str) -> int:
        asked = {
            "event": {"name": ["prefect.flow-run.heartbeat"]},
            "resource": {"id": [f"prefect.flow-run.{id}"]},
        }
        return int(self.ask("/events/filter", {"filter": asked})["total"])

    def deployed(self) -> dict[str, Any]:
        """What deploying made, and how many of each."""
        made = self.deployment
        (schedule,) = made["schedules"]
        return {
            "deployments": [d["name"] for d in self.ask("/deployments/filter", {})],
            "pools": [pool["name"] for pool in self.ask("/work_pools/filter", {})],
            "automations": [a["name"] for a in self.ask("/automations/filter", {})],
            "cron": (schedule["schedule"]["cron"], schedule["schedule"]["timezone"]),
            "limit": (
                made["global_concurrency_limit"]["limit"],
                made["concurrency_options"]["collision_strategy"],
            ),
        }
