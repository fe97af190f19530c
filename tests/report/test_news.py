"""What is new since the last report, and reports that are not written twice."""

import re
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest
from reported import DAY, DETECTORS, NOON, TOML, Site, finding

from nightporter import config
from nightporter.desk import Act, read_acts, write_acts
from nightporter.report import write_report
from nightporter.schema import TABLES
from nightporter.workspace import lake_of

NEXT = DAY + timedelta(days=1)
LATER = NOON + timedelta(days=1)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """Two nights: the second found one thing more, changed one word and took one back."""
    site = Site(tmp_path)
    site.scanned(finding(), finding(finding_id="f2"), finding(finding_id="f3"))
    site.page()
    replaced = {"changed_at": LATER}
    _replace(site, finding(finding_id="f2", sentence="ana took 12", **replaced))
    _replace(site, finding(finding_id="f3", status="withdrawn", **replaced))
    found = finding(finding_id="f4", day=NEXT, found_at=LATER, changed_at=LATER)
    site.scanned(found, day=NEXT, run="r2")
    return site


def _replace(site: Site, row: dict[str, object]) -> None:
    shape = TABLES["findings"].columns
    frame = pl.DataFrame([{column: row.get(column) for column in shape}], schema=pl.Schema(shape))
    where = f"day = '{DAY}' AND finding_id = '{row['finding_id']}'"
    lake_of(config.load(site.root)).replace("findings", frame, where)


def test_new_changed_and_withdrawn_findings_are_told_since_the_earlier_day(site: Site) -> None:
    text = site.text()
    assert "1 new, 1 changed, 1 withdrawn</strong>" in text
    assert f"since {DAY}" in text
    for chip in ("1 new", "1 changed", "1 withdrawn"):
        assert f'<span class="chip">{chip}</span>' in text


def test_equal_lakes_make_equal_bytes_and_the_same_report_stays_untouched(site: Site) -> None:
    page = site.page()
    first, written = page.read_bytes(), page.stat().st_mtime_ns
    assert site.page().stat().st_mtime_ns == written
    page.unlink()
    assert site.page().read_bytes() == first


def test_a_report_is_written_anew_when_its_configuration_says_otherwise(site: Site) -> None:
    assert "BER Europe/Berlin" in site.text()
    (site.root / "nightporter.toml").write_text(TOML.replace("Berlin", "Paris"))
    assert "BER Europe/Paris" in site.text()
    off = DETECTORS.with_columns(switch=pl.lit("switched off"))
    settings = config.load(site.root)
    page = write_report(settings, lake_of(settings), off)
    assert page and '<span class="chip">switched off</span>' in page.read_text()


def test_writing_an_old_report_anew_takes_no_news_from_the_newest(site: Site) -> None:
    before = site.text()
    assert "First report" in site.text(DAY)
    assert site.text() == before


def test_a_report_that_was_never_written_covers_no_later_day(tmp_path: Path) -> None:
    """One pass over both days, then the first day's report: the second day is still news."""
    site = Site(tmp_path)
    site.scanned(finding())
    site.scanned(finding(finding_id="f4", day=NEXT), day=NEXT)
    site.page(DAY)
    assert "<strong>1 new</strong>" in site.text()


def test_a_night_without_news_says_so(tmp_path: Path) -> None:
    site = Site(tmp_path)
    site.scanned(finding())
    site.page()
    site.scanned(day=NEXT, run="r2")
    assert "Nothing new</strong> since 2026-06-29" in site.text()


def test_what_nobody_has_read_stays_new(site: Site) -> None:
    lake, third = lake_of(config.load(site.root)), NEXT + timedelta(days=1)
    assert "1 withdrawn</strong>" in site.text()
    site.scanned(day=third, run="r3")
    assert f"Nothing new</strong> since {NEXT}" in site.text()
    read = Act("lena", "read", "", "", DAY.isoformat(), day=NEXT)
    write_acts(lake, [read], [], NOON + timedelta(hours=3))
    assert f'1 new, 1 changed, 1 withdrawn</strong> <a href="#news">since {DAY}</a>' in site.text()
    read = Act("lena", "read", "", "", NEXT.isoformat(), day=third)
    write_acts(lake, [read], read_acts(lake), LATER - timedelta(hours=1))
    # That night was run again after it had been read, and then knew the one thing more.
    assert f'1 new, 1 changed, 1 withdrawn</strong> <a href="#news">since {NEXT}</a>' in site.text()


def test_a_garbled_record_is_passed_over(tmp_path: Path) -> None:
    site = Site(tmp_path)
    site.scanned(finding(day=date(2026, 6, 28)), day=date(2026, 6, 28))
    site.scanned(finding(finding_id="f4"))
    site.page(date(2026, 6, 28))
    (tmp_path / "reports" / "2026-06-28" / "report.json").write_text("{")
    assert "First report" in site.text()


def test_a_persons_findings_are_counted_on_the_days_that_are_named(tmp_path: Path) -> None:
    """The list may be of what came since somebody read a report, and `findings` prints more."""
    site, before = Site(tmp_path), NOON - timedelta(hours=20)
    days = [DAY - timedelta(days=ago) for ago in range(9, 0, -1)]
    for day in days:
        site.scanned(day=day, run=str(day))
    old = {"day": days[0], "found_at": before, "changed_at": before}
    site.scanned(finding(), finding(finding_id="f2", **old))
    read = Act("lena", "read", "", "", days[-1].isoformat(), day=days[-1])
    write_acts(lake_of(config.load(tmp_path)), [read], [], before)
    told = " ".join(re.sub("<[^>]*>", "", site.text()).split())
    assert f"found since {days[-2]}" in told
    assert f"2 findings from {days[0]} to {DAY}; all that there are: nightporter" in told
