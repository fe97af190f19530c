"""`nightporter notify`: a test message to each route, and what was not taken."""

from pathlib import Path

import orjson
import pytest
from listening import Mailbox, Web, listening
from reported import TOML

from nightporter.cli.app import main

ROUTES = """
[notify]
[[notify.route]]
name = "mail"
url = "env:MAIL"
[[notify.route]]
name = "hook"
url = "env:HOOK"
level = "critical"
"""


def typed(root: Path, *words: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main([*words, "--workspace", str(root)])
    return int(ended.value.code or 0)


def test_each_route_gets_one_test_message_and_a_refusal_ends_with_5(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "nightporter.toml").write_text(TOML + ROUTES)
    with listening(Mailbox()) as mailbox, listening(Web()) as web:
        monkeypatch.setenv("MAIL", mailbox.url)
        monkeypatch.setenv("HOOK", f"json://{web.place}/s3cret")
        assert typed(tmp_path, "notify") == 0
        assert [mail["subject"] for mail in mailbox.mails] == ["nightporter: test of route mail"]
        assert "This is a test." in orjson.loads(web.asked[0][2])["message"]
        web.code = 403
        assert typed(tmp_path, "notify", "--json") == 5
        assert typed(tmp_path, "notify", "mail") == 0
    said = capsys.readouterr()
    assert said.out.startswith("mail                           taken\n")
    assert '"route": "hook",\n    "taken": false' in said.out
    assert "route hook: its service (json) did not take the message" in said.err
    assert "s3cret" not in said.out + said.err
    assert len(mailbox.mails) == 3
    assert not (tmp_path / "state" / "notified.json").exists()


@pytest.mark.parametrize(
    ("toml", "words", "said"),
    [
        ("", (), "there is no [[notify.route]]"),
        (ROUTES, ("maul",), "did you mean mail?"),
        (ROUTES.replace("hook", "mail"), (), "two routes are called mail"),
        (ROUTES.replace("env:HOOK", "json://s3cret"), (), "does not say where its address is kept"),
        (ROUTES.replace("url =", 'urls = "json://s3cret"\nurl =', 1), (), "unknown key 'urls'"),
        (ROUTES.replace('"env:HOOK"', '"json://s3cret'), (), "not TOML"),
        (ROUTES.replace("env:HOOK", "file:"), (), "does not say where its address is kept"),
        ('[notify]\nheartbeat = "s3cret"\n', (), "notify.heartbeat is no address"),
        (ROUTES.replace('"critical"', '"grave"'), (), "level: Input should be"),
    ],
)
def test_a_configuration_that_cannot_be_meant_is_told_and_no_address_shown(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    toml: str,
    words: tuple[str, ...],
    said: str,
) -> None:
    (tmp_path / "nightporter.toml").write_text(TOML + toml)
    assert typed(tmp_path, "notify", *words) == 2
    error = capsys.readouterr().err
    assert said in error and "s3cret" not in error
