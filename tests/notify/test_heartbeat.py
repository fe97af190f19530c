"""The beat after a night: where it goes, and what is said of one that failed."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from listening import Web, listening
from reported import TOML

from nightporter import config
from nightporter.notify import beat


@pytest.fixture(scope="module")
def server() -> Iterator[Web]:
    with listening(Web()) as web:
        yield web


@pytest.fixture
def web(server: Web, monkeypatch: pytest.MonkeyPatch) -> Web:
    server.asked.clear()
    server.code = 200
    monkeypatch.setenv("BEAT", f"http://{server.place}/beat/s3cret")
    return server


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "nightporter.toml").write_text(f'{TOML}\n[notify]\nheartbeat = "env:BEAT"\n')
    return tmp_path


@pytest.mark.parametrize(
    ("address", "failed", "path"),
    [
        ("/beat", False, "/beat"),
        ("/beat/", True, "/beat/fail"),
        ("/beat?a=b", True, "/beat/fail?a=b"),
    ],
)
def test_the_heartbeat_is_called_once_where_it_should(
    root: Path, web: Web, monkeypatch: pytest.MonkeyPatch, address: str, failed: bool, path: str
) -> None:
    monkeypatch.setenv("BEAT", f"http://{web.place}{address}")
    assert beat(config.load(root), failed=failed) == []
    assert web.paths() == [path]


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("http://127.0.0.1:9/s3cret", "the heartbeat did not answer: "),
        ("http://[s3cret", "the heartbeat did not answer: ValueError"),
        ("file:///etc/s3cret", "the heartbeat's address is none of http or https"),
    ],
)
def test_a_heartbeat_that_fails_is_told_without_its_address(
    root: Path, monkeypatch: pytest.MonkeyPatch, address: str, said: str
) -> None:
    monkeypatch.setenv("BEAT", address)
    (error,) = beat(config.load(root))
    assert str(error).startswith(said) and "s3cret" not in str(error)


def test_a_heartbeat_that_is_refused_is_told(root: Path, web: Web) -> None:
    web.code = 404
    (error,) = beat(config.load(root))
    assert error.message == "the heartbeat answered 404"
