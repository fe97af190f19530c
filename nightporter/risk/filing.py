"""The case files: cases read from their table, told anew for the scanned days, and put back.

Knows tables; what a case is, `cases` says.
"""

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import duckdb
import polars as pl

from nightporter.desk import Standing, read_acts, standings
from nightporter.findings import LEVELS
from nightporter.lake import Lake
from nightporter.ranked import RANKED
from nightporter.risk.cases import LEAD, Case, Opening, Said, case_id, grown
from nightporter.risk.scoring import WHOM
from nightporter.window import Window


def write_cases(
    con: duckdb.DuckDBPyConnection,
    lake: Lake,
    window: Window,
    listed: pl.DataFrame,
    key: bytes = b"",
) -> None:
    """Tell every case anew for `window`, store what changed, and create `filed`.

    `listed` has who, day and finding_id; `key` makes ids that nobody else can make. `filed`:
    case_id, user_id, opened, first, last, the days whose findings are in a case; findings of the
    window and the six weeks before get its id.
    """
    acts = standings(read_acts(lake))
    known = _read(lake, acts)
    chosen: dict[str, dict[date, Opening]] = defaultdict(dict)
    for who, day, finding in listed.iter_rows():
        chosen[who][day] = Opening(case_id(who, finding, key), finding)
    users = sorted({*known, *chosen})
    said = _said(con, window, users)
    cases: list[Case] = []
    for user in users:
        told = grown(known.get(user, []), user, chosen[user], said[user], window)
        if any(case.case_id in acts and not case.handled for case in told):
            # Its row was lost and its acts were not: the case is opened, and then theirs.
            again = [replace(case, **_by_analysts(acts.get(case.case_id))) for case in told]
            told = grown(again, user, chosen[user], said[user], window)
        cases += told
    _store(lake, cases, window.last)
    spans = [
        (case.case_id, case.user_id, case.opened, case.opened - LEAD, case.closed)
        for case in cases
        if not case.withdrawn
    ]
    columns = {"case_id": pl.String, "user_id": pl.String}
    days = dict.fromkeys(("opened", "first", "last"), pl.Date)
    con.register("spans", pl.DataFrame(spans, schema={**columns, **days}, orient="row").to_arrow())
    con.execute(f"CREATE TEMP TABLE filed AS {_FILED}")
    con.unregister("spans")
    _name_findings(con, lake, window)


# A case starts at the earliest after the one before it, and ends before the next one is opened:
# of an earlier one that an analyst holds again, two would have the same findings.
_FILED = """
    SELECT case_id, user_id, opened, last,
        greatest(first, coalesce(lag(last) OVER own + 1, first)) AS first
    FROM (
        SELECT * REPLACE (least(coalesce(last, DATE '9999-12-31'),
            coalesce(lead(opened) OVER own - 1, DATE '9999-12-31')) AS last)
        FROM spans WINDOW own AS (PARTITION BY user_id ORDER BY opened, case_id)
    ) WINDOW own AS (PARTITION BY user_id ORDER BY opened, case_id)"""


def forget(lake: Lake, first: date, kept: Container[str], today: date) -> int:
    """Take the days before `first` out of every case but those of `kept` (their ids), and what is
    then about nothing out of the table; return how many cases that were."""
    known = [case for cases in _read(lake, standings(read_acts(lake))).values() for case in cases]
    cases = []
    for case in known:
        days = {day: said for day, said in case.days.items() if day >= first}
        if case.case_id in kept or (not days and case.opened >= first):
            cases.append(case)
        elif days:
            cases.append(replace(case, days=days))
    if cases != known:
        _store(lake, cases, today)
    return len(known) - len(cases)


def _said(
    con: duckdb.DuckDBPyConnection, window: Window, users: list[str]
) -> Mapping[str, dict[date, Said]]:
    """What the findings of the window and the six weeks before say of each of `users`."""
    said: dict[str, dict[date, Said]] = defaultdict(dict)
    rows = con.execute(
        f"""SELECT who, day, count(*), max(CASE WHEN certain THEN level ELSE -1 END)
        FROM (
            SELECT day, {WHOM} AS who, user_id IS NOT NULL OR len(candidates) = 1 AS certain,
                list_position({list(LEVELS)}, level) - 1 AS level
            FROM findings WHERE status = 'open' AND day >= DATE '{window.first - LEAD}'
        ) SEMI JOIN (SELECT unnest($1::VARCHAR[]) AS who) USING (who)
        GROUP BY who, day""",
        [users],
    ).fetchall()
    for who, day, findings, level in rows:
        said[who][day] = Said(findings, level)
    return said


def _name_findings(con: duckdb.DuckDBPyConnection, lake: Lake, window: Window) -> None:
    """Give each open finding about a certain person the id of its case, or take one away."""
    con.execute(
        f"""CREATE TEMP TABLE renamed AS
        SELECT f.finding_id, f.day, c.case_id
        FROM (
            SELECT *, coalesce(user_id, candidates[1]) AS who FROM findings
            WHERE status = 'open' AND (user_id IS NOT NULL OR len(candidates) = 1)
                AND day >= DATE '{window.first - LEAD}'
        ) AS f
        LEFT JOIN filed AS c ON c.user_id = f.who AND f.day BETWEEN c.first AND c.last
        WHERE c.case_id IS DISTINCT FROM f.case_id"""
    )
    days = [day for (day,) in con.execute("SELECT DISTINCT day FROM renamed").fetchall()]
    if not days:
        return
    rows = con.sql(
        """SELECT f.* REPLACE (CASE WHEN r.finding_id IS NULL THEN f.case_id ELSE r.case_id END
            AS case_id)
        FROM findings AS f LEFT JOIN renamed AS r USING (finding_id, day)
        SEMI JOIN (SELECT DISTINCT day FROM renamed) AS d USING (day)
        ORDER BY f.day, f.finding_id"""
    ).pl()
    quoted = ", ".join(f"'{day}'" for day in sorted(days))
    lake.replace("findings", rows, f"day IN ({quoted})")


def _read(lake: Lake, acts: Mapping[str, Standing]) -> dict[str, list[Case]]:
    known: dict[str, list[Case]] = defaultdict(list)
    # The acts are what counts: what a row says of them is a copy from the night before.
    for row in lake.read("cases").iter_rows(named=True):
        days = {s["day"]: Said(s["findings"], _level(s["level"])) for s in row["days"]}
        known[row["user_id"]].append(
            Case(
                row["case_id"],
                row["user_id"],
                row["opening"],
                row["opened"],
                days,
                row["closed"],
                row["status"] == "withdrawn",
                **_by_analysts(acts.get(row["case_id"])),
            )
        )
    return dict(known)


def _by_analysts(stands: Standing | None) -> dict[str, Any]:
    if stands is None:
        return {}
    return {
        "verdict": stands.said,
        "held": stands.held,
        "reviewed": stands.reviewed,
        "ended": stands.closed,
        "handled": True,
    }


def _store(lake: Lake, cases: Iterable[Case], today: date) -> None:
    rows = [_row(case, today) for case in cases]
    frame = pl.DataFrame(rows, schema=RANKED["cases"][0], orient="row").sort("opened", "case_id")
    if not lake.read("cases").sort("opened", "case_id").equals(frame):
        lake.replace("cases", frame, "true")


def _row(case: Case, today: date) -> dict[str, object]:
    return {
        "case_id": case.case_id,
        "user_id": case.user_id,
        "opening": case.opening,
        "opened": case.opened,
        "first_day": min(case.days, default=None),
        "last_day": max(case.days, default=None),
        "findings": sum(said.findings for said in case.days.values()),
        "level": _word(case.level),
        "status": case.status(today),
        "closed": case.closed,
        "verdict": case.verdict,
        "held": case.held,
        "reviewed": case.reviewed,
        "days": [
            {"day": day, "findings": said.findings, "level": _word(said.level)}
            for day, said in case.days.items()
        ],
    }


def _word(level: int) -> str | None:
    return LEVELS[level] if level >= 0 else None


def _level(word: str | None) -> int:
    return -1 if word is None else LEVELS.index(word)
