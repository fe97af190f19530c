"""Seed after seed: an organisation is invented, measured in a process of its own, and deleted.

What a seed gave is kept, so an evaluation that was interrupted goes on where it was.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from itertools import count
from pathlib import Path
from typing import Any

import orjson

from nightporter.errors import EvaluationError, UsageError
from nightporter.evaluate.options import Options
from nightporter.evaluate.references import forest_is_installed
from nightporter.evaluate.results import Result, kept
from nightporter.shipped import PACKAGE, shipped

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Seed:
    """One invented organisation; `replay` has its nights run one by one as well."""

    seed: int
    profile: str
    replay: bool = False

    @property
    def name(self) -> str:
        return f"{self.profile}-{self.seed}"


def evaluate_seeds(
    seeds: Sequence[Seed],
    options: Options,
    out: Path,
    tell: Tell,
    *,
    keep: bool = False,
    jobs: int = 1,
) -> list[Result]:
    """Measure `seeds`, `jobs` at a time, and return what they gave in their order.

    Workspaces lie below `out`/workspaces while they are measured, and stay with `keep`; results
    stay in `out`/results. Raises EvaluationError where one cannot be invented or measured; none
    is begun after that.
    """
    clock = _Clock(len(seeds), jobs, tell)

    def work(seed: Seed) -> Result:
        folder, mark = out / "results" / seed.name, _mark(seed, options)
        with clock.begun(seed.name) as told:
            known = kept(folder)
            if known is not None and known.facts["mark"] == mark:
                told("measured before, with the same code")
                return known
            with clock.spending():
                return _measured(seed, options, out, folder, mark, told, keep=keep, jobs=jobs)

    with ThreadPoolExecutor(jobs) as pool:
        asked = [pool.submit(work, seed) for seed in seeds]
        try:
            return [each.result() for each in asked]
        except BaseException as error:
            pool.shutdown(wait=False, cancel_futures=True)
            # One that never began may stand before the one that failed.
            raise clock.failed or error from None


class _Clock:
    """Says where the work stands, and how many minutes are left by what seeds took so far; stops
    the work where one seed has failed."""

    def __init__(self, seeds: int, jobs: int, tell: Tell) -> None:
        self._seeds, self._jobs, self._tell = seeds, jobs, tell
        self._numbers, self._left, self._spent = count(1), seeds, list[float]()
        self.failed: BaseException | None = None

    @contextmanager
    def begun(self, name: str) -> Iterator[Tell]:
        """Number one seed, and yield what tells of its stages; then it has ended.

        Raises CancelledError after one that failed, whose error is `failed`.
        """
        if self.failed:
            raise CancelledError
        where, began = f"[{next(self._numbers)} of {self._seeds}] {name}", time.monotonic()
        try:
            yield lambda stage: self._tell(
                f"{where}, {time.monotonic() - began:.0f} s: {stage} ({self._minutes()})"
            )
        except BaseException as error:
            self.failed = self.failed or error
            raise
        self._left -= 1

    @contextmanager
    def spending(self) -> Iterator[None]:
        """Note how long a seed took that was measured."""
        began = time.monotonic()
        yield
        self._spent.append(time.monotonic() - began)

    def _minutes(self) -> str:
        if not self._spent:
            return "the first one tells how long"
        seconds = sum(self._spent) / len(self._spent) * self._left / self._jobs
        return f"about {max(1, round(seconds / 60))} min left"


def _measured(
    seed: Seed,
    options: Options,
    out: Path,
    folder: Path,
    mark: str,
    tell: Tell,
    *,
    keep: bool,
    jobs: int,
) -> Result:
    workspace = out / "workspaces" / seed.name
    shutil.rmtree(workspace, ignore_errors=True)
    workspace.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    tell("simulate")
    invent(workspace, seed, options)
    facts = {"seed": seed.seed, "profile": seed.profile, "mark": mark}
    result = measure_apart(workspace, folder, options, facts, tell, replay=seed.replay, jobs=jobs)
    if not keep:
        shutil.rmtree(workspace, ignore_errors=True)
    return result


def invent(workspace: Path, seed: Seed, options: Options) -> None:
    """Write an invented organisation whose truth is known, as `nightporter simulate` does."""
    words = {
        "people": options.people, "days": options.days, "seed": seed.seed,
        "profile": seed.profile, "insiders": options.insiders,
    }  # fmt: skip
    said = [text for name, value in words.items() if value is not None
            for text in (f"--{name}", str(value))]  # fmt: skip
    command = [sys.executable, "-m", "nightporter", "simulate", str(workspace), *said]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    if ran.returncode:
        raise EvaluationError(f"{seed.name} was not invented: {ran.stderr.strip()[-500:]}")


def measure_apart(
    workspace: Path,
    folder: Path,
    options: Options,
    facts: dict[str, Any],
    tell: Tell,
    *,
    replay: bool = False,
    jobs: int = 1,
) -> Result:
    """Measure `workspace` in a child process that leaves its results in `folder`.

    The child has its part of the cores, where `jobs` run side by side, and ends with its parent.
    Raises UsageError for a workspace that cannot be measured, EvaluationError where it failed.
    """
    shutil.rmtree(folder, ignore_errors=True)
    threads = max(1, (os.cpu_count() or 1) // jobs)
    asked = orjson.dumps(
        {"options": options.plain(), "facts": facts, "replay": replay, "threads": threads}
    ).decode()
    paths = [str(path.resolve()) for path in (workspace, folder)]
    command = [sys.executable, "-m", "nightporter.evaluate.child", *paths, asked]
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    env = {**os.environ, "POLARS_MAX_THREADS": str(threads)}
    with subprocess.Popen(command, cwd=workspace, env=env, **pipes) as child:
        assert child.stdout is not None
        said: dict[str, Any] = {}
        for line in child.stdout:
            said = _said(line)
            if stage := said.get("stage"):
                tell(stage)
    result = kept(folder)
    if child.returncode or result is None:
        wrong = UsageError if said.get("exit_code") == UsageError.exit_code else EvaluationError
        raise wrong(said.get("error") or f"{workspace} was not measured")
    return result


def _said(line: str) -> dict[str, Any]:
    """Read what the child says; a line that a library prints there is the last word of a crash."""
    try:
        said = orjson.loads(line)
    except orjson.JSONDecodeError:
        said = None
    return said if isinstance(said, dict) else {"error": line.strip()}


def _mark(seed: Seed, options: Options) -> str:
    """What a result depends on: the seed, the options, and every file of code, presets (which read
    the invented logs) and detectors."""
    said = [asdict(seed), options.plain(), forest_is_installed()]
    digest = hashlib.sha256(orjson.dumps(said))
    files = {*PACKAGE.rglob("*"), *shipped("detectors").rglob("*")}
    for path in sorted(path for path in files if path.is_file() and path.suffix != ".pyc"):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:16]
