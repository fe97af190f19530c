"""Values of knobs that would have said less: the detector's SQL over the days that were judged.

Suggests only what keeps every finding that was ever confirmed; stores nothing, turns nothing.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import polars as pl

from nightporter.config import Settings
from nightporter.errors import DetectorError
from nightporter.lake import Lake
from nightporter.proof.backtest import backtest
from nightporter.rules import Detector, Pack
from nightporter.scan import Step, call
from nightporter.window import Window

# Each knob is tried at so many times its present value; one at a time. 0 stays 0 and is not tried.
FACTORS = (0.5, 0.75, 1.25, 1.5, 2.0, 3.0)
# What a knob can mend: it happened, and the rule should not have spoken, or it was allowed.
FALSE = ("false_positive", "authorised")
# Judged days that lie nearer than this are run as one window: a book costs more than quiet days.
NEAR = timedelta(days=14)


@dataclass(frozen=True)
class Suggestion:
    """What was tried of one detector, and the best of it; without `knob`, `why` says why none.

    `confirmed` of its findings were, and all of them fire with `value`, too. Of those judged false
    `false_now` fire with the knob at `was`, `false_then` at `value`; of all on the same days
    `findings_now` and `findings_then`.
    """

    detector: str
    why: str | None = None
    knob: str | None = None
    was: float | None = None
    value: float | None = None
    tried: int = 0
    confirmed: int = 0
    judged_false: int = 0
    false_now: int = 0
    false_then: int = 0
    findings_now: int = 0
    findings_then: int = 0


@dataclass(frozen=True)
class _Known:
    """The findings, by id, that were confirmed, and those judged false."""

    true: frozenset[str]
    false: frozenset[str]


def suggest(
    settings: Settings,
    lake: Lake,
    pack: Pack,
    detector: Detector,
    judged: pl.DataFrame,
    step: Step = call,
) -> Suggestion:
    """Return the value of one knob that silences most of what was judged false, while everything
    that was confirmed still fires and nothing new is said.

    `judged`: as of `judged_findings`. Where nothing was confirmed, nothing is tried.
    """
    mine = judged.filter(pl.col("detector") == detector.id)
    known = _Known(_ids(mine, ("confirmed",)), _ids(mine, FALSE))
    knobs = {**detector.knobs, **settings.knobs.get(detector.id, {})}
    asked = list(_values({name: knobs[name] for name in detector.knobs}))
    none = Suggestion(detector.id, confirmed=len(known.true), judged_false=len(known.false))
    if why := _hopeless(known, asked):
        return replace(none, why=why)
    days = mine.filter(pl.col("verdict").is_in(["confirmed", *FALSE]))["day"].to_list()
    turned: list[Mapping[str, float]] = [{}, *({name: value} for name, value in asked)]
    try:
        fired = _fired(settings, lake, pack, detector, turned, days, step)
    except DetectorError as error:
        return replace(none, why=f"it could not be run: {error}")
    now = fired[0]
    if lost := known.true - now:
        why = f"{len(lost)} of {len(known.true)} confirmed findings do not fire as it stands now"
        return replace(none, why=why)
    return _best(none, knobs, asked, fired, known)


def _ids(mine: pl.DataFrame, verdicts: Sequence[str]) -> frozenset[str]:
    return frozenset(mine.filter(pl.col("verdict").is_in(list(verdicts)))["finding_id"])


def _hopeless(known: _Known, asked: Sequence[object]) -> str | None:
    if not known.true:
        return "nothing of it was ever confirmed: no value could be seen to keep what matters"
    if not known.false:
        return "nothing of it was judged false or authorised"
    return None if asked else "it has no knob to turn"


def _values(knobs: Mapping[str, float]) -> Iterator[tuple[str, float]]:
    """Yield what to try, as it is printed; a whole number stays one."""
    for name, now in knobs.items():
        values = (float(f"{now * factor:.15g}") for factor in FACTORS)
        tried = (float(round(each)) if float(now).is_integer() else each for each in values)
        yield from ((name, value) for value in dict.fromkeys(tried) if value != now)


def _fired(
    settings: Settings,
    lake: Lake,
    pack: Pack,
    detector: Detector,
    turned: Sequence[Mapping[str, float]],
    days: Iterable[date],
    step: Step,
) -> list[frozenset[str]]:
    """Return the findings of each turning; one that an exception hides has fired, too."""
    found: list[set[str]] = [set() for _ in turned]
    for window in _windows(days):
        detectors = [detector] * len(turned)
        trials = backtest(settings, lake, pack, detectors, window, step, turned)
        for ids, trial in zip(found, trials, strict=True):
            ids.update(trial.findings["finding_id"])
    return [frozenset(ids) for ids in found]


def _windows(days: Iterable[date]) -> list[Window]:
    windows: list[Window] = []
    for day in sorted(set(days)):
        if windows and day - windows[-1].last <= NEAR:
            windows[-1] = Window(windows[-1].first, day)
        else:
            windows.append(Window(day, day))
    return windows


def _best(
    none: Suggestion,
    knobs: Mapping[str, float],
    asked: Sequence[tuple[str, float]],
    fired: Sequence[frozenset[str]],
    known: _Known,
) -> Suggestion:
    """The most silenced; of equals the one that is turned least."""
    now = fired[0]
    false_now = len(known.false & now)
    fit = [
        (len(known.false & then), abs(value / knobs[name] - 1), name, value, len(then))
        for (name, value), then in zip(asked, fired[1:], strict=True)
        if known.true <= then <= now and len(known.false & then) < false_now
    ]
    tried = replace(none, tried=len(asked), false_now=false_now, findings_now=len(now))
    if not fit:
        why = "no value that was tried silences what was judged false and keeps what was confirmed"
        return replace(tried, why=why)
    false_then, _, name, value, findings_then = min(fit)
    return replace(
        tried, knob=name, was=knobs[name], value=value, false_then=false_then,
        findings_then=findings_then,
    )  # fmt: skip
