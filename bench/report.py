"""How long the report of a crowd takes, and how large it gets.

    python -m bench.report [--findings 10000] [--people 1500]

Prints seconds and megabytes, and the ratio to what DuckDB takes to read the same findings and
evidence, plainly, in the same run. All data are invented; the lake is thrown away.
"""

import argparse
import resource
import tempfile
import time
from datetime import date
from pathlib import Path

import duckdb
import polars as pl

from bench.invented import TOML
from nightporter import config
from nightporter.lake import Lake
from nightporter.report import write_report
from nightporter.rules import load_pack
from nightporter.rules.catalogue import catalogue
from nightporter.workspace import lake_of

DAY = date(2026, 6, 29)
EVENTS = 10  # raw rows a finding
DAYS = 28
OWN_EVENTS = 30  # a person and day with a finding
NEAR = 10  # others in the same zone


def main() -> None:
    """Write one report and say what it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--findings", type=int, default=10_000)
    parser.add_argument("--people", type=int, default=1_500)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / config.FILE_NAME).write_text(TOML)
        settings = config.load(Path(folder))
        lake, detectors = lake_of(settings), catalogue(load_pack(settings))
        invent(lake, given.findings, given.people)
        plain = min(_read_plainly(lake) for _ in range(3))
        started = time.monotonic()
        page = write_report(settings, lake, detectors)
        seconds = time.monotonic() - started
        assert page is not None
        megabytes = page.stat().st_size / 1e6
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"{given.findings:,} findings, {given.people:,} people, {EVENTS} raw rows each")
        print(f"report          {seconds:6.2f} s   {megabytes:.1f} MB   {memory:.0f} MB of memory")
        print(f"DuckDB, plainly {plain:6.2f} s   ratio {seconds / plain:.1f}")


def _read_plainly(lake: Lake) -> float:
    started = time.monotonic()
    with duckdb.connect() as con:
        con.execute("SET timezone = 'UTC'")
        for table in ("findings", "evidence"):
            lake.view(con, table)
            con.sql(f"FROM {table}").pl()
    return time.monotonic() - started


def invent(lake: Lake, findings: int, people: int) -> None:
    """Findings spread evenly over people, days, levels and four detectors."""
    found = f"""SELECT 'f' || i AS finding_id, 'detector_' || i % 4 AS detector,
        'p' || i % {people} AS user_id, DATE '{DAY}' - (i * 7 % {DAYS})::INT AS day,
        ['low', 'medium', 'high', 'high'][1 + i // {people} % 4] AS level
        FROM range({findings}) AS t(i)"""
    for table, sql in _tables(found, people).items():
        with duckdb.connect() as con:
            con.execute("SET timezone = 'UTC'")
            lake.view(con, table, name="shape")
            rows: pl.DataFrame = con.sql(f"FROM shape UNION ALL BY NAME ({sql})").pl()
        lake.append(table, rows)


def _tables(found: str, people: int) -> dict[str, str]:
    days = f"(SELECT DATE '{DAY}' - d::INT AS day FROM range({DAYS}) AS t(d))"
    everybody = f"(SELECT 'p' || i AS user_id, i FROM range({people}) AS t(i))"
    return {
        "findings": f"""SELECT *, 'open' AS status, 'collection' AS tactic, '{{}}' AS about,
            user_id || ' took many files outside own hours; usual 0.2, most in 90 days 26; 351 '
                || 'files since 2026-03-02, nights: 30' AS sentence,
            day::TIMESTAMPTZ AS found_at, day::TIMESTAMPTZ AS changed_at FROM ({found})""",
        "evidence": f"""SELECT finding_id, detector, day, 'access/a/' || n AS event,
            'access' AS source, day + INTERVAL 21 HOUR AS ts, day + INTERVAL 23 HOUR AS local_ts,
            user_id, 'download' AS action, 'BER-PC-100' AS place,
            '/projects/antifrost/restricted/table-' || n || '.xlsx' AS object, 'files' AS feed,
            'a' AS file_id, n AS line, to_json({{day: day, site: 'BER', user_id: user_id,
                account: user_id, account_kind: 'person', host: place, action: action,
                outcome: 'success', resource: object, label: 'restricted', bytes: 4096 + n,
                app: 'explorer.exe', ts: ts, local_ts: local_ts, ingested_at: ts, feed: feed,
                off_hours: true, day_type: 'workday', zone: 'BER-main'}})::VARCHAR AS record
            FROM ({found}), range({EVENTS}) AS t(n)""",
        "risk": f"""SELECT user_id, day, i / 100 AS risk, i + 1 AS rank, 1.0 AS factor,
            []::VARCHAR[] AS reasons,
            '{{"carried":1.0,"today":2.0,"spread":1.0,"tactics":1}}' AS parts
            FROM {everybody}, {days}""",
        "presence": f"SELECT user_id, day, 9 AS events FROM {everybody}, {days}",
        "user_hour": f"""SELECT user_id, day, h AS hour, 'access' AS source, 3 AS events,
            (h > 18)::INT AS off_hours FROM {everybody}, {days}, range(8, 22) AS t(h)""",
        "flagged": f"""SELECT 'access/a/' || n AS event, 'access' AS source, user_id,
            day + INTERVAL 8 HOUR + n * INTERVAL 15 MINUTE AS ts, ts::TIMESTAMP AS local_ts, day,
            'BER' AS site, 'files' AS feed, 'a' AS file_id, n AS line, user_id AS account,
            'BER-PC-100' AS host, 'view' AS action, 'success' AS outcome,
            '/projects/antifrost/table-' || n || '.xlsx' AS resource, 4096 AS bytes,
            'person' AS account_kind, 'workday' AS day_type, 'BER-main' AS zone,
            false AS off_hours FROM (SELECT DISTINCT user_id, day FROM ({found})),
            range({OWN_EVENTS}) AS t(n)""",
        "nearby": f"""SELECT user_id, day, 'zone' AS how, 'BER-main' AS what, 'q' || n AS other,
            {NEAR} AS people, 5 AS events, day + INTERVAL 9 HOUR AS first_at,
            day + INTERVAL 17 HOUR AS last_at, n AS minutes
            FROM (SELECT DISTINCT user_id, day FROM ({found})), range({NEAR}) AS t(n)""",
        "windows": f"""SELECT stage, 'done' AS status, 'r' AS run_id, day
            FROM {days}, (SELECT unnest(['features', 'detector_0', 'detector_1']) AS stage)""",
    }


if __name__ == "__main__":
    main()
