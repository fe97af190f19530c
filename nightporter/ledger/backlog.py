"""What a backfill has to do: the stale days of some stages, or the days that somebody asks for.

Knows stages and days; that detectors rest on features, and a day's features on the days before.
"""

from collections.abc import Collection, Mapping
from datetime import date

from nightporter.errors import UsageError
from nightporter.lake import Lake
from nightporter.ledger import rows as ledger
from nightporter.ledger.days import events_by_day
from nightporter.ledger.planning import FEATURES, Plan
from nightporter.ledger.rows import Book
from nightporter.window import Window


def backlog(
    lake: Lake, stages: Collection[str], known: Collection[str], asked: Window | None = None
) -> Plan:
    """Return the windows in which `stages` have stale days, or the `asked` ones of them.

    A window is one run of days. Where features are derived anew, all `known` stages are run
    from the first of those days to the last one that was ever scanned: whatever stands there
    rests on them. Late events that no night has met yet count as that, too.
    """
    book = ledger.by_stage(ledger.read(lake))
    judged = sorted({day for days in book.values() for day, row in days.items() if row.run_id})
    if not judged:
        raise UsageError("no day was scanned yet", hint="`nightporter nightly` scans and reports")
    whole = Window(judged[0], judged[-1])
    if asked is not None and (asked.first < min(_all_days(book)) or asked.last > whole.last):
        raise UsageError(f"{asked} lies outside {min(_all_days(book))} to {whole.last}")
    windows = {}
    for stage in stages:
        days = set(asked) if asked else set(_stale(book, stage))
        if days:
            windows[stage] = Window(min(days), max(days))
    begins = [windows[FEATURES].first] if FEATURES in windows else []
    moved = [*_stale(book, FEATURES), *_overtaken(book, events_by_day(lake))]
    begins += [day for day in moved if any(day in window for window in windows.values())]
    if begins:
        first = min(begins)
        own = {stage: window.first for stage, window in windows.items()}
        windows = {stage: Window(min(first, own.get(stage, first)), whole.last) for stage in known}
    return Plan(windows)


def _stale(book: Book, stage: str) -> list[date]:
    return [day for day, row in book.get(stage, {}).items() if row.status == "stale"]


def _overtaken(book: Book, counts: Mapping[date, int]) -> list[date]:
    """Return the days whose events are not those that were counted, though no night said so yet:
    a scan counts them anew, and running sums go on from them."""
    rows = book.get(FEATURES, {}).items()
    return [day for day, row in rows if counts.get(day, row.events) != row.events]


def _all_days(book: Book) -> set[date]:
    return {day for days in book.values() for day in days}
