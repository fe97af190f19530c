"""What was judged and what was not, what each log delivered, and what could not be read.

Reads views of the lake; a day without an answer is never counted as a quiet one.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb
import polars as pl

from nightporter.config import Settings
from nightporter.ledger import FEATURES, JUDGED

# So many raw lines are shown of each reason, so many bytes of each; the totals are always said.
SAMPLES = 2
BYTES = 240

EVALUATED = "evaluated"

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Coverage:
    """Detectors by what became of the report's day; feeds; rejects by feed and reason."""

    judged: tuple[str, ...]
    unjudged: tuple[Row, ...]
    feeds: tuple[Row, ...]
    rejects: tuple[Row, ...]
    detectors: tuple[Row, ...]

    @property
    def silent(self) -> list[str]:
        return sorted({feed["feed"] for feed in self.feeds if feed["silent"]})

    @property
    def rejected(self) -> int:
        return sum(row["lines"] for row in self.rejects)


def coverage(
    con: duckdb.DuckDBPyConnection,
    settings: Settings,
    detectors: pl.DataFrame,
    loads: Sequence[Row],
    day: date,
) -> Coverage:
    """Gather it for the windows, feeds and rejects of the views; `loads` are the feeds' sums."""
    stages = con.execute(
        f"""SELECT stage, CASE WHEN {JUDGED} THEN '{EVALUATED}' ELSE status END, reason
        FROM windows WHERE day = ? AND stage <> '{FEATURES}' ORDER BY stage""",
        [day],
    ).fetchall()
    return Coverage(
        tuple(stage for stage, status, _ in stages if status == EVALUATED),
        tuple(
            {"detector": stage, "status": status, "reason": reason}
            for stage, status, reason in stages
            if status != EVALUATED
        ),
        tuple(_feeds(con, settings, loads, day)),
        tuple(
            {**row, "samples": [_begun(each) for each in row["samples"]]}
            for row in con.sql(_REJECTS).pl().to_dicts()
        ),
        tuple(_with_days(con, detectors, {stage: rest for stage, *rest in stages})),
    )


def _begun(sample: Row) -> Row:
    """A line that is cut ends with a whole word: of half a name nobody can tell that it is one."""
    cut = sample["size"] > BYTES
    raw = re.sub(rb"[\w\x80-\xff]+$", b"", sample["raw"]) if cut else sample["raw"]
    return {**sample, "raw": raw, "cut": cut}


def _feeds(
    con: duckdb.DuckDBPyConnection, settings: Settings, loads: Sequence[Row], day: date
) -> list[Row]:
    """One row a feed and site; a feed that never delivered has one, too."""
    sums = {row["feed"]: row for row in loads}
    said: dict[str, list[Row]] = {}
    for row in con.sql(_DELIVERED, params=[day]).pl().to_dicts():
        said.setdefault(row["feed"], []).append(row)
    nothing = {"site": "", "newest_day": None, "silent": True, "since": None, "silent_days": 0}
    return [
        {**nothing, "rejected": 0, "accepted": 0, "newest": None, "source": feed.source,
         **sums.get(feed.name, {}), **row, "feed": feed.name}
        for feed in settings.feed
        for row in said.get(feed.name, [nothing])
    ]  # fmt: skip


_DELIVERED = """
    SELECT feed, site, max(day) FILTER (events > 0) AS newest_day,
        coalesce(bool_or(silent) FILTER (day = $1), false) AS silent,
        coalesce(max(day) FILTER (NOT silent) + 1, min(day)) AS since,
        count(*) FILTER (silent) AS silent_days, count(*) AS days,
        sum(events)::BIGINT AS events, max(events) FILTER (day = $1) AS events_of_day
    FROM feed_day GROUP BY feed, site ORDER BY feed, site"""

_REJECTS = f"""
    SELECT feed, reason, count(*) AS lines, min(detail) AS detail,
        list({{line: line, size: octet_length(raw), raw: raw[1:{BYTES}]}} ORDER BY file_id, line)
            FILTER (nth <= {SAMPLES}) AS samples
    FROM (
        SELECT *, row_number() OVER (PARTITION BY feed, reason ORDER BY file_id, line) AS nth
        FROM rejects
    )
    GROUP BY feed, reason ORDER BY feed, lines DESC, reason"""


def _with_days(
    con: duckdb.DuckDBPyConnection, detectors: pl.DataFrame, stages: Mapping[str, Sequence[Any]]
) -> list[Row]:
    """The detectors' own words, what became of the report's day, and how many days each judged."""
    days = con.execute(
        f"SELECT stage, count(*) FILTER ({JUDGED}), count(*) FROM windows GROUP BY stage"
    ).fetchall()
    judged = {stage: (done, whole) for stage, done, whole in days}
    return [
        {**row, **_stood(row, stages), "days": judged.get(row["detector"], (0, 0))[0],
         "of": judged.get(row["detector"], (0, 0))[1]}
        for row in detectors.to_dicts()
    ]  # fmt: skip


def _stood(detector: Row, stages: Mapping[str, Sequence[Any]]) -> Row:
    if detector["switch"] != "on":
        return {"stood": "off", "why": detector["switch"]}
    status, reason = stages.get(detector["detector"], ("not_evaluated", "this day was not scanned"))
    return {"stood": status, "why": reason}
