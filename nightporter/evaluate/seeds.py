"""Seed after seed: an organisation is invented, measured in a process of its own, and deleted.

What a seed gave is kept, so an evaluation that was interrupted goes on where it was.
"""

import hashlib
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
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
    seeds: Sequence[Seed], options: Options, out: Path, tell: Tell, *, keep: bool = False
) -> list[Result]:
    """Measure each of `seeds`, one at a time, and return what they gave.

    Workspaces lie below `out`/workspaces while they are measured, and stay with `keep`; results
    stay in `out`/results. Raises EvaluationError where one cannot be invented or measured.
    """
    results: list[Result] = []
    spent: list[float] = []
    for nth, seed in enumerate(seeds):
        folder = out / "results" / seed.name
        mark = _mark(seed, options)
        known = kept(folder)
        if known is not None and known.facts["mark"] == mark:
            tell(f"[{nth + 1} of {len(seeds)}] {seed.name}: measured before, with the same code")
            results.append(known)
            continue
        started = time.monotonic()
        clock = _Clock(f"[{nth + 1} of {len(seeds)}] {seed.name}", spent, len(seeds) - nth, tell)
        results.append(_measured(seed, options, out, folder, mark, clock.tell, keep=keep))
        spent.append(time.monotonic() - started)
    return results


class _Clock:
    """Says where the work stands, and how many minutes are left by what seeds took so far."""

    def __init__(self, where: str, spent: Sequence[float], seeds: int, tell: Tell) -> None:
        self._where, self._tell, self._started = where, tell, time.monotonic()
        self._left = sum(spent) / len(spent) * seeds if spent else None

    def tell(self, stage: str) -> None:
        gone = time.monotonic() - self._started
        left = "the first one tells how long"
        if self._left is not None:
            left = f"about {max(1, round((self._left - gone) / 60))} min left"
        self._tell(f"{self._where}, {gone:.0f} s: {stage} ({left})")


def _measured(
    seed: Seed, options: Options, out: Path, folder: Path, mark: str, tell: Tell, *, keep: bool
) -> Result:
    workspace = out / "workspaces" / seed.name
    shutil.rmtree(workspace, ignore_errors=True)
    workspace.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    tell("simulate")
    invent(workspace, seed, options)
    facts = {"seed": seed.seed, "profile": seed.profile, "mark": mark}
    result = measure_apart(workspace, folder, options, facts, tell, replay=seed.replay)
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
) -> Result:
    """Measure `workspace` in a child process that leaves its results in `folder`.

    Raises UsageError for a workspace that cannot be measured, EvaluationError where it failed.
    """
    shutil.rmtree(folder, ignore_errors=True)
    asked = orjson.dumps({"options": options.plain(), "facts": facts, "replay": replay}).decode()
    paths = [str(path.resolve()) for path in (workspace, folder)]
    command = [sys.executable, "-m", "nightporter.evaluate.child", *paths, asked]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=workspace) as child:
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
    """What a result depends on: the seed, the options, and every line of code and detector."""
    said = [asdict(seed), options.plain(), forest_is_installed()]
    digest = hashlib.sha256(orjson.dumps(said))
    for path in sorted([*PACKAGE.rglob("*.py"), *shipped("detectors").rglob("*.sql")]):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:16]
