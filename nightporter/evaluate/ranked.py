"""What the ranking says of a scanned lake, as its evidence came in, and with a part of it left out.

The product's own `write_risk` ranks, over a copy of the findings in a lake of its own: the
workspace is only read. Where a part is left out, the findings are changed, not the ranking.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import polars as pl

from nightporter.config.settings import RiskSection
from nightporter.lake import Lake
from nightporter.risk import MOST, write_risk
from nightporter.window import Window

Change = Callable[[pl.DataFrame], pl.DataFrame]


@dataclass(frozen=True)
class Said:
    """What the ranking rests on: open findings by the day they were known, evidence, presence."""

    findings: pl.DataFrame
    evidence: pl.DataFrame
    presence: pl.DataFrame


# A file that is named after a day holds what arrived on that day.
ARRIVED = r"(\d{4}-\d{2}-\d{2})[^/]*$"
# What happened so shortly before midnight may stand in the next day's file without being late.
ON_THE_WAY = timedelta(hours=1)


def said(lake: Lake) -> Said:
    """Return what the lake's findings are, each on the day when all its evidence had arrived.

    An event is as many days late as the day in its log file's name is after its stamp's; where
    the name has no day it came at once.
    """
    with duckdb.connect() as con:
        con.execute("SET timezone = 'UTC'")
        for table in ("findings", "evidence", "presence", "loads"):
            lake.view(con, table)
        con.execute(f"CREATE TEMP TABLE arrivals AS {_ARRIVALS}", [ARRIVED])
        findings: pl.DataFrame = con.sql(
            """SELECT f.* REPLACE (greatest(f.day, coalesce(a.arrived, f.day)) AS day)
            FROM findings AS f LEFT JOIN arrivals AS a USING (finding_id)
            WHERE f.status = 'open'"""
        ).pl()
        # A finding's sources weigh in the ranking, its rows do not.
        con.register("known", findings.select("finding_id", known=pl.col("day")).to_arrow())
        evidence: pl.DataFrame = con.sql(
            """SELECT e.* REPLACE (k.known AS day)
            FROM evidence AS e JOIN known AS k USING (finding_id)
            QUALIFY row_number() OVER (PARTITION BY e.finding_id, e.source ORDER BY e.event) = 1"""
        ).pl()
        return Said(findings, evidence, con.sql("FROM presence").pl())


# A stamp's day is UTC's or the site's, whichever is later: a file may be cut by either.
_ARRIVALS = f"""
    SELECT e.finding_id, max((e.record ->> '$.day')::DATE
        + greatest(0, try_cast(regexp_extract(l.path, ?, 1) AS DATE)
            - (greatest(e.ts::TIMESTAMP, e.local_ts)
                + to_seconds({ON_THE_WAY.seconds}))::DATE)::INTEGER) AS arrived
    FROM evidence AS e JOIN loads AS l ON l.file_id = e.file_id AND l.feed = e.feed
    GROUP BY e.finding_id"""


def scores(what: Said, window: Window, near: Path) -> pl.DataFrame:
    """Return (user_id, day, score, today, spread, kinds) of everybody with a finding of that day.

    A scratch lake lies in `near` while it is asked. Context weighs nothing here.
    """
    with TemporaryDirectory(dir=near) as folder:
        lake = Lake(folder)
        for table, rows in _tables(what).items():
            if rows.height:
                lake.append(table, rows.filter(pl.col("day") <= window.last))
        write_risk(lake, window, RiskSection(factors=False))
        risk = lake.read("risk", window)
    parts = pl.col("parts").str.json_path_match
    of_today = parts("$.last_finding") == pl.col("day").cast(pl.String)
    return risk.filter(of_today).sort("day", "user_id").select(
        "user_id", "day", score="risk",
        today=parts("$.today").cast(pl.Float64), spread=parts("$.spread").cast(pl.Float64),
        kinds=pl.col("parts").str.json_decode(_KINDS).struct.field("findings")
        .list.eval(
            pl.element().struct.field("detector").str.split(_OWN).list.first().unique().sort()
        ),
    )  # fmt: skip


# What follows it is no detector's name.
_OWN = "#"
_KINDS = pl.Struct({"findings": pl.List(pl.Struct({"detector": pl.String}))})


def _tables(what: Said) -> dict[str, pl.DataFrame]:
    return {"findings": what.findings, "evidence": what.evidence, "presence": what.presence}


def ablations(what: Said) -> Mapping[str, Said]:
    """Return what the ranking would rest on without each of its parts, by a name that says so."""
    changes: dict[str, Change] = {
        f"without {tactic}": _without(tactic)
        for tactic in what.findings["tactic"].unique().sort().to_list()
    }
    changes |= {
        # Nobody else ever has a finding of a detector that is one's own.
        "without calibration": _set(detector=pl.concat_str("detector", pl.lit(_OWN), "finding_id")),
        "all tactics as one": _set(tactic=pl.lit("any")),
        "without surprise, by level alone": _set(surprise=pl.lit(None, pl.Float64)),
        "without level, by surprise alone": _set(level=pl.lit("medium")),
    }
    made = {
        name: Said(change(what.findings), what.evidence, what.presence)
        for name, change in changes.items()
    }
    one_source = what.evidence.with_columns(source=pl.lit("access"))
    return made | {"sources as one": Said(what.findings, one_source, what.presence)}


def _without(tactic: str) -> Change:
    return lambda findings: findings.filter(pl.col("tactic") != tactic)


def _set(**values: pl.Expr) -> Change:
    return lambda findings: findings.with_columns(**values)


def from_parts(ranked: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Return the rankings that the parts of the whole one give by themselves."""
    return {
        "without memory, today alone": ranked.with_columns(
            score=2 * pl.col("today").clip(upper_bound=MOST) * pl.col("spread")
        ),
        "without spread over tactics": ranked.with_columns(
            score=pl.col("score") / pl.col("spread")
        ),
    }
