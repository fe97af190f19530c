"""What nobody confirmed, taken out when its term is over: findings, and all that was made of them.

What stays is told from findings and acts alone, and each table keeps that of its old days and
nothing else: so a run that died halfway is finished by the next, and a day that was scanned
again brings nothing back.
"""

import shutil
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from nightporter.config import Settings
from nightporter.desk import (
    Standing,
    casebook,
    desk_columns,
    held_days,
    is_done,
    read_acts,
    standings,
)
from nightporter.engine import session
from nightporter.lake import Lake
from nightporter.risk import forget
from nightporter.upkeep import sweep
from nightporter.workspace import reports

# By table, which rows of old days stay. Findings are the last to go: by them one sees what is left
# to do.
_STAYS = {
    "evidence": "finding_id IN (SELECT finding_id FROM kept)",
    "finding_history": "finding_id IN (SELECT finding_id FROM kept)",
    "flagged": "(user_id, day) IN (SELECT (user_id, day) FROM seen)",
    "nearby": "(user_id, day) IN (SELECT (user_id, day) FROM seen)",
    "risk": "(user_id, day) IN (SELECT (user_id, day) FROM kept_days)",
    "places": "false",
    "findings": "finding_id IN (SELECT finding_id FROM kept)",
}


@dataclass(frozen=True)
class Erased:
    """How many findings, cases and reports are no more, of days before `first`."""

    first: date | None = None
    findings: int = 0
    cases: int = 0
    reports: int = 0

    def __str__(self) -> str:
        return (
            f"erased, for nobody confirmed them and they are of days before {self.first}:"
            f" findings {self.findings:,}, cases {self.cases:,}, reports {self.reports:,}"
        )


def erase(settings: Settings, lake: Lake, today: date) -> Erased:
    """Take out what was found on days older than `[names] keep_unconfirmed` and is nobody's work.

    It is counted from the newest scanned day, or from `today` where that is earlier. What is
    about a case that is confirmed, held, escalated or in hand stays, whatever its age.
    """
    newest = max(lake.days("windows"), default=None)
    if newest is None:
        return Erased()
    first = min(newest, today) - timedelta(days=settings.names.keep_unconfirmed)
    gone = _reports(settings, lake, first)
    old = {table: {day for day in lake.days(table) if day < first} for table in _STAYS}
    if not any(old.values()):
        return Erased(first, reports=gone)
    cases, days = _kept(lake)
    closed = forget(lake, first, cases, newest)
    with session() as con:
        _write_views(con, lake, old, cases, days)
        counts = {table: _thinned(con, lake, table) for table in _STAYS}
    return Erased(first, counts["findings"], closed, gone)


def _kept(lake: Lake) -> tuple[frozenset[str], pl.DataFrame]:
    """Return the ids of the cases that stay, and (user_id, day) of what they are about."""
    rows = {row["case_id"]: row for row in casebook(lake)}
    kept, days = set(), []
    for name, stands in standings(read_acts(lake)).items():
        row = rows.get(name)
        if _stays(stands, row):
            kept.add(name)
            said = {day for act in stands.history for day in act.days}
            now = {each["day"] for each in row["days"]} if row else set()
            days += [(stands.user_id, day) for day in sorted(said | now)]
    return frozenset(kept), pl.DataFrame(
        days, schema={"user_id": pl.String, "day": pl.Date}, orient="row"
    )


def _stays(stands: Standing, row: Mapping[str, Any] | None) -> bool:
    """Tell whether a case is confirmed, held, escalated, or an analyst's who has not closed it."""
    now = desk_columns(stands, row or {"closed": None})
    if stands.pending or now["held"] or now["verdict"] == "confirmed":
        return True
    # What closed by itself and was erased is no row: its acts alone do not bring it back.
    return now["triage"] == "escalated" or (row is not None and not is_done({**row, **now}))


def _write_views(
    con: duckdb.DuckDBPyConnection,
    lake: Lake,
    old: Mapping[str, set[date]],
    cases: Iterable[str],
    days: pl.DataFrame,
) -> None:
    """Create views of the old days of each table; `kept` and `seen`, what of them stays."""
    for table, window in old.items():
        lake.view(con, table, window)
    ids = pl.DataFrame({"case_id": sorted(cases)}, {"case_id": pl.String})
    con.register("kept_cases", ids.to_arrow())
    con.register("kept_days", days.to_arrow())
    con.execute(f"CREATE TEMP TABLE kept AS {_KEPT}")
    con.execute(f"CREATE TEMP TABLE seen AS {_SEEN}")


# A finding that may mean several stays for the sake of each of them.
_KEPT = """
    SELECT finding_id, day, status, list_concat([user_id], coalesce(candidates, [])) AS meant
    FROM findings AS f
    WHERE case_id IN (SELECT case_id FROM kept_cases)
        OR EXISTS (FROM kept_days AS k WHERE k.day = f.day AND (k.user_id = f.user_id
            OR list_contains(f.candidates, k.user_id)))"""

_SEEN = """
    SELECT DISTINCT user_id, day FROM (SELECT unnest(meant) AS user_id, day, status FROM kept)
    WHERE user_id IS NOT NULL AND status <> 'withdrawn'"""


def _thinned(con: duckdb.DuckDBPyConnection, lake: Lake, table: str) -> int:
    """Leave of the old days of `table` what stays, in one commit; return how many rows are gone."""
    stays = _STAYS[table]
    gone = con.execute(
        f"SELECT day, count(*) FROM {table} WHERE NOT ({stays}) GROUP BY day ORDER BY day"
    ).fetchall()
    if not gone:
        return 0
    listed = ", ".join(f"'{day}'" for day, _ in gone)
    rows: pl.DataFrame = con.sql(
        f"FROM {table} WHERE day IN ({listed}) AND ({stays}) ORDER BY ALL"
    ).pl()
    lake.replace(table, rows, f"day IN ({listed})")
    sweep(lake, table)
    return sum(count for _, count in gone)


def _reports(settings: Settings, lake: Lake, first: date) -> int:
    """Delete the reports of old days, but of those on which a held case stands."""
    old = [path for path in reports(settings).glob("????-??-??") if _is_old(path, first)]
    if not old:
        return 0
    held = held_days(lake)
    gone = [path for path in old if date.fromisoformat(path.name) not in held]
    for path in gone:
        shutil.rmtree(path)
    return len(gone)


def _is_old(folder: Path, first: date) -> bool:
    """Tell whether it is the folder of a day before `first`, and no link to anywhere."""
    with suppress(ValueError):
        old = date.fromisoformat(folder.name) < first
        return old and folder.is_dir() and not folder.is_symlink()
    return False
