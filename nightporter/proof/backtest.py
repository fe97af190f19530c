"""Detectors over past days of the workspace's own lake: what they would have said.

Nothing is stored. Knows books, their parts and what a detection says; not how it is counted.
"""

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path

import polars as pl

from nightporter import context, exceptions
from nightporter.book import readable, write_book
from nightporter.config import Settings
from nightporter.errors import UsageError
from nightporter.exceptions import Entry
from nightporter.lake import Lake
from nightporter.ledger import last_ended_day
from nightporter.passes import AT_ONCE
from nightporter.rules import Detector, Pack, Sandbox, detector_sources
from nightporter.rules.catalogue import columns
from nightporter.rules.detection import Detection, detect
from nightporter.scan import Step, call, reach
from nightporter.schema import TABLES
from nightporter.window import Window
from nightporter.workspace import cache, locked


@dataclass(frozen=True)
class Trial:
    """What one detector said of `window`: its findings (as the table of the lake; suppressed where
    an exception of today would hide them), the days that it could not judge with the reason, and
    how long it ran, without the book it read."""

    detector: Detector
    window: Window
    findings: pl.DataFrame = field(default_factory=TABLES["findings"].empty)
    unjudged: dict[date, str] = field(default_factory=dict)
    ms: int = 0


def past(lake: Lake, days: int, until: date | None = None) -> Window:
    """Return the `days` scanned days up to `until` (default: the newest), fewer where there are.

    Raises UsageError where nothing was scanned, or not that day.
    """
    if days < 1:
        raise UsageError(f"--days {days}: at least 1")
    scanned = lake.days("windows")
    if not scanned:
        raise UsageError("nothing was scanned yet", hint="nightporter nightly")
    last = until or scanned[-1]
    if last not in scanned:
        raise UsageError(f"{last} was not scanned", hint=f"scanned: {scanned[0]} to {scanned[-1]}")
    back = min(days - 1, (last - scanned[0]).days)
    return Window(last - timedelta(days=back), last)


def present(lake: Lake, window: Window) -> int:
    """Return how many different people some log showed on the days of `window`."""
    return lake.read("presence", window)["user_id"].n_unique()


def backtest(
    settings: Settings,
    lake: Lake,
    pack: Pack,
    detectors: Sequence[Detector],
    window: Window,
    step: Step = call,
    turned: Sequence[Mapping[str, float]] = (),
) -> tuple[Trial, ...]:
    """Run `detectors`, of `pack` or not yet of it, over `window`, all on the same books.

    `turned`: knobs of each detector that stand otherwise than the site has them. The workspace is
    held meanwhile. The first DetectorError ends it.
    """
    asked = [
        (detector, {**settings.knobs.get(detector.id, {}), **knobs})
        for detector, knobs in zip(detectors, turned or [{}] * len(detectors), strict=True)
    ]
    known = exceptions.Site(columns(pack), context.read_tables(settings))
    entries = exceptions.load_exceptions(settings, known)
    with locked(settings):
        heard = [_said(settings, lake, pack, asked, part, step) for part in window.parts(AT_ONCE)]
    by_detector = zip(detectors, zip(*heard, strict=True), strict=True)
    return tuple(_whole(detector, window, parts, entries) for detector, parts in by_detector)


def _said(
    settings: Settings,
    lake: Lake,
    pack: Pack,
    asked: Sequence[tuple[Detector, Mapping[str, float]]],
    part: Window,
    step: Step,
) -> list[Detection]:
    """Return what each detector says of `part`, from a book that is gone afterwards."""
    detectors = [detector for detector, _ in asked]
    now = datetime.now(UTC)
    until = max(part.last, last_ended_day(settings, now))
    # Of two of one name the last one says on which sources it stands.
    blinds = detector_sources({d.id: d for d in (*pack.detectors, *detectors)}.values())
    said = []
    with tempfile.TemporaryDirectory(prefix="backtest-", dir=cache(settings)) as folder:
        book = Path(folder) / "days.duckdb"
        with Sandbox(book) as sandbox:
            sandbox.warm()
            write = partial(write_book, book, settings, lake, part, reach(detectors), blinds)
            step(f"book of {part}", write)
            with readable(book):  # held open, or each detector opens the whole file anew
                for d, knobs in asked:
                    work = partial(detect, d, knobs, sandbox, book, part, now, until)
                    said.append(step(f"{d.id} over {part}", work))
    return said


def _whole(
    detector: Detector, window: Window, heard: Sequence[Detection], entries: Sequence[Entry]
) -> Trial:
    now = datetime.now(UTC)
    unjudged = {day: why for each in heard for day, why in {**each.waiting, **each.blind}.items()}
    findings = pl.concat(
        exceptions.suppressed(each.findings, each.evidence, entries, now) for each in heard
    ).sort("day", "finding_id")
    return Trial(detector, window, findings, unjudged, sum(each.ms for each in heard))
