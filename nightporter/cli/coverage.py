"""The commands that show all detectors together: coverage, docs."""

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Annotated, Any

import orjson
from cyclopts import Parameter

from nightporter.cli import console
from nightporter.cli.detectors import end_with, pack_of
from nightporter.cli.options import Json, Workspace, settings_of
from nightporter.errors import UsageError
from nightporter.hostile import brief, in_json
from nightporter.overview.catalogue import FILE_NAME as PAGE
from nightporter.overview.catalogue import catalogue_page
from nightporter.overview.coverage import COVERS, STATES
from nightporter.overview.coverage import coverage as covered_by
from nightporter.overview.figures import FILE_NAME as FIGURES
from nightporter.overview.figures import NOTHING, read_figures
from nightporter.overview.navigator import layer
from nightporter.overview.page import render
from nightporter.report.record import swap
from nightporter.rules import load_pack
from nightporter.rules.articles import article
from nightporter.workspace import lake_of

Days = Annotated[int, Parameter(help="so many of the newest days that were scanned")]
Html = Annotated[Path | None, Parameter(help="write the matrices to this HTML file, too")]
Navigator = Annotated[
    Path | None, Parameter(help="write a layer for the ATT&CK Navigator to this JSON file, too")
]
Out = Annotated[Path | None, Parameter(help=f"write {PAGE} into this folder")]
REASON = 100


def coverage(
    *,
    days: Days = 30,
    html: Html = None,
    navigator: Navigator = None,
    workspace: Workspace = None,
    json: Json = False,
) -> None:
    """Print what the detectors are meant for, and which of them judge anything here."""
    if days < 1:
        raise UsageError(f"--days {days}: at least 1")
    settings = settings_of(workspace)
    pack = load_pack(settings)
    covered = covered_by(lake_of(settings), pack.known, days, [each.id for each in pack.off])
    rows = covered["detectors"]
    for row, reason in zip(rows, console.shown([row["reason"] for row in rows]), strict=True):
        row["reason"] = reason
    if json:
        console.out_json(covered)
    else:
        for line in _lines(covered):
            console.out(line)
    if html is not None:
        write_file(html, render(covered))
    if navigator is not None:
        made = layer(covered, f"nightporter: {settings.root.resolve().name}")
        options = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE
        write_file(navigator, in_json(orjson.dumps(made, option=options).decode()))
    end_with(pack)


def docs(*, out: Out = None, workspace: Workspace = None) -> None:
    """Print the catalogue page, made from the detector files; with --out write it there.

    What was measured of each detector is read from figures.json in OUT, if it lies there.
    """
    _, pack = pack_of(workspace)
    figures = read_figures(out / FIGURES) if out else NOTHING
    page = catalogue_page(pack.known, figures)
    if out is None:
        console.out(page.rstrip())
    else:
        write_file(out / PAGE, page)
    end_with(pack)


def write_file(path: Path, text: str) -> None:
    """Write `text` to `path` and say so; raise UsageError where that cannot be."""
    try:
        swap(path, text.encode())
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}") from None
    console.say(f"written: {path}")


def _lines(covered: dict[str, Any]) -> Iterator[str]:
    rows = covered["detectors"]
    yield from _matrix(rows)
    yield ""
    for row in covered["articles"]:
        here = "covered" if row["evaluated"] else "NOT HERE"
        others = f"; not here: {', '.join(row['not_here'])}" if row["not_here"] else ""
        name = f"{row['name']}: " if row["name"] else ""
        whose = ", ".join(row["evaluated"]) or "by none"
        yield f"  {row['id']:<17} {here:<9} {name}{whose}{others}"
    yield ""
    yield from _less(rows)
    judging = sum(row["state"] in COVERS for row in rows)
    span = f"{covered['first_day']} to {covered['last_day']}" if covered["days"] else "no day yet"
    yield f"{judging} of {len(rows)} detectors judge something here ({span})"


def _less(rows: list[dict[str, Any]]) -> Iterator[str]:
    """Who judges less than every day, by the reason."""
    order = list(STATES)
    less = [row for row in rows if row["state"] != "evaluated"]
    less.sort(key=lambda row: (order.index(row["state"]), row["reason"] or ""))
    for (state, reason), some in groupby(less, key=lambda row: (row["state"], row["reason"])):
        why = f": {brief(reason.partition(chr(10))[0], REASON)}" if reason else ""
        yield f"  {STATES[state]}{why}"
        for row in some:
            yield f"    {row['detector']:<33} {row['judged']} of {row['days']}"


def _matrix(rows: list[dict[str, Any]]) -> Iterator[str]:
    """Detectors against ATT&CK's tactics and the sections of the Insider Threat Matrix."""
    borne = [{_column(tag) for tag in row["tags"]} - {""} for row in rows]
    heads = sorted(set().union(*borne), key=lambda head: (head.isupper(), head))
    yield f"{'':<34}" + " ".join(_short(head) for head in heads)
    for row, own in zip(rows, borne, strict=True):
        mark = "x" if row["state"] in COVERS else "-"
        marks = (mark if head in own else "" for head in heads)
        cells = (each.ljust(len(_short(head))) for each, head in zip(marks, heads, strict=True))
        yield f"{row['detector']:<34}{' '.join(cells)}".rstrip()


def _column(tag: str) -> str:
    """The tactic, or the section of the matrix; a technique is in the list below."""
    meant = article(tag)
    return {"tactic": meant.id, "technique": "", "article": meant.id[:2]}[meant.kind]


def _short(head: str) -> str:
    return (
        "".join(word[:7] for word in head.split("-")[:1]) if not head.isupper() else f"ITM:{head}"
    )
