"""The page in a real browser, where one is: quiet, self-contained, no wider than a phone."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from reported import DAY, Site, evidence, finding

from bench.browser import CHROMIUM, Browser

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium on PATH")


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[Browser]:
    browser = Browser(tmp_path / "home")
    yield browser
    browser.close()


def test_the_page_is_quiet_asks_for_nothing_and_fits_a_phone(
    browser: Browser, tmp_path: Path
) -> None:
    (tmp_path / "site").mkdir()
    site = Site(tmp_path / "site")
    site.scanned(finding(sentence="long" * 150))
    site.holds(
        evidence=[evidence(object="/a" * 60, place="host" * 20)],
        user_hour=[{"user_id": "ana", "day": DAY, "hour": 9, "events": 1, "off_hours": 0}],
    )
    url = site.page().as_uri()
    browser.open(url)
    wide = browser.evaluate("document.documentElement.scrollWidth")
    assert wide == 390
    asked = [e["params"]["request"]["url"] for e in browser.events if e["method"] == SENT]
    assert asked == [url]
    said = [e for e in browser.events if e["method"] in SPOKE]
    assert said == []
    filled = browser.evaluate(FILL)
    assert filled == "rgb(191, 199, 210)", "the picture takes the page's colour"


SENT = "Network.requestWillBeSent"
SPOKE = ("Log.entryAdded", "Runtime.consoleAPICalled", "Runtime.exceptionThrown")
FILL = "getComputedStyle(document.querySelector('.own_marks path')).fill"
