"""Each hostile detector ends in an error of its own, reaches nothing, and the next one runs.

Each is tried twice: as a pack would run it, and sent straight to the locked process with the
allow-list taken out, so that a hole in the list is not a hole in the wall.
"""

import dataclasses
import inspect
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import pytest
from rules.conftest import SQL_LINE
from rules.hostile_detectors import GROUPS, HARMLESS, HOGS, REFUSED, table

from nightporter.errors import DetectorError
from nightporter.rules import Detector, Sandbox, Sheet, sandbox
from nightporter.rules.allowed import DEEPEST
from nightporter.rules.child import _memory_of_duckdb
from nightporter.rules.detection import LONGEST_PASS, MOST_OF_A_PASS
from nightporter.rules.execution import LONGEST_MESSAGE, MOST_ROWS
from nightporter.window import Window

DAYS = Window(date(2026, 1, 5), date(2026, 1, 8))
SECRET = "canary-7c1f"
PER_DAY = "SELECT user_id, day, count(*) AS n FROM access GROUP BY user_id, day"
ATTACKS = [
    pytest.param(sql, alone, id=f"{group}: {tries}")
    for group, (attacks, alone) in GROUPS.items()
    for tries, sql in attacks.items()
]
# The child with the allow-list taken out: what is marked runs as it is.
BARE = """
import duckdb, polars as pl
from nightporter.rules import child, execution, reading
from nightporter.rules.detector import Query
from nightporter.rules.execution import fault, run
allowed = reading.allowed
def let(sheet):
    marked = "-- bare" in sheet.text
    return Query(frozenset(), (), frozenset(), frozenset(), None) if marked else allowed(sheet)
def bare(con, detector, window, knobs):
    if "-- bare" not in detector.text:
        return run(con, detector, window, knobs)
    try:
        rows = con.execute(detector.text).fetchall()
    except (duckdb.Error, OSError) as error:
        raise fault(detector, error) from None
    return pl.DataFrame({"said": [repr(row) for row in rows]})
reading.allowed, execution.run, reading.checked = let, bare, lambda sheet: sheet
child.main()
"""
Write = Callable[..., Sheet]
Read = Callable[..., Detector]


@dataclass(frozen=True)
class Outside:
    """What must not be reached: files with a secret, a folder, the night's file, a port."""

    folder: Path
    night: Path
    server: socket.socket

    def names(self, box: Sandbox) -> dict[str, object]:
        return {
            "dir": self.folder / "canary", "out": self.folder / "out", "night": self.night,
            "port": self.server.getsockname()[1], "spill": box._limits["temporary"],
        }  # fmt: skip

    def state(self) -> dict[Path, tuple[int, int]]:
        """Return size and time of every file; fail if anybody knocked at the port."""
        with pytest.raises(BlockingIOError):
            self.server.accept()
        stats = {path: path.stat() for path in [*self.folder.rglob("*"), self.night]}
        return {path: (stat.st_size, stat.st_mtime_ns) for path, stat in stats.items()}


@pytest.fixture(scope="module")
def outside(tmp_path_factory: pytest.TempPathFactory, night_file: Path) -> Iterator[Outside]:
    folder = tmp_path_factory.mktemp("outside")
    (folder / "canary").mkdir()
    (folder / "out").mkdir()
    with duckdb.connect(str(folder / "canary" / "canary.duckdb")) as con:
        con.execute(f"CREATE TABLE t AS SELECT '{SECRET}' AS a")
        for kind in ("csv", "json", "parquet"):
            con.execute(f"COPY t TO '{folder}/canary/canary.{kind}'")
    with socket.create_server(("127.0.0.1", 0)) as server, pytest.MonkeyPatch.context() as patch:
        server.setblocking(False)
        patch.setenv("NIGHTPORTER_CANARY", SECRET)
        before = night_file.read_bytes()
        yield Outside(folder, night_file, server)
        assert night_file.read_bytes() == before


@pytest.fixture(scope="module")
def locked(night_file: Path) -> Iterator[Sandbox]:
    with Sandbox(night_file, memory="2GB", seconds=30) as box:
        yield box


@pytest.fixture(scope="module")
def bare(night_file: Path) -> Iterator[Sandbox]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sandbox, "COMMAND", ("-s", "-P", "-c", BARE))
        with Sandbox(night_file, memory="2GB", seconds=30) as box:
            Path(box._limits["temporary"]).mkdir()  # as once a sort was too large for the memory
            yield box


@pytest.fixture(scope="module")
def narrow(night_file: Path) -> Iterator[Sandbox]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sandbox, "DISK", 64 << 20)
        with Sandbox(night_file, memory="1536MB", seconds=1, threads=1) as box:
            yield box


def unread(detector: Read, sheet: Sheet) -> Detector:
    """Return a detector whose text no allow-list saw."""
    return dataclasses.replace(detector(PER_DAY), text=sheet.text)


@pytest.mark.parametrize(("sql", "alone"), ATTACKS)
def test_the_list_refuses_it_at_its_line_on_either_side_of_the_pipe(
    outside: Outside, locked: Sandbox, sheet: Write, detector: Read, sql: str, alone: str
) -> None:
    before = outside.state()
    sql = sql.format(**outside.names(locked))
    with pytest.raises(DetectorError) as caught:
        detector(sql)
    assert str(caught.value.path) == str(detector(PER_DAY).path)
    assert caught.value.line is not None
    assert caught.value.line >= SQL_LINE
    with pytest.raises(DetectorError) as again:
        locked.run(unread(detector, sheet(sql)), DAYS, {})
    assert str(again.value) == str(caught.value)
    assert outside.state() == before
    assert locked.run(detector(PER_DAY), DAYS, {}).height == 8


@pytest.mark.parametrize(("sql", "alone"), ATTACKS)
def test_without_the_list_the_locked_process_holds(
    outside: Outside, bare: Sandbox, sheet: Write, detector: Read, sql: str, alone: str
) -> None:
    before = outside.state()
    marked = sheet("-- bare\n" + sql.format(**outside.names(bare)))
    try:
        said = "".join(bare.run(unread(detector, marked), DAYS, {})["said"])
        became = HARMLESS
    except DetectorError as error:
        said, became = str(error), REFUSED
    assert (became, SECRET in said) == (alone, False), said
    assert "syntax error" not in said
    assert outside.state() == before
    rows = bare.run(detector(PER_DAY), DAYS, {})
    assert (rows.height, rows["n"].min()) == (8, 2)


@pytest.mark.parametrize("sql", HOGS.values(), ids=HOGS)
def test_what_is_too_much_is_stopped_and_the_next_runs(
    outside: Outside, narrow: Sandbox, detector: Read, sql: str
) -> None:
    before = outside.state()
    hog = detector(sql)
    with pytest.raises(DetectorError) as caught:
        narrow.run(hog, DAYS, {})
    assert caught.value.path == hog.path
    assert caught.value.line in (None, SQL_LINE)
    assert len(str(caught.value)) < 3000
    assert outside.state() == before
    spilled = Path(narrow._limits["temporary"])
    assert sum(path.stat().st_size for path in spilled.rglob("*")) < 1 << 20
    assert narrow.run(detector(PER_DAY), DAYS, {}).height == 8


def bounds() -> str:
    """Return the bounds as the docs show them, from the code that sets them."""
    given = inspect.signature(Sandbox).parameters
    memory = sandbox._bytes(given["memory"].default)
    rows = {
        "address space of the process": f"{memory >> 20:,} MB",
        "DuckDB's share of it, beyond which it spills": f"{_memory_of_duckdb(memory) >> 20:,} MB",
        "disk for what it spills": f"{sandbox.DISK >> 20:,} MB",
        "time for one window": f"{given['seconds'].default:g} s",
        "findings": f"{MOST_ROWS:,}",
        "findings of all days of a pass": f"{MOST_OF_A_PASS:,}",
        "an answer": f"{sandbox.LONGEST_ANSWER >> 20:,} MB",
        "all answers of a pass": f"{LONGEST_PASS >> 20:,} MB",
        "an error's text": f"{LONGEST_MESSAGE:,} characters",
        "brackets in brackets": f"{DEEPEST}",
    }  # fmt: skip
    lines = [f"| {name} | {bound} |" for name, bound in rows.items()]
    return "\n".join(["| bound | |", "| --- | --- |", *lines])


# Taken before a test makes any of them narrower.
BOUNDS = bounds()


@pytest.mark.parametrize(("mark", "wanted"), [("attacks", table), ("bounds", lambda: BOUNDS)])
def test_the_docs_list_every_attack_and_bound(
    mark: str, wanted: Callable[[], str], update_golden: bool
) -> None:
    page = Path(__file__).parents[2] / "docs" / "sandbox.md"
    before, start, rest = page.read_text("utf-8").partition(f"<!-- {mark} -->\n")
    _, end, after = rest.partition(f"<!-- /{mark} -->")
    whole = f"{before}{start}{wanted()}\n{end}{after}"
    if update_golden:
        page.write_text(whole, "utf-8")
    assert start
    assert page.read_text("utf-8") == whole
