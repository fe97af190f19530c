"""A lake of people who do much the same every day, written by columns: no log is read for it.

What benches of nights share; nothing in it is anybody's.
"""

from datetime import date, timedelta
from pathlib import Path

import duckdb
import polars as pl

from nightporter import config
from nightporter.features import FEATURES
from nightporter.lake import Lake
from nightporter.schema import TABLES
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
# What people do, each thing as often as it stands here, and the features that count it.
ACTIONS = {
    "access": ["view", "view", "view", "download", "print", "logon"],
    "usb": ["connect", "write", "write", "disconnect"],
}
HABITS = {
    "access": {"views": 3, "downloads": 1, "prints": 1, "logons": 1},
    "usb": {"media_connects": 1, "media_writes": 2},
}
SLOW = [feature.name for feature in FEATURES if feature.slow]


def workspace(root: Path, people: int, days: int, events: dict[str, int]) -> config.Settings:
    """Write below `root` what `days` nights left, and so many `events` of TODAY by source."""
    (root / config.FILE_NAME).write_text(TOML)
    _register(root, people)
    settings = config.load(root)
    _invent(lake_of(settings), people, days, events)
    return settings


def _register(root: Path, people: int) -> None:
    context = root / "context"
    context.mkdir()
    names = pl.DataFrame({"n": range(people)}).select(
        user_id=pl.format("p{}", "n"),
        role=pl.format("role{}", pl.col("n") // 250),
        team=pl.format("team{}", pl.col("n") // 25),
    )
    names.write_csv(context / "people.csv")
    for register, column in (("accounts", "account"), ("badges", "badge_id")):
        names.select("user_id", pl.col("user_id").alias(column)).write_csv(
            context / f"{register}.csv"
        )
    # One stick in a hundred is nobody's: a day without any finding would cost less than real ones.
    sticks = pl.DataFrame({"n": range(people)}).filter(pl.col("n") % 100 > 0)
    sticks.select(device_id=pl.format("stick{}", "n")).write_csv(context / "devices.csv")


def _invent(lake: Lake, people: int, days: int, events: dict[str, int]) -> None:
    """Write a day's events, and the derived tables of the days before."""
    first = TODAY - timedelta(days=days)
    crowd = f"(SELECT 'p' || i AS user_id, i FROM range({people}) AS t(i))"
    past = f"(SELECT DATE '{first}' + d::INT AS day, d FROM range({days}) AS t(d))"
    # A habit is n to 2 n a day: today is like any other.
    habits = {
        name: max(1, round(events[source] / people * times / len(ACTIONS[source]) / 1.5))
        for source, counted in HABITS.items()
        if source in events
        for name, times in counted.items()
    }
    for table, sql in {**_today(people, events), **_past(crowd, past, habits)}.items():
        with duckdb.connect() as con:
            con.execute("SET timezone = 'UTC'")
            con.register("none", TABLES[table].empty().to_arrow())
            lake.append(table, con.sql(f"FROM none UNION ALL BY NAME ({sql})").to_arrow_reader())


def _today(people: int, events: dict[str, int]) -> dict[str, str]:
    """People's events of one day, from eight to six, by source."""
    at = f"TIMESTAMP '{TODAY}' + INTERVAL 8 HOURS + to_seconds(i * 7919 % 36000)"
    own = {
        "access": f"""'p' || i % {people} AS account, 'pc' || i % {people} AS host,
            {_one_of(ACTIONS["access"])} AS action,
            '/share/doc' || i % 500000 AS resource""",
        "usb": f"""'p' || i % {people} AS account, 'pc' || i % {people} AS host,
            {_one_of(ACTIONS["usb"])} AS action,
            'stick' || i % {people} AS device_id, '/stick/doc' || i % 500000 AS resource""",
        "badge": f"""'p' || i % {people} AS badge_id, 'door' || i % 300 AS door_id,
            'entry' AS action, 'in' AS direction""",
    }
    return {
        source: f"""SELECT timezone('Europe/Berlin', {at}) AS ts, {at} AS local_ts,
            DATE '{TODAY}' AS day, 'BER' AS site, '{source}' AS feed, repeat('f', 64) AS file_id,
            i AS line, 'success' AS outcome, {own[source]},
            TIMESTAMPTZ '{TODAY} 22:00:00+00' AS ingested_at FROM range({rows}) AS t(i)"""
        for source, rows in events.items()
    }


def _one_of(words: list[str]) -> str:
    return f"{words}[1 + (hash(i) % {len(words)})::INT]"


def _past(crowd: str, past: str, habits: dict[str, int]) -> dict[str, str]:
    """What the nights before have left, of people who do much the same every working day."""
    worked = f"(SELECT * FROM {crowd}, {past} WHERE isodow(day) < 6)"
    counts = " UNION ALL ".join(
        f"SELECT user_id, day, '{name}' AS feature, {n} + hash(i, d, '{name}') % {n} AS x"
        f" FROM {worked}"
        for name, n in habits.items()
    )
    slow = [(name, n * 1.5) for name, n in habits.items() if name in SLOW] + [("present", 1)]
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
