"""What a night costs after its logs were read: with a longer history, and in a large house.

    python -m bench.history [--people 2000] [--days 30,120,400] [--nights 3]
    python -m bench.history --large [--people 10000] [--events 5000000]

The first says, for each length of history, what a night takes from its first event to its report,
and what of it its context, features and risk are; the second the same for one day of many events
after four months, the memory, and the ratio of features and risk to a bare aggregate of the same
events. A lake is written by columns, without a log that is read: its history is that of people who
do much the same every day. All of it is thrown away.
"""

import argparse
import resource
import tempfile
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from bench.invented import TODAY, workspace
from bench.took import Took
from nightporter import config
from nightporter.lake import Lake
from nightporter.ledger import Plan
from nightporter.nightly import finish, prepared
from nightporter.scan import scan
from nightporter.window import Window
from nightporter.workspace import lake_of


def main() -> None:
    """Measure nights and print what they took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int)
    parser.add_argument("--days", default="30,120,400")
    parser.add_argument("--events", type=int, default=5_000_000)
    parser.add_argument("--nights", type=int, default=3)
    parser.add_argument("--large", action="store_true")
    given = parser.parse_args()
    if given.large:
        _large(given.people or 10_000, given.events)
        return
    people = given.people or 2_000
    nights = {}
    for days in map(int, given.days.split(",")):
        nights[days], _ = _nights(people, days, people * 50, given.nights)
        print(f"{people:,} people, {days:3} days of history: {nights[days]}", flush=True)
    print(f"dearest to cheapest night, in CPU: {_ratio([n.all.cpu for n in nights.values()]):.2f}")
    figured = _ratio([n.of(*FIGURED).cpu for n in nights.values()])
    print(f"of context, features and risk alone: {figured:.2f}")


def _ratio(took: list[float]) -> float:
    return max(took) / min(took)


def _large(people: int, events: int) -> None:
    night, plain = _nights(people, 120, events, 1)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    derived = night.of("features", "risk")
    print(f"{people:,} people, {events:,} events a day, 120 days of history")
    print(f"the night           {night.all}, {memory:,.0f} MB of memory")
    print(f"  context           {night.of('context')}")
    print(f"  features and risk {derived}")
    print(f"bare aggregate      {plain}, ratio {derived.cpu / plain.cpu:.1f}")


FIGURED = ("context", "features", "risk")


@dataclass
class Night:
    """What a night took, and each of its stages."""

    all: Took = field(default_factory=Took)
    stages: dict[str, Took] = field(default_factory=lambda: defaultdict(Took))

    def of(self, *stages: str) -> Took:
        return sum((self.stages[name] for name in stages), Took())

    def step(self, name: str, work: Callable[[], Any]) -> Any:
        began = Took.now()
        try:
            return work()
        finally:
            self.stages[name] += Took.now() - began

    def __str__(self) -> str:
        return f"{self.all} (context, features and risk: {self.of(*FIGURED)})"


def _nights(people: int, days: int, events: int, nights: int) -> tuple[Night, Took]:
    """Return the cheapest of `nights` nights, and the cheapest bare aggregate."""
    with tempfile.TemporaryDirectory() as folder:
        settings = workspace(Path(folder), people, days, {"access": events})
        lake = lake_of(settings)
        cheapest = min((_night(settings) for _ in range(nights)), key=lambda night: night.all.cpu)
        return cheapest, min((_plainly(lake) for _ in range(3)), key=lambda took: took.cpu)


def _night(settings: config.Settings) -> Night:
    """Do once more what the newest day takes, its logs being read."""
    night, began = Night(), Took.now()
    with prepared(settings, datetime(2026, 7, 1, 12, tzinfo=UTC)) as run:
        plan = Plan(dict.fromkeys(run.versions, Window(TODAY, TODAY)))
        finish(run, scan(run, plan, night.step), [], night.step)
    night.all = Took.now() - began
    return night


def _plainly(lake: Lake) -> Took:
    began = Took.now()
    with duckdb.connect() as con:
        con.execute("SET timezone = 'UTC'")
        lake.view(con, "access", Window(TODAY, TODAY))
        con.sql(
            """SELECT account, day, action, count(*), count(DISTINCT resource)
            FROM access GROUP BY ALL"""
        ).fetchall()
    return Took.now() - began


if __name__ == "__main__":
    main()
