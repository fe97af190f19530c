"""A house at whose desk Lena and Ida sit; and what they type there."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from reported import DAY, TOML, Site, finding

from nightporter.cli.app import main
from nightporter.desk import analysts

DESK = """
[desk]
watchers_to = ["ida"]
[desk.analysts]
lena = "u1"
ida = "u2"
"""
Typed = Callable[..., int]


def case(name: str, user: str, **said: Any) -> dict[str, Any]:
    days = [{"day": DAY, "findings": 1, "level": "high"}]
    return {
        "case_id": name, "user_id": user, "opening": "f1", "opened": DAY, "first_day": DAY,
        "last_day": DAY, "findings": 1, "level": "high", "status": "open", "held": False,
        "days": days, **said,
    }  # fmt: skip


def house(root: Path) -> Path:
    """Findings about ana, bo and a watcher; a case of each, and one about lena herself."""
    site = Site(root)
    (root / "nightporter.toml").write_text(TOML + DESK)
    (root / "context" / "people.csv").write_text(
        "user_id,watcher\nana,false\nbo,false\nporter,true\nu1,false\nu2,false\n"
    )
    site.scanned(
        finding(case_id="aa01"),
        finding(finding_id="f2", user_id="bo", tactic="misuse", level="medium", case_id="bb02"),
        finding(finding_id="f3", user_id="porter", sentence="the porter's secret"),
        finding(finding_id="f4", status="withdrawn", sentence="no longer said"),
    )
    site.holds(
        cases=[
            case("aa01", "ana"),
            case("bb02", "bo", level="medium"),
            case("cc03", "porter", level="critical"),
            case("dd04", "u1", level="critical"),
            case("ee05", "ana", status="closed", closed=DAY - timedelta(days=9), level="low"),
        ]
    )
    return root


def typing(site: Site, monkeypatch: pytest.MonkeyPatch) -> Typed:
    """A function that runs a command as an account, and returns how it ended."""

    def run(by: str, *words: str) -> int:
        monkeypatch.setattr(analysts, "machine_account", lambda: by)
        with pytest.raises(SystemExit) as ended:
            main([*words, "--workspace", str(site.root)])
        return int(ended.value.code or 0)

    return run
