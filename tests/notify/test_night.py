"""The night itself tells: after all its stages, once, and from outside it is counted."""

import ast
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from listening import Mailbox, Web, listening
from small import TOML, House

import nightporter
from nightporter import config
from nightporter.errors import LakeError, NightporterError, NotificationError, UsageError
from nightporter.nightly import nightly

ROUTE = """
[notify]
heartbeat = "env:BEAT"
[[notify.route]]
name = "mail"
url = "env:MAIL"
"""
NOON = datetime(2026, 3, 5, 12, tzinfo=UTC)


@pytest.fixture
def servers(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Mailbox, Web]]:
    with listening(Mailbox()) as mailbox, listening(Web()) as web:
        monkeypatch.setenv("MAIL", mailbox.url)
        monkeypatch.setenv("BEAT", f"http://{web.place}/beat")
        yield mailbox, web


def test_a_night_is_told_with_what_it_found_and_what_failed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, servers: tuple[Mailbox, Web]
) -> None:
    house = House(tmp_path, monkeypatch)
    house.files("x", "2026-03-04 10:00 ana download")
    (tmp_path / "nightporter.toml").write_text(TOML + ROUTE)
    assert house.night("2026-03-05").exit_code == 5  # the log of the doors has not come
    mailbox, web = servers
    (mail,) = mailbox.texts()
    assert "nightporter, night after 2026-03-04: INCOMPLETE, 1 low new" in mail
    assert web.paths() == ["/beat/fail"]


def test_a_night_that_could_not_tell_is_incomplete_and_tells_next_time_once(
    tmp_path: Path, servers: tuple[Mailbox, Web]
) -> None:
    (tmp_path / "nightporter.toml").write_text('[site.MAIN]\nzone = "UTC"\n' + ROUTE)
    settings = config.load(tmp_path)
    mailbox, web = servers
    mailbox.refuses = True
    night = nightly(settings, NOON)
    assert [type(problem) for problem in night.problems] == [NotificationError]
    assert (night.exit_code, len(mailbox.mails)) == (5, 0)
    mailbox.refuses = False
    assert [nightly(settings, NOON).exit_code for _ in range(2)] == [0, 0]
    assert len(mailbox.mails) == 1
    assert web.paths() == ["/beat/fail", "/beat", "/beat"]


def broken_off(root: Path, error: Exception, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the heartbeat hears of a night that `error` ends before it began."""

    def breaks(*_: object) -> None:
        raise error

    (root / "nightporter.toml").write_text(TOML + ROUTE)
    monkeypatch.setattr("nightporter.nightly.load_pack", breaks)
    with listening(Web()) as web:
        monkeypatch.setenv("BEAT", f"http://{web.place}/beat")
        with pytest.raises(type(error)):
            nightly(config.load(root), NOON)
        heard = web.paths()
        with pytest.raises(type(error)):
            nightly(config.load(root), NOON, silent=True)
        assert web.paths() == heard
    return list(heard)


@pytest.mark.parametrize("error", [RuntimeError("x"), LakeError("x"), NightporterError("x")])
def test_a_night_that_breaks_off_beats_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    assert broken_off(tmp_path, error, monkeypatch) == ["/beat/fail"]


def test_a_second_run_beside_the_night_is_no_failed_night(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert broken_off(tmp_path, UsageError("another run holds it"), monkeypatch) == []


def test_who_measures_tells_nobody() -> None:
    """`evaluate --workspace` scans somebody's own configuration, months of it at a time."""
    folder = Path(nightporter.__file__).parent / "evaluate"
    calls = [
        call
        for path in folder.rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "nightly"
    ]
    told = [{word.arg: ast.unparse(word.value) for word in call.keywords} for call in calls]
    assert len(told) == 3
    assert [words.get("silent") for words in told] == ["True"] * len(told)
