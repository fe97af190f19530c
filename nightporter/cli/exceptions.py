"""Commands for exceptions: how each stands, what it has hidden, what is wrong in the files."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

import duckdb
from cyclopts import App

from nightporter import exceptions
from nightporter.cli import console
from nightporter.cli.options import AsOf, Json, Workspace, instant, settings_of
from nightporter.config import Settings
from nightporter.context import read_tables
from nightporter.exceptions import Entry
from nightporter.hostile import brief
from nightporter.lake import Lake
from nightporter.ledger import last_ended_day
from nightporter.rules import load_pack
from nightporter.rules.catalogue import columns
from nightporter.workspace import lake_of

app = App(
    name="exceptions", help="List and check exceptions: what is hidden, for whom, until when."
)

# So much of a value is shown; --json has all of it.
SHOWN = 100

_ORDER = ("expiring", "active", "pending", "expired")


@app.command(name="list")
def list_(*, as_of: AsOf = None, workspace: Workspace = None, json: Json = False) -> None:
    """Print every exception: how it stands, and how many findings it has hidden so far."""
    settings = settings_of(workspace)
    entries = exceptions.load_exceptions(settings, _site(settings))
    today = last_ended_day(settings, instant(settings, as_of)) + timedelta(days=1)
    rows = sorted(
        _rows(entries, lake_of(settings), today),
        key=lambda row: (_ORDER.index(row["state"]), row["until"], row["name"]),
    )
    if json:
        console.out_json(rows)
        return
    for row in console.shown(rows):
        for line in _lines(row):
            console.out(line)
    console.say(f"exceptions on {today}: {len(rows)}")


@app.command
def lint(*, workspace: Workspace = None) -> None:
    """Check the files of exceptions/: every fault at once, and words that mean nobody."""
    settings = settings_of(workspace)
    site = _site(settings)
    read = exceptions.read_exceptions(settings, site)
    wrong = [*read.faults, *exceptions.doubts(settings, read.entries, site)]
    for fault in wrong:
        console.complain(fault)
    console.say(f"exceptions that can be used: {len(read.entries)}; faults: {len(wrong)}")
    console.end(console.ExitCode.USAGE if wrong else console.ExitCode.RAN)


def _site(settings: Settings) -> exceptions.Site:
    return exceptions.Site(columns(load_pack(settings)), read_tables(settings))


def _rows(entries: tuple[Entry, ...], lake: Lake, today: date) -> Iterator[dict[str, Any]]:
    with duckdb.connect() as con:
        lake.view(con, "findings")
        hidden = {row["name"]: row for row in exceptions.hidden(con)}
    for entry in entries:
        so_far = hidden.get(entry.name, {"findings": 0, "last_day": None})
        yield {
            "name": entry.name,
            "state": exceptions.state(entry.first, entry.until, today),
            "findings": so_far["findings"],
            "last_hidden": so_far["last_day"],
            "detectors": list(entry.detectors) or [exceptions.EVERY],
            "who": entry.who,
            "what": entry.what,
            "people": None if entry.people is None else list(entry.people),
            "from": entry.first,
            "until": entry.until,
            "owner": entry.owner,
            "approved_by": entry.approved_by,
            "reason": entry.reason,
            "ticket": entry.ticket,
            "file": entry.file,
            "line": entry.line,
        }


def _lines(row: Mapping[str, Any]) -> Iterator[str]:
    count = row["findings"]
    said = f"{count:,} finding{'s' if count != 1 else ''}, last {row['last_hidden']}"
    yield (
        f"{row['state']:<9} {row['name']:<30} {row['from']} to {row['until']}"
        f"   {said if count else 'has never hidden anything'}"
    )
    yield f"{'':<9} hides {_words(row)}: {brief(', '.join(row['detectors']), SHOWN)}"
    approved = f", approved by {brief(row['approved_by'], SHOWN)}" if row["approved_by"] else ""
    yield (
        f"{'':<9} {brief(row['owner'], SHOWN)}{approved}, {brief(row['ticket'], SHOWN)}:"
        f" {brief(row['reason'], SHOWN)}   {row['file']}:{row['line']}"
    )


def _words(row: Mapping[str, Any]) -> str:
    words = {**row["who"], **row["what"]}
    said = ", ".join(f"{column} {' or '.join(values)}" for column, values in words.items())
    group = row["people"] is not None and "user_id" not in row["who"]
    people = f" ({len(row['people'])} people)" if group else ""
    return f"{brief(said, SHOWN)}{people}"
