"""Every case with how it stands at the desk: the rows of `cases` and the fold of the acts.

The table is as old as the last night; what analysts said since counts at once.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import polars as pl

from nightporter.desk.acts import Act, read_acts
from nightporter.desk.analysts import Analyst
from nightporter.desk.standing import Standing, standings
from nightporter.errors import UsageError
from nightporter.findings import LEVELS
from nightporter.lake import Lake

Row = dict[str, Any]


def casebook(lake: Lake, day: date | None = None) -> list[Row]:
    """Return every case, those that wait for somebody first (closed or not), then those with work
    left, the worst, the newest.

    Each has the columns of `cases` and of `desk_columns`, `pending` and `history` (acts), and
    `overdue`: its due day was scanned, by `day` (default: the newest scanned one).
    """
    day = day or max(lake.days("windows"), default=None)
    known = standings(read_acts(lake))
    rows = []
    for row in lake.read("cases").to_dicts():
        stands = known.get(row["case_id"]) or Standing(row["case_id"], row["user_id"])
        now = {**row, **desk_columns(stands, row)}
        rows.append(
            {**now, "overdue": _is_overdue(now, day),
             "pending": [told(act) for act in stands.pending],
             "history": [told(act) for act in stands.history]}
        )  # fmt: skip
    return sorted(rows, key=_order)


def is_done(row: Mapping[str, Any]) -> bool:
    """Tell whether nothing is left to do about the case."""
    return bool(row["triage"] == "closed" or row["status"] == "withdrawn")


def _is_overdue(row: Mapping[str, Any], day: date | None) -> bool:
    """By scanned days, as all that is said of a case: on the morning after the due day."""
    return bool(row["due"] and day and row["due"] <= day.isoformat() and not is_done(row))


def desk_columns(stands: Standing, row: Mapping[str, Any]) -> Row:
    """Return what the desk says of the case `row`: triage is new, assigned, escalated or closed
    (also where it closed by itself), the rest as it was last said."""
    verdict, approval = stands.verdict, stands.approval
    # Opened again by hand: the row still has the day until a night tells it anew.
    closed = stands.closed or (None if row["closed"] in stands.ended else row["closed"])
    return {
        "triage": "closed" if closed else stands.status,
        "closed": closed,
        "assignee": stands.assignee,
        "due": stands.due,
        "ticket": stands.ticket,
        "verdict": stands.said,
        "verdict_note": verdict.note if verdict else None,
        "verdict_by": verdict.account if verdict else None,
        "verdict_at": verdict.said_at if verdict else None,
        "approved_by": approval.account if approval else None,
        "reviewed": stands.reviewed,
        "held": stands.held,
    }


# The columns that `desk_columns` names, as a table has them.
_SHAPE: dict[str, pl.DataType | type[pl.DataType]] = {
    **dict.fromkeys(("case_id", "triage"), pl.String),
    "closed": pl.Date,
    **dict.fromkeys(("assignee", "due", "ticket"), pl.String),
    **dict.fromkeys(("verdict", "verdict_note", "verdict_by"), pl.String),
    "verdict_at": pl.Datetime("us", "UTC"),
    "approved_by": pl.String,
    "reviewed": pl.Date,
    "held": pl.Boolean,
    "pending": pl.List(pl.String),
}


def desk_frame(lake: Lake) -> pl.DataFrame:
    """Return (case_id and the columns of `desk_columns`, pending) of every case, as it is now.

    `pending` names the acts that wait for a second person.
    """
    rows = [
        {**row, "pending": [f"{act['act']} {act['value'] or ''}".strip() for act in row["pending"]]}
        for row in casebook(lake)
    ]
    return pl.DataFrame([{key: row[key] for key in _SHAPE} for row in rows], schema=_SHAPE)


def told(act: Act) -> Row:
    """Return what is shown of an act."""
    names = ("act_id", "said_at", "account", "act", "value", "note", "second")
    return {name: getattr(act, name) for name in names}


def named(rows: Iterable[Row], name: str, analyst: Analyst) -> Row:
    """Return the case whose id begins with `name`; raise UsageError where none or several do, or
    where it is not for `analyst`."""
    found = [row for row in rows if name and row["case_id"].startswith(name.lower())]
    if len(found) != 1:
        many = f"{len(found)} cases begin so" if found else "`nightporter case list` names them"
        raise UsageError(f"no case is called {name!r}", hint=many)
    (case,) = found
    if analyst.is_own(case["user_id"]):
        raise UsageError("this case is about yourself", hint="another analyst handles it")
    if not analyst.sees(case["user_id"]):
        raise UsageError(
            "this case goes to a separate recipient",
            hint="[desk] watchers_to names who handles cases about those who watch",
        )
    return case


def _order(row: Row) -> tuple[Any, ...]:
    level = -1 if row["level"] is None else LEVELS.index(row["level"])
    newest = -(row["last_day"] or row["opened"]).toordinal()
    return (not row["pending"], is_done(row), -level, newest, row["case_id"])
