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
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from nightporter import config
from nightporter.features import FEATURES
from nightporter.lake import Lake
from nightporter.ledger import Plan
from nightporter.nightly import finish, prepared
from nightporter.scan import scan
from nightporter.schema import TABLES
from nightporter.window import Window
from nightporter.workspace import lake_of

TODAY = date(2026, 6, 30)  # a Tuesday
TOML = """\
[site.BER]
zone = "Europe/Berlin"
country = "DE"
[[feed]]
name = "files"
source = "access"
paths = ["logs/*.csv"]
format = "csv"
site = "BER"
fields = {}
"""
# What most people do each day, and about how often.
HABITS = {"downloads": 12, "views": 30, "logons": 3, "prints": 2}
SLOW = [feature.name for feature in FEATURES if feature.slow]


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


@dataclass(frozen=True)
class Took:
    """Seconds, and seconds of CPU: where others use the machine, too, only these compare."""

    wall: float = 0.0
    cpu: float = 0.0

    @classmethod
    def now(cls) -> "Took":
        spent = [
            resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
        ]
        return cls(time.monotonic(), sum(who.ru_utime + who.ru_stime for who in spent))

    def __sub__(self, other: "Took") -> "Took":
        return Took(self.wall - other.wall, self.cpu - other.cpu)

    def __add__(self, other: "Took") -> "Took":
        return Took(self.wall + other.wall, self.cpu + other.cpu)

    def __str__(self) -> str:
        return f"{self.wall:5.2f} s, {self.cpu:5.2f} s of CPU"


@dataclass
class Night:
    """What a night took, and each of its stages."""

    all: Took = Took()
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
        root = Path(folder)
        (root / config.FILE_NAME).write_text(TOML)
        _register(root, people)
        settings = config.load(root)
        lake = lake_of(settings)
        _invent(lake, people, days, events)
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


def _register(root: Path, people: int) -> None:
    context = root / "context"
    context.mkdir()
    names = pl.DataFrame({"n": range(people)}).select(
        user_id=pl.format("p{}", "n"),
        role=pl.format("role{}", pl.col("n") // 250),
        team=pl.format("team{}", pl.col("n") // 25),
    )
    names.write_csv(context / "people.csv")
    names.select("user_id", account=pl.col("user_id")).write_csv(context / "accounts.csv")


def _invent(lake: Lake, people: int, days: int, events: int) -> None:
    """Write a day's events, and the derived tables of the days before."""
    first = TODAY - timedelta(days=days)
    crowd = f"(SELECT 'p' || i AS user_id, i FROM range({people}) AS t(i))"
    past = f"(SELECT DATE '{first}' + d::INT AS day, d FROM range({days}) AS t(d))"
    for table, sql in {**_today(people, events), **_past(crowd, past)}.items():
        with duckdb.connect() as con:
            con.execute("SET timezone = 'UTC'")
            con.register("none", TABLES[table].empty().to_arrow())
            lake.append(table, con.sql(f"FROM none UNION ALL BY NAME ({sql})").to_arrow_reader())


def _today(people: int, events: int) -> dict[str, str]:
    """People's events of one day, from eight to six."""
    at = f"TIMESTAMP '{TODAY}' + INTERVAL 8 HOURS + to_seconds(i * 7919 % 36000)"
    return {
        "access": f"""SELECT timezone('Europe/Berlin', {at}) AS ts, {at} AS local_ts,
            DATE '{TODAY}' AS day, 'BER' AS site, 'files' AS feed, repeat('f', 64) AS file_id,
            i AS line, 'p' || i % {people} AS account, 'pc' || i % {people} AS host,
            ['view', 'view', 'view', 'download', 'print', 'logon'][1 + i * 31 % 6] AS action,
            'success' AS outcome, '/share/doc' || i % 500000 AS resource,
            TIMESTAMPTZ '{TODAY} 22:00:00+00' AS ingested_at FROM range({events}) AS t(i)"""
    }


def _past(crowd: str, past: str) -> dict[str, str]:
    """What the nights before have left, of people who do much the same every working day."""
    worked = f"(SELECT * FROM {crowd}, {past} WHERE isodow(day) < 6)"
    counts = " UNION ALL ".join(
        f"SELECT user_id, day, '{name}' AS feature, {n} + hash(i, d, '{name}') % {n} AS x"
        f" FROM {worked}"
        for name, n in HABITS.items()
    )
    slow = [(name, n * 1.5) for name, n in HABITS.items() if name in SLOW] + [("present", 1)]
    totals = " UNION ALL ".join(
        f"SELECT user_id, day, '{name}' AS feature, {n} * (d + 1) * 5 / 7 AS total"
        f" FROM {crowd}, {past}"
        for name, n in slow
    )
    shares = "(SELECT h, 1 / 10 AS share FROM range(8, 18) AS t(h))"
    return {
        "presence": f"""SELECT user_id, day, 'BER' AS site, 'workday' AS day_type, 50 AS events
            FROM {worked}""",
        "user_day": f"""SELECT *, x AS x_capped, 'workday' AS day_type, x AS usual, 0 AS surprise
            FROM ({counts})""",
        "slow_total": f"""SELECT *, total AS capped, total * 20 AS squares, 0 AS cusum
            FROM ({totals})""",
        "user_hour": f"""SELECT user_id, day, h AS hour, 'access' AS source, 5 AS events,
            0 AS off_hours, 0 AS surprise FROM {worked}, {shares}""",
        "hour_habit": f"""SELECT user_id, day, false AS rest, h AS hour, 40 * share AS weight
            FROM {crowd}, {past}, {shares} WHERE (day - DATE '0001-01-01' + 1) % 7 = 0""",
        "first_seen": f"""SELECT user_id, 'share' AS kind, 'share' || k AS value, day
            FROM {crowd}, {past}, range(3) AS t(k) WHERE (i * 13 + k * 7) % 30 = d
            UNION ALL SELECT user_id, 'share', 'rare' || d, day FROM {crowd}, {past}
            WHERE hash(i, d) % 300 = 0""",
    }


if __name__ == "__main__":
    main()
