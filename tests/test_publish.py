"""findings.duckdb: whole states only, nobody blocked, readable by old DuckDBs."""

import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from reported import DAY, Site, finding, window
from suspects import documented
from workspaces import asked, june, run

from nightporter import config, context
from nightporter.ledger import NEVER
from nightporter.macros import words
from nightporter.publish import REGISTERS, Known, publish
from nightporter.rules import load_pack
from nightporter.rules.catalogue import catalogue, knobs
from nightporter.schema import TABLES
from nightporter.workspace import lake_of

READER = """
import duckdb, sys
con = duckdb.connect(sys.argv[1], read_only=True)
for _ in sys.stdin:
    print(con.execute("SELECT count(*), max(day) FROM findings").fetchall()[0], flush=True)
"""


STATE = "SELECT (SELECT count(*) FROM findings), state FROM published"


def known(settings: config.Settings) -> Known:
    pack = load_pack(settings)
    return Known(catalogue(pack), knobs(pack, settings.knobs), context.read_tables(settings))


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = june(tmp_path_factory.mktemp("publish"), "2026-06-15", detectors=None)
    run(place, "2026-06-25T08:00")
    return place


def published(root: Path, sql: str, *given: Any) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(root / "findings.duckdb"), read_only=True) as con:
        return con.execute(sql, list(given)).fetchall()


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


def test_whoever_opens_it_again_and_again_meets_whole_states_only(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each opening, while another state is written and swapped in, finds one of the two."""
    settings = config.load(root)
    before = published(root, STATE)
    met: list[list[tuple[Any, ...]]] = []
    done = threading.Event()

    def look() -> None:
        while not done.is_set():
            met.append(published(root, STATE))

    reader = threading.Thread(target=look)
    reader.start()
    try:
        monkeypatch.setattr("nightporter.publish.SHAPE", -1)
        publish(settings, lake_of(settings), known(settings))
    finally:
        done.set()
        reader.join()
    states = {state for rows in met for state in rows}
    assert len(met) >= 5 and all(len(rows) == 1 for rows in met)
    assert before[0] in states and {found for found, _ in states} == {before[0][0]}
    assert len(states) <= 2 and published(root, STATE)[0] not in before


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


def test_nothing_in_it_points_at_a_file(root: Path) -> None:
    said = published(root, "SELECT sql FROM duckdb_views() WHERE NOT internal")
    said += published(root, "SELECT macro_definition FROM duckdb_functions() WHERE NOT internal")
    assert len(said) >= 9
    assert [sql for (sql,) in said if "read_" in sql or str(root) in sql] == []
    (external,) = published(root, "SELECT count(*) FROM duckdb_databases() WHERE NOT internal")
    assert external == (1,)


def test_every_table_column_view_and_macro_says_what_it_means(root: Path) -> None:
    bare = published(
        root,
        """SELECT table_name, column_name FROM duckdb_columns()
        WHERE NOT internal AND comment IS NULL
        UNION ALL SELECT table_name, '' FROM duckdb_tables() WHERE comment IS NULL
        UNION ALL SELECT view_name, '' FROM duckdb_views() WHERE NOT internal AND comment IS NULL
        UNION ALL SELECT function_name, '' FROM duckdb_functions()
        WHERE NOT internal AND comment IS NULL""",
    )
    assert bare == []
    assert len(words()["about"]) == len(_relations(root))


def test_the_page_of_tables_names_every_relation_and_column(root: Path) -> None:
    page = (Path(__file__).parent.parent / "docs" / "tables.md").read_text("utf-8")
    rows = re.findall(r"^\| `(.+?)` \| (.*) \|$", page.split("## Only in findings.duckdb")[1], re.M)
    told = {name.partition("(")[0]: text for names, text in rows for name in names.split("`, `")}
    for name, columns in _relations(root).items():
        if name in TABLES or name in ("events", *REGISTERS):
            continue
        assert [c for c in columns if f"`{c}`" not in told[name]] == [], name


def _relations(root: Path) -> dict[str, list[str]]:
    """Every table, view and macro with its columns."""
    given = {"evidence_of": "('')", "findings_of": "('')", "timeline": "('')",
             "neighbours": "('', '2026-06-20')", "knob": "('', '')"}  # fmt: skip
    names = published(
        root,
        """SELECT table_name FROM duckdb_tables() UNION ALL
        SELECT view_name FROM duckdb_views() WHERE NOT internal UNION ALL
        SELECT function_name FROM duckdb_functions() WHERE NOT internal""",
    )
    with duckdb.connect(str(root / "findings.duckdb"), read_only=True) as con:
        return {name: con.sql(f"FROM {name}{given.get(name, '')}").columns for (name,) in names}


def test_a_timeline_holds_the_whole_day_and_marks_what_a_finding_cites(root: Path) -> None:
    with_events = """SELECT user_id, day, finding_id FROM findings SEMI JOIN evidence
        USING (finding_id) WHERE user_id IS NOT NULL AND status = 'open'
        ORDER BY day DESC, finding_id LIMIT 1"""
    ((user, day, finding),) = published(root, with_events)
    line = published(root, "SELECT event, flagged, ts FROM timeline(?)", user)
    assert [ts for *_, ts in line] == sorted(ts for *_, ts in line)
    marked = {event for event, flagged, _ in line if flagged}
    cited = {event for (event,) in published(root, "SELECT event FROM evidence_of(?)", finding)}
    assert cited and cited <= marked
    raw = asked(
        root,
        f"""SELECT count(*) FROM badge WHERE day = '{day}' AND badge_id IN
        (SELECT badge_id FROM flagged WHERE user_id = '{user}' AND day = '{day}')""",
    )[0][0]
    kept = published(
        root, "SELECT count(*) FROM timeline(?) WHERE day = ? AND source = 'badge'", user, day
    )
    assert kept == [(raw,)] and len(line) > len(marked)


def test_a_knob_says_its_value_here_and_where_it_comes_from(root: Path) -> None:
    asks = "SELECT value, file_value, origin FROM knob('bulk_download', 'min_files')"
    ((value, written, origin),) = published(root, asks)
    assert value == written and re.fullmatch(r"collection/bulk_download\.sql:\d+", origin)
    toml = root / "nightporter.toml"
    before = toml.read_text("utf-8")
    toml.write_text(f"{before}\n[knobs.bulk_download]\nmin_files = 77\n", "utf-8")
    settings = config.load(root)
    publish(settings, lake_of(settings), known(settings))
    toml.write_text(before, "utf-8")
    assert published(root, asks) == [(77.0, written, "nightporter.toml")]


def test_the_documented_query_recomputes_the_newest_ranks(root: Path) -> None:
    with duckdb.connect(str(root / "findings.duckdb"), read_only=True) as con:
        newest = con.execute("SELECT max(day) FROM risk").fetchall()[0][0]
        stored = con.execute(
            "SELECT user_id, rank, risk, factor FROM risk WHERE day = ? ORDER BY rank", [newest]
        ).fetchall()
        assert stored and con.execute(documented(newest)).fetchall() == stored


def test_the_ranking_counts_findings_that_may_mean_somebody_as_the_report_does(
    tmp_path: Path,
) -> None:
    site = Site(tmp_path)
    unclear = {"user_id": None, "about": '{"door_id":"D1"}', "candidates": ["ana", "bo"]}
    site.scanned(finding(level="low"), finding(finding_id="f2", level="medium", **unclear))
    settings = config.load(tmp_path)
    publish(settings, lake_of(settings), known(settings))
    asked = "SELECT user_id, findings, level, last_day FROM ranking"
    assert published(tmp_path, asked) == [("ana", 2, "medium", DAY)]


def test_what_was_judged_by_something_older_is_not_blind(tmp_path: Path) -> None:
    site = Site(tmp_path)
    site.scanned()
    days = [DAY - timedelta(days=ago) for ago in (3, 2, 1)]
    reasons = ("late: 3 events", NEVER, None)
    stale = [window(day=day, status="stale", reason=reason)
             for day, reason in zip(days, reasons, strict=True)]  # fmt: skip
    site.holds(windows=[*stale, window(stage="doors", status="failed", reason="line 3")])
    settings = config.load(tmp_path)
    publish(settings, lake_of(settings), known(settings))
    told = published(tmp_path, "SELECT detector, day, reason FROM blind ORDER BY ALL")
    assert told == [("bulk", days[1], NEVER), ("doors", DAY, "line 3")]
