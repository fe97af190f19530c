"""One scan: book, features, detectors, findings, risk, and last the ledger.

Knows how a plan's windows are carried out; not why they are due, and no log file.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import polars as pl

from nightporter import context, exceptions, ledger
from nightporter.book import Reach, commit_features, readable, write_events, write_features
from nightporter.config import Settings
from nightporter.errors import NightporterError
from nightporter.findings import merge, secret
from nightporter.flagged import write_flagged
from nightporter.lake import Lake
from nightporter.ledger import FEATURES, Plan
from nightporter.names import key_of_ids
from nightporter.risk import write_risk
from nightporter.rules import (
    Detector,
    Pack,
    Sandbox,
    columns_needed,
    detector_sources,
    features_seen,
)
from nightporter.rules.detection import Detection, detect
from nightporter.schema import TABLES
from nightporter.window import Window
from nightporter.workspace import cache

# Part of the ledger's version of the features stage: raise it when their arithmetic changes.
FEATURES_VERSION = "5"


class Step(Protocol):
    """Runs one named stage; a scheduler's step may retry, time and record it."""

    def __call__(self, name: str, work: Callable[[], Any]) -> Any: ...


def call(name: str, work: Callable[[], Any]) -> Any:
    """Run a stage as it is."""
    del name
    return work()


@dataclass(frozen=True)
class Run:
    """What the stages of one run share: `until` is the newest day that has ended.

    `tables` (context) and `entries` (exceptions) are the files as they were read when it began.
    """

    settings: Settings
    lake: Lake
    pack: Pack
    now: datetime
    run_id: str
    until: date
    tables: Mapping[str, pl.DataFrame]
    entries: tuple[exceptions.Entry, ...] = ()

    def knobs(self, detector: Detector) -> Mapping[str, float]:
        return self.settings.knobs.get(detector.id, {})

    @property
    def versions(self) -> dict[str, str]:
        """What each stage depends on: its own text, its knobs, and what concerns every day."""
        known = context.form(self.settings, self.tables)
        own = {d.id: f"{d.version}+{d.version_with(self.knobs(d))}" for d in self.pack.detectors}
        stages = {FEATURES: f"{FEATURES_VERSION}+", **own}
        return {stage: f"{version}+{known}" for stage, version in stages.items()}

    @property
    def book(self) -> Path:
        return cache(self.settings) / "night.duckdb"


def scan(run: Run, plan: Plan, step: Step) -> tuple[Detection, ...]:
    """Carry out the windows of `plan`; what is stale is marked before anything is written."""
    ledger.record(run.lake, plan.stale)
    detections, counted = _judged(run, plan, step)
    rejudged = exceptions.touched(run.lake, run.entries)
    if rejudged:
        step("exceptions", partial(rejudge, run, rejudged))
    # What a day said weighs on the weeks after it, scanned again or not.
    begun = [*rejudged[:1], *([plan.window.first] if plan.window else [])]
    last = [*([plan.window.last] if plan.window else []), *run.lake.days("windows")]
    if begun:
        span = Window(min(begun), max([*last, *rejudged[-1:]]))
        key = key_of_ids(run.settings)
        step("risk", partial(write_risk, run.lake, span, run.settings.risk, run.tables, key))
    judged = [_ledger_rows(run, plan, detections, counted)] if plan.window else []
    days = sorted({*(plan.window or ()), *plan.stale["day"]})
    off = ledger.switched_off(run.lake, [d.id for d in run.pack.off], days, run.run_id)
    ledger.record(run.lake, pl.concat([*judged, off], how="diagonal_relaxed"))
    exceptions.settle(run.lake, run.entries)
    return detections


def _judged(run: Run, plan: Plan, step: Step) -> tuple[tuple[Detection, ...], Mapping[date, int]]:
    """Write the book, run the detectors and store what they found, in the window of `plan`."""
    if plan.window is None:
        return (), {}
    back = reach(d for d in run.pack.detectors if d.id in plan.windows)
    try:
        with Sandbox(run.book) as sandbox:
            sandbox.warm()
            blinds = detector_sources(run.pack.detectors)
            write = partial(
                write_events, run.book, run.settings, run.lake, plan.window, back, blinds
            )
            step("context", write)
            counted = step("features", partial(_count, run, plan.window, back))
            with readable(run.book):  # held open, or each detector opens the whole file anew
                detections = tuple(_detect(run, plan, sandbox, step))
        step("findings", partial(store, run, plan.window, detections))
    finally:
        run.book.unlink(missing_ok=True)  # it holds every event of the window
    return detections, counted


def _count(run: Run, window: Window, back: Reach) -> Mapping[date, int]:
    write_features(run.book, run.settings, run.lake, window, back)
    return commit_features(run.book, run.lake, window)


def reach(detectors: Iterable[Detector]) -> Reach:
    """How far back the book must hold each source, for the detectors that run."""
    detectors = list(detectors)
    back = {field.name: 0 for field in fields(Reach) if field.type is int}
    counted: dict[str, int] = {}
    for detector in detectors:
        days, tables = detector.header.lookback, detector.query.tables
        named = features_seen(detector.text) if "user_day" in tables else None
        for feature in named or ():
            counted[feature] = max(counted.get(feature, 0), days)
        whole = tables - {"user_day"} if named is not None else tables
        for table in {t if t in back else "derived" for t in whole}:
            back[table] = max(back[table], days)
    return Reach(**back, features=counted, columns=columns_needed(detectors))


def _detect(run: Run, plan: Plan, sandbox: Sandbox, step: Step) -> list[Detection]:
    detections = []
    for detector in run.pack.detectors:
        window = plan.windows.get(detector.id)
        if window is None:
            continue
        knobs = run.knobs(detector)
        work = partial(detect, detector, knobs, sandbox, run.book, window, run.now, run.until)
        try:
            detections.append(step(f"detect {detector.id}", work))
        except NightporterError as error:
            version = detector.version_with(knobs)
            detections.append(Detection(detector.id, version, window, error=error))
    return detections


def store(run: Run, window: Window, detections: tuple[Detection, ...]) -> int:
    """Put the findings and evidence of `detections` in the place of what their days had.

    What a failed detector said on earlier runs stays. Returns the findings that are open.
    """
    old, old_evidence = run.lake.read("findings", window), run.lake.read("evidence", window)
    findings, evidence, history = [], [], []
    key = key_of_ids(run.settings)
    for d in detections:
        if d.error:
            continue
        mine = (pl.col("detector") == d.detector) & pl.col("day").is_between(
            d.window.first, d.window.last
        )
        seen = secret(d.evidence, key)
        new = exceptions.suppressed(secret(d.findings, key), seen, run.entries, run.now)
        rows, changed = merge(new, old.filter(mine), run.now, run.run_id)
        gone = rows.filter(pl.col("status") == "withdrawn")
        kept = old_evidence.filter(mine).join(gone, on="finding_id", how="semi")
        old, old_evidence = old.filter(~mine), old_evidence.filter(~mine)
        findings.append(rows)
        evidence += [seen, kept]
        history.append(changed)
    together = pl.concat([old, *findings], how="vertical_relaxed").sort("day", "finding_id")
    shown = pl.concat([old_evidence, *evidence], how="vertical_relaxed")
    _append_history(run.lake, pl.concat(history) if history else None)
    write_flagged(run.book, run.lake, window, together)
    run.lake.replace_days("evidence", shown.sort("day", "finding_id", "ts", "event"), window)
    run.lake.replace_days("findings", together, window)
    return together.filter(pl.col("status") == "open").height


def rejudge(run: Run, days: Collection[date]) -> int:
    """Give the stored findings of `days` the status that the exceptions give them now.

    No detector runs. Returns how many findings changed.
    """
    old = run.lake.read("findings", days)
    hidden = exceptions.stored(run.lake, days, run.entries)
    new = exceptions.marked(old, hidden, run.now)
    was = old.select("finding_id", "status", "suppressed_by")
    said = ["finding_id", "status", "suppressed_by"]
    moved = new.join(was, on=said, how="anti", nulls_equal=True)
    if moved.is_empty():
        return 0
    history = moved.join(was, on=said[:2], how="anti").with_columns(run_id=pl.lit(run.run_id))
    _append_history(run.lake, history.select(list(TABLES["finding_history"].columns)))
    stale = sorted(set(moved["day"]))
    listed = ", ".join(f"'{day}'" for day in stale)
    rows = new.filter(pl.col("day").is_in(stale)).sort("day", "finding_id")
    run.lake.replace("findings", rows, f"day IN ({listed})")
    return moved.height


def _append_history(lake: Lake, changed: pl.DataFrame | None) -> None:
    """Append what is new; a run that died after this wrote the same words already."""
    if changed is None or changed.is_empty():
        return
    says = ["finding_id", "status", "version", "sentence", "columns"]
    newest = (
        lake.read("finding_history", set(changed["day"]))
        .join(changed, on="finding_id", how="semi")
        .group_by("finding_id")
        .agg(pl.all().sort_by("changed_at").last())
    )
    fresh = changed.join(newest, on=says, how="anti", nulls_equal=True)
    if fresh.height:
        lake.append("finding_history", fresh.sort("day", "finding_id"))


def _ledger_rows(
    run: Run, plan: Plan, detections: tuple[Detection, ...], counted: Mapping[date, int]
) -> pl.DataFrame:
    assert plan.window is not None
    counts, lake_version = ledger.events_by_day(run.lake), run.lake.version("loads")
    versions = run.versions
    said = [Detection(FEATURES, "", plan.window), *detections]
    rows = []
    for d in said:
        by_day = dict(d.findings.group_by("day").len().iter_rows())
        found = counted if d.detector == FEATURES else by_day
        for day in d.window:
            status, reason = _outcome(d, day)
            rows.append(
                {
                    "stage": d.detector,
                    "version": versions[d.detector],
                    "day": day,
                    "status": status,
                    "reason": reason,
                    "run_id": run.run_id,
                    "events": counts.get(day, 0),
                    "lake_version": lake_version,
                    "rows": found.get(day, 0),
                    "ms": d.ms,
                }
            )
    return pl.DataFrame(rows, schema_overrides={"reason": pl.String})


def _outcome(said: Detection, day: date) -> tuple[str, str | None]:
    """Return status and reason of a day; what may still come is not yet called missing."""
    if said.error:
        return "failed", str(said.error)
    if day in said.waiting:
        return "waiting", said.waiting[day]
    if day in said.blind:
        return "not_evaluated", said.blind[day]
    return "done", None
