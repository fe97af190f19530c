"""The night itself tells: after all its stages, once, and from outside it is counted."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from listening import Mailbox, Web, listening
from small import TOML, House

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


def test_a_night_that_could_not_tell_is_incomplete_and_tells_next_time_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = House(tmp_path, monkeypatch)
    (tmp_path / "own" / "misuse" / "unseen.sql").unlink()
    house.files("x", "2026-03-04 10:00 ana download")
    house.doors("x", "2026-03-04 09:00 ana entry")
    (tmp_path / "nightporter.toml").write_text(TOML + ROUTE)
    with listening(Mailbox()) as mailbox, listening(Web()) as web:
        monkeypatch.setenv("MAIL", mailbox.url)
        monkeypatch.setenv("BEAT", f"http://{web.place}/beat")
        mailbox.refuses = True
        night = house.night("2026-03-05")
        assert (night.exit_code, len(night.problems), len(mailbox.mails)) == (5, 1, 0)
        assert isinstance(night.problems[0], NotificationError)
        mailbox.refuses = False
        assert [house.night("2026-03-05").exit_code for _ in range(2)] == [0, 0]
        (mail,) = mailbox.texts()
        assert "nightporter, night after 2026-03-04: 1 low new" in mail
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
