"""The figures of each detector over the newest scanned days: what it said, what became of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb
import polars as pl

from nightporter.desk import VERDICTS, Analyst, read_acts
from nightporter.engine import session
from nightporter.intervals import wilson
from nightporter.lake import Lake
from nightporter.overview.coverage import coverage
from nightporter.proof.backtest import past, present
from nightporter.rules import Detector, Pack
from nightporter.scorecard.advice import advise
from nightporter.scorecard.judged import WHOSE, judged_findings
from nightporter.window import Window

Row = dict[str, Any]

# Verdicts that say how good a rule is. Wrong data are the log's fault, and "inconclusive" is none.
DECIDED = ("confirmed", "authorised", "false_positive")


@dataclass(frozen=True)
class Card:
    """`rows` of the detectors, sorted by id, over `window` with so many `people` present.

    `judged`: every finding with a verdict, of any day (see `judged_findings`).
    """

    window: Window
    people: int
    rows: tuple[Row, ...]
    judged: pl.DataFrame


def scorecard(lake: Lake, pack: Pack, days: int, analyst: Analyst) -> Card:
    """Return the figures and advice of each detector of `pack` over the newest `days` days.

    Nobody whose cases are not for `analyst` is named. Raises UsageError where nothing was scanned.
    """
    window = past(lake, days)
    people = present(lake, window)
    scanned = sum(day in window for day in lake.days("windows"))
    ledger = coverage(lake, pack.known, scanned, [each.id for each in pack.off])
    with session() as con:
        judged = judged_findings(con, lake, read_acts(lake))
        lake.view(con, "findings", window)
        lake.view(con, "windows", window)
        said = _by_detector(con, _FINDINGS)
        loudest = _by_detector(con, _LOUDEST)
        times = _by_detector(con, _TIMES)
    cases = _cases(judged, window)
    rows = []
    for detector, here in zip(pack.known, ledger["detectors"], strict=True):
        parts = (said, loudest, times, cases)
        found, who, ran, told = (each.get(detector.id, {}) for each in parts)
        row = {
            **_head(detector, here),
            **_counts(found, people * here["judged"]),
            **_verdicts(told),
            "loudest": _named(who, analyst),
            "ms": ran.get("ms"),
            "ms_most": ran.get("ms_most"),
        }
        advice = advise(row)
        rows.append({**row, "advice": advice.word, "because": advice.because})
    return Card(window, people, tuple(rows), judged)


def _head(detector: Detector, here: Row) -> Row:
    return {
        "detector": detector.id,
        "tactic": detector.tactic,
        "level": detector.level,
        "status": detector.header.status,
        "state": here["state"],
        "days": here["days"],
        "judged": here["judged"],
        "unjudged": here["days"] - here["judged"],
        "reason": here["reason"],
    }


def _counts(found: Row, person_days: int) -> Row:
    """Rates are of days that could be judged: the others were not silent."""
    findings = found.get("findings", 0)
    return {
        "findings": findings,
        "people": found.get("people", 0),
        "rate": findings * 1000 / person_days if person_days else None,
        "suppressed": found.get("suppressed", 0),
    }


def _verdicts(told: Row) -> Row:
    """Cases by verdict, precision with its 95 % interval, and the shares of all with a verdict."""
    counts = {verdict: int(told.get(verdict) or 0) for verdict in VERDICTS}
    decided, total = sum(counts[each] for each in DECIDED), sum(counts.values())
    low, high = wilson(counts["confirmed"], decided)
    return {
        "cases": total,
        "verdicts": counts,
        "shares": {each: n / total if total else None for each, n in counts.items()},
        "decided": decided,
        "precision": counts["confirmed"] / decided if decided else None,
        "precision_low": low,
        "precision_high": high,
    }


def _named(who: Row, analyst: Analyst) -> Row | None:
    if not who:
        return None
    seen = analyst.sees(who["who"])
    return {"user_id": who["who"] if seen else None, "findings": who["findings"]}


def _by_detector(con: duckdb.DuckDBPyConnection, sql: str) -> Mapping[str, Row]:
    return {row.pop("detector"): row for row in con.sql(sql).pl().to_dicts()}


_FINDINGS = f"""
    SELECT detector, count(*) FILTER (status = 'open') AS findings,
        count(DISTINCT {WHOSE}) FILTER (status = 'open') AS people,
        count(*) FILTER (status = 'suppressed') AS suppressed
    FROM findings GROUP BY detector"""

_LOUDEST = f"""
    SELECT detector, max(n) AS findings, arg_max(who, (n, who)) AS who
    FROM (SELECT detector, {WHOSE} AS who, count(*) AS n FROM findings WHERE status = 'open'
        GROUP BY ALL)
    WHERE who IS NOT NULL GROUP BY detector"""

# A run writes its time beside each of its days.
_TIMES = """
    SELECT stage AS detector, median(ms)::BIGINT AS ms, max(ms) AS ms_most
    FROM (SELECT stage, run_id, max(ms) AS ms FROM windows WHERE status <> 'not_evaluated'
        GROUP BY ALL)
    GROUP BY stage"""


def _cases(judged: pl.DataFrame, window: Window) -> Mapping[str, Row]:
    """Cases by detector and verdict that have a finding of that detector in `window` that holds."""
    days: tuple[date, date] = (window.first, window.last)
    mine = judged.filter(pl.col("day").is_between(*days) & ~pl.col("withdrawn"))
    counted = mine.group_by("detector", "verdict").agg(n=pl.col("case_id").n_unique())
    found: dict[str, Row] = {}
    for row in counted.iter_rows(named=True):
        found.setdefault(row["detector"], {})[row["verdict"]] = row["n"]
    return found
