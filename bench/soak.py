"""Kill the real process at random instants, let it run again, and look for what it lost.

    python -m bench.soak [--kills 200] [--seed N]

Each round starts from raw logs, kills `nightly` or `ingest` one to eight times in a row, runs
once more undisturbed, and compares every table with a workspace that was never disturbed.
Prints a line for each round and a summary; ends with 1 unless nothing was lost, nothing is
there twice, nothing is left behind, and nobody had to repair anything.
"""

import argparse
import gzip
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from nightporter import config
from nightporter.schema import TABLES
from nightporter.workspace import lake_of
from tests.workspaces import june

END = "2026-06-30T08:00Z"
# Nothing else may differ: when a row was written, and by which run.
WHEN = {"ingested_at", "found_at", "changed_at", "run_id", "ms", "lake_version"}
_WHEN_IN_RECORDS = re.compile(r'"ingested_at":"[^"]*"')
_GRACE = 60


@dataclass(frozen=True)
class Calm:
    """An undisturbed run: when it took the lock, how long it took, its stages, what it left."""

    locked: float
    seconds: float
    stages: tuple[str, ...]
    tables: dict[str, Counter[str]]


@dataclass
class Outcome:
    """What one round, or all of them, came to."""

    hits: Counter[str] = field(default_factory=Counter)
    lost: int = 0
    doubled: int = 0
    repairs: int = 0
    left: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        return not (self.lost or self.doubled or self.repairs or self.left)

    def add(self, other: "Outcome") -> None:
        self.hits += other.hits
        self.lost += other.lost
        self.doubled += other.doubled
        self.repairs += other.repairs
        self.left += other.left


def main() -> None:
    """Kill until there were enough kills; print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    given = parser.parse_args()
    print(f"seed {given.seed}", flush=True)
    started, total = time.monotonic(), Outcome()
    with tempfile.TemporaryDirectory() as folder:
        for number, outcome in enumerate(soak(Path(folder), given.kills, given.seed), 1):
            total.add(outcome)
            print(f"round {number:3}  {_told(outcome)}", flush=True)
    print(f"\n{total.hits.total()} kills in {number} rounds, {time.monotonic() - started:.0f} s")
    for stage, times in sorted(total.hits.items()):
        print(f"  {stage:<12}{times:5}")
    print(
        f"losses {total.lost}  duplicates {total.doubled}  manual repairs {total.repairs}", end=""
    )
    print(f"  leftovers {len(total.left)}")
    sys.exit(0 if total.is_clean else 1)


def _told(outcome: Outcome) -> str:
    hits = " ".join(f"{stage}:{n}" for stage, n in outcome.hits.items())
    wrong = "" if outcome.is_clean else f"  WRONG lost {outcome.lost} doubled {outcome.doubled} "
    wrong += f"repairs {outcome.repairs} left {outcome.left}" if wrong else ""
    return f"killed in {hits or 'nothing'}{wrong}"


def soak(
    folder: Path,
    kills: int,
    seed: int,
    first: str = "2026-06-25",
    in_a_row: tuple[int, int] = (1, 8),
    detectors: Collection[str] | None = None,
) -> Iterator[Outcome]:
    """Yield the outcome of each round until so many processes were killed.

    The logs start on the day `first`; a round kills so many times `in_a_row`, by chance. All
    shipped detectors run, or those that are named.
    """
    chance = random.Random(seed)  # noqa: S311  instants, not secrets
    calm, done, number = undisturbed(_workspace(folder / "calm", first, detectors)), 0, 0
    while done < kills:
        number += 1
        root = _workspace(folder / f"round-{number}", first, detectors)
        outcome = _round(root, calm, chance, min(chance.randint(*in_a_row), kills - done))
        done += outcome.hits.total()
        yield outcome


def _workspace(root: Path, first: str, detectors: Collection[str] | None) -> Path:
    """The last days of the sample logs, two of them in two exports, of which one holds dirt."""
    june(root, first, detectors)
    one, other = sorted((root / "logs" / "access").iterdir())[:2]
    both = b"".join(gzip.decompress(each.read_bytes()) for each in (one, other))
    dirty = both + b"no object\n\n" + both[:100]
    (one.parent / "2026-06-26-again.ndjson.gz").write_bytes(gzip.compress(dirty, mtime=0))
    (root / "tmp").mkdir()
    return root


def undisturbed(root: Path) -> Calm:
    """Run a whole night and measure it."""
    started = time.monotonic()
    with _started(root, "nightly") as night:
        while not _holds_lock(root, night.pid) and night.poll() is None:
            time.sleep(0.005)
        locked = time.monotonic() - started
        lines = night.communicate()[1].splitlines()
    seconds = time.monotonic() - started
    assert night.returncode == 0, lines
    return Calm(locked, seconds, tuple(filter(None, map(_stage, lines))), contents(root))


def _started(root: Path, command: str) -> "subprocess.Popen[str]":
    words = [command, "--workspace", str(root)]
    return subprocess.Popen(
        [sys.executable, "-m", "nightporter", *words, *_as_of(command)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(root / "tmp")},
    )


def _as_of(command: str) -> list[str]:
    return ["--as-of", END] if command == "nightly" else []


def _holds_lock(root: Path, pid: int) -> bool:
    lock = root / "state" / "lock"
    return lock.exists() and lock.read_text() == f"process {pid}\n"


def _stage(line: str) -> str | None:
    """Return the stage whose end a line tells."""
    words = line.split()
    ended = line.startswith("  ") and words[-1:] == ["s"] and len(words) > 2
    return " ".join(words[:-2]) if ended else None


def _round(root: Path, calm: Calm, chance: random.Random, kills: int) -> Outcome:
    outcome = Outcome()
    for _ in range(kills):
        command = chance.choice(("nightly", "nightly", "nightly", "ingest"))
        if (hit := _killed(root, command, calm, chance)) is not None:
            outcome.hits[hit] += 1
    with _started(root, "nightly") as healing:
        said = healing.communicate()[1]
    if healing.returncode:
        outcome.repairs += 1
        print(said, file=sys.stderr)
    outcome.lost, outcome.doubled = compared(calm.tables, contents(root))
    outcome.left = leftovers(root)
    return outcome


def _killed(root: Path, command: str, calm: Calm, chance: random.Random) -> str | None:
    """Kill a run at a random instant; return the stage it was in, None if it had ended."""
    share = 1.0 if command == "nightly" else _share(calm, "ingest")
    with _started(root, command) as run:
        time.sleep(_until(root, run, calm, chance, share))
        had_lock = _holds_lock(root, run.pid)
        run.send_signal(signal.SIGKILL)
        # Its sandbox ends by itself, once nobody asks any more; it holds no pipe of ours.
        lines = run.communicate(timeout=_GRACE)[1].splitlines()
    if run.returncode != -signal.SIGKILL:
        return None
    return _hit(calm, [stage for line in lines if (stage := _stage(line))], had_lock)


def _share(calm: Calm, kind: str) -> float:
    """Return which part of a night the stages of a kind may take: all count the same."""
    return sum(stage.startswith(kind) for stage in calm.stages) / len(calm.stages)


def _until(
    root: Path, run: "subprocess.Popen[str]", calm: Calm, chance: random.Random, share: float
) -> float:
    """Return for how long to leave a run alone: one in ten dies before it takes the lock."""
    if chance.random() < 0.1:
        return chance.uniform(0, calm.locked)
    instant, started = chance.random(), time.monotonic()
    while not _holds_lock(root, run.pid) and run.poll() is None:
        time.sleep(0.005)
    # A machine that is busy now takes longer for all.
    pace = (time.monotonic() - started) / calm.locked
    return instant * share * (calm.seconds - calm.locked) * pace


def _hit(calm: Calm, ended: list[str], had_lock: bool) -> str:
    if not had_lock and not ended:
        return "start"
    due = calm.stages[calm.stages.index(ended[-1]) + 1 :] if ended else calm.stages
    return due[0].split()[0] if due else "end"


def contents(root: Path) -> dict[str, Counter[str]]:
    """Return the rows of every table, in the lake and as published."""
    found = {}
    with duckdb.connect() as con:
        con.execute("SET timezone = 'UTC'")
        con.execute(f"ATTACH '{root / 'findings.duckdb'}' AS published (READ_ONLY)")
        for table in TABLES:
            lake_of(config.load(root)).view(con, table)
            found[table] = _rows(con, table)
        for table in ("findings", "evidence", "risk", "windows", "rejects", "loads"):
            found[f"published {table}"] = _rows(con, f"published.{table}")
    pages = sorted((root / "reports").glob("*/index.html"))
    found["reports"] = Counter(path.parent.name for path in pages)
    return found


def _rows(con: duckdb.DuckDBPyConnection, table: str) -> Counter[str]:
    names = [row[0] for row in con.execute(f"DESCRIBE {table}").fetchall()]
    kept = ", ".join(f'"{name}"' for name in names if name not in WHEN)
    rows = con.execute(f"SELECT {kept} FROM {table}").fetchall()
    return Counter(_WHEN_IN_RECORDS.sub("", repr(row)) for row in rows)


def compared(wanted: dict[str, Counter[str]], found: dict[str, Counter[str]]) -> tuple[int, int]:
    """Return how many rows are missing, and how many are there that should not be."""
    lost = sum((wanted[table] - found[table]).total() for table in wanted)
    return lost, sum((found[table] - wanted[table]).total() for table in wanted)


def leftovers(root: Path) -> list[str]:
    """Return the files that no finished run has a use for."""
    places = ("cache/*", "tmp/*", "*.new*", ".*", "reports/*/.*")
    return sorted(str(p.relative_to(root)) for place in places for p in root.glob(place))


if __name__ == "__main__":
    main()
