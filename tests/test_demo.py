"""The promise of the README, on the sample logs: the insiders first, the look-alikes after them."""

import csv
import math
from pathlib import Path

import notebook
import pytest
from cookbook import FIND_THE_ADMINISTRATOR, Question, answer, questions
from story_acts import acts_flagged
from story_told import standing, told_page
from workspaces import asked, june, run

from nightporter import config
from nightporter.cli.app import main
from nightporter.cli.run import names_of
from nightporter.cli.start import DEMO_AS_OF
from nightporter.cli.summary import print_morning
from nightporter.morning import morning
from nightporter.shipped import shipped
from nightporter.workspace import lake_of

README = Path(__file__).parent.parent / "README.md"
TOLD = README.parent / "docs" / "sample-logs.md"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Half a year of the institute, scanned in one pass."""
    root = june(tmp_path_factory.mktemp("demo"), "2026-01-01", detectors=None)
    assert run(root, DEMO_AS_OF).exit_code == 0
    return root


@pytest.fixture(scope="module")
def lake_file(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Views over the whole lake, as `nightporter sql --save` writes them."""
    file = tmp_path_factory.mktemp("saved") / "lake.duckdb"
    with pytest.raises(SystemExit) as ended:
        main(["sql", "--save", str(file), "--workspace", str(demo)])
    assert not ended.value.code
    return file


def cast(kind: str, column: str = "person") -> set[str]:
    with (shipped("sample_logs") / "truth.csv").open() as file:
        return {row[column] for row in csv.DictReader(file) if row["kind"] == kind}


def test_the_administrator_stands_first_and_every_insider_above_every_look_alike(
    demo: Path,
) -> None:
    risk = dict(asked(demo, "SELECT user_id, max(risk) FROM risk GROUP BY user_id"))
    ranked = sorted(risk, key=lambda user: -risk[user])
    assert ranked[0] == "avelten"
    assert set(ranked[:3]) == cast("insider")
    worst = max(risk.get(person, 0) for person in cast("look_alike") - cast("insider"))
    assert worst < min(risk[person] for person in cast("insider"))


def test_each_look_alike_is_silent_or_stands_below_every_insider(demo: Path) -> None:
    people = standing(demo)
    last = max(who.place or math.inf for who in people if who.kind == "insider")
    innocent = [who for who in people if who.kind == "look_alike"]
    assert {part for who in innocent for part in who.parts} == cast("look_alike", "campaign")
    assert [who for who in innocent if who.findings and (who.place or math.inf) <= last] == []


def test_the_night_shift_and_the_guards_are_on_no_list(demo: Path) -> None:
    said = morning(config.load(demo), lake_of(config.load(demo)))
    listed = {row["user_id"] for row in said["ranking"]}
    assert not listed & {"dlenart", "iruhl", "jtamm"}


def test_the_quiet_administrator_is_found_before_a_third_of_his_documents_are_gone(
    demo: Path,
) -> None:
    """Found: first on the list of a single morning, with nothing known of later days."""
    first = asked(demo, "SELECT min(day) FROM risk WHERE user_id = 'avelten' AND rank = 1")[0][0]
    taken, gone = asked(
        demo,
        f"""SELECT count(DISTINCT resource_id),
            count(DISTINCT resource_id) FILTER (day <= '{first}')
        FROM usb WHERE action = 'write' AND account LIKE '%avelten' AND day >= '2026-03-02'""",
    )[0]
    assert gone < taken / 3


def test_every_line_is_an_event_a_reject_or_a_duplicate(demo: Path) -> None:
    sums = asked(demo, "SELECT sum(lines), sum(accepted + rejected + duplicates) FROM loads")[0]
    tables = ("access", "usb", "badge", "rejects")
    stored = sum(asked(demo, f"SELECT count(*) FROM {table}")[0][0] for table in tables)
    duplicates = asked(demo, "SELECT sum(duplicates) FROM loads")[0][0]
    assert sums[0] == sums[1] == stored + duplicates


def test_the_readme_shows_what_the_demo_prints(
    demo: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    update_golden: bool,
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    settings = config.load(demo)
    print_morning(morning(settings, lake_of(settings)), names_of(settings))
    said = capsys.readouterr().out.partition("\nABOUT NO CERTAIN PERSON")[0].strip()
    readme_says("```text\n", said + "\n", "```\n", update_golden)


def test_the_readme_says_which_act_each_detector_flags(demo: Path, update_golden: bool) -> None:
    readme_says("<!-- acts -->\n", acts_flagged(demo) + "\n", "<!-- /acts -->", update_golden)


def test_the_docs_say_what_each_detector_says_and_where_everybody_stands(
    demo: Path, update_golden: bool
) -> None:
    wanted = told_page(demo)
    if update_golden:
        TOLD.write_text(wanted, "utf-8")
    assert TOLD.read_text("utf-8") == wanted, "make docs writes it anew"


def readme_says(start: str, wanted: str, end: str, update_golden: bool) -> None:
    before, _, rest = README.read_text("utf-8").partition(start)
    _, _, after = rest.partition(end)
    whole = before + start + wanted + end + after
    if update_golden:
        README.write_text(whole, "utf-8")
    assert README.read_text("utf-8") == whole


def test_the_cookbook_asks_enough_and_nothing_is_misspelt() -> None:
    titles = [question.title for question in questions()]
    assert len(titles) >= 40 and set(titles) >= FIND_THE_ADMINISTRATOR


def test_the_notebook_opens_the_case_of_whoever_stands_first(demo: Path) -> None:
    page = README.parent / "docs" / "examples" / "case.py"
    shown = notebook.run(page, str(demo / "findings.duckdb"))
    assert shown["who"] == "avelten"
    for table in ("ranking", "found", "checks", "line", "carried", "near", "raw", "blind"):
        assert shown[table].height, table
    assert "▓" in shown["picture"]


@pytest.mark.parametrize("question", questions(), ids=lambda question: question.title)
def test_a_query_of_the_cookbook_answers_in_every_column(
    demo: Path, lake_file: Path, question: Question
) -> None:
    rows = answer(lake_file, question.sql)
    assert rows
    assert [name for name in rows[0] if all(row[name] is None for row in rows)] == []
    if question.title in FIND_THE_ADMINISTRATOR:
        assert "avelten" in {row["user_id"] for row in rows}
    if not question.lake:
        assert answer(demo / "findings.duckdb", question.sql) == rows
