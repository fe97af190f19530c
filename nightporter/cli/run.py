"""Commands that do a night's work: nightly, backfill, ingest, report."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal

from cyclopts import Parameter

from nightporter import desk
from nightporter.backfill import backfill as run_backfill
from nightporter.cli import console
from nightporter.cli.loads import print_loads, say_again
from nightporter.cli.options import (
    AsOf,
    From,
    Json,
    To,
    Workspace,
    day_of,
    days_from,
    instant,
    settings_of,
    window_of,
)
from nightporter.cli.prefect_run import run_flow
from nightporter.cli.summary import print_morning
from nightporter.config import Feed, Settings
from nightporter.context import read_tables
from nightporter.errors import UsageError, did_you_mean
from nightporter.findings import LEVELS
from nightporter.hostile import safe
from nightporter.ledger import FEATURES, Plan, last_ended_day
from nightporter.morning import morning
from nightporter.nightly import Night, load_feeds
from nightporter.nightly import nightly as run_nightly
from nightporter.report import newest_report, write_report
from nightporter.rules import SWITCHED_OFF, load_pack
from nightporter.rules.catalogue import catalogue
from nightporter.sources.again import note_again
from nightporter.workspace import findings_file, lake_of, locked, log_file

FailOn = Annotated[
    Literal["informational", "low", "medium", "high", "critical"] | None,
    Parameter(help="end with 1 if an open finding stands at or above this level"),
]

Again = Annotated[str | None, Parameter(name="--from", help="scan all days again from this one on")]
UnderPrefect = Annotated[
    bool, Parameter(negative="", help="run the stages as tasks of the Prefect flow")
]


def nightly(
    *,
    workspace: Workspace = None,
    as_of: AsOf = None,
    from_: Again = None,
    fail_on: FailOn = None,
    prefect: UnderPrefect = False,
    json: Json = False,
) -> None:
    """Scan everything that is due: new days, failed days, late data; say whom to look at.

    Runs the stages of the Prefect flow without Prefect. Running it again changes nothing.
    """
    settings = settings_of(workspace)
    if prefect:
        if json or fail_on:
            raise UsageError("--prefect goes with neither --json nor --fail-on")
        options = {"as-of": as_of, "from": from_}
        console.end(run_flow(settings.root, options))
    console.keep_log(log_file(settings))
    moment = instant(settings, as_of)
    night = run_nightly(settings, moment, days_from(from_), step=console.stage)
    tell(settings, night, json=json)
    _tell_earlier(settings, moment)
    console.end(_exit_code(settings, night, fail_on))


def _tell_earlier(settings: Settings, moment: datetime) -> None:
    """Whoever rehearses an earlier moment is told that what is shown is of a later one."""
    scanned, ended = lake_of(settings).days("windows"), last_ended_day(settings, moment)
    if scanned and ended < scanned[-1]:
        console.say(
            f"by that moment only days to {ended} had ended; the lake was scanned to {scanned[-1]}"
            " already, and that is shown"
        )


def backfill(
    stage: Annotated[
        str | None, Parameter(help="one detector, or features; default: all that is stale")
    ] = None,
    *,
    from_: From = None,
    to: To = None,
    workspace: Workspace = None,
    json: Json = False,
) -> None:
    """Scan days again that were overtaken: by late logs, a changed rule, knobs or context.

    Without --from the stale days, which `nightporter status` lists; with it those days, whatever
    the ledger says of them. Where features are stale, all detectors run that rest on them.
    """
    settings = settings_of(workspace)
    asked = window_of(from_, to)
    pack = load_pack(settings)
    known = {FEATURES, *(detector.id for detector in pack.detectors)}
    if stage in {detector.id for detector in pack.off}:
        raise UsageError(f"{stage} is {SWITCHED_OFF}", hint="packs.off lists it")
    if stage is not None and stage not in known:
        raise UsageError(f"no detector is called {stage!r}", hint=did_you_mean(stage, known))
    console.keep_log(log_file(settings))
    night = run_backfill(settings, None if stage is None else [stage], asked, step=console.stage)
    rows = [
        {"stage": found.detector, "first": found.window.first, "last": found.window.last,
         "findings": len(found.findings), "days_not_judged": len(found.blind)}
        for found in night.detections
    ]  # fmt: skip
    if json:
        console.out_json(rows)
    for row in [] if json else rows:
        span = f"{row['first']} to {row['last']}"
        console.out(f"{row['stage']:<34}{span:<28}{row['findings']:,} findings")
    console.say(f"scanned again: {night.window or 'nothing, for nothing is stale'}")
    close(settings, night, morning(settings, lake_of(settings)))
    console.end(night.exit_code)


def tell(settings: Settings, night: Night, *, json: bool) -> None:
    """Print what a night has to say: data on stdout, what went wrong on stderr."""
    said = console.shown(morning(settings, lake_of(settings)))
    if json:
        console.out_json(said)
    else:
        print_morning(said, names_of(settings))
        console.out(f"\nFINDINGS  {safe(findings_file(settings))}")
        if page := newest_report(settings):
            console.out(f"REPORT    {safe(page)}")
        console.out(f"LOG       {safe(log_file(settings))}")
    close(settings, night, said)


def close(settings: Settings, night: Night, said: Mapping[str, Any]) -> None:
    """Say on stderr and in the night's log what went wrong, and the outcome without a name."""
    _tell_opened(night.plan)
    for problem in night.problems:
        console.complain(problem)
    if night.problems:
        console.say(f"incomplete: {len(night.problems)} of the above; everything else ran")
    if (newest := said["newest"]) is not None:
        console.say(
            f"{newest['day']}: {len(said['ranking'])} on the list; {newest['blind']} of"
            f" {newest['detectors']} detectors blind, {newest['never']} without data,"
            f" {len(newest['silent'])} logs silent;"
            f" report {safe(newest_report(settings) or 'none')}"
        )


def _tell_opened(plan: Plan) -> None:
    """Say in one line which days were scanned again and why, and how many wait for a backfill."""
    if plan.opened:
        console.say(f"opened again from {plan.window}: {'; '.join(_opened(plan))}")
    if stale := plan.stale.filter(status="stale")["day"].n_unique():
        console.say(f"newly stale: {_count(stale, 'day')}; `nightporter status` says why")


def _opened(plan: Plan) -> Iterator[str]:
    """A log is named with its events, a stage only where it is alone."""
    for opened in plan.opened:
        if opened.why == "late":
            days, events = _count(opened.days, "day"), _count(opened.events, "event")
            yield f"late: {safe(opened.whose)} {days}, {events}"
    for why in ("failed", "waiting", "changed"):
        some = [opened for opened in plan.opened if opened.why == why]
        if some:
            whose = some[0].whose if len(some) == 1 else f"{len(some)} stages"
            yield f"{why}: {whose} {_count(max(opened.days for opened in some), 'day')}"


def _count(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'s' if count != 1 else ''}"


def names_of(settings: Settings) -> dict[str, str]:
    """Return the name of every person whom context/people.csv names; none with pseudonyms."""
    people = read_tables(settings).get("people")
    if settings.names.pseudonyms or people is None or "name" not in people.columns:
        return {}
    return {user: name for user, name in people.select("user_id", "name").iter_rows() if name}


def _exit_code(settings: Settings, night: Night, fail_on: str | None) -> int:
    if night.exit_code or fail_on is None:
        return night.exit_code
    grave = set(LEVELS[LEVELS.index(fail_on) :])
    said = morning(settings, lake_of(settings))["levels"]
    return console.ExitCode.FOUND if grave & set(said) else console.ExitCode.RAN


def ingest(
    feed: Annotated[str | None, Parameter(help="one feed; default: all")] = None,
    *,
    again: Annotated[
        bool, Parameter(negative="", help="forget and read again the feed's files that still exist")
    ] = False,
    workspace: Workspace = None,
    json: Json = False,
) -> None:
    """Read new log files into the lake, and nothing else."""
    settings = settings_of(workspace)
    names = {configured.name: configured for configured in settings.feed}
    if feed is not None and feed not in names:
        raise UsageError(f"no feed is called {feed!r}", hint=did_you_mean(feed, names))
    feeds = settings.feed if feed is None else (names[feed],)
    if again and feed is None:
        raise UsageError("--again needs the name of a feed", hint="its mapping was corrected")
    with locked(settings):
        if again:
            _check_held(settings, feeds[0])
            say_again(note_again(settings, feeds[0], lake_of(settings)))
        loads, problems = load_feeds(
            settings, feeds, lake_of(settings), datetime.now(UTC), console.stage
        )
    print_loads(settings, loads, json=json)
    for problem in problems:
        console.complain(problem)
    console.end(max((problem.exit_code for problem in problems), default=0))


def _check_held(settings: Settings, feed: Feed) -> None:
    """What a held case stands on is not taken out of the lake, not even to be read again."""
    lake = lake_of(settings)
    if held := desk.held_days(lake) & set(lake.days(feed.source)):
        raise UsageError(
            f"{feed.name} cannot be read again: a held case stands on {min(held)} to {max(held)}",
            hint="`nightporter case release` ends a hold; a second person approves it",
        )


def report(
    *,
    day: Annotated[
        str | None, Parameter(help="the report of that day; default: the newest scanned one")
    ] = None,
    acknowledge: Annotated[
        bool, Parameter(negative="", help="note that you read it; the next one says so")
    ] = False,
    workspace: Workspace = None,
) -> None:
    """Write the HTML report anew from the lake as it is now, and print its path."""
    settings = settings_of(workspace)
    analyst = desk.analyst_of(settings, read_tables(settings)) if acknowledge else None
    with locked(settings):
        page = write_report(
            settings, lake_of(settings), catalogue(load_pack(settings)), day=day_of("--day", day)
        )
    if page is None:
        raise UsageError("no day was scanned yet", hint="`nightporter nightly` scans and reports")
    if analyst is not None:
        read = desk.acknowledge(lake_of(settings), analyst, date.fromisoformat(page.parent.name))
        console.say(f"noted: {analyst.account} read the report of {read.value}")
    console.out(str(page))
