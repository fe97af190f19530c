"""The commands that try a detector on the workspace's own past: backtest, diff."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from math import ceil
from pathlib import Path
from typing import Annotated, Any

import polars as pl
from cyclopts import Parameter

from nightporter.cli import console
from nightporter.cli.options import Json, Workspace, day_of, settings_of
from nightporter.config import Settings
from nightporter.hostile import brief
from nightporter.proof.backtest import Trial, past, present
from nightporter.proof.backtest import backtest as tried
from nightporter.proof.diff import Difference, comparable, difference
from nightporter.proof.tally import tally, unjudged
from nightporter.rules import SIGMA, Detector, Pack, load_pack, read_rule
from nightporter.workspace import lake_of

Days = Annotated[int, Parameter(help="so many of the days that were scanned")]
Until = Annotated[str | None, Parameter(help="the last of them; default: the newest")]
Every = Annotated[bool, Parameter(name="--all", negative="", help="print all, not the first ten")]
Named = Annotated[str, Parameter(help="a detector's id, or the path of a file")]

# So many people and findings are shown; the totals are always said.
SHOWN = 10
# Widest bar, name, value of a reason, sentence on a terminal.
BAR, NAME, VALUE, SENTENCE = 40, 40, 60, 200


def backtest(
    detector: Named,
    /,
    *,
    days: Days = 30,
    until: Until = None,
    every: Every = False,
    workspace: Workspace = None,
    json: Json = False,
) -> None:
    """Print what DETECTOR would have said on past days of the workspace's lake; store nothing."""
    settings = settings_of(workspace)
    pack = load_pack(settings)
    (trial,), present = _tried(settings, pack, [_detector(pack, detector)], days, until)
    told = tally(trial, present, settings.knobs.get(trial.detector.id, {}))
    if json:
        console.out_json(told)
        return
    for line in _lines(console.shown(told), None if every else SHOWN):
        console.out(line)


def diff(
    old: Named,
    new: Named,
    /,
    *,
    days: Days = 30,
    until: Until = None,
    every: Every = False,
    workspace: Workspace = None,
    json: Json = False,
) -> None:
    """Print which findings NEW gains and loses beside OLD on the same days of the lake."""
    settings = settings_of(workspace)
    pack = load_pack(settings)
    before, after = _detector(pack, old), _detector(pack, new)
    comparable(before, after)  # else it would be said when all the days had been read
    trials, _ = _tried(settings, pack, [before, after], days, until)
    found = difference(*trials)
    if json:
        console.out_json(_data(trials, found))
        return
    for line in _diff_lines(trials, found, settings, None if every else SHOWN):
        console.out(line)


def _tried(
    settings: Settings, pack: Pack, detectors: Sequence[Detector], days: int, until: str | None
) -> tuple[tuple[Trial, ...], int]:
    """Return a trial of each of `detectors`, and how many people were there."""
    lake = lake_of(settings)
    window = past(lake, days, day_of("--until", until))
    if len(window) < days:
        console.say(f"{days} days were asked for, {len(window)} were scanned")
    trials = tried(settings, lake, pack, detectors, window, console.stage)
    return trials, present(lake, window)


def _detector(pack: Pack, named: str) -> Detector:
    """A path is read as it is, whatever a pack holds under that id."""
    is_path = "/" in named or named.endswith((".sql", SIGMA))
    return read_rule(Path(named)) if is_path else pack[named]


def _lines(told: dict[str, Any], most: int | None) -> Iterator[str]:
    yield f"{told['detector']}  ({told['tactic']}, {told['level']}, {told['status']})"
    yield f"{told['first_day']} to {told['last_day']}, {told['days']} nights"
    yield f"  {_sum(told)}"
    yield f"  {_against(told)}"
    if told["hidden"]:
        by = ", ".join(
            f"{brief(row['exceptions'], NAME)} {row['findings']:,}" for row in told["hidden_by"]
        )
        yield f"  {told['hidden']:,} more would be hidden by exceptions: {by}"
    yield f"  ran {told['ms'] / 1000:.1f} s, beside the books that it read"
    if told["knobs"]:
        yield "  knobs: " + ", ".join(f"{name} {x:g}" for name, x in told["knobs"].items())
    yield "\nNIGHTS"
    yield from _nights(told["nights"])
    yield from _whom(told["whom"], most)
    yield from _reasons(told["reasons"])
    yield from _unjudged("", told["unjudged"], told["days"])


def _unjudged(whose: str, rows: Sequence[dict[str, Any]], days: int) -> Iterator[str]:
    """Silence of those days says nothing, nor does what is lost on them."""
    if rows:
        yield f"\n{whose}COULD NOT JUDGE {sum(row['days'] for row in rows)} of {days} days"
    for row in rows:
        yield f"  {_span(row):<24} {row['days']:>4}  {brief(row['reason'])}"


def _sum(told: dict[str, Any]) -> str:
    """Who did not turn up on any of these days is not among the people."""
    about = f" about {told['people']:,} of {told['present']:,} people" if told["people"] else ""
    return f"{told['findings']:,} findings{about}"


def _against(told: dict[str, Any]) -> str:
    if told["rate"] is None:
        why = "nobody was present" if told["judged"] else "it could judge no day"
        return f"{why}: no rate"
    rate = f"{told['rate']:.2f} a thousand people and day"
    if told["judged"] < told["days"]:
        rate += f" of the {told['judged']} that it could judge"
    if told["budget"] is None:
        return f"{rate}; level {told['level']} is not counted against the alert budget"
    held = "OVER" if told["rate"] > told["budget"] else "within"
    return f"{rate}: {held} the alert budget of {told['budget']:g} for one detector"


def _nights(nights: Sequence[dict[str, Any]]) -> Iterator[str]:
    """A line a night with a bar; silent nights in a row, or not judged for one reason, are one."""
    most = max(night["findings"] for night in nights)
    for (count, why), some in groupby(
        nights, key=lambda each: (each["findings"], each["unjudged"])
    ):
        held = list(some)
        note = "  not judged" if why else ""
        if not count:
            row = {"first_day": held[0]["day"], "last_day": held[-1]["day"]}
            yield f"  {_span(row):<24} {0:>6}{note}"
            continue
        for night in held:
            bar = "#" * ceil(count * min(1, BAR / most))
            yield f"  {night['day']:%Y-%m-%d %a}{'':<10} {count:>6}  {bar}{note}"


def _span(row: dict[str, Any]) -> str:
    if row["first_day"] == row["last_day"]:
        return f"{row['first_day']:%Y-%m-%d %a}"
    return f"{row['first_day']} to {row['last_day']}"


def _whom(whom: Sequence[dict[str, Any]], most: int | None) -> Iterator[str]:
    if not whom:
        return
    shown = whom[:most]
    more = f"; {len(shown)} of {len(whom):,} shown, --all prints the rest"
    yield f"\nWHOM{more if len(shown) < len(whom) else ''}"
    for row in shown:
        yield f"  {brief(row['who'], NAME):<24} {row['findings']:>6}  {_span(row)}"
        yield f"      {brief(row['sentence'], SENTENCE)}"


def _reasons(reasons: Sequence[dict[str, Any]]) -> Iterator[str]:
    if reasons:
        yield "\nREASONS: what the sentences say, most often or from least to most"
    for row in reasons:
        yield f"  {row['column']:<24} {_said(row)}"


def _said(row: dict[str, Any]) -> str:
    """A column that never says the same thing twice has no most frequent value."""
    if "values" not in row:
        return f"{row['least']:g} to {row['most']:g}, median {row['median']:g}"
    rest = row["different"] - len(row["values"])
    if rest and row["values"][0]["findings"] == 1:
        return f"{row['different']:,} different"
    values = [f"{brief(each['value'], VALUE)} ({each['findings']:,})" for each in row["values"]]
    return ", ".join(values) + (f" and {rest:,} others" if rest else "")


def _data(trials: Sequence[Trial], found: Difference) -> dict[str, Any]:
    window = trials[0].window
    sides = {
        name: {"detector": t.detector.id, "path": str(t.detector.path),
               "version": t.detector.version, "findings": t.findings.height, "ms": t.ms,
               "unjudged": unjudged(t)}
        for name, t in zip(("old", "new"), trials, strict=True)
    }  # fmt: skip
    return {
        **sides,
        "first_day": window.first,
        "last_day": window.last,
        "gained": found.gained.to_dicts(),
        "lost": found.lost.to_dicts(),
        "same": found.same.height,
        "reworded": found.reworded,
    }


def _diff_lines(
    trials: Sequence[Trial], found: Difference, settings: Settings, most: int | None
) -> Iterator[str]:
    window = trials[0].window
    for name, trial in zip(("old", "new"), trials, strict=True):
        said = f"{trial.findings.height:,} findings in {trial.ms / 1000:.1f} s"
        yield f"{name}  {trial.detector.id}  {said}   {trial.detector.path}"
    yield from _turned(trials, settings)
    yield (
        f"{window}: {found.same.height:,} the same ({found.reworded:,} in other words),"
        f" {found.gained.height:,} gained, {found.lost.height:,} lost"
    )
    yield from _side("GAINED", console.shown(found.gained), most)
    yield from _side("LOST", console.shown(found.lost), most)
    for name, trial in zip(("OLD ", "NEW "), trials, strict=True):
        yield from _unjudged(name, console.shown(unjudged(trial)), len(window))


def _turned(trials: Sequence[Trial], settings: Settings) -> Iterator[str]:
    """A line each knob that stood otherwise, or has another default, or that only one has."""
    defaults = [trial.detector.knobs for trial in trials]
    sites = [settings.knobs.get(trial.detector.id, {}) for trial in trials]
    stood = [
        {name: site.get(name, value) for name, value in knobs.items()}
        for knobs, site in zip(defaults, sites, strict=True)
    ]
    for name in sorted(set().union(*defaults)):
        default, held = ([each.get(name) for each in of] for of in (defaults, stood))
        if default[0] == default[1] and held[0] == held[1]:
            continue
        by_site = f"; nightporter.toml makes it {_change(held)}" if held != default else ""
        yield f"  {name}: {_change(default)}{by_site}"


def _change(values: Sequence[float | None]) -> str:
    before, now = ("none" if value is None else f"{value:.15g}" for value in values)
    return f"{before} -> {now}"


def _side(title: str, rows: pl.DataFrame, most: int | None) -> Iterator[str]:
    if rows.is_empty():
        return
    shown = rows.head(most) if most else rows
    more = f"; {shown.height} of {rows.height:,} shown, --all prints the rest"
    yield f"\n{title}{more if shown.height < rows.height else ''}"
    for row in shown.iter_rows(named=True):
        who = brief(row["user_id"] or row["about"], NAME)
        yield f"  {row['day']}  {who:<20} {brief(row['sentence'], SENTENCE)}"
