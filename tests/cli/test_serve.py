"""`nightporter serve`: the small site's scheduler, from the first word to the last process."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from services import Api, environment, free_port, processes_with, until
from workspaces import asked, june

from nightporter.cli.app import main


class Served:
    """A workspace that `nightporter serve` serves every minute."""

    def __init__(self, root: Path) -> None:
        self.root, self.port = june(root, "2026-06-27"), free_port()
        self.mark = f"SERVED={root}"
        words = ["serve", "--workspace", str(root), "--cron", "* * * * *"]
        self._log = root / "serve.log"
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "nightporter", *words, "--port", str(self.port)],
                env=environment(
                    root / "unused", SERVED=str(root), PREFECT_RUNNER_POLL_FREQUENCY="1"
                ),
                stdout=log,
                stderr=log,
            )

    @property
    def said(self) -> str:
        return self._log.read_text("utf-8")

    @property
    def api(self) -> Api:
        password = (self.root / "state" / "prefect" / "password").read_text().strip()
        return Api(f"http://127.0.0.1:{self.port}/api", password)

    def scans(self) -> bool:
        """A night has begun to read logs."""
        assert self.process.poll() is None, self.said
        log = self.root / "state" / "nightly.log"
        return log.exists() and " ingest fileserver " in log.read_text("utf-8")

    def clear(self) -> None:
        for process in processes_with(self.mark):
            os.kill(process, signal.SIGKILL)
        self.process.wait(10)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    served = Served(tmp_path / "site")
    yield served
    served.clear()


def test_a_night_begins_by_itself_and_sigterm_leaves_no_process(served: Served) -> None:
    until("a night begins", served.scans, 150)
    assert f"pages: http://127.0.0.1:{served.port}" in served.said
    assert re.search(r"next night: \w+day 20\d\d-\d\d-\d\d \d\d:\d\d Europe/Berlin", served.said)
    (night,) = served.api.ask(
        "/flow_runs/filter", {"flow_runs": {"start_time": {"is_null_": False}}}
    )
    assert night["auto_scheduled"] and night["name"].startswith("nightly 20")
    assert [a["name"] for a in served.api.ask("/automations/filter", {})] == [
        "nightporter-dead-run"
    ]
    assert len(processes_with(served.mark)) >= 4  # itself, server, runner, night
    served.process.send_signal(signal.SIGTERM)
    assert served.process.wait(40) == 0, served.said
    assert processes_with(served.mark) == []
    assert "Traceback" not in served.said, served.said
    assert asked(served.root, "SELECT count(*) > 0 FROM access") == [(True,)]


@pytest.fixture
def site(tmp_path: Path) -> Path:
    (tmp_path / "nightporter.toml").write_text('[site.MAIN]\nzone = "Europe/Berlin"\n')
    return tmp_path


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--cron", "61 5 * * *"), "Bad minute"),
        (("--cron", "at night"), "minute, hour, day, month, weekday"),
        (("--cron", "0 0 31 2 *"), "--cron '0 0 31 2 *'"),
        (("--zone", "Europe/Bern"), "no such time zone"),
    ],
)
def test_what_never_comes_is_said_before_anything_starts(
    site: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], said: str
) -> None:
    assert _refused(site, *words) == 2
    assert said in capsys.readouterr().err
    assert not (site / "state").exists()


def test_a_broken_toml_is_said_before_anything_starts(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (site / "nightporter.toml").write_text("[site.MAIN]\nzoen = 3\n")
    assert _refused(site) == 2
    assert "did you mean zone?" in capsys.readouterr().err
    assert not (site / "state").exists()


def test_a_port_that_is_taken_is_said_with_a_way_out(
    site: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert _refused(site, "--port", str(port)) == 2
    said = capsys.readouterr().err
    assert f"port {port} on 127.0.0.1" in said
    assert "--port names another port" in said


def test_a_configured_server_that_is_silent_is_not_replaced(
    site: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"http://127.0.0.1:{free_port()}/api"
    monkeypatch.setenv("PREFECT_API_URL", url)
    assert _refused(site) == 2
    assert f"the Prefect server {url} does not answer" in capsys.readouterr().err


def _refused(site: Path, *words: str) -> int | str | None:
    with pytest.raises(SystemExit) as ended:
        main(["serve", "--workspace", str(site), *words])
    return ended.value.code
