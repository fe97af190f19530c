"""What detectors cost: beside their bare queries, and many nights beside one after the other.

    python -m bench.detect [--people 10000] [--events 5000000]
    python -m bench.detect --nights 120 [--people 2000] [--every 10]

The first runs the whole catalogue over one night, as a night does: in the locked process, with
findings, evidence and what could not be judged; then each detector's SELECT alone, on a warm
connection to the same book. The second invents logs, loads them, and scans the last nights once in
one pass and once one by one; of the latter each `--every` th is measured, and the sum counted up.
Machines differ: read the ratios. All of it is thrown away.
"""

import argparse
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.invented import TODAY, workspace
from bench.took import Took
from nightporter import config
from nightporter.book import readable, write_book
from nightporter.evaluate.options import Options
from nightporter.evaluate.seeds import Seed, invent
from nightporter.ledger import Plan, events_by_day
from nightporter.nightly import load_feeds, prepared
from nightporter.passes import carry_out
from nightporter.rules import Pack, Sandbox, detector_sources, load_pack
from nightporter.rules import run as bare
from nightporter.rules.detection import detect
from nightporter.scan import call, reach
from nightporter.window import Window
from nightporter.workspace import cache, lake_of


def main() -> None:
    """Measure, and print ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int)
    parser.add_argument("--events", type=int, default=5_000_000)
    parser.add_argument("--nights", type=int)
    parser.add_argument("--every", type=int, default=10)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if given.nights:
            _many(Path(folder), given.people or 2_000, given.nights, given.every)
        else:
            _one(Path(folder), given.people or 10_000, given.events)


def _one(root: Path, people: int, events: int) -> None:
    shares = {"access": 0.8, "usb": 0.04, "badge": 0.16}
    counts = {source: int(events * share) for source, share in shares.items()}
    settings = workspace(root, people, 30, counts)
    pack, night = load_pack(settings), Window(TODAY, TODAY)
    book, sources = cache(settings) / "night.duckdb", detector_sources(pack.detectors)
    write_book(book, settings, lake_of(settings), night, reach(pack.detectors), sources)
    took, findings = _in_a_night(pack, night, book)
    plain = _bare(pack, night, book)
    print(
        f"{events:,} events of {people:,} people, {len(pack.detectors)} detectors,"
        f" {findings:,} findings"
    )
    print(f"in a night    {took}")
    print(f"bare queries  {plain}")
    print(f"ratio {took.wall / plain.wall:.2f} of the clock, {took.cpu / plain.cpu:.2f} of CPU")


def _in_a_night(pack: Pack, night: Window, book: Path) -> tuple[Took, int]:
    began, findings = Took.now(), 0
    with Sandbox(book) as sandbox, readable(book):
        for detector in pack.detectors:
            said = detect(detector, {}, sandbox, book, night, datetime.now(UTC), night.last)
            findings += said.findings.height
    return Took.now() - began, findings


def _bare(pack: Pack, night: Window, book: Path) -> Took:
    with readable(book) as con:
        con.execute("SET threads = 2")  # as many as the locked process has
        for warm in (True, False):
            began = Took.now()
            for detector in pack.detectors:
                bare(con, detector, night, {})
            if not warm:
                return Took.now() - began
    raise AssertionError


def _many(root: Path, people: int, nights: int, every: int) -> None:
    """Habits need a past: a month of it comes before the nights that are measured."""
    house = root / "house"
    invent(house, Seed(1, "regular"), Options(people=people, days=nights + 30))
    settings = config.load(house)
    lake = lake_of(settings)
    load_feeds(settings, settings.feed, lake, datetime.now(UTC), call)
    last = max(lake.days("access"))
    _scan(settings, Window(last - timedelta(days=nights + 29), last - timedelta(days=nights)))
    window = Window(last - timedelta(days=nights - 1), last)
    once = _scan(settings, window)
    days = list(window)[every - 1 :: every]
    each = [_scan(settings, Window(day, day)) for day in days]
    single = sum(each, Took())
    counts = events_by_day(lake)
    events = sum(counts.get(day, 0) for day in window)
    print(f"{nights} nights of {people:,} people, {events / nights:,.0f} events a night")
    print(f"one pass        {once}")
    print(f"{len(each):3} single nights {single}")
    wall = single.wall / len(each) * nights / once.wall
    cpu = single.cpu / len(each) * nights / once.cpu
    print(f"all {nights} one by one would take {wall:.1f} times as long, {cpu:.1f} times the CPU")


def _scan(settings: config.Settings, window: Window) -> Took:
    began = Took.now()
    with prepared(settings, datetime.combine(window.last, datetime.min.time(), UTC)) as run:
        for said in carry_out(run, Plan(dict.fromkeys(run.versions, window)), call):
            if said.error:  # what did not run took no time
                raise said.error
    return Took.now() - began


if __name__ == "__main__":
    main()
