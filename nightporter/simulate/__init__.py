"""Invented organisations: raw logs as sources deliver them, context files, and the truth.

Every byte follows from a seed. Knows no detector, no threshold, and nothing of the lake.
"""

from datetime import date
from pathlib import Path

import polars as pl

from nightporter.simulate.acts import CAMPAIGNS
from nightporter.simulate.context import context_tables
from nightporter.simulate.diary import Diary, diary_frame
from nightporter.simulate.dirt import soiled
from nightporter.simulate.events import gathered
from nightporter.simulate.feeds import FEEDS, Feed, written
from nightporter.simulate.files import numbered, write_file, write_logs, write_table
from nightporter.simulate.institute import Institute, institute
from nightporter.simulate.ordinary.access import ordinary_access
from nightporter.simulate.ordinary.badge import ordinary_badge
from nightporter.simulate.ordinary.courier import courier_downloads, courier_stick
from nightporter.simulate.ordinary.machines import machines, visitors
from nightporter.simulate.ordinary.usb import ordinary_usb
from nightporter.simulate.outages import delivered
from nightporter.simulate.presence import absences, person_days
from nightporter.simulate.settings import settings_text
from nightporter.simulate.story import story
from nightporter.simulate.truth import truth

__all__ = ["write_institute", "write_sample_logs"]

SAMPLE_SEED, SAMPLE_FIRST_DAY = 20260101, date(2026, 1, 1)


def write_sample_logs(out: Path) -> None:
    """Write the institute that ships as `sample_logs/`."""
    write_institute(out, seed=SAMPLE_SEED, first_day=SAMPLE_FIRST_DAY)


def write_institute(
    out: Path, *, seed: int, people: int = 40, first_day: date, days: int = 180
) -> None:
    """Write one organisation below `out`: logs, context, settings, truth.csv and STORY.md."""
    place = institute(seed, people, first_day, days)
    plans = [plan for campaign in CAMPAIGNS for plan in campaign.plans(place)]
    leave = absences(place, plans)
    diaries = [diary for campaign in CAMPAIGNS for diary in campaign.acts(place)]
    events = _events(place, person_days(place, plans, leave), diaries)
    lines = {feed.name: _lines(place, feed, events[feed.source]) for feed in FEEDS}
    for feed in FEEDS:
        write_logs(out, feed, lines[feed.name])
    for name, table in context_tables(place, leave).items():
        write_table(out / "context" / f"{name}.csv", table)
    answers = pl.concat([truth(feed.source, lines[feed.name]) for feed in FEEDS])
    write_table(out / "truth.csv", answers.sort("campaign", "person", "day", "file", "line"))
    write_file(out / "nightporter.toml", settings_text().encode())
    write_file(out / "STORY.md", story(place, lines, answers).encode())


def _events(place: Institute, days: pl.DataFrame, diaries: list[Diary]) -> dict[str, pl.DataFrame]:
    ordinary = {
        "access": [
            *ordinary_access(place, days),
            *machines(place),
            courier_downloads(place, days),
        ],
        "usb": [*ordinary_usb(place, days), *courier_stick(place, days)],
        "badge": [*ordinary_badge(place, days), visitors(place)],
    }
    return {
        source: _within(place, gathered([*frames, diary_frame(diaries, source)], source))
        for source, frames in ordinary.items()
    }


def _within(place: Institute, events: pl.DataFrame) -> pl.DataFrame:
    """The logs begin and end at midnight, whatever clock a source writes."""
    first, last = place.span.first, place.span.last
    return events.filter(
        pl.col("ts").dt.date().is_between(first, last),
        pl.col("local").dt.date().is_between(first, last),
    )


def _lines(place: Institute, feed: Feed, events: pl.DataFrame) -> pl.DataFrame:
    heard = delivered(place, feed.name, events)
    return numbered(feed, soiled(place.chance, feed, written(feed, heard)))
