"""Commands for cases: which there are, and all about one."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import polars as pl
from cyclopts import App, Parameter

from nightporter import desk
from nightporter.cli import console
from nightporter.cli.options import Json, Workspace, check_word, person_of, settings_of
from nightporter.cli.paging import Every, Page, paged, say_total
from nightporter.config import Settings
from nightporter.context import read_tables
from nightporter.findings import LEVELS
from nightporter.hostile import brief
from nightporter.lake import Lake
from nightporter.wording import many
from nightporter.workspace import lake_of

app = App(name="case", help="Cases: which there are, how each stands, and what was done about it.")
app.command("nightporter.cli.hold:hold", name="hold")
app.command("nightporter.cli.hold:release", name="release")

# So much of a name, and of a note, is shown; --json has all of it.
NAME, NOTE = 40, 300
# So much of the hash of a manifest tells it from the others.
_HASH = 12

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Desk:
    """The workspace as one analyst sees it, with one case open."""

    settings: Settings
    tables: Mapping[str, pl.DataFrame]
    lake: Lake
    analyst: desk.Analyst
    case: Row


def opened(workspace: Path | None, name: str) -> Desk:
    """Return the case whose id begins with `name`, for whoever is typing."""
    settings = settings_of(workspace)
    tables, lake = read_tables(settings), lake_of(settings)
    analyst = desk.analyst_of(settings, tables)
    return Desk(settings, tables, lake, analyst, desk.named(desk.casebook(lake), name, analyst))


@app.command(name="list")
def list_(
    *,
    status: Annotated[str | None, Parameter(help=", ".join(desk.STATUSES))] = None,
    assignee: Annotated[str | None, Parameter(help="those of one analyst")] = None,
    level: Annotated[str | None, Parameter(help="of one level")] = None,
    verdict: Annotated[str | None, Parameter(help=", ".join(desk.VERDICTS))] = None,
    person: Annotated[str | None, Parameter(help="about one person")] = None,
    pending: Annotated[
        bool, Parameter(negative="", help="those that wait for a second person")
    ] = False,
    overdue: Annotated[bool, Parameter(negative="", help="those whose due day has passed")] = False,
    page: Page = None,
    every: Every = False,
    workspace: Workspace = None,
    json: Json = False,
) -> None:
    """Print the cases that are not closed, those that wait for somebody first, then the worst.

    Of those closed only what waits; with --all the others and the withdrawn ones, too.
    """
    settings = settings_of(workspace)
    analyst = desk.analyst_of(settings, read_tables(settings))
    equal = {"triage": status, "assignee": assignee, "level": level, "verdict": verdict,
             "user_id": person_of(person)}  # fmt: skip
    check_word("status", status, desk.STATUSES)
    check_word("level", level, LEVELS)
    check_word("verdict", verdict, desk.VERDICTS)
    book = desk.casebook(lake_of(settings))
    mine = [row for row in book if analyst.sees(row["user_id"])]
    rows = [
        row
        for row in mine
        if _fits(row, equal, {"pending": pending, "overdue": overdue})
        and (every or status or row["pending"] or not desk.is_done(row))
    ]
    shown = paged(rows, page, every or (json and page is None))
    _print_list(shown, json)
    # By no filter: who could narrow it down would learn by the count how his own case stands.
    say_total(len(shown), len(rows), "cases", page, _apart(len(book) - len(mine), analyst))


def _apart(count: int, analyst: desk.Analyst) -> str:
    return f"; {count:,} more are not for {brief(analyst.account)}" if count else ""


def _print_list(rows: Sequence[Row], json: bool) -> None:
    if json:
        console.out_json(rows)
        return
    for row in console.shown(rows):
        console.out(_line(row))


def _fits(row: Row, equal: Mapping[str, str | None], only: Mapping[str, bool]) -> bool:
    if any(asked and not row[what] for what, asked in only.items()):
        return False
    return all(word is None or row[column] == word for column, word in equal.items())


def _line(row: Row) -> str:
    beside = [
        row["status"] if row["status"] in ("dormant", "withdrawn") else None,
        f"to {brief(row['assignee'], NAME)}" if row["assignee"] else None,
        f"{'OVERDUE, was ' * row['overdue']}due {row['due']}" if row["due"] else None,
        row["verdict"],
        "held" if row["held"] else None,
        *(f"WAITS for a second person: {_word(act)}" for act in row["pending"]),
    ]
    found = many(row["findings"], "finding")
    return (
        f"{row['case_id']}  {row['level'] or '-':<13} {row['triage']:<9}"
        f" {brief(row['user_id'], NAME):<20} {found:>13}, last {row['last_day']}"
        f"  {', '.join(part for part in beside if part)}".rstrip()
    )


@app.command
def show(case: str, /, *, workspace: Workspace = None, json: Json = False) -> None:
    """Print how CASE stands, and everything that was ever said of it."""
    print_case(opened(workspace, case), json, days=True)


def print_case(desk_: Desk, json: bool, *, days: bool = False) -> None:
    """Print the case that is open, as it stands now; with `days` also what was found on each."""
    row = desk.named(desk.casebook(desk_.lake), desk_.case["case_id"], desk_.analyst)
    if json:
        console.out_json(row)
        return
    row = console.shown(row)
    for line in (*_lines(row), *(_days(row) if days else ())):
        console.out(line)


def _lines(row: Row) -> Iterator[str]:
    yield _line(row)
    yield f"  opened {row['opened']} by {row['opening']}"
    if row["ticket"]:
        yield f"  ticket {brief(row['ticket'], NOTE)}"
    if row["verdict"]:
        second = f", approved by {brief(row['approved_by'], NAME)}" if row["approved_by"] else ""
        note = brief(row["verdict_note"] or "", NOTE)
        yield f"  {row['verdict']}, said by {brief(row['verdict_by'], NAME)}{second}: {note}"
    for act in row["history"]:
        note = f": {brief(act['note'], NOTE)}" if act["note"] else ""
        who = f"{act['said_at']:%Y-%m-%d %H:%M}Z  {brief(act['account'], NAME):<14}"
        yield f"  {who} {_word(act)}{note}"


def _days(row: Row) -> Iterator[str]:
    for day in row["days"]:
        count = day["findings"]
        yield f"  {day['day']}  {day['level'] or '-':<13} {count} finding{'s' * (count != 1)}"


def _word(act: Row) -> str:
    if act["act"] == "hold":
        return f"hold, SHA-256 {act['value'][:_HASH]}..."
    return f"{act['act']} {brief(act['value'], NAME)}" if act["value"] else str(act["act"])
