"""How a risk went: the bars, their words, and the days that they are of."""

from datetime import timedelta
from pathlib import Path

import pytest
from reported import DAY, TOML, Site, finding, window

BEFORE = [DAY - timedelta(days=ago) for ago in range(1, 20)]


@pytest.fixture
def site(tmp_path: Path) -> Site:
    site = Site(tmp_path)
    site.scanned(finding())
    return site


def scanned_before(site: Site, risk: float) -> None:
    """Three weeks of nights; nine days ago there was some risk."""
    site.holds(windows=[window(stage="features", day=day, run_id=str(day)) for day in BEFORE])
    site.holds(risk=[{"user_id": "ana", "day": BEFORE[8], "risk": risk, "rank": 1}])


def test_the_trend_says_in_words_what_the_bars_show(site: Site) -> None:
    scanned_before(site, 3.0)
    text = site.text()
    assert "rising over 14 days: 99.0 on 2026-06-29, highest 99.0 on 2026-06-29" in text
    assert text.partition('class="trend"')[2].partition("</svg>")[0].count("<rect") == 14


def test_days_before_the_first_scan_are_no_part_of_it(site: Site) -> None:
    text = site.text()
    assert "steady over 1 day: 99.0 on 2026-06-29" in text
    assert text.partition('class="trend"')[2].partition("</svg>")[0].count("<rect") == 1


def test_it_goes_back_further_than_a_list_of_few_days(site: Site) -> None:
    (site.root / "nightporter.toml").write_text(TOML + '[risk]\nrecent = "3d"\n')
    scanned_before(site, 200.0)
    assert "falling over 14 days: 99.0 on 2026-06-29, highest 200.0 on 2026-06-20" in site.text()
