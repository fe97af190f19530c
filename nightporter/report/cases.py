"""The cases that the desk has to work on, and what became of cases since an earlier report.

Knows the casebook and what report.json kept of it; no page.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from nightporter.report.casefile import is_open
from nightporter.report.record import Record

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Cases:
    """The open cases, and by kind of change (new, dormant, closed, withdrawn, open again) which.

    `since` is None where the earlier report kept nothing of cases, or there was none.
    """

    open: tuple[Row, ...]
    since: date | None = None
    changed: Mapping[str, tuple[Row, ...]] = field(default_factory=dict)
    states: Mapping[str, str] = field(default_factory=dict)


def cases_since(
    book: Sequence[Row], apart: Collection[str], day: date, earlier: Record | None
) -> Cases:
    """Return the cases of `book` that were opened by `day` and that everybody may read."""
    shown = [row for row in book if row["opened"] <= day and row["user_id"] not in apart]
    told = [row for row in shown if is_open(row)]
    states = {row["case_id"]: state(row) for row in shown}
    if earlier is None or earlier.cases is None:
        return Cases(tuple(told), states=states)
    changed: dict[str, list[Row]] = {}
    for row in shown:
        if kind := _became(earlier.cases.get(row["case_id"]), states[row["case_id"]]):
            changed.setdefault(kind, []).append(row)
    return Cases(
        tuple(told), earlier.day, {kind: tuple(rows) for kind, rows in changed.items()}, states
    )


def state(case: Row) -> str:
    """Return open, dormant, closed or withdrawn: what analysts said counts first."""
    return "closed" if case["triage"] == "closed" else str(case["status"])


def _became(was: str | None, now: str) -> str | None:
    if was == now:
        return None
    if was is None:
        return None if now == "withdrawn" else "new"
    return "open again" if now == "open" else now
