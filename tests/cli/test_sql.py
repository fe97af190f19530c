"""`nightporter sql`: the whole lake by name, as findings.duckdb has it, and read-only."""

import sys
from datetime import date
from pathlib import Path

import duckdb
import orjson
import pytest
from reported import Site
from small import House

from nightporter.cli.app import main
from nightporter.config import load
from nightporter.desk import Act, read_acts, write_acts
from nightporter.window import Window
from nightporter.workspace import lake_of

FIRST, LAST = date(2026, 3, 2), date(2026, 3, 3)
SHELL = """#!{python}
import sys, duckdb
con = duckdb.connect(sys.argv[2], read_only=sys.argv[1] == "-readonly")
print("shell:", con.execute("SELECT DISTINCT user_id FROM badge ORDER BY 1").fetchall())
try:
    con.execute("CREATE TABLE x (i INT)")
except duckdb.Error:
    print("shell: read-only")
"""


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("house")
    with pytest.MonkeyPatch.context() as patch:
        house = House(place, patch)
        house.days(Window(FIRST, LAST))
        house.files("late", f"{FIRST} 22:00 ana download")
        assert house.night("2026-03-04").exit_code == 0
    return place


def typed(root: Path, *words: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["sql", *words, "--workspace", str(root)])
    return int(ended.value.code or 0)


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("SELECT DISTINCT user_id AS who FROM access ORDER BY 1", [{"who": "ana"}, {"who": "bo"}]),
        ("SELECT action, flagged FROM timeline('ana') WHERE flagged IS NOT NULL",
         [{"action": "download", "flagged": ["odd"]}]),
        ("SELECT DISTINCT user_id AS who FROM events", [{"who": "ana"}]),
        ("SELECT what, other FROM neighbours('ana', '2026-03-02')", []),
        ("SELECT value > 1 AS it FROM knob('bulk_download', 'min_files')", [{"it": True}]),
        ("SELECT knob('min_files', 7) AS n", [{"n": 7}]),
        (r"SELECT 'ana;b\xFF broken'::BLOB AS raw", [{"raw": r"ana;b\xff broken"}]),
    ],
    ids=["who an event is of", "timeline", "events", "neighbours", "knob", "a detector's knob",
         "a raw line"],
)  # fmt: skip
def test_the_lake_answers_what_findings_duckdb_answers(
    root: Path, capsys: pytest.CaptureFixture[str], query: str, wanted: list[dict[str, object]]
) -> None:
    assert typed(root, query, "--json") == 0
    assert orjson.loads(capsys.readouterr().out) == wanted


def test_cases_stand_as_they_were_said_last(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lake = lake_of(load(root))
    row = {"case_id": "c1", "user_id": "ana", "opened": LAST, "days": [], "status": "open"}
    Site(root).holds(cases=[row])
    said = [("assign", "ida"), ("verdict", "inconclusive"), ("ticket", "T-1")]
    acts = [Act("lena", act, "c1", "ana", word, day=LAST) for act, word in said]
    write_acts(lake, acts, read_acts(lake))
    columns = "triage, assignee, verdict, ticket, pending, opened"
    query = f"SELECT {columns} FROM cases WHERE case_id = 'c1'"
    assert typed(root, query, "--json") == 0
    assert orjson.loads(capsys.readouterr().out) == [
        {"triage": "assigned", "assignee": "ida", "verdict": "inconclusive", "ticket": "T-1",
         "pending": [], "opened": str(LAST)}
    ]  # fmt: skip
    lake.delete("cases", "case_id = 'c1'")
    lake.delete("verdicts", "true")


def test_no_query_changes_the_lake(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = sorted((file, file.stat().st_mtime_ns) for file in (root / "lake").rglob("*"))
    assert typed(root, "DELETE FROM findings") == 2
    assert "Can only delete from base table" in capsys.readouterr().err
    assert sorted((f, f.stat().st_mtime_ns) for f in (root / "lake").rglob("*")) == before


def test_a_saved_file_is_for_any_duckdb_and_its_owner_and_replaces_nothing(
    root: Path, tmp_path: Path
) -> None:
    file = tmp_path / "it's a lake.duckdb"
    assert typed(root, "--save", str(file)) == 0
    assert file.stat().st_mode & 0o077 == 0
    assert int.from_bytes(file.read_bytes()[12:20], "little") == 64
    with duckdb.connect(str(file), read_only=True) as con:
        said = con.execute("SELECT user_id, count(*) FROM badge GROUP BY 1 ORDER BY 1").fetchall()
    assert said == [("ana", 2), ("bo", 2)]
    assert typed(root, "--save", str(file)) == 2


def test_without_a_query_duckdb_s_shell_opens_on_the_whole_lake(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    shell = tmp_path / "duckdb"
    shell.write_text(SHELL.format(python=sys.executable))
    shell.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert typed(root) == 0
    said = capfd.readouterr().out
    assert "shell: [('ana',), ('bo',)]" in said and "shell: read-only" in said
    assert list((root / "cache").glob("sql-*")) == []
