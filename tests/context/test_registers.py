"""Days that a corrected register concerns: those with events of the key, or of its person."""

from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from nightporter import context
from nightporter.config import Settings
from nightporter.config.settings import ContextSection
from nightporter.lake import Lake
from nightporter.schema import TABLES
from nightporter.window import Window

FIRST = date(2026, 3, 1)
WINDOW = Window(FIRST, FIRST + timedelta(days=9))
REGISTERS = {
    "accounts": pl.DataFrame({"account": ["Adm-Ana"], "user_id": ["ana"]}),
    "badges": pl.DataFrame({"badge_id": ["7", "8"], "user_id": ["ana", "bo"]}),
}


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    lake = Lake(str(tmp_path))
    happened(lake, "access", ["adm-ana", "ANA", "bo", "x"], "account", 0)
    happened(lake, "badge", ["7", "8", "p-Ana"], "badge_id", 4)
    happened(lake, "usb", ["stick"], "device_id", 7)
    happened(lake, "access", ["ana"], "account", -3)
    return lake


def happened(lake: Lake, source: str, keys: list[str], column: str, since: int) -> None:
    """One event a day of each of `keys`, from `since` days after the first."""
    rows = pl.DataFrame(
        {column: keys, "day": [FIRST + timedelta(n + since) for n in range(len(keys))]}
    )
    shape = TABLES[source].columns
    lake.append(source, rows.with_columns(
        pl.lit(None, kind).alias(name) for name, kind in shape.items() if name not in rows.columns
    ))  # fmt: skip


def days(lake: Lake, *changed: tuple[str, str, str], pattern: str | None = None) -> dict[int, str]:
    settings = Settings(root=Path(), context=ContextSection(badge_pattern=pattern))
    frame = pl.DataFrame(list(changed), schema=["register", "key", "user_id"], orient="row")
    found = context.days_concerned(settings, lake, REGISTERS, frame, WINDOW)
    return {(day - FIRST).days: said for day, said in found.items()}


def test_a_thing_concerns_the_days_of_its_own_events(lake: Lake) -> None:
    assert days(lake, ("devices", "stick", "")) == {7: "the register changed: devices stick"}
    assert days(lake, ("accounts", "nobody", "")) == {}


def test_a_person_concerns_the_days_of_every_account_and_badge_within_the_window(
    lake: Lake,
) -> None:
    assert set(days(lake, ("people", "ana", "ana"))) == {0, 1, 4}
    pattern = r"^p-(?<user_id>\w+)$"
    assert set(days(lake, ("people", "ana", "ana"), pattern=pattern)) == {0, 1, 4, 6}


def test_the_reason_names_one_line_and_counts_the_others(lake: Lake) -> None:
    found = days(lake, ("people", "ana", "ana"), ("accounts", "adm-ana", "ana"))
    assert set(found.values()) == {"the register changed: accounts adm-ana, +1"}
