"""docs/notify.md shows what a message looks like, a configuration that loads, and addresses."""

import re
from datetime import date
from pathlib import Path

import apprise
import pytest
from reported import TOML

from nightporter import config
from nightporter.notify.digest import digest

PAGE = (Path(__file__).parents[2] / "docs" / "notify.md").read_text("utf-8")
(SHOWN,) = re.findall(r"```\n(nightporter, .*?)```", PAGE, re.DOTALL)
(KEYS,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
ADDRESSES = [address for row in re.findall(r"^\| .* \|$", PAGE, re.MULTILINE)
             for address in re.findall(r"`(\w+://[^`]*)`", row)]  # fmt: skip


def test_a_message_looks_as_it_is_shown(tmp_path: Path) -> None:
    (tmp_path / "nightporter.toml").write_text(TOML + KEYS)
    day = date(2026, 6, 29)
    said = {
        "days": {"first": date(2026, 6, 2), "last": day},
        "levels": {"low": 4, "medium": 11, "high": 2},
        "ranking": ["ana", "bo", "cy"],
        "newest": {"day": day, "detectors": 52, "blind": 2, "never": 5, "silent": ["badge-rey"]},
        "unjudged": [
            {"status": "not_evaluated", "last_day": day, "detectors": ["a", "b", "c", "d"]},
            {"status": "not_evaluated", "last_day": day, "detectors": ["d", "e", "f", "g"]},
            {"status": "failed", "last_day": date(2026, 6, 28), "detectors": ["h"]},
        ],
    }
    settings = config.load(tmp_path)
    made = digest(settings, day, said, {"high": 1, "medium": 3}, 0)
    title = made.title.replace(settings.notify.title, "nightporter")
    assert f"{title}\n\n{made.body}\n" == SHOWN
    assert [(route.name, route.level) for route in settings.notify.route] == [
        ("soc", None), ("on-call", "critical"),
    ]  # fmt: skip


@pytest.mark.parametrize("address", ADDRESSES)
def test_each_address_is_one_that_apprise_knows(address: str) -> None:
    assert len(ADDRESSES) == 6
    known = apprise.Apprise()
    assert known.add(address) and len(known) == 1
