"""Raw files of a feed become partitions of the lake; every line is an event, a reject or a copy.

Three commits in a row (rejects, events, loads), each naming the files it holds: a crash between
any two leaves nothing that the next run would repeat or lose.
"""

from collections.abc import Callable, Container, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path

import polars as pl

from nightporter.config import Feed, Settings
from nightporter.errors import ConfigError, LogError, NightporterError
from nightporter.lake import Lake
from nightporter.sources.again import forget_noted
from nightporter.sources.ahead import side_by_side
from nightporter.sources.checking import field_map
from nightporter.sources.commits import READER_VERSION, Committer
from nightporter.sources.fields import FieldMap
from nightporter.sources.loaded import Loaded
from nightporter.sources.parsed import Parsed
from nightporter.sources.reading import beginnings, identify, matches, read
from nightporter.sources.staging import Pile, Scratch, Stage
from nightporter.sources.tally import Tally, tallied
from nightporter.sources.typed import Log, type_rows

__all__ = ["READER_VERSION", "FeedLoad", "ingest_feed"]

# Files are committed together until they hold so many lines.
_BATCH_LINES = 250_000


@dataclass(frozen=True)
class FeedLoad:
    """What one feed brought: matched files, and the lines of those that were new."""

    feed: str
    files: int = 0
    loaded: int = 0
    lines: int = 0
    accepted: int = 0
    rejected: int = 0
    duplicates: int = 0
    ignored: int = 0
    future: int = 0
    tally: Tally = field(default_factory=Tally)
    problems: tuple[NightporterError, ...] = ()


@dataclass
class _Job:
    """One feed being loaded."""

    fields: FieldMap
    lake: Lake
    now: datetime
    notice: Callable[[str], None]
    scratch: Scratch
    problems: list[NightporterError] = field(default_factory=list)

    @property
    def feed(self) -> Feed:
        return self.fields.feed


def ingest_feed(
    settings: Settings,
    feed: Feed,
    lake: Lake,
    *,
    now: datetime,
    notice: Callable[[str], None] = lambda _: None,
    held: Container[date] = frozenset(),
) -> FeedLoad:
    """Load every new file of `feed`; return what it brought and which files could not be read.

    What stands of the `held` days stays, even where the lines that it came from read otherwise now.
    Raises ConfigError for a wrong [[feed]], LogError if none of its paths matches a file.
    """
    fields = field_map(settings, feed)
    paths, missing = matches(fields)
    if not paths:
        raise missing[0]
    forget_noted(settings, feed, lake)
    with Scratch(settings.root / "cache") as scratch:
        job = _Job(fields, lake, now, notice, scratch, problems=list(missing))
        commits = Committer(settings, feed, lake, now, scratch, held)
        total = FeedLoad(feed.name, files=len(paths))
        for batch in _batches(job, paths, commits.loaded()):
            total = _sum(total, commits.commit(batch))
            total = replace(total, tally=tallied(total.tally, batch))
    return replace(total, problems=tuple(job.problems))


def _sum(total: FeedLoad, loads: pl.DataFrame) -> FeedLoad:
    names = ("lines", "accepted", "rejected", "duplicates", "ignored", "future")
    sums = {name: getattr(total, name) + int(loads[name].sum()) for name in names}
    return replace(total, loaded=total.loaded + len(loads), **sums)


def _batches(job: _Job, paths: Sequence[Path], loaded: Loaded) -> Iterator[list[Stage]]:
    batch: list[Stage] = []
    for read_ahead in _stages(job, paths, loaded):
        try:
            stage = read_ahead.result()
        except (ConfigError, LogError) as error:
            job.problems.append(error)
            continue
        batch.append(stage)
        if stage.rejected and stage.lines == stage.rejected + stage.ignored:
            job.problems.append(_garbage(stage))
        if sum(each.lines for each in batch) >= _BATCH_LINES:
            yield batch
            batch = []
    if batch:
        yield batch


def _stages(job: _Job, paths: Sequence[Path], loaded: Loaded) -> Iterator[Future[Stage]]:
    return side_by_side(lambda found: _staged(job, *found), _new_logs(job, paths, loaded))


def _new_logs(
    job: _Job, paths: Sequence[Path], loaded: Loaded
) -> Iterator[tuple[Log, bytes | None]]:
    seen = set(loaded.file_ids)
    for path in paths:
        try:
            log, data = identify(path)
            if log.file_id not in seen:
                seen.add(log.file_id)
                yield replace(log, earlier=beginnings(path, loaded.before(path))), data
        except LogError as error:
            job.problems.append(error)


def _staged(job: _Job, log: Log, data: bytes | None) -> Stage:
    """Read a whole file; nothing of it reaches the lake before its last line is understood."""
    events, rejects = Pile(job.feed.source, job.scratch), Pile("rejects", job.scratch)
    stage = Stage(log, events, rejects)
    try:
        with job.scratch.con.cursor() as con:
            blocks = read(log, data, job.fields, con, job.notice)
            for parsed in _one_ahead(blocks) if data is None else blocks:
                made, refused = type_rows(parsed, job.fields, log, job.now)
                stage.add(parsed, made, refused, job.feed.name, job.now)
    except (ConfigError, LogError) as error:
        error.path = error.path or log.path
        raise
    return stage


def _one_ahead(blocks: Iterator[Parsed]) -> Iterator[Parsed]:
    """Parse the next block of a large file in a thread while the last one is typed and written."""
    with ThreadPoolExecutor(1) as parser:
        coming = parser.submit(next, blocks, None)
        while (parsed := coming.result()) is not None:
            coming = parser.submit(next, blocks, None)
            yield parsed


def _garbage(stage: Stage) -> LogError:
    reason, times = stage.reasons.most_common(1)[0]
    first = stage.first_reject
    shown = f"line {first.line}: {first.detail}" if first else ""
    return LogError(
        f"no line of it could be read ({reason} {times:,} times)",
        path=stage.log.path,
        line=1,
        hint=f"{shown}; all lines are kept in the table rejects: correct the feed's [[feed]] entry",
    )
