"""The examination looks at the newest days that have come, whatever one wrong clock says."""

from datetime import date
from pathlib import Path

import pytest
from small import House

from nightporter import config
from nightporter.doctor import examine
from nightporter.workspace import lake_of


def test_one_stamp_of_the_future_does_not_hide_the_days_that_have_come(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = House(tmp_path, monkeypatch)
    house.files("a", "2026-03-02 10:00 zoe view", "2031-01-01 10:00 ana view")
    house.night("2026-03-02")
    settings = config.load(tmp_path)
    advice = examine(settings, lake_of(settings), [], 28, date(2026, 3, 3))
    assert [each.about for each in advice if each.section == "unmapped"] == ["account zoe"]
