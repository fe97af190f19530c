"""The night itself tells: after all its stages, once, and from outside it is counted."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from listening import Mailbox, Web, listening
from small import TOML, House

from nightporter import config
from nightporter.errors import LakeError, NightporterError, NotificationError, UsageError
from nightporter.nightly import nightly
from nightporter.window import Window

ROUTE = """
[notify]
heartbeat = "env:BEAT"
[[notify.route]]
name = "mail"
url = "env:MAIL"
"""
NOON = datetime(2026, 3, 5, 12, tzinfo=UTC)


def test_a_night_is_told_once_and_counted_each_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = House(tmp_path, monkeypatch)
    house.days(Window(date(2026, 3, 3), date(2026, 3, 4)))
    house.files("x", "2026-03-04 10:00 ana download")
    (tmp_path / "nightporter.toml").write_text(TOML + ROUTE)
    with listening(Mailbox()) as mailbox, listening(Web()) as web:
        monkeypatch.setenv("MAIL", mailbox.url)
        monkeypatch.setenv("BEAT", f"http://{web.place}/beat")
        assert house.night("2026-03-05").exit_code == 0
        assert house.night("2026-03-05").exit_code == 0
        (mail,) = mailbox.texts()
        assert "nightporter, night after 2026-03-04: 1 low new" in mail
        assert web.paths() == ["/beat"] * 2
        # The next night lacks a log, and its mail is refused: both are its problems.
        (tmp_path / "nightporter.toml").write_text((TOML + ROUTE).replace("files-*", "no-*"))
        mailbox.refuses = True
        night = house.night("2026-03-06")
        assert night.exit_code == 5 and len(night.problems) == 2
        assert isinstance(night.problems[-1], NotificationError)
        assert web.paths()[2:] == ["/beat/fail"]


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
