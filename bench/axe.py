"""What axe finds on the report and the case files of a workspace, in a real browser.

    npm pack axe-core && tar xf axe-core-*.tgz package/axe.min.js
    python -m bench.axe package/axe.min.js demo [--pictures FOLDER]

Needs chromium on PATH. Every page is opened at 1280 and at 390 pixels, by day and by night, with
all its details unfolded; a violation ends it with 1, and so do a word on the console and a
request. `--pictures` keeps a picture of each page as it opens.
"""

import argparse
import base64
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench.browser import Browser

WIDTHS = (1280, 390)
SPOKE = ("Log.entryAdded", "Runtime.consoleAPICalled", "Runtime.exceptionThrown")
UNFOLD = "document.querySelectorAll('details').forEach(each => each.open = true)"
RUN = "axe.run().then(said => ({passes: said.passes, violations: said.violations, \
incomplete: said.incomplete}))"


def main() -> None:
    """Print one line a page and look, and a line a violation."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("axe", type=Path)
    parser.add_argument("workspace", type=Path)
    parser.add_argument("--pictures", type=Path)
    given = parser.parse_args()
    newest = sorted(given.workspace.resolve().glob("reports/????-??-??/index.html"))[-1]
    pages = [newest, *sorted(newest.parent.glob("people/*.html"))]
    code, bad = given.axe.read_text("utf-8"), 0
    with tempfile.TemporaryDirectory() as home:
        browser = Browser(Path(home))
        try:
            for page in pages:
                for width in WIDTHS:
                    bad += look(browser, page, width, code, given.pictures)
        finally:
            browser.close()
    print(f"{len(pages)} pages: {bad} faults")
    sys.exit(bool(bad))


def look(browser: Browser, page: Path, width: int, axe: str, pictures: Path | None) -> int:
    """Return how many faults the page has at that width."""
    browser.events.clear()
    browser.open(page.as_uri(), width, 900, 1)
    asked = [e for e in browser.events if e["method"] == "Network.requestWillBeSent"]
    faults = [e["method"] for e in browser.events if e["method"] in SPOKE]
    faults += ["asks for more than itself"] * (len(asked) != 1)
    wide = browser.evaluate("document.documentElement.scrollWidth")
    faults += [f"is {wide} pixels wide"] * (wide > width)
    if pictures:
        _keep(browser, width, pictures / f"{page.stem}-{width}.png")
    browser.evaluate(UNFOLD)
    browser.evaluate(axe)
    for scheme in ("light", "dark"):
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        browser.ask("Emulation.setEmulatedMedia", features=features)
        said = browser.evaluate(RUN, later=True)
        faults += [_told(each) for each in said["violations"]]
        unsure = sum(len(each["nodes"]) for each in said["incomplete"])
        print(f"{page.name} {width} {scheme}: {len(said['passes'])} rules hold, "
              f"{len(said['violations'])} do not, {unsure} elements undecided")  # fmt: skip
    browser.ask("Emulation.setEmulatedMedia", features=[])
    for fault in faults:
        print(f"  {fault}")
    return len(faults)


def _keep(browser: Browser, width: int, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    height = min(browser.evaluate("document.documentElement.scrollHeight"), 6000)
    clip = {"x": 0, "y": 0, "width": width, "height": height, "scale": 1}
    shot = browser.ask("Page.captureScreenshot", clip=clip, captureBeyondViewport=True)
    target.write_bytes(base64.b64decode(shot["data"]))


def _told(violation: dict[str, Any]) -> str:
    nodes = violation["nodes"]
    return (
        f"{violation['id']} ({violation['impact']}): {violation['help']}, {len(nodes)} times, "
        f"such as {nodes[0]['html'][:160]}"
    )


if __name__ == "__main__":
    main()
