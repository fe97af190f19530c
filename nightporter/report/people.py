"""The listed people: their findings with raw rows, the parts of their risk, their weeks.

Reads views of the lake; knows how much of each is shown, not how it looks.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import duckdb
import orjson

from nightporter.report.news import News, kind_of
from nightporter.report.picture import Hour, Weeks
from nightporter.report.rows import Row, raw_rows
from nightporter.risk import WHOM
from nightporter.window import Window

# What a page can hold; the rest is counted, and the command that prints it is named.
DETAILED = 50
PICTURED = 20
REASONS = 12
FINDINGS = 3
EVIDENCE = 8


@dataclass(frozen=True)
class Reason:
    """One detector's findings about a person: a summary, and the few that are shown.

    Each of `shown` has its `evidence` (the first rows) and `rows`, how many there are.
    """

    summary: Row
    shown: tuple[Row, ...]


@dataclass(frozen=True)
class Person:
    """One place of the ranking; without `reasons` where the page only names it."""

    row: Row
    known: Row
    parts: Row
    news: Row | None
    reasons: tuple[Reason, ...] = ()
    weeks: Weeks | None = None


def listed_people(
    con: duckdb.DuckDBPyConnection,
    ranking: Sequence[Row],
    register: Mapping[str, Row],
    news: News,
    weeks: Window,
) -> list[Person]:
    """Return everybody in `ranking`; the first ones with all that a page can hold."""
    con.execute(f"CREATE OR REPLACE TEMP VIEW said AS {_SAID}")
    users = [row["user_id"] for row in ranking]
    shown = _shown(con, users[:DETAILED], news)
    pictures = _weeks(con, users[:PICTURED], weeks)
    parts = _parts(con, ranking)
    people = []
    for at, row in enumerate(ranking):
        user = row["user_id"]
        reasons = [
            Reason(summary, tuple(shown[user, summary["detector"], summary["level"]]))
            for summary in row["reasons"][:REASONS]
        ]
        people.append(
            Person(
                row,
                register.get(user, {}),
                parts.get(user, {}),
                news.people.get(user),
                tuple(reasons) if at < DETAILED else (),
                pictures.get(user),
            )
        )
    return people


_SAID = f"""
    SELECT finding_id, detector, level, day, sentence, surprise, found_at, changed_at,
        {WHOM} AS person
    FROM recent_findings WHERE status = 'open'"""


def _shown(
    con: duckdb.DuckDBPyConnection, users: list[str], news: News
) -> dict[tuple[str, str, str], list[Row]]:
    """The strongest finding of each person, detector and level, and the newest ones."""
    con.execute(f"CREATE OR REPLACE TEMP TABLE shown AS {_SHOWN}", [users, news.mark, news.since])
    evidence = raw_rows(con, "shown", "evidence", EVIDENCE)
    found: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
    for row in con.sql("FROM shown ORDER BY strong > 1, day DESC, finding_id").pl().to_dicts():
        rows = evidence.get(row["finding_id"], [])
        total = rows[0]["total"] if rows else 0
        key = (row["person"], row["detector"], row["level"])
        found[key].append({**row, "evidence": rows, "rows": total})
    return found


_SHOWN = f"""
    SELECT *, {kind_of("$2", "$3")} AS news
    FROM (
        SELECT *, row_number() OVER (PARTITION BY person, detector, level
                ORDER BY coalesce(surprise, 0) DESC, day DESC, finding_id DESC) AS strong,
            row_number() OVER (PARTITION BY person, detector, level
                ORDER BY day DESC, finding_id) AS recent
        FROM said SEMI JOIN (SELECT unnest($1::VARCHAR[]) AS person) USING (person)
    )
    WHERE strong = 1 OR recent < {FINDINGS}"""


def _weeks(con: duckdb.DuckDBPyConnection, users: list[str], window: Window) -> dict[str, Weeks]:
    hours: dict[str, list[Hour]] = defaultdict(list)
    for user, *said in con.execute(_HOURS, [users]).fetchall():
        hours[user].append(Hour(*said))
    flagged: dict[str, set[tuple[date, int]]] = defaultdict(set)
    for user, day, hour in con.execute(_FLAGGED, [users]).fetchall():
        if day in window:
            flagged[user].add((day, hour))
    return {
        user: Weeks(window, tuple(hours[user]), frozenset(flagged[user]))
        for user in users
        if hours[user] or flagged[user]
    }


_HOURS = """
    SELECT user_id, day, hour, sum(events)::BIGINT, sum(off_hours)::BIGINT
    FROM user_hour SEMI JOIN (SELECT unnest($1::VARCHAR[]) AS user_id) USING (user_id)
    GROUP BY user_id, day, hour ORDER BY ALL"""

_FLAGGED = """
    SELECT DISTINCT s.person, (e.record ->> '$.day')::DATE AS day, hour(e.local_ts) AS hour
    FROM said AS s JOIN evidence AS e USING (finding_id)
    WHERE list_contains($1::VARCHAR[], s.person)
    ORDER BY ALL"""


def _parts(con: duckdb.DuckDBPyConnection, ranking: Sequence[Row]) -> dict[str, Row]:
    """What the risk of each person's day in the ranking is made of."""
    values = [[row[column] for row in ranking] for column in ("user_id", "day")]
    rows = con.execute(
        """SELECT user_id, parts FROM risk SEMI JOIN (
            SELECT unnest($1::VARCHAR[]) AS user_id, unnest($2::DATE[]) AS day
        ) USING (user_id, day)""",
        values,
    ).fetchall()
    return {user: orjson.loads(parts) for user, parts in rows}
