"""What a file brought before it grew makes room for the same lines, where one reads otherwise now.

Else that line would stand twice: the feed's mapping was corrected since, or the file was copied
in the middle of a line. What a held case stands on stays, and its lines bring nothing again.
"""

import logging
from collections.abc import Collection, Container, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import polars as pl

from nightporter.config import Feed, Settings
from nightporter.lake import Lake
from nightporter.sources.again import forget_now
from nightporter.sources.sameness import equal
from nightporter.sources.typed import Log
from nightporter.wording import many

_talk = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Otherwise:
    """An earlier state of a file, of which so many `lines` give another event now."""

    file_id: str
    path: Path
    days: frozenset[date]
    lines: int


def make_room(
    con: duckdb.DuckDBPyConnection,
    settings: Settings,
    feed: Feed,
    lake: Lake,
    logs: Iterable[Log],
    held: Container[date],
) -> None:
    """Forget earlier states of `logs`, whose events are the view `staged`, that read otherwise.

    The table `settled` (file_id, line) gets the staged lines whose earlier events must stay.
    """
    con.execute("CREATE OR REPLACE TEMP TABLE settled (file_id VARCHAR, line BIGINT)")
    again, kept = dict[str, _Otherwise](), dict[str, _Otherwise]()
    for each in _read_otherwise(con, lake, feed, list(logs)):
        (kept if any(day in held for day in each.days) else again)[each.file_id] = each
    _say(again.values(), "replaced, and their days judged again")
    _say(kept.values(), "left as before: a held case stands on their days")
    if kept:
        con.execute(
            "INSERT INTO settled SELECT DISTINCT g.file_id, e.line FROM stood AS e"
            " JOIN grown AS g ON g.earlier = e.file_id"
            " JOIN staged AS s ON s.file_id = g.file_id AND s.line = e.line"
            " WHERE list_contains($kept, e.file_id)",
            {"kept": list(kept)},
        )
    if again:
        days = {day for each in again.values() for day in each.days}
        forget_now(settings, feed, lake, list(again), days)


def _say(found: Collection[_Otherwise], became: str) -> None:
    for path in sorted({each.path for each in found}):
        lines = sum(each.lines for each in found if each.path == path)
        _talk.info("%s reads otherwise now: %s %s", path, many(lines, "earlier line"), became)


def _read_otherwise(
    con: duckdb.DuckDBPyConnection, lake: Lake, feed: Feed, logs: list[Log]
) -> Iterator[_Otherwise]:
    """Create `grown` (file_id, earlier) and `stood`, the earlier events; compare line by line."""
    pairs = [(log.file_id, each) for log in logs for each in sorted(log.earlier)]
    if not pairs:
        return
    grown = pl.DataFrame(pairs, schema=["file_id", "earlier"], orient="row")
    con.register("grown", grown.to_arrow())
    lake.view(con, "loads")
    days = {
        file_id: frozenset(days)
        for file_id, days in con.execute(
            "SELECT file_id, list_transform(days, lambda d: d.day) FROM loads"
            " WHERE feed = ? AND file_id IN (SELECT earlier FROM grown)",
            [feed.name],
        ).fetchall()
    }
    lake.view(con, feed.source, frozenset().union(*days.values()), "lake_events")
    name = feed.name.replace("'", "''")
    con.execute(f"CREATE OR REPLACE TEMP VIEW stood AS FROM lake_events WHERE feed = '{name}'")
    paths = {log.file_id: log.path for log in logs}
    found = con.execute(
        f"""SELECT g.earlier, g.file_id, count(*) FROM stood AS e
        JOIN grown AS g ON g.earlier = e.file_id
        JOIN staged AS s ON s.file_id = g.file_id AND s.line = e.line
        WHERE NOT ({equal(feed.source)}) GROUP BY ALL ORDER BY ALL"""
    ).fetchall()
    for earlier, file_id, lines in found:
        yield _Otherwise(earlier, paths[file_id], days[earlier], lines)
