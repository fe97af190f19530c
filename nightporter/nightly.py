"""The order of a night, said once: ingest, plan, scan, erase, upkeep, publish, report, notify.

Every stage is a plain function; `step` lets a scheduler wrap each of them.
"""

import logging
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial

import duckdb
from deltalake.exceptions import DeltaError

from nightporter import context, exceptions, ledger, notify
from nightporter.config import Feed, Settings
from nightporter.desk import held_days
from nightporter.erasure import erase
from nightporter.errors import (
    ConfigError,
    LakeError,
    LogError,
    NightporterError,
    NotificationError,
    UsageError,
)
from nightporter.ingest import FeedLoad, ingest_feed
from nightporter.lake import Lake
from nightporter.ledger import Plan
from nightporter.passes import carry_out
from nightporter.publish import Known, publish
from nightporter.report import write_report
from nightporter.rules import load_pack
from nightporter.rules.catalogue import catalogue, columns, knobs
from nightporter.rules.detection import Detection
from nightporter.scan import Run, Step, call
from nightporter.upkeep import keep_up
from nightporter.window import Window
from nightporter.workspace import lake_of, locked


@dataclass(frozen=True)
class Night:
    """What a run did: its plan, loads by feed, detections, and what could not be done."""

    plan: Plan
    loads: tuple[FeedLoad, ...] = ()
    detections: tuple[Detection, ...] = ()
    problems: tuple[NightporterError, ...] = ()

    @property
    def window(self) -> Window | None:
        return self.plan.window

    @property
    def exit_code(self) -> int:
        """0 complete; 2 a configuration fault; 5 something failed and the rest went on."""
        if any(isinstance(problem, ConfigError) for problem in self.problems):
            return 2
        return 5 if self.problems else 0


def nightly(
    settings: Settings,
    as_of: datetime,
    first: date | None = None,
    step: Step = call,
    *,
    silent: bool = False,
) -> Night:
    """Run every stage that is due at `as_of`; nothing that fails stops the rest.

    By default all days are scanned that are new, failed or late; `first` scans all from that
    day on, because what a day says rests on the days before it. `silent` tells nobody outside.
    """
    with _watched(settings, silent), prepared(settings, as_of) as run:
        loads, problems = load_feeds(settings, settings.feed, run.lake, run.now, step)
        plan = ledger.plan(settings, run.lake, as_of, run.versions, first, _corrected(run))
        detections = carry_out(run, plan, step)
        if first is None:
            ledger.settle(run.lake, context.registers(run.tables))
        problems += finish(run, detections, problems, step)
        if not silent:
            problems += _tell(run, problems, step)
    return Night(plan, loads, detections, tuple(problems))


@contextmanager
def _watched(settings: Settings, silent: bool) -> Iterator[None]:
    """Say outside that a night broke off; a command that could not be meant was none."""
    try:
        yield
    except UsageError:
        raise
    except Exception:
        for problem in [] if silent else notify.beat(settings, failed=True):
            logging.getLogger(__name__).warning("%s", problem)
        raise


@contextmanager
def prepared(settings: Settings, as_of: datetime) -> Iterator[Run]:
    """Hold the workspace for one run; what is wrong with its files is said before anything runs."""
    pack = load_pack(settings)
    tables = context.read_tables(settings)
    known = exceptions.Site(columns(pack), tables)
    entries = exceptions.load_exceptions(settings, known)
    with locked(settings):
        # Who is told a later moment than the clock's writes that moment: nothing is loaded
        # before it happened.
        now = max(datetime.now(UTC), as_of.astimezone(UTC))
        until = ledger.last_ended_day(settings, as_of)
        name = uuid.uuid4().hex[:12]
        run = Run(settings, lake_of(settings), pack, now, name, until, tables, entries)
        exceptions.expect(run.lake, entries)
        ledger.expect(run.lake, context.registers(tables))
        yield run


def _corrected(run: Run) -> dict[date, str]:
    """Return the days that a corrected register concerns, and what it says otherwise there."""
    changed = ledger.changed(run.lake, context.registers(run.tables))
    window = Window(run.until - timedelta(days=run.settings.workspace.horizon), run.until)
    return context.days_concerned(run.settings, run.lake, run.tables, changed, window)


def load_feeds(
    settings: Settings, feeds: Iterable[Feed], lake: Lake, now: datetime, step: Step
) -> tuple[tuple[FeedLoad, ...], list[NightporterError]]:
    """Load every feed; one that cannot be read is a problem and stops no other."""
    loads: list[FeedLoad] = []
    problems: list[NightporterError] = []
    held = held_days(lake)
    for feed in feeds:
        work = partial(ingest_feed, settings, feed, lake, now=now, held=held)
        try:
            loads.append(step(f"ingest {feed.name}", work))
            problems += loads[-1].problems
        except NightporterError as error:
            problems.append(error)
        except Exception as error:  # whatever a log may hold that nobody thought of
            message = f"the feed {feed.name} was not loaded: {type(error).__name__}: {error}"
            problems.append(LogError(message.partition("\n")[0]))
    return tuple(loads), problems


def finish(
    run: Run, detections: Iterable[Detection], problems: list[NightporterError], step: Step
) -> list[NightporterError]:
    """Publish and report what the lake holds now; return what went wrong besides `problems`."""
    wrong = [d.error for d in detections if d.error]
    turned = knobs(run.pack, run.settings.knobs)
    known = Known(catalogue(run.pack), turned, run.tables)
    wrong += step("erase", partial(_erased, run))
    wrong += step("upkeep", partial(keep_up, run.settings, run.lake, held_days(run.lake)))
    step("publish", partial(publish, run.settings, run.lake, known))
    wrong += run.pack.errors
    return wrong + _report(run, [*problems, *wrong], step)


def _erased(run: Run) -> list[NightporterError]:
    """Take out what is past its term, by the clock and not by the moment that is rehearsed; what
    is left by a failure the next night takes out."""
    try:
        gone = erase(run.settings, run.lake, datetime.now(UTC).date())
    except NightporterError as error:
        return [error]
    except (OSError, duckdb.Error, DeltaError) as error:
        message = f"what is past its term was not erased: {type(error).__name__}: {error}"
        return [LakeError(message.partition("\n")[0])]
    if gone.findings or gone.cases or gone.reports:
        logging.getLogger(__name__).info("%s", gone)
    return []


def _report(run: Run, problems: list[NightporterError], step: Step) -> list[NightporterError]:
    """Write the page; one that cannot be written is a problem, and the findings stand."""
    known = catalogue(run.pack)
    try:
        step("report", partial(write_report, run.settings, run.lake, known, tuple(problems)))
    except NightporterError as error:
        return [error]
    except Exception as error:
        message = f"the report was not written: {type(error).__name__}: {error}"
        return [NightporterError(message.partition("\n")[0])]
    return []


def _tell(run: Run, problems: list[NightporterError], step: Step) -> list[NightporterError]:
    """Tell whoever should know, then let the heartbeat say whether the night was complete."""
    if not (run.settings.notify.route or run.settings.notify.heartbeat):
        return []
    wrong: list[NightporterError] = step("notify", partial(_told, run, tuple(problems)))
    return wrong


def _told(run: Run, problems: tuple[NightporterError, ...]) -> list[NightporterError]:
    wrong: list[NightporterError] = []
    try:
        wrong += notify.tell(run.settings, run.lake, run.until, problems)
    except Exception as error:
        # Not its words: they may hold an address.
        wrong.append(NotificationError(f"nobody was told: {type(error).__name__}"))
    return wrong + notify.beat(run.settings, failed=bool(problems or wrong))
