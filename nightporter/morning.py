"""What a night has to tell: whom to look at and why, and what could not be judged.

Reads the lake, so it says the same after a run that had nothing left to do.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import duckdb
import polars as pl

from nightporter.config import Settings
from nightporter.desk import (
    Act,
    Reviewed,
    Seen,
    apart_of,
    read_acts,
    read_before,
    reviewed,
    view_shared,
)
from nightporter.engine import session
from nightporter.exceptions import morning_news
from nightporter.findings import gravity
from nightporter.lake import Lake
from nightporter.ledger import FEATURES, JUDGED, OFF
from nightporter.looks import REST
from nightporter.risk import PLACE, WHOM, Since, list_size, ranking, rested
from nightporter.window import Window

# What a lake says of which no day was scanned.
_NOTHING: dict[str, Any] = {
    **{key: [] for key in ("ranking", "rested", "robots", "places", "unjudged")},
    "apart": 0,
    "days": None,
    "since": None,
    "newest": None,
    "exceptions": None,
}
# The list looks back on so many days, however late the last report was read.
_AT_LEAST = 3


def morning(settings: Settings, lake: Lake, until: date | None = None) -> dict[str, Any]:
    """Return the ranking with its reasons, the unjudged windows and the feeds' balance.

    Once somebody has read a report, the list is of people of whom something was found `since`.
    Who was reviewed stands back (`rested`) by the reader's rule; people whose cases go to a
    separate recipient are counted (`apart`), and nothing is said of them.

    `until` asks for an earlier morning: the one after that day.
    """
    days = [day for day in lake.days("windows") if until is None or day <= until]
    if not days:
        return {**_NOTHING, "feeds": _feeds(lake)}
    window = _looked_back_on(settings, lake, days)
    with session() as con:
        apart = apart_of(settings)
        lake.view(con, "findings", window)
        levels = dict(con.execute(_LEVELS).fetchall())
        view_shared(con, lake, apart, window)
        for table in ("windows", "presence", "places"):
            lake.view(con, table, window)
        for table in ("feed_day", "robots"):
            lake.view(con, table, Window(window.last, window.last))
        people, unresolved = con.execute(_PRESENT).fetchall()[0]
        return {
            "days": {"first": window.first, "last": window.last},
            "scanned": {"first": days[0], "last": days[-1]},
            "people": people,
            "unresolved": unresolved,
            "levels": levels,
            **_lists(con, settings, lake, window, people, apart),
            "newest": _newest(con, lake, window),
            "robots": _rows(con, _ROBOTS, [sorted(apart)]),
            "places": _rows(con, _PLACES),
            "unjudged": _rows(con, _UNJUDGED),
            "exceptions": morning_news(con, lake, window),
            "feeds": _feeds(lake),
        }


def _newest(con: duckdb.DuckDBPyConnection, lake: Lake, window: Window) -> dict[str, Any]:
    con.execute(f"CREATE TEMP TABLE today AS {_TODAY}", [window.last])
    dark = con.execute("SELECT list(stage) FROM today WHERE dark").fetchall()[0][0] or []
    judged = _ever_judged(con, "windows", dark)
    # Who has been silent for all these days was blinded, perhaps, and not without data from the
    # first: the whole ledger is asked of such a one only.
    if left := [stage for stage in dark if stage not in judged]:
        lake.view(con, "windows", None, "whole_ledger")
        judged += _ever_judged(con, "whole_ledger", left)
    return _rows(con, _NEWEST, [window.last, judged])[0]


def _ever_judged(con: duckdb.DuckDBPyConnection, ledger: str, stages: list[str]) -> list[str]:
    asked = f"""SELECT DISTINCT stage FROM {ledger}
        WHERE list_contains($1::VARCHAR[], stage) AND {JUDGED}"""
    return [stage for (stage,) in con.execute(asked, [stages]).fetchall()]


def _lists(
    con: duckdb.DuckDBPyConnection,
    settings: Settings,
    lake: Lake,
    window: Window,
    people: int,
    apart: Collection[str],
) -> dict[str, Any]:
    """Whom to look at, who stands back, and how many stand on the list of a separate recipient."""
    size, floor = list_size(settings.risk, people), settings.risk.floor
    acts = read_acts(lake)
    done, since = reviewed(acts, window.last), _since(acts, window)
    back = rested(lake, window, {user: said.look for user, said in done.items()})
    listed = ranking(lake, window, size, floor, {*back, *apart}, since)
    whole = ranking(lake, window, size, floor, back, since)["user_id"] if apart else ()
    return {
        "since": since.day if since else None,
        "ranking": _with_reasons(con, listed.to_dicts()),
        "rested": [_resting(user, done[user]) for user in back if user not in apart],
        "apart": sum(user in apart for user in whole),
    }


def _since(acts: Sequence[Act], window: Window) -> Since | None:
    """What came after the last report that somebody read; of three days at least, for over a
    weekend or a holiday somebody may read one and see nobody until the next."""
    read = read_before(acts, window.last)
    if read is None or read.value is None or read.said_at is None:
        return None
    unread = date.fromisoformat(read.value) + timedelta(days=1)
    first = min(unread, window.last - timedelta(days=_AT_LEAST - 1))
    return Since(first, read.said_at) if first > window.first else None


def _resting(user: str, said: Reviewed) -> dict[str, Any]:
    """Who stands back after a verdict, and the day from which (s)he returns whatever comes."""
    return {
        "user_id": user,
        "case_id": said.case_id,
        "verdict": said.verdict,
        "reviewed": said.look.day,
        "returns": said.look.day + REST,
    }


def seen_of(settings: Settings, lake: Lake, case: Mapping[str, Any]) -> Seen:
    """Return what the newest morning says of the person of `case`, a row of `cases`."""
    days = lake.days("windows")
    if not days:
        return Seen(None)
    window = _looked_back_on(settings, lake, days)
    with session() as con:
        for table in ("risk", "findings"):
            lake.view(con, table, window)
        risk, kinds = con.execute(_SEEN, [case["user_id"]]).fetchall()[0]
    found = tuple(said["day"] for said in case["days"])
    return Seen(window.last, risk, tuple(kinds or ()), found)


_SEEN = f"""
    SELECT (SELECT max(risk) FROM risk WHERE user_id = $1),
        (SELECT list(DISTINCT detector ORDER BY detector) FROM (
            SELECT detector, {WHOM} AS who FROM findings WHERE status = 'open'
        ) WHERE who = $1)"""


def _looked_back_on(settings: Settings, lake: Lake, days: list[date]) -> Window:
    """The days that the last scan covered, but at least the last `risk.recent` ones.

    The first scan of half a year lists half a year; every later morning lists four weeks.
    """
    recent = days[-1] - timedelta(days=settings.risk.recent - 1)
    scanned = _scanned_last(lake, Window(recent, days[-1]))
    if scanned[0] <= recent:
        scanned = _scanned_last(lake, Window(days[0], days[-1]))
    first = min(scanned[0], recent)
    return Window(max(first, days[0]), days[-1])


def _scanned_last(lake: Lake, window: Window) -> list[date]:
    scans = lake.read("windows", window).filter(stage=FEATURES).sort("day")
    days: list[date] = scans.filter(pl.col("run_id") == scans["run_id"].last())["day"].to_list()
    return days


def _with_reasons(
    con: duckdb.DuckDBPyConnection, listed: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    reasons: dict[str, list[dict[str, Any]]] = {row["user_id"]: [] for row in listed}
    for reason in _rows(con, _REASONS, [list(reasons)]):
        reasons[reason.pop("user_id")].append(reason)
    return [{**row, "reasons": reasons[row["user_id"]]} for row in listed]


def _rows(
    con: duckdb.DuckDBPyConnection, sql: str, values: list[Any] | None = None
) -> list[dict[str, Any]]:
    frame: pl.DataFrame = con.sql(sql, params=values).pl()
    return frame.to_dicts()


_LEVELS = "SELECT level, count(*) FROM findings WHERE status = 'open' GROUP BY ALL ORDER BY ALL"

# One sentence a detector: the strongest finding, how many days say the same, and among how
# many people the person stands who may be meant.
_REASONS = f"""
    WITH said AS (
        SELECT *, {WHOM} AS person FROM findings WHERE status = 'open'
    )
    SELECT person AS user_id, detector, tactic, level, count(*) AS findings,
        count(DISTINCT day) AS days, min(day) AS first_day, max(day) AS last_day,
        arg_max(sentence, (coalesce(surprise, 0), day, finding_id)) AS sentence,
        arg_max(day, (coalesce(surprise, 0), day, finding_id)) AS day,
        min(CASE WHEN user_id IS NULL THEN len(candidates) ELSE 1 END) AS one_of
    FROM said SEMI JOIN (SELECT unnest($1::VARCHAR[]) AS person) USING (person)
    GROUP BY person, detector, tactic, level
    ORDER BY person,
        {gravity()}, days DESC, detector"""

# Where nobody is named, or several may be meant, the finding stands for itself: beside the door,
# the device or the log that it is about stands the highest risk of these days.
_PLACES = f"""
    SELECT f.detector, f.level, f.about, max(p.risk) AS risk,
        regexp_replace(max(f.place), ':', ' ') AS place,
        count(*) AS findings, max(f.day) AS last_day,
        arg_max(f.sentence, (f.day, f.finding_id)) AS sentence,
        arg_max(coalesce(f.candidates, []), (f.day, f.finding_id)) AS candidates
    FROM (SELECT *, {PLACE} AS place FROM findings WHERE status = 'open') AS f
    LEFT JOIN (
        SELECT kind || ':' || id AS place, max(risk) AS risk FROM places GROUP BY kind, id
    ) AS p ON p.place = f.place
    WHERE f.place IS NOT NULL OR (f.user_id IS NULL AND len(f.candidates) > 1)
    GROUP BY f.detector, f.level, f.about
    ORDER BY {gravity("f.level")},
        max(p.risk) DESC NULLS LAST, last_day DESC, f.detector, f.about"""

# Who is no person by what it does, and what was found about it: nothing of that is cut.
_ROBOTS = f"""
    SELECT r.user_id, r.since, r.events, r.usual, count(f.finding_id) AS findings,
        arg_min(f.level, (f.grave, -epoch(f.day), f.finding_id)) AS level,
        arg_min(f.sentence, (f.grave, -epoch(f.day), f.finding_id)) AS sentence,
        arg_min(f.day, (f.grave, -epoch(f.day), f.finding_id)) AS day
    FROM robots AS r
    LEFT JOIN (
        SELECT *, {gravity()} AS grave FROM findings WHERE status = 'open'
    ) AS f ON f.user_id = r.user_id
    WHERE NOT list_contains($1::VARCHAR[], r.user_id)
    GROUP BY r.user_id, r.since, r.events, r.usual
    ORDER BY min(f.grave) NULLS LAST, r.events DESC, r.user_id"""

# What the newest day was worth: who said nothing about it, of those who judge here or once did
# ($2) or failed, and of those who never have had anything to judge; who is switched off; and which
# logs said nothing.
_NEWEST = """
    SELECT $1 AS day, count(*) FILTER (NOT off) AS detectors,
        count(*) FILTER (dark AND (failed OR list_contains($2::VARCHAR[], stage))) AS blind,
        count(*) FILTER (dark AND NOT failed AND NOT list_contains($2::VARCHAR[], stage)) AS never,
        count(*) FILTER (off) AS off,
        (SELECT coalesce(list(DISTINCT feed ORDER BY feed), []) FROM feed_day WHERE silent)
            AS silent
    FROM today"""

# An account or card that belongs to nobody known is ranked like a person, and is none.
_PRESENT = """
    SELECT count(DISTINCT user_id), count(DISTINCT user_id) FILTER (
        starts_with(user_id, 'account:') OR starts_with(user_id, 'badge:'))
    FROM presence"""

_TODAY = f"""
    SELECT stage, coalesce(reason = '{OFF}', false) AS off, NOT {JUDGED} AND NOT off AS dark,
        status = 'failed' AS failed
    FROM windows WHERE day = $1 AND stage <> '{FEATURES}'"""

# Each reason once, with all that it stopped on those days.
_UNJUDGED = f"""
    SELECT status, reason, len(days) AS days, list_max(days) AS last_day,
        list(stage ORDER BY stage) AS detectors
    FROM (
        SELECT stage, status, reason, list(day ORDER BY day) AS days
        FROM windows WHERE NOT {JUDGED} GROUP BY stage, status, reason
    ) AS stopped
    GROUP BY status, reason, stopped.days ORDER BY last_day DESC, status, reason, days"""


def _feeds(lake: Lake) -> list[dict[str, Any]]:
    with session() as con:
        lake.view(con, "loads")
        return _rows(
            con,
            """SELECT feed, source, count(*) AS files, sum(lines)::BIGINT AS lines,
                sum(accepted)::BIGINT AS accepted, sum(rejected)::BIGINT AS rejected,
                sum(duplicates)::BIGINT AS duplicates, sum(ignored)::BIGINT AS ignored,
                max(last_ts) AS newest
            FROM loads GROUP BY ALL ORDER BY ALL""",
        )
