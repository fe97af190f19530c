"""How long ingest takes, what it holds, and how large the lake gets.

    python -m bench.ingest [--lines 5000000] [--memory] [--growth]

Invents a day of file accesses as CSV and as JSON lines, one line in 10,000 with an impossible
stamp, and loads it with everything that ingest promises: rejects, identity, wall clock,
business day, comparison with what is there, an atomic commit. Prints seconds and the ratio to
others that read the same file in the same run: bare polars and DuckDB, which promise none of
that, and pandas doing the same duties, if it is installed (`pip install pandas`). Each runs
three times in a process of its own; the fastest counts. `--memory` loads 1, 5 and 20 million
lines and prints the peak of each; `--growth` loads a day into lakes of 1, 30 and 365 days.
"""

import argparse
import importlib.util
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import polars as pl

from bench.contenders import CONTENDERS
from nightporter import config

TOML = """\
[site.BER]
zone = "Europe/Berlin"
[[feed]]
name = "files"
source = "access"
paths = ["logs/*.{form}"]
format = "{form}"
site = "BER"
[feed.fields]
ts = "time"
account = "user"
host = "host"
action = "op"
resource = "path"
bytes = "bytes"
src_ip = "ip"
session_id = "session"
[feed.values.action]
READ = "view"
"""
_FIRST = "2026-03-02 05:00:00"
_BROKEN = 10_000


def main() -> None:
    """Compare, and on request weigh and grow."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=5_000_000)
    parser.add_argument("--memory", action="store_true")
    parser.add_argument("--growth", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for form in ("csv", "ndjson"):
            _compare(Path(folder) / form, form, given.lines)
        if given.memory:
            _weigh(Path(folder) / "memory")
        if given.growth:
            _grow(Path(folder) / "growth")


def _compare(root: Path, form: str, lines: int) -> None:
    log = _site(root, form)
    _invent(log, lines)
    size = log.stat().st_size
    print(f"\n{lines:,} lines of {form}, {size / 1e6:,.0f} MB")
    bare = None
    for name in CONTENDERS[form]:
        if name == "pandas" and importlib.util.find_spec("pandas") is None:
            print("  pandas              not installed, not compared")
            continue
        seconds, peak = min(_run(name, log, root) for _ in range(3))
        bare = bare or seconds
        print(
            f"  {name:<18}{seconds:7.2f} s {seconds / bare:6.2f} x bare polars {peak:9,.0f} MB peak"
        )
    held = sum(f.stat().st_size for f in (root / "lake" / "access").rglob("*.parquet"))
    print(f"  the lake holds {held / 1e6:,.0f} MB, {held / size:.1%} of the {form}")


def _weigh(root: Path) -> None:
    print("\npeak memory of ingest, CSV")
    for millions in (1, 5, 20):
        log = _site(root / str(millions), "csv")
        _invent(log, millions * 1_000_000)
        seconds, peak = _run("nightporter", log, log.parents[1])
        print(f"  {millions:>3} million lines {seconds:7.2f} s {peak:9,.0f} MB peak")
        log.unlink()


def _grow(root: Path) -> None:
    print("\n200,000 lines of a new day into a lake that holds so many days")
    log = _site(root, "csv")
    first = None
    for days in (1, 30, 365):
        _invent(log, 20_000 * days, days)
        _run("nightporter", log, root)
        taken = []
        for n in range(5):
            log.unlink()
            log = log.with_name(f"{days}-{n}.csv")
            _invent(log, 200_000, 1, shift=days + n)
            taken.append(_run("more", log, root)[0])
        first = first or min(taken)
        print(f"  {days:>3} days {min(taken):7.3f} s {min(taken) / first:6.2f} x one day")


def _site(root: Path, form: str) -> Path:
    (root / "logs").mkdir(parents=True)
    (root / config.FILE_NAME).write_text(TOML.format(form=form))
    return root / "logs" / f"a.{form}"


def _invent(log: Path, lines: int, days: int = 1, shift: int = 0) -> None:
    """Write lines in order of time; all columns look like those of a file server."""
    step = 86_400_000_000 * days // lines

    def drawn(seed: int, most: int) -> pl.Expr:
        return pl.col("n").hash(seed) % most

    said = pl.lit(_FIRST).str.to_datetime() + pl.duration(
        days=shift, microseconds=pl.col("n") * step
    )
    stamp = said.dt.to_string("%Y-%m-%d %H:%M:%S")
    broken = (pl.col("n") % _BROKEN) == _BROKEN // 2
    rows = pl.LazyFrame({"n": pl.int_range(lines, eager=True)}).select(
        time=pl.when(broken).then(stamp.str.replace(r"\d\d:", "27:")).otherwise(stamp),
        user=pl.format("u{}", drawn(1, 3_000).cast(pl.String).str.zfill(5)),
        host=pl.format("ws-{}", drawn(2, 4_000).cast(pl.String).str.zfill(5)),
        op=pl.when(drawn(3, 5) < 3).then(pl.lit("READ")).otherwise(pl.lit("WRITE")),
        path=pl.format("/projects/group-{}/2026/document-{}.docx", drawn(4, 40), drawn(5, 200_000)),
        bytes=drawn(6, 5_000_000),
        ip=pl.format("10.20.{}.{}", drawn(7, 32), drawn(8, 250)),
        session=pl.format("s{}", (pl.col("n") // 40).hash(9) % 1_000_000_000_000),
    )
    write: Callable[[Path], object] = rows.sink_ndjson if log.suffix == ".ndjson" else rows.sink_csv
    write(log)


def _run(name: str, log: Path, root: Path) -> tuple[float, float]:
    """Return the seconds that a contender took, and the megabytes that its process held."""
    given = [sys.executable, "-m", "bench.contenders", name, str(log), str(root)]
    said = subprocess.run(given, capture_output=True, text=True, check=False)
    if said.returncode:
        sys.exit(said.stderr)
    seconds, megabytes = said.stdout.split()
    return float(seconds), float(megabytes)


if __name__ == "__main__":
    main()
