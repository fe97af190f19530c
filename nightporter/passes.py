"""A plan carried out in passes, each of as many days as a night's book can well hold.

Law says that it makes no difference to what is found. Each pass is whole before the next begins:
what breaks off goes on where it was. Knows days and counts; what a pass does stands in `scan`.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import polars as pl

from nightporter import ledger
from nightporter.ledger import Plan
from nightporter.rules.detection import Detection, together
from nightporter.scan import Run, Step, scan
from nightporter.window import Window

# A book holds every event of its days, and features a number for each person and day.
MOST_EVENTS = 50_000_000
MOST_DAYS = 200
# A backtest and an evaluation run beside others, and take no more days at once than this.
AT_ONCE = 45
BROKE_OFF = "the run broke off before this day"


def carry_out(run: Run, plan: Plan, step: Step) -> tuple[Detection, ...]:
    """Carry out `plan` in as few passes as can be; each detector says one thing of all its days.

    Where there are several, their detections come without evidence: it is stored.
    """
    window = plan.window
    if window is None or len(window) == 1:
        return scan(run, plan, step)
    parts = list(_parts(plan, window, ledger.events_by_day(run.lake)))
    if len(parts) == 1:
        return scan(run, plan, step)
    ledger.record(run.lake, _begun(run, parts[1:]))
    said: list[Detection] = []
    for n, part in enumerate(parts, 1):
        said += scan(run, part, _numbered(step, f"({n} of {len(parts)})"))
    return together(said)


def _parts(plan: Plan, window: Window, counts: Mapping[date, int]) -> Iterator[Plan]:
    """Yield the plan of each pass; what is stale belongs to the first."""
    stale = plan.stale
    for days in _cut(window, counts):
        cut = {stage: span.within(days) for stage, span in plan.windows.items()}
        windows = {stage: span for stage, span in cut.items() if span}
        yield replace(plan, windows=windows, stale=stale)
        stale = stale.clear()


def _cut(window: Window, counts: Mapping[date, int]) -> Iterator[Window]:
    days: list[date] = []
    held = 0
    for day in window:
        events = counts.get(day, 0)
        if days and (held + events > MOST_EVENTS or len(days) == MOST_DAYS):
            yield Window(days[0], days[-1])
            days, held = [], 0
        days.append(day)
        held += events
    if days:
        yield Window(days[0], days[-1])


def _begun(run: Run, later: list[Plan]) -> pl.DataFrame:
    """What was judged of the days of `later` passes is no more: if this run breaks off before
    them, the next one must take them up, though nothing else says that they are due."""
    due = [(stage, day) for part in later for stage, days in part.windows.items() for day in days]
    asked = pl.DataFrame(due, schema={"stage": pl.String, "day": pl.Date}, orient="row")
    judged = run.lake.read("windows", {day for _, day in due})
    return judged.join(asked, on=["stage", "day"], how="semi").with_columns(
        status=pl.lit("failed"), reason=pl.lit(BROKE_OFF)
    )


def _numbered(step: Step, which: str) -> Step:
    def numbered(name: str, work: Callable[[], Any]) -> Any:
        return step(f"{name} {which}", work)

    return numbered
