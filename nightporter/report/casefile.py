"""What stands in a case file: a person's case, days, habits, doors and devices.

Reads views of the lake for all people at once; knows how much is shown, not how it looks.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb
import polars as pl

from nightporter.findings import gravity
from nightporter.lake import Lake
from nightporter.report.rows import raw_rows
from nightporter.report.timeline import Timeline, things, timelines
from nightporter.risk import WHOM

Row = Mapping[str, Any]

# So many newest days, and so many of the gravest, stand in a file; findings of a day, raw rows of
# a finding, and rows of habits. The totals are always said.
NEWEST = 7
GRAVEST = 3
FINDINGS = 12
EVIDENCE = 12
HABITS = 40


@dataclass(frozen=True)
class Subject:
    """Whom a file is about: `name` is that of the file, `case` the row of the casebook."""

    name: str
    user_id: str
    case: Row | None


@dataclass(frozen=True)
class Day:
    """One day with findings: the first of them with raw rows, and the timeline."""

    day: date
    total: int
    findings: tuple[Row, ...]
    timeline: Timeline | None


@dataclass(frozen=True)
class CaseFile:
    """One file: `days` (the newest first) of `total` days with findings; `found` by detector."""

    subject: Subject
    total: int
    days: tuple[Day, ...]
    found: tuple[Row, ...]
    habits: tuple[Row, ...]
    things: tuple[Row, ...]


def case_files(
    con: duckdb.DuckDBPyConnection,
    lake: Lake,
    subjects: Sequence[Subject],
    rests_on: pl.DataFrame,
) -> list[CaseFile]:
    """Return the file of each subject.

    Rests on the views `findings` and `loads`; `rests_on` (detector, feature) says which numbers a
    detector looks at. Of the lake only the days that are shown are read.
    """
    users = [subject.user_id for subject in subjects]
    con.execute(f"CREATE OR REPLACE TEMP TABLE case_said AS {_SAID}", [users])
    con.execute(f"CREATE OR REPLACE TEMP TABLE case_days AS {_DAYS}")
    days = {day for (day,) in con.execute("SELECT DISTINCT day FROM case_days").fetchall()}
    lake.view(con, "evidence", days, "case_evidence")
    lake.view(con, "flagged", days)
    lake.view(con, "user_day", days)
    con.execute(f"CREATE OR REPLACE TEMP TABLE cited AS {_CITED}")
    con.execute(f"CREATE OR REPLACE TEMP TABLE case_shown AS {_SHOWN}")
    shown, habits, used = _days(con), _habits(con, rests_on), things(con)
    found = _by(con.sql(_FOUND).pl().to_dicts(), "person")
    totals = dict(
        con.execute("SELECT user_id, any_value(total) FROM case_days GROUP BY 1").fetchall()
    )
    return [
        CaseFile(
            subject,
            totals.get(subject.user_id, 0),
            tuple(shown[subject.user_id]),
            tuple(found[subject.user_id]),
            tuple(habits[subject.user_id]),
            tuple(used.get(subject.user_id, ())),
        )
        for subject in subjects
    ]


def subjects(ranking: Iterable[Row], book: Iterable[Row], opened: Iterable[Row]) -> list[Subject]:
    """Return who has a file: everybody listed, and everybody with a case of `opened`.

    A file is called by its case, and never by a name; who has no case, by the place on the list.
    """
    by_id = {row["case_id"]: row for row in book}
    listed = [
        Subject(
            _file_name(row["case_id"], f"place-{row['place']}"),
            row["user_id"],
            by_id.get(row["case_id"]),
        )
        for row in ranking
    ]
    known = {subject.user_id for subject in listed}
    rest = [
        Subject(_file_name(row["case_id"], f"open-{n}"), row["user_id"], row)
        for n, row in enumerate(opened, 1)
        if row["user_id"] not in known
    ]
    return [*listed, *rest]


def _file_name(case_id: str | None, otherwise: str) -> str:
    """A name becomes a path and a link: an id that no version of this wrote is not trusted."""
    return case_id if case_id and re.fullmatch("[0-9a-f]{1,64}", case_id) else otherwise


def is_open(case: Row) -> bool:
    """Tell whether there is work left: nobody closed it, and it is neither gone nor dormant, but
    for one that somebody promised to look at by now."""
    waits = case["status"] == "open" or case["overdue"]
    return bool(waits and case["triage"] != "closed")


def _by(rows: Iterable[Row], key: str) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[row[key]].append(row)
    return found


def _days(con: duckdb.DuckDBPyConnection) -> dict[str, list[Day]]:
    evidence = raw_rows(con, "case_shown", "case_evidence", EVIDENCE)
    findings: dict[tuple[str, date], list[Row]] = defaultdict(list)
    for row in con.sql("FROM case_shown ORDER BY nth").pl().to_dicts():
        rows = evidence.get(row["finding_id"], [])
        total = rows[0]["total"] if rows else 0
        said = {**row, "news": None, "evidence": rows, "rows": total}
        findings[row["person"], row["day"]].append(said)
    lines = timelines(con)
    found: dict[str, list[Day]] = defaultdict(list)
    newest = "SELECT user_id, day, findings FROM case_days ORDER BY day DESC"
    for user, day, total in con.execute(newest).fetchall():
        found[user].append(Day(day, total, tuple(findings[user, day]), lines.get((user, day))))
    return found


def _habits(con: duckdb.DuckDBPyConnection, rests_on: pl.DataFrame) -> dict[str, list[Row]]:
    con.register("rests_on", rests_on.to_arrow())
    rows = con.sql(_HABITS).pl().to_dicts()
    con.unregister("rests_on")
    return _by(rows, "user_id")


_SAID = f"""
    SELECT * FROM (
        SELECT finding_id, detector, title, level, day, sentence, surprise, {WHOM} AS person,
            {gravity()} AS grave,
            CASE WHEN user_id IS NULL THEN len(candidates) ELSE 1 END AS one_of
        FROM findings WHERE status = 'open'
    ) SEMI JOIN (SELECT unnest($1::VARCHAR[]) AS person) USING (person)"""

_DAYS = f"""
    SELECT person AS user_id, day, findings, total FROM (
        SELECT person, day, count(*) AS findings, count(*) OVER (PARTITION BY person) AS total,
            row_number() OVER (PARTITION BY person ORDER BY day DESC) AS newest,
            row_number() OVER (PARTITION BY person
                ORDER BY min(grave), max(surprise) DESC NULLS LAST, day DESC) AS gravest
        FROM case_said GROUP BY person, day
    )
    WHERE newest <= {NEWEST} OR gravest <= {GRAVEST}"""

_CITED = """
    SELECT s.person, e.event, list(DISTINCT s.detector ORDER BY s.detector) AS detectors
    FROM case_said AS s JOIN case_evidence AS e USING (finding_id) GROUP BY ALL"""

_SHOWN = f"""
    SELECT s.*, row_number() OVER (PARTITION BY s.person, s.day
        ORDER BY s.grave, s.surprise DESC NULLS LAST, s.finding_id) AS nth
    FROM case_said AS s
    SEMI JOIN case_days AS d ON d.user_id = s.person AND d.day = s.day
    QUALIFY nth <= {FINDINGS}"""

_FOUND = """
    SELECT person, detector, level, count(*) AS findings, count(DISTINCT day) AS days,
        min(day) AS first_day, max(day) AS last_day,
        arg_max(sentence, (coalesce(surprise, 0), day, finding_id)) AS sentence,
        min(one_of) AS one_of
    FROM case_said GROUP BY person, detector, level
    ORDER BY person, min(grave), findings DESC, detector"""

_HABITS = f"""
    SELECT u.user_id, u.day, u.feature, u.x, u.usual, u.usual_max, u.peers, u.n_days,
        list(DISTINCT s.detector ORDER BY s.detector) AS detectors,
        count(*) OVER (PARTITION BY u.user_id) AS total
    FROM user_day AS u
    JOIN case_said AS s ON s.person = u.user_id AND s.day = u.day
    JOIN rests_on AS r ON r.detector = s.detector AND r.feature = u.feature
    SEMI JOIN case_days AS d ON d.user_id = u.user_id AND d.day = u.day
    GROUP BY u.user_id, u.day, u.feature, u.x, u.usual, u.usual_max, u.peers, u.n_days, u.surprise
    QUALIFY row_number() OVER (PARTITION BY u.user_id
        ORDER BY u.surprise DESC NULLS LAST, u.day DESC, u.feature) <= {HABITS}
    ORDER BY u.user_id, u.day DESC, u.feature"""
