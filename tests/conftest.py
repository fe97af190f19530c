"""Options and environment that all tests share."""

import os

import pytest

from nightporter.cli import console
from nightporter.config import settings

ENDED = pytest.StashKey[int]()

# Most tests are about something else: they say who it was. tests/names says it where it matters.
settings.PSEUDONYMS = False

os.environ["TZ"] = "UTC"
os.environ["DO_NOT_TRACK"] = "1"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden", action="store_true", help="write golden files anew instead of comparing"
    )


# Files that take a minute or more: they begin first, so that no core waits for another's last one.
LONG = (
    "test_detectors", "test_night_laws", "test_kills", "test_scheduled_night", "test_ingest_laws",
    "test_store", "test_serve", "test_late", "test_registers", "test_demo", "test_measuring",
    "test_remapped", "test_nightly_flow", "test_run", "test_nearest", "test_account",
    "test_crowd", "test_cert", "test_hostile_files", "test_growing_files", "test_nightly",
)  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    places = {name: place for place, name in enumerate(LONG)}
    items.sort(key=lambda item: places.get(item.path.stem, len(LONG)))


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    session.config.stash[ENDED] = int(exitstatus)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """Say nothing after the last line: see `console.leave`."""
    if ENDED in config.stash:
        console.leave(config.stash[ENDED])


@pytest.fixture
def update_golden(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--update-golden"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what tests measured with `record_property`."""
    for report in terminalreporter.getreports("passed"):
        for name, value in report.user_properties:
            terminalreporter.write_line(f"{name}: {value}")
