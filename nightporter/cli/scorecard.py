"""The command that says how each detector does at the desk: detectors scorecard."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from nightporter.cli import console
from nightporter.cli.coverage import write_file
from nightporter.cli.detectors import end_with
from nightporter.cli.options import Json, Workspace, settings_of
from nightporter.config import Settings
from nightporter.context import read_tables
from nightporter.desk import reader_of
from nightporter.hostile import brief
from nightporter.rules import SWITCHED_OFF, Pack, load_pack
from nightporter.scorecard import ADVICE, Card, tuning
from nightporter.scorecard import scorecard as made
from nightporter.scorecard.page import render
from nightporter.scorecard.tuning import Suggestion
from nightporter.workspace import lake_of

Days = Annotated[int, Parameter(help="so many of the newest days that were scanned")]
Suggest = Annotated[
    bool, Parameter(negative="", help="try other values of the knobs of those to tune")
]
Html = Annotated[Path | None, Parameter(help="write the figures to this HTML file, too")]

# A name and a reason are shown that far. --json has all of them.
NAME, REASON = 40, 100

Row = dict[str, Any]


def scorecard(
    *,
    days: Days = 90,
    suggest: Suggest = False,
    html: Html = None,
    workspace: Workspace = None,
    json: Json = False,
) -> None:
    """Print how each detector did: findings, verdicts, noise, and what to do with it."""
    settings = settings_of(workspace)
    pack = load_pack(settings)
    analyst = reader_of(settings, read_tables(settings))
    card = _named(made(lake_of(settings), pack, days, analyst))
    tried = _tried(settings, pack, card) if suggest else None
    if json:
        console.out_json(_data(card, tried))
    else:
        for line in _lines(card, tried):
            console.out(line)
    if html is not None:
        write_file(html, render(card))
    end_with(pack)


def _named(card: Card) -> Card:
    """People as they are shown, before a line is cut; what is nightporter's own stays."""
    said = console.shown([(row["loudest"], row["reason"]) for row in card.rows])
    rows = zip(card.rows, said, strict=True)
    told = ({**row, "loudest": who, "reason": why} for row, (who, why) in rows)
    return replace(card, rows=tuple(told))


def _tried(settings: Settings, pack: Pack, card: Card) -> list[Suggestion]:
    lake = lake_of(settings)
    return [
        tuning.suggest(settings, lake, pack, pack[row["detector"]], card.judged, console.stage)
        for row in card.rows
        if row["advice"] == "tune"
    ]


def _data(card: Card, tried: Sequence[Suggestion] | None) -> Row:
    return {
        "first_day": card.window.first,
        "last_day": card.window.last,
        "people": card.people,
        "detectors": card.rows,
        "suggestions": None if tried is None else [asdict(each) for each in tried],
    }


def _lines(card: Card, tried: Sequence[Suggestion] | None) -> Iterator[str]:
    yield f"{card.window}, {len(card.window)} days, {card.people:,} people"
    for word, means in ADVICE.items():
        rows = [row for row in card.rows if row["advice"] == word]
        if rows:
            yield f"\n{word.upper()}: {means}"
            yield _HEAD
        for row in rows:
            yield _line(row)
            yield from (f"    {note}" for note in _notes(row))
    if tried is not None:
        yield "\nKNOBS, tried on the days that were judged"
        if not tried:
            yield "  no detector is to be tuned"
        for each in tried:
            yield from _suggested(each)


_HEAD = (
    f"  {'':<32}{'findings':>9}{'people':>7}{'rate':>7}{'cases':>6}{'conf.':>6}{'auth.':>6}"
    f"{'false':>6}{'data':>5}{'incl.':>6}  precision"
)


def _line(row: Row) -> str:
    """A rate where no day could be judged, and a precision of nothing, are no numbers."""
    said = row["verdicts"]
    rate = "-" if row["rate"] is None else f"{row['rate']:.2f}"
    counts = (
        f"{said['confirmed']:>6}{said['authorised']:>6}{said['false_positive']:>6}"
        f"{said['data_error']:>5}{said['inconclusive']:>6}"
    )
    precision = "-"
    if row["precision"] is not None:
        ends = f"{row['precision_low']:.0%} to {row['precision_high']:.0%}"
        precision = f"{row['precision']:.0%} ({ends})"
    return (
        f"  {row['detector']:<32}{row['findings']:>9,}{row['people']:>7,}{rate:>7}"
        f"{row['cases']:>6}{counts}  {precision}"
    )


def _notes(row: Row) -> Iterator[str]:
    yield from row["because"]
    if who := row["loudest"]:
        name = brief(who["user_id"], NAME) if who["user_id"] else "somebody who is not for you"
        if who["findings"] > 1:
            yield f"most about {name}: {who['findings']} of {row['findings']}"
    if row["suppressed"]:
        yield f"exceptions hide {row['suppressed']:,} more"
    if row["state"] == "off":
        yield SWITCHED_OFF
    elif row["unjudged"]:
        reason = (row["reason"] or "").partition("\n")[0]
        why = f": {brief(reason, REASON)}" if reason else ""
        yield f"not evaluated on {row['unjudged']} of {row['days']} days{why}"
    if row["ms"] is not None:
        usual, most = (row[name] / 1000 for name in ("ms", "ms_most"))
        yield f"ran {usual:.1f} s in the middle run, {most:.1f} s at most"


def _suggested(each: Suggestion) -> Iterator[str]:
    if each.knob is None:
        yield f"  {each.detector}: {each.why}"
        return
    yield (
        f"  {each.detector}: of {each.false_now} findings judged false"
        f" {each.false_now - each.false_then} would be gone, all {each.confirmed} confirmed"
        f" still fire; {each.findings_now:,} -> {each.findings_then:,} in all; {each.tried} values"
        " tried"
    )
    yield f"      [knobs.{each.detector}]"
    yield f"      {each.knob} = {each.value:.15g}    # now {each.was:.15g}"
