"""Each route is told once, and again only of what is new; what was not taken is told next time."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from listening import Mailbox, Web, listening
from reported import DAY, NOON, TOML, Site, finding, window

from nightporter import config
from nightporter.errors import LogError, NightporterError, NotificationError
from nightporter.morning import morning
from nightporter.notify import tell
from nightporter.workspace import lake_of

HEAD = """
[notify]
title = "house"
link = "https://soc.example.org/{day}"
"""
ROUTE = """
[[notify.route]]
name = "{name}"
url = "{url}"
"""
MAIL, HOOK = ROUTE.format(name="mail", url="env:MAIL"), ROUTE.format(name="hook", url="file:hook")
WRONG = (LogError("ana took it", path="secret.csv"),)


class Told(Site):
    """A scanned site with a mail server and a web server that listen."""

    def __init__(self, root: Path, mailbox: Mailbox, web: Web) -> None:
        self.root, self.mailbox, self.web = root, mailbox, web
        self.routes(MAIL)
        hook = root / "hook"
        hook.write_text(f"json://{web.place}/hook/s3cret\n")
        hook.chmod(0o600)

    def routes(self, *routes: str) -> None:
        (self.root / "nightporter.toml").write_text("".join((TOML, HEAD, *routes)))

    def tell(
        self, night: date = DAY, problems: Sequence[NightporterError] = ()
    ) -> list[NotificationError]:
        settings = config.load(self.root)
        return tell(settings, lake_of(settings), night, problems)

    def finds(self, name: str, when: datetime, **said: Any) -> None:
        times = {"found_at": when, "changed_at": when}
        self.holds(findings=[finding(finding_id=name, **{"level": "critical", **times, **said})])

    def titles(self) -> list[str]:
        return [str(mail["subject"]) for mail in self.mailbox.mails]

    def hooks(self) -> list[dict[str, str]]:
        return [orjson.loads(body) for _, path, body in self.web.asked if "hook" in path]


@pytest.fixture(scope="module")
def servers() -> Iterator[tuple[Mailbox, Web]]:
    with listening(Mailbox()) as mailbox, listening(Web()) as web:
        yield mailbox, web


@pytest.fixture(scope="module")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("scanned")
    Site(root).scanned(finding(), finding(finding_id="f2", level="low"))
    return root


@pytest.fixture(scope="module")
def said(scanned: Path) -> dict[str, Any]:
    settings = config.load(scanned)
    return morning(settings, lake_of(settings))


@pytest.fixture
def site(whole: Told, said: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> Told:
    """The same, for tests that do not ask what `morning` says: it takes most of the time."""
    monkeypatch.setattr("nightporter.notify.telling.morning", lambda *_: said)
    return whole


@pytest.fixture
def whole(
    tmp_path: Path, scanned: Path, servers: tuple[Mailbox, Web], monkeypatch: pytest.MonkeyPatch
) -> Told:
    mailbox, web = servers
    mailbox.mails.clear()
    web.asked.clear()
    mailbox.refuses, web.code = False, 200
    monkeypatch.setenv("MAIL", mailbox.url)
    shutil.copytree(scanned, tmp_path, dirs_exist_ok=True)
    return Told(tmp_path, mailbox, web)


def test_mail_and_webhook_get_one_digest_and_a_second_run_sends_none(whole: Told) -> None:
    whole.routes(MAIL, HOOK)
    assert whole.tell() == whole.tell() == []
    (mail,), (hook,) = whole.mailbox.texts(), whole.hooks()
    for said in (mail, f"{hook['title']}\n{hook['message']}"):
        assert "house, night after 2026-06-29: 1 high, 1 low new" in said
        assert "Findings: 1 high, 1 low new." in said
        assert "Open, 2026-06-29 to 2026-06-29: 1 high, 1 low. On the list: 1." in said
        assert "https://soc.example.org/2026-06-29" in said
    assert hook["type"] == "warning"


def test_a_quiet_night_is_told_once_too(site: Told) -> None:
    site.tell()
    assert site.tell(DAY + timedelta(days=1)) == []
    assert site.tell(DAY + timedelta(days=1)) == []
    assert site.titles()[1:] == ["house, night after 2026-06-30: nothing new"]


def test_what_a_later_run_of_the_same_night_finds_is_told(site: Told) -> None:
    site.tell()
    site.finds("f3", NOON + timedelta(hours=1))
    site.tell()
    site.tell()
    assert site.titles()[1:] == ["house, night after 2026-06-29: 1 critical new"]


def test_what_a_backfill_finds_on_old_days_is_in_the_next_digest(site: Told) -> None:
    site.tell()
    site.finds("f3", NOON + timedelta(microseconds=1), day=DAY - timedelta(days=90))
    for _ in range(2):
        site.tell(DAY + timedelta(days=1))
    assert site.titles()[1:] == ["house, night after 2026-06-30: 1 critical new"]


def test_a_night_of_a_clock_that_was_ahead_silences_no_later_one(site: Told) -> None:
    site.finds("f3", NOON.replace(year=2027))
    site.tell()
    site.finds("f4", NOON + timedelta(days=1), day=DAY + timedelta(days=1))
    for _ in range(2):
        site.tell(DAY + timedelta(days=1))
    assert site.titles()[1:] == ["house, night after 2026-06-30: 1 critical new"]


def test_a_finding_that_was_hidden_or_withdrawn_until_now_is_new_again(site: Told) -> None:
    site.holds(
        findings=[
            finding(finding_id="f3", level="medium", changed_at=NOON + timedelta(hours=2)),
            finding(finding_id="f4", level="medium", changed_at=NOON + timedelta(hours=2)),
        ],
        finding_history=[
            {"finding_id": "f3", "day": DAY, "status": "suppressed", "changed_at": NOON},
            {"finding_id": "f4", "day": DAY, "status": "open", "changed_at": NOON},
        ],
    )
    record = site.root / "state" / "notified.json"
    record.parent.mkdir()
    record.write_text('{"mail":{"night":"2026-06-29","mark":"2026-06-29T12:00:00+00:00"}}')
    site.tell()
    assert site.titles() == ["house, night after 2026-06-29: 1 medium new"]


@pytest.mark.parametrize(
    ("problems", "told"), [((), ["all", "high"]), (WRONG, ["all", "high", "critical"])]
)
def test_a_level_chooses_whom_a_night_concerns_and_a_failure_concerns_everybody(
    site: Told, problems: tuple[LogError, ...], told: list[str]
) -> None:
    levels = ("high", "critical")
    routes = [f'{ROUTE.format(name=each, url="file:hook")}level = "{each}"\n' for each in levels]
    site.routes(ROUTE.format(name="all", url="file:hook"), *routes)
    for _ in range(2):
        site.tell(problems=problems)
        record = orjson.loads((site.root / "state" / "notified.json").read_bytes())
        assert (sorted(record), len(site.hooks())) == (sorted(told), len(told))


def test_no_message_has_a_name_a_sentence_or_what_went_wrong(whole: Told) -> None:
    whole.holds(
        windows=[
            window(stage="doors", day=DAY - timedelta(days=1)),
            window(stage="doors", status="failed", reason="ana is no number"),
        ],
        feed_day=[{"feed": "files", "site": "BER", "day": DAY, "events": 0, "silent": True}],
    )
    whole.routes(MAIL, HOOK)
    whole.tell(problems=WRONG)
    said = "\n".join([*whole.mailbox.texts(), *map(str, whole.hooks())])
    assert "INCOMPLETE, 1 high, 1 low new" in said
    assert "Went wrong: 1; state/nightly.log" in said
    assert "2 detectors, 1 blind, 0 without data; failed 1." in said
    assert "Silent logs: files." in said
    for word in ("ana", "took", "number", "bulk", "Bulk", "a.txt", str(whole.root)):
        assert word not in said.replace("organi", "")


@pytest.mark.parametrize("refused", ["mail", "hook"])
def test_a_route_that_refused_is_told_next_time_and_the_other_not_again(
    site: Told, refused: str
) -> None:
    site.routes(MAIL, HOOK)
    site.mailbox.refuses, site.web.code = refused == "mail", 500 if refused == "hook" else 200
    (error,) = site.tell()
    kind = {"mail": "mailto", "hook": "json"}[refused]
    assert error.message == f"route {refused}: its service ({kind}) did not take the message"
    assert error.exit_code == 5
    before = len(site.hooks())
    site.mailbox.refuses, site.web.code = False, 200
    assert site.tell() == []
    assert site.titles() == ["house, night after 2026-06-29: 1 high, 1 low new"]
    assert len(site.hooks()) - before == (1 if refused == "hook" else 0)


def test_a_route_that_refused_for_a_night_hears_later_of_all_that_was_new(site: Told) -> None:
    site.mailbox.refuses = True
    site.tell()
    site.mailbox.refuses = False
    site.tell(DAY + timedelta(days=1))
    assert site.titles() == ["house, night after 2026-06-30: 1 high, 1 low new"]


SPOILT: dict[str, tuple[Callable[[Path], object], str]] = {
    "open": (lambda hook: hook.chmod(0o640), "others may read the address"),
    "empty": (lambda hook: hook.write_text("\n"), "it is empty"),
    "gone": (lambda hook: hook.unlink(), "there is no such file"),
    "no address": (lambda hook: hook.write_text("s3cret"), "not one that apprise knows"),
    "two": (lambda hook: hook.write_text("json://s3cret json://a"), "not one that apprise knows"),
}


def test_an_address_that_cannot_be_had_is_told_without_it(site: Told) -> None:
    routes = []
    for case, (spoil, _) in SPOILT.items():
        shutil.copy(site.root / "hook", site.root / case)
        spoil(site.root / case)
        routes.append(ROUTE.format(name=case.replace(" ", "-"), url=f"file:{case}"))
    site.routes(*routes, MAIL)
    errors = [str(error) for error in site.tell()]
    for error, (_, said) in zip(errors, SPOILT.values(), strict=True):
        assert said in error and "s3cret" not in error
    assert len(site.titles()) == 1


def test_a_variable_that_is_not_there_is_named(site: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MAIL")
    (error,) = site.tell()
    assert error.message == "the environment has no MAIL, which should hold an address"


def test_the_messenger_logs_nothing(site: Told, caplog: pytest.LogCaptureFixture) -> None:
    """It would show parts of addresses to whoever reads the scheduler's log."""
    (site.root / "hook").write_text("s3cret")
    site.routes(HOOK, MAIL)
    site.mailbox.refuses = True
    assert len(site.tell()) == 2
    assert [record for record in caplog.records if record.name.startswith("apprise")] == []


def test_the_record_is_its_owner_s_alone_and_a_broken_one_is_told(site: Told) -> None:
    site.tell()
    record = site.root / "state" / "notified.json"
    assert record.stat().st_mode & 0o077 == 0
    record.write_text("{")
    (error,) = site.tell()
    assert "so nothing is told" in error.message
    assert len(site.titles()) == 1
