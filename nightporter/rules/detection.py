"""One detector over one window: rows from the locked process become findings with evidence.

Knows the book and the detector; stores nothing.
"""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path

import polars as pl

from nightporter.book import readable
from nightporter.errors import DetectorError, LimitError, NightporterError
from nightporter.findings import Claim, compose
from nightporter.rules.blindness import claims_absence, unjudged, unready, untenable
from nightporter.rules.detector import Detector
from nightporter.rules.evidence import gather
from nightporter.rules.execution import MOST_ROWS
from nightporter.rules.sandbox import LONGEST_ANSWER, Sandbox
from nightporter.rules.sentence import sentence
from nightporter.schema import TABLES
from nightporter.window import Window

# What the halves of a pass may come to together.
MOST_OF_A_PASS, LONGEST_PASS = 2 * MOST_ROWS, 2 * LONGEST_ANSWER


@dataclass(frozen=True)
class Detection:
    """What one detector said of one window.

    `blind` names the days it could not judge, `waiting` those whose logs may still come.
    """

    detector: str
    version: str
    window: Window
    findings: pl.DataFrame = field(default_factory=TABLES["findings"].empty)
    evidence: pl.DataFrame = field(default_factory=TABLES["evidence"].empty)
    blind: Mapping[date, str] = field(default_factory=dict)
    waiting: Mapping[date, str] = field(default_factory=dict)
    error: NightporterError | None = None
    ms: int = 0


def detect(
    detector: Detector,
    knobs: Mapping[str, float],
    sandbox: Sandbox,
    book: Path,
    window: Window,
    now: datetime,
    until: date,
) -> Detection:
    """Run `detector` over `window` of `book`; whatever goes wrong is a DetectorError.

    `until` is the newest day that has ended: it says which logs may still come.
    """
    started = time.monotonic()
    version, header = detector.version_with(knobs), detector.header
    claim = Claim(
        detector.id, version, header.title, header.level, detector.tactic, header.tags, header.about
    )
    try:
        rows = _rows(detector, knobs, sandbox, window)
        found = compose(rows, claim, lambda row: sentence(detector, row), now)
        with readable(book) as con:
            evidence = gather(con, detector, found)
            if claims_absence(detector):
                found, evidence = _without(untenable(con, evidence), found, evidence)
            blind, missing = unjudged(con, detector, window, until)
            if missing:
                found, evidence = _without(unready(con, evidence, missing), found, evidence)
        findings = _dated(found, evidence)
    except NightporterError:
        raise
    except (Exception, pl.exceptions.PanicException) as error:  # the latter is no Exception
        message = f"{type(error).__name__}: {error}".partition("\n")[0]
        raise DetectorError(message, path=detector.path) from error
    ms = round((time.monotonic() - started) * 1000)
    waiting = {
        day: f"waits for {', '.join(sorted(feeds))}" for day, feeds in sorted(missing.items())
    }
    return Detection(detector.id, version, window, findings, evidence, blind, waiting, ms=ms)


def together(said: Iterable[Detection]) -> tuple[Detection, ...]:
    """Return one detection for each detector, of all its windows; the evidence is left out."""
    by_detector: dict[str, list[Detection]] = {}
    for each in said:
        by_detector.setdefault(each.detector, []).append(each)
    return tuple(_joined(parts) for parts in by_detector.values())


def _joined(parts: list[Detection]) -> Detection:
    return replace(
        parts[0],
        window=Window(min(d.window.first for d in parts), max(d.window.last for d in parts)),
        findings=pl.concat([d.findings for d in parts]),
        evidence=TABLES["evidence"].empty(),
        blind={day: why for d in parts for day, why in d.blind.items()},
        waiting={day: why for d in parts for day, why in d.waiting.items()},
        error=next((d.error for d in parts if d.error), None),
        ms=sum(d.ms for d in parts),
    )


def _rows(
    detector: Detector, knobs: Mapping[str, float], sandbox: Sandbox, window: Window
) -> pl.DataFrame:
    """Return what the SELECT says of `window`. Its limits are those of a night: a pass over many
    days that breaks one is halved, down to a single day, and what breaks on that is raised."""
    try:
        return sandbox.run(detector, window, knobs)
    except LimitError:
        if len(window) == 1:
            raise
    halves = window.parts((len(window) + 1) // 2)
    rows = pl.concat(
        [_rows(detector, knobs, sandbox, half) for half in halves], how="vertical_relaxed"
    )
    # Each answer is bounded in the child; what they come to is held here, where nothing is.
    if rows.height > MOST_OF_A_PASS or rows.estimated_size() > LONGEST_PASS:
        message = (
            f"more than {MOST_OF_A_PASS:,} rows or {LONGEST_PASS >> 20:,} MB from {window}:"
            " this detector finds everybody"
        )
        raise DetectorError(message, path=detector.path)
    return rows


def _without(
    gone: set[str], found: pl.DataFrame, evidence: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Drop what rests on logs that were silent, or may still come."""
    said = ~pl.col("finding_id").is_in(list(gone))
    return found.filter(said), evidence.filter(said)


def _dated(found: pl.DataFrame, evidence: pl.DataFrame) -> pl.DataFrame:
    """Give each finding the instants of its first and last event; its day where it has none."""
    if found.is_empty():
        return TABLES["findings"].empty()
    seen = evidence.group_by("finding_id").agg(at=pl.col("ts").min(), until=pl.col("ts").max())
    midnight = pl.col("day").cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    return (
        found.drop("first_at", "last_at")
        .join(seen, on="finding_id", how="left", maintain_order="left")
        .with_columns(first_at=pl.coalesce("at", midnight), last_at=pl.coalesce("until", midnight))
        .select(list(TABLES["findings"].columns))
    )
