"""What a night costs: with a longer history, and in a large house.

    python -m bench.history [--people 2000] [--days 30,120,400] [--nights 3]
    python -m bench.history --large [--people 10000] [--events 5000000]

The first says, for each length of history, how long the context, features and risk of one night
take, with as much of the past as the shipped detectors look back on; the second what they take for
one day of many events after four months, the memory, and the ratio to a bare aggregate of the same
events. A lake is written by columns, without a log that is read: its history is that of people who
do much the same every day. All of it is thrown away.
"""

import argparse
import resource
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from nightporter import config, context
from nightporter.book import commit_features, write_book
from nightporter.features import FEATURES
from nightporter.lake import Lake
from nightporter.risk import write_risk
from nightporter.rules import read_pack
from nightporter.rules.blindness import COLUMNS
from nightporter.scan import reach
from nightporter.schema import TABLES
from nightporter.shipped import shipped
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
    took = {}
    for days in map(int, given.days.split(",")):
        (seconds, took[days]), _ = _nights(people, days, people * 50, given.nights)
        said = f"{people:,} people, {days:3} days of history"
        print(f"{said}: {seconds:.2f} s a night, {took[days]:.2f} s of CPU", flush=True)
    print(f"dearest to cheapest, in CPU: {max(took.values()) / min(took.values()):.2f}")


def _large(people: int, events: int) -> None:
    (seconds, cpu), (plain, plain_cpu) = _nights(people, 120, events, 1)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{people:,} people, {events:,} events a day, 120 days of history")
    print(f"the night      {seconds:6.2f} s, {cpu:6.2f} s of CPU, {memory:,.0f} MB of memory")
    wall, spent = _JOINED[-1]
    print(f"  of it context, joined to the events: {wall:.2f} s, {spent:.2f} s of CPU")
    print(
        f"  of it features and risk:             {seconds - wall:.2f} s, {cpu - spent:.2f} s of CPU"
    )
    print(f"bare aggregate {plain:6.2f} s, {plain_cpu:6.2f} s of CPU, ratio {cpu / plain_cpu:.1f}")


Took = tuple[float, float]


def _nights(people: int, days: int, events: int, nights: int) -> tuple[Took, Took]:
    """Return the least seconds, and of CPU, of a night, and of the bare aggregate."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / config.FILE_NAME).write_text(TOML)
        _register(root, people)
        settings = config.load(root)
        lake = lake_of(settings)
        _invent(lake, people, days, events)
        took = [_night(settings, lake, root / "night.duckdb") for _ in range(nights)]
        return _least(took), _least([_plainly(lake) for _ in range(3)])


def _least(took: list[Took]) -> Took:
    return min(wall for wall, _ in took), min(cpu for _, cpu in took)


def _clock() -> Took:
    """Of a machine that others use, too, only the CPU's time can be compared."""
    return time.monotonic(), time.process_time()


def _since(started: Took) -> Took:
    wall, cpu = _clock()
    return wall - started[0], cpu - started[1]


def _night(settings: config.Settings, lake: Lake, book: Path) -> Took:
    """Do once more what the features and risk of the newest day take."""
    window, nobody = Window(TODAY, TODAY), pl.DataFrame(schema=dict.fromkeys(COLUMNS, pl.String))
    back = reach(read_pack([shipped("detectors")]).detectors)
    started = _clock()
    write_book(book, settings, lake, window, back, nobody)
    commit_features(book, lake, window)
    write_risk(lake, window)
    return _since(started)


# What joining context to the events took, of each night: it is done while the book is written.
_JOINED: list[Took] = []


def _join(*given: Any) -> None:
    started = _clock()
    _write_views(*given)
    _JOINED.append(_since(started))


_write_views, context.write_views = context.write_views, _join


def _plainly(lake: Lake) -> Took:
    started = _clock()
    with duckdb.connect() as con:
        con.execute("SET timezone = 'UTC'")
        lake.view(con, "access", Window(TODAY, TODAY))
        con.sql(
            """SELECT account, day, action, count(*), count(DISTINCT resource)
            FROM access GROUP BY ALL"""
        ).fetchall()
    return _since(started)


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
