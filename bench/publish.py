"""How long findings.duckdb takes to publish, and what its readers notice of it.

    python -m bench.publish [--findings 100000] [--people 20000]

Prints seconds, of the clock and of the processor, with everybody under the own name and with
pseudonyms, and the ratio to bare CREATE TABLEs of the same rows in DuckDB's own newest format: no
order, no macros, no swap. Beside it readers open the file again and again. All data are invented;
the lake is thrown away.
"""

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import duckdb

from bench.invented import TOML
from bench.report import EVENTS, invent
from bench.took import Took
from nightporter import config
from nightporter.lake import Lake
from nightporter.publish import PUBLISHED, Known, publish
from nightporter.rules import load_pack
from nightporter.rules.catalogue import catalogue, knobs
from nightporter.workspace import lake_of

READERS = 2
# Each opens the file, asks, and closes it, until it is told to stop; then it says how that went.
READER = """
import duckdb, sys, threading, time
stop = threading.Event()
threading.Thread(target=lambda: (sys.stdin.read(), stop.set()), daemon=True).start()
longest, failed, states, asked = 0.0, 0, set(), 0
while not stop.is_set():
    began = time.monotonic()
    try:
        with duckdb.connect(sys.argv[1], read_only=True) as con:
            con.execute("SET enable_progress_bar = false")  # python -c counts as a terminal
            con.execute("SELECT count(*) FROM timeline('p7')").fetchall()
            states.add(con.execute("SELECT count(*) FROM findings").fetchall()[0][0])
    except duckdb.Error as error:
        failed += 1
        print(error, file=sys.stderr)
    asked += 1
    longest = max(longest, time.monotonic() - began)
    time.sleep(0.05)
print(f"{asked} answers, {failed} failures, the longest {longest:.2f} s, findings {sorted(states)}")
"""


def main() -> None:
    """Publish twice, the second time with readers, and say what it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--findings", type=int, default=100_000)
    parser.add_argument("--people", type=int, default=20_000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / config.FILE_NAME).write_text(TOML)
        settings = config.load(Path(folder))
        lake, pack = lake_of(settings), load_pack(settings)
        known = Known(catalogue(pack), knobs(pack, settings.knobs), {})
        invent(lake, given.findings, given.people)
        bare = _took(lambda: _bare(lake, Path(folder) / "bare.duckdb"))
        names = settings.names.model_copy(update={"pseudonyms": False})
        plain = _took(lambda: publish(settings.model_copy(update={"names": names}), lake, known))
        alone = _took(lambda: publish(settings, lake, known))
        file = publish(settings, lake, known)
        print(f"{given.findings:,} findings of {given.people:,} people, {EVENTS} raw rows each")
        print(f"bare CREATE TABLE  {bare}")
        print(f"under own names    {plain}   ratio {plain.cpu / bare.cpu:.1f} of CPU")
        print(f"with pseudonyms    {alone}   ratio {alone.cpu / bare.cpu:.1f} of CPU")
        print(f"                   {file.stat().st_size / 1e6:.0f} MB")
        _beside_readers(settings, lake, known, file)


def _beside_readers(settings: config.Settings, lake: Lake, known: Known, file: Path) -> None:
    command = [sys.executable, "-c", READER, str(file)]
    readers = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(READERS)
    ]
    lake.delete("findings", "finding_id = 'f0'")  # so that there is something new to say
    again = _took(lambda: publish(settings, lake, known))
    print(f"beside {READERS} readers   {again}")
    for reader in readers:
        print(f"a reader: {reader.communicate()[0].strip()}")


def _bare(lake: Lake, file: Path) -> None:
    with duckdb.connect(str(file)) as con:
        con.execute("SET timezone = 'UTC'")
        for table in PUBLISHED:
            lake.view(con, table, name="rows")
            con.execute(f"CREATE TABLE {table} AS FROM rows")


def _took(work: Callable[[], object]) -> Took:
    before = Took.now()
    work()
    return Took.now() - before


if __name__ == "__main__":
    main()
