"""findings.duckdb: whole states only, nobody blocked, readable by old DuckDBs."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from suspects import documented
from workspaces import june, run

READER = """
import duckdb, sys
con = duckdb.connect(sys.argv[1], read_only=True)
for _ in sys.stdin:
    print(con.execute("SELECT count(*), max(day) FROM findings").fetchall()[0], flush=True)
"""


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = june(tmp_path_factory.mktemp("publish"), "2026-06-15", detectors=None)
    run(place, "2026-06-25T08:00")
    return place


@pytest.fixture
def reader(root: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the file open."""
    command = [sys.executable, "-c", READER, str(root / "findings.duckdb")]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield process
        process.kill()


def ask(reader: subprocess.Popen[str]) -> str:
    assert reader.stdin and reader.stdout
    reader.stdin.write("?\n")
    reader.stdin.flush()
    return reader.stdout.readline()


def test_a_reader_blocks_nothing_and_keeps_the_state_it_opened(
    root: Path, reader: subprocess.Popen[str]
) -> None:
    before = ask(reader)
    assert run(root, "2026-06-30T08:00").exit_code == 0
    assert ask(reader) == before
    with duckdb.connect(str(root / "findings.duckdb"), read_only=True) as con:
        now = con.execute("SELECT count(*), max(day) FROM findings").fetchall()[0]
    assert str(now) != before.strip()


def test_only_the_owner_may_read_it(root: Path) -> None:
    assert (root / "findings.duckdb").stat().st_mode & 0o077 == 0


def test_it_is_written_in_the_format_of_duckdb_1_0(root: Path) -> None:
    """The storage version stands in the header: 64 is what DuckDB 0.10 to 1.1 wrote."""
    header = (root / "findings.duckdb").read_bytes()[:20]
    assert header[8:12] == b"DUCK"
    assert int.from_bytes(header[12:20], "little") == 64


def test_every_finding_about_a_person_has_its_raw_rows(root: Path) -> None:
    with duckdb.connect(str(root / "findings.duckdb"), read_only=True) as con:
        bare = con.execute(
            """SELECT DISTINCT detector FROM findings ANTI JOIN evidence USING (finding_id)
            WHERE status = 'open' AND user_id IS NOT NULL"""
        ).fetchall()
        shown = con.execute(
            """SELECT f.columns ->> '$.files', count(DISTINCT e.object)
            FROM findings AS f JOIN evidence AS e USING (finding_id)
            WHERE f.detector = 'off_hours_bulk_download' GROUP BY ALL"""
        ).fetchall()
    assert bare == []
    assert shown and all(int(files) == count for files, count in shown)


def test_it_holds_no_view_and_no_path(root: Path) -> None:
    with duckdb.connect(str(root / "findings.duckdb"), read_only=True) as con:
        views = con.execute("SELECT view_name FROM duckdb_views() WHERE NOT internal").fetchall()
        tables = {
            name for (name,) in con.execute("SELECT table_name FROM duckdb_tables()").fetchall()
        }
    assert views == []
    assert {"findings", "evidence", "risk", "windows", "coverage", "detectors"} <= tables
    assert {"cases", "places", "robots", "people_day"} <= tables


def test_the_documented_query_recomputes_the_newest_ranks(root: Path) -> None:
    with duckdb.connect(str(root / "findings.duckdb"), read_only=True) as con:
        newest = con.execute("SELECT max(day) FROM risk").fetchall()[0][0]
        stored = con.execute(
            "SELECT user_id, rank, risk, factor FROM risk WHERE day = ? ORDER BY rank", [newest]
        ).fetchall()
        assert stored and con.execute(documented(newest)).fetchall() == stored
