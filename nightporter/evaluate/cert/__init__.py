"""CERT r4.2, for whoever has its files: scanned by the real pipeline, scored by its answers.

Knows the order of the work; no row of the data set comes with nightporter.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from nightporter.config import Settings
from nightporter.errors import LogError, NightporterError
from nightporter.evaluate.cert.answers import Answers, answers
from nightporter.evaluate.cert.layout import dataset
from nightporter.evaluate.cert.people import people
from nightporter.evaluate.cert.scores import WHOLE_PERIOD, Score, score
from nightporter.evaluate.cert.workspace import WARM_UP, write_hosts, write_workspace
from nightporter.ingest import FeedLoad
from nightporter.lake import Lake
from nightporter.nightly import load_feeds, nightly
from nightporter.scan import Step, call
from nightporter.workspace import lake_of, locked

__all__ = ["WARM_UP", "WHOLE_PERIOD", "CertRun", "Score", "evaluate_cert"]


@dataclass(frozen=True)
class CertRun:
    """What became of one r4.2 folder: its workspace, the lines read, the answers, the score."""

    settings: Settings
    loads: tuple[FeedLoad, ...]
    truth: Answers
    score: Score
    problems: tuple[NightporterError, ...]


def evaluate_cert(folder: Path, out: Path, step: Step = call) -> CertRun:
    """Write the workspace `out` for the CERT r4.2 files in `folder`, scan it, and score it.

    Raises UsageError or LogError for what is no r4.2. Logs that were read already are not read
    again, but every day is scanned again: what is measured is the code as it is now.
    """
    cert = dataset(folder)
    persons = people(cert)
    truth = answers(cert, set(persons["user_id"]))
    settings = write_workspace(cert, out, persons, truth)
    lake = lake_of(settings)
    with locked(settings):
        loads, problems = load_feeds(settings, settings.feed, lake, datetime.now(UTC), step)
        # Whose machine it is only the logons tell, and the scan wants to know it.
        write_hosts(settings, lake, persons)
    days = _days(lake, cert.logs["logon"], problems)
    after = datetime.combine(days[-1] + timedelta(days=1), time(12), UTC)
    night = nightly(settings, after, first=days[0], step=step, silent=True)
    scored = step("score", lambda: score(lake, truth, days[0] + timedelta(days=WARM_UP), days[-1]))
    said = {str(problem): problem for problem in (*problems, *night.problems)}
    return CertRun(settings, loads, truth, scored, tuple(said.values()))


def _days(lake: Lake, logon: Path, problems: list[NightporterError]) -> list[date]:
    days = sorted({*lake.days("access"), *lake.days("usb")})
    if days:
        return days
    raise problems[0] if problems else LogError("no line of it is an event", path=logon)
