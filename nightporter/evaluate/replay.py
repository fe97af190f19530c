"""The same logs, added and scanned night by night: do the lists agree with those of one pass?"""

import os
import re
import shutil
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from nightporter import config
from nightporter.config import FILE_NAME, Settings
from nightporter.errors import UsageError
from nightporter.evaluate.lists import SCORES, listed, looked_at, places
from nightporter.evaluate.measuring import ended
from nightporter.evaluate.ranked import ARRIVED, ON_THE_WAY
from nightporter.evaluate.scoring import outcomes
from nightporter.evaluate.truth import Truth
from nightporter.lake import Lake
from nightporter.nightly import nightly
from nightporter.scan import Step
from nightporter.schema import SOURCES
from nightporter.window import Window
from nightporter.workspace import lake_of


def replay(settings: Settings, near: Path, tested: Window, step: Step) -> pl.DataFrame:
    """Return (user_id, day, score) of each night's new findings, every night run by itself.

    The workspace was scanned once: its lake knows each line's stamp. A workspace below `near`
    gets what had arrived when a night is run; the days before `tested` are one night.
    """
    shutil.rmtree(near, ignore_errors=True)
    post = _Post(settings, near, _by_day(settings), _stamps(lake_of(settings), tested))
    other = _beside(settings, near)
    before = tested.first - timedelta(days=1)
    if any(day <= before for day, _ in post.logs):
        post.deliver(before, ended(other, before))
        step("replay, the days before", partial(nightly, other, ended(other, before)))
    scores: list[pl.DataFrame] = []
    for day in tested:
        post.deliver(day, ended(other, day))
        scores.append(step(f"replay, night of {day}", partial(_night, other, day)))
    return pl.concat(scores)


@dataclass
class _Post:
    """Brings log files from one workspace to the other: whole ones, and the begun one's lines."""

    settings: Settings
    near: Path
    logs: list[tuple[date, Path]]
    stamps: pl.DataFrame
    _come: set[Path] = field(default_factory=set)

    def deliver(self, day: date, moment: datetime) -> None:
        """Add the files of `day` and before, and what the next day's hold already at `moment`."""
        for came, path in self.logs:
            if came <= day and path not in self._come:
                self._target(path).unlink(missing_ok=True)
                os.link(path, self._target(path))
                self._come.add(path)
            elif came == day + timedelta(days=1):
                self._begun(came, path, moment)

    def _target(self, path: Path) -> Path:
        target = self.near / path.relative_to(self.settings.root)
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        return target

    def _begun(self, day: date, path: Path, moment: datetime) -> None:
        """Write the head of a file and the lines of that day stamped before `moment`.

        Lines of earlier days came late, so who knows when; packed files come whole or not.
        """
        name = path.relative_to(self.settings.root).as_posix()
        midnight = datetime.combine(day, time(), UTC)
        fresh = self.stamps.filter(
            (pl.col("path") == name) & pl.col("ts").is_between(midnight - ON_THE_WAY, moment)
        )
        if fresh.is_empty() or path.suffix not in (".csv", ".ndjson", ".log"):
            return
        # A carriage return alone ends no line, and may stand in any field.
        lines, wanted = path.read_bytes().split(b"\n"), fresh["line"].sort()
        head = lines[: self.stamps.filter(pl.col("path") == name)["head"][0]]
        kept = [lines[number - 1] for number in wanted]
        self._target(path).write_bytes(b"".join(line + b"\n" for line in [*head, *kept]))


def _stamps(lake: Lake, window: Window) -> pl.DataFrame:
    """Return (path, head, line, ts) of the events of `window`; `head` lines precede the first."""
    with duckdb.connect() as con:
        con.execute("SET timezone = 'UTC'")
        lake.view(con, "loads")
        for source in SOURCES:
            lake.view(con, source, window.reaching_back(1))
        events = " UNION ALL ".join(f"SELECT feed, file_id, line, ts FROM {s}" for s in SOURCES)
        rows: pl.DataFrame = con.sql(
            f"""SELECT l.path, l.header_lines AS head, e.line, e.ts
            FROM ({events}) AS e JOIN loads AS l USING (feed, file_id)"""
        ).pl()
    return rows


def compared(
    once: pl.DataFrame, night_by_night: pl.DataFrame, truth: Truth, people: int, tested: Window
) -> list[dict[str, Any]]:
    """Return by budget how many places the lists of both scores fill, and the share of both."""
    insiders, rows = truth.of("insider"), []
    for budget, most in places(people).items():
        one, many = (listed(scores, most) for scores in (once, night_by_night))
        both = one.join(many, on=["user_id", "day"], how="semi").height
        either = one.height + many.height - both
        caught = [_caught(scores, insiders, {budget: most}) for scores in (once, night_by_night)]
        rows.append(
            {
                "budget": budget, "nights": len(tested), "once": one.height,
                "nightly": many.height, "shared": both / either if either else 1.0,
                "caught_once": caught[0], "caught_nightly": caught[1],
            }
        )  # fmt: skip
    return rows


def _caught(scores: pl.DataFrame, insiders: Truth, most: dict[float, int]) -> int:
    found = outcomes(listed(scores), looked_at(scores, most), insiders, most)
    return int(found["caught"].sum())


def _by_day(settings: Settings) -> list[tuple[date, Path]]:
    paths = {path for feed in settings.feed for each in feed.paths
             for path in settings.root.glob(each)}  # fmt: skip
    found = []
    for path in sorted(paths):
        named = re.search(ARRIVED, path.name)
        if named is None:
            hint = "night by night means: one file a day, named like 2026-03-02"
            raise UsageError("the file's name has no day", path=path, hint=hint)
        found.append((date.fromisoformat(named[1]), path))
    return found


def _beside(settings: Settings, near: Path) -> Settings:
    """Copy the configuration and the context, and no log; the logs alone weigh there."""
    near.mkdir(parents=True, mode=0o700)
    shutil.copy(settings.path, near / FILE_NAME)
    for folder in ("context", "detectors"):
        if (settings.root / folder).is_dir():
            shutil.copytree(settings.root / folder, near / folder)
    copied = config.load(near)
    bare = copied.risk.model_copy(update={"factors": False})
    return copied.model_copy(update={"risk": bare})


def _night(settings: Settings, day: date) -> pl.DataFrame:
    """Scan what has come, and score whoever has a finding that was never said before.

    A finding of an earlier day, whose evidence came late, weighs what it would have then.
    """
    moment = ended(settings, day)
    started = max(datetime.now(UTC), moment)
    nightly(settings, moment, silent=True)
    lake = lake_of(settings)
    return _new(lake, Window(day - timedelta(days=_late(settings)), day), started)


def _late(settings: Settings) -> int:
    return max(settings.lateness(feed.name) for feed in settings.feed)


def _new(lake: Lake, window: Window, started: datetime) -> pl.DataFrame:
    whom = pl.when(pl.col("user_id").is_null()).then("candidates").otherwise(
        pl.concat_list("user_id")
    )  # fmt: skip
    fresh = (
        lake.read("findings", window)
        .filter(pl.col("found_at") >= started, pl.col("status") == "open")
        .select("day", user_id=whom)
        .explode("user_id")
        .drop_nulls()
        .unique()
    )
    risk = lake.read("risk", window).join(fresh, on=["user_id", "day"], how="semi")
    return risk.group_by("user_id").agg(score=pl.col("risk").max()).select(
        "user_id", day=pl.lit(window.last), score="score"
    ).cast(pl.Schema(SCORES))  # fmt: skip
