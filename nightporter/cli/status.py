"""The command status: how the workspace stands, worst first, and what to type next."""

import shlex
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any

from nightporter.cli import console
from nightporter.cli.options import AsOf, Json, Workspace, instant, settings_of
from nightporter.hostile import brief, safe
from nightporter.standing import standing
from nightporter.workspace import lake_of, log_file

# So many reasons of one kind are shown; the rest is counted. --json has all of them.
REASONS = 5


def status(*, workspace: Workspace = None, as_of: AsOf = None, json: Json = False) -> None:
    """Print what failed, waits or is stale and why, how the logs stand, and what to type next."""
    settings = settings_of(workspace)
    said = standing(settings, lake_of(settings), instant(settings, as_of))
    said["log"] = str(log_file(settings))
    said["next"] = list(_next(said, None if workspace is None else str(workspace)))
    said = console.shown(said)
    if json:
        console.out_json(said)
        return
    for kind in ("failed", "waiting", "stale", "not_evaluated"):
        _print_windows(kind, said[kind], said["scanned_to"])
    for feed in said["feeds"]:
        _print_feed(feed)
    _print_days(said)
    for line in said["next"]:
        console.out(f"NEXT           {safe(line)}")


def _print_windows(kind: str, rows: list[Mapping[str, Any]], newest: date | None) -> None:
    """What could not be judged long ago is history: of that only the newest day is shown."""
    if kind == "not_evaluated":
        rows = [row for row in rows if row["last_day"] == newest]
    word = kind.replace("_", " ").upper()
    for row in rows[:REASONS]:
        stages = row["stages"]
        whose = stages[0] if len(stages) == 1 else f"{len(stages)} stages"
        console.out(f"{word:<15}{_span(row)}  {whose}: {brief(_first_line(row['reason']), 100)}")
    if len(rows) > REASONS:
        console.out(f"{word:<15}and {len(rows) - REASONS} more reasons; --json lists them")


def _first_line(reason: str | None) -> str:
    return (reason or "").partition("\n")[0]


def _span(row: Mapping[str, Any]) -> str:
    if row["days"] == 1:
        return f"1 day, {row['first_day']}"
    return f"{row['days']} days, {row['first_day']} to {row['last_day']}"


def _print_feed(feed: Mapping[str, Any]) -> None:
    overdue = feed["last_event"] is not None and feed["days_behind"] > feed["lateness"]
    word = "SILENT" if feed["silent"] else "OVERDUE" if overdue else "LOG"
    name = brief(feed["feed"], 30)
    if feed["silent_sites"]:
        name += f" ({brief(', '.join(feed['silent_sites']))})"
    if feed["last_event"] is None:
        console.out(f"{word:<15}{name}: nothing was ever loaded")
        return
    console.out(
        f"{word:<15}{name}: last event {_minute(feed['last_event'])}{_ago(feed['days_behind'])};"
        f" may come {feed['lateness']} days late"
    )
    file = str(feed["last_file"]).rpartition("/")[2]
    console.out(f"{'':<15}  last file {brief(file)}, loaded {_minute(feed['loaded_at'])}")


def _ago(days: int) -> str:
    if days < 0:
        return ", in the future"
    return f", {days:,} day{'s' if days > 1 else ''} ago" if days else ""


def _minute(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M}Z"


def _print_days(said: Mapping[str, Any]) -> None:
    span = f", {said['first_day']} to {said['last_day']}" if said["days_with_events"] else ""
    console.out(f"{'DAYS':<15}{said['days_with_events']:,} with {said['events']:,} events{span}")
    left, newest = said["days_to_scan"], said["scanned_to"]
    behind = _ago((said["last_ended_day"] - newest).days) if newest else ""
    console.out(
        f"{'':<15}scanned to {newest or 'nothing yet'}{behind}"
        f"{f'; {left:,} to scan' if left else ''}"
    )
    for word, key in (("LAKE", "lake"), ("FINDINGS", "findings"), ("NIGHTLY LOG", "log")):
        console.out(f"{word:<15}{safe(said[key])}")


def _next(said: Mapping[str, Any], workspace: str | None) -> Iterator[str]:
    """Yield what to type, the most urgent first."""
    where = f" --workspace {shlex.quote(workspace)}" if workspace else ""
    if not said["days_with_events"]:
        yield f"nightporter ingest{where}"
    if said["days_to_scan"] or said["failed"]:
        yield f"nightporter nightly{where}"
    if stale := said["stale"]:
        first = min(row["first_day"] for row in stale)
        last = max(row["last_day"] for row in stale)
        yield f"nightporter backfill{where}   # {first} to {last}"
