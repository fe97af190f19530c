"""The page in a real browser, where one is installed: quiet, self-contained, no wider than a phone.

Speaks the DevTools protocol over a pipe, so that no port is opened.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from reported import DAY, Site, evidence, finding

CHROMIUM = shutil.which("chromium")
QUIET = """--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-sync
    --disable-background-networking --disable-component-update --remote-debugging-pipe""".split()

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium on PATH")


class Browser:
    """One tab; keeps every event that the browser sent."""

    def __init__(self, home: Path) -> None:
        to_read, self._write = os.pipe()
        self._read, to_write = os.pipe()
        words = [str(CHROMIUM), *QUIET, f"--user-data-dir={home}", "about:blank"]
        # The protocol lives on descriptors 3 and 4.
        shell = f'exec "$@" 3<&{to_read} 4>&{to_write}'
        self._process = subprocess.Popen(
            ["bash", "-c", shell, "bash", *words],
            pass_fds=(to_read, to_write),
            stderr=subprocess.DEVNULL,
        )
        os.close(to_read)
        os.close(to_write)
        self._pending, self._number, self.events = b"", 0, list[dict[str, Any]]()
        self._session: dict[str, str] = {}
        targets = self.ask("Target.getTargets")["targetInfos"]
        page = next(target["targetId"] for target in targets if target["type"] == "page")
        attached = self.ask("Target.attachToTarget", targetId=page, flatten=True)
        self._session = {"sessionId": attached["sessionId"]}

    def ask(self, method: str, **params: Any) -> dict[str, Any]:
        self._number += 1
        call = {"id": self._number, "method": method, "params": params, **self._session}
        os.write(self._write, json.dumps(call).encode() + b"\0")
        while (said := self._next()).get("id") != self._number:
            self.events.append(said)
        assert "error" not in said, said
        return dict(said["result"])

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._pending:
            more = os.read(self._read, 1 << 20)
            assert more, "the browser went away"
            self._pending += more
        message, _, self._pending = self._pending.partition(b"\0")
        return dict(json.loads(message))

    def open(self, url: str) -> None:
        for domain in ("Page", "Log", "Runtime", "Network"):
            self.ask(f"{domain}.enable")
        phone = {"width": 390, "height": 844, "deviceScaleFactor": 2, "mobile": True}
        self.ask("Emulation.setDeviceMetricsOverride", **phone)
        self.ask("Page.navigate", url=url)
        while self.events[-1]["method"] != "Page.loadEventFired":
            self.events.append(self._next())

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._read)
        os.close(self._write)


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
    wide = browser.ask("Runtime.evaluate", expression="document.documentElement.scrollWidth")
    assert wide["result"]["value"] == 390
    asked = [e["params"]["request"]["url"] for e in browser.events if e["method"] == SENT]
    assert asked == [url]
    said = [e for e in browser.events if e["method"] in SPOKE]
    assert said == []
    filled = browser.ask("Runtime.evaluate", expression=FILL)["result"]["value"]
    assert filled == "rgb(191, 199, 210)", "the picture takes the page's colour"


SENT = "Network.requestWillBeSent"
SPOKE = ("Log.entryAdded", "Runtime.consoleAPICalled", "Runtime.exceptionThrown")
FILL = "getComputedStyle(document.querySelector('.own_marks path')).fill"
