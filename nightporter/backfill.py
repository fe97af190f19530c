"""The order of a backfill: plan, scan, publish, report; no log is read.

Knows whose days are asked for; how a scan is done stands in `scan`.
"""

from collections.abc import Collection
from datetime import UTC, datetime

from nightporter.config import Settings
from nightporter.errors import NightporterError
from nightporter.ledger import backlog
from nightporter.nightly import Night, finish, prepared
from nightporter.passes import carry_out
from nightporter.scan import Step, call
from nightporter.window import Window


def backfill(
    settings: Settings,
    stages: Collection[str] | None = None,
    asked: Window | None = None,
    step: Step = call,
) -> Night:
    """Scan the stale days of `stages` (default: all) again, or the `asked` ones, and publish."""
    with prepared(settings, datetime.now(UTC)) as run:
        known = list(run.versions)
        plan = backlog(run.lake, known if stages is None else stages, known, asked)
        detections = carry_out(run, plan, step)
        problems: list[NightporterError] = []
        problems += finish(run, detections, problems, step)
    return Night(plan, (), detections, tuple(problems))
