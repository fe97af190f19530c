"""Hostile names are text: on the terminal and pages, in files, messages and the database."""

import csv
import re
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import NamedTuple

import duckdb
import orjson
import pytest
from hostiles import AS_OF, BROKEN, RAW, STRINGS, harmless, hostile_workspace, user_ids
from listening import Web, listening
from workspaces import asked

from nightporter.cli.app import main
from nightporter.config import settings
from nightporter.exports.cells import cell, original
from nightporter.hostile import brief, safe

FINDINGS_OF_A_THIEF = {
    "download_then_removable_media", "first_entry_to_room", "first_removable_media",
    "off_hours_bulk_download", "off_hours_removable_media", "removable_media_surge",
    "unregistered_device",
}  # fmt: skip


class Ran(NamedTuple):
    code: int
    out: str
    err: str


Type = Callable[..., Ran]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return hostile_workspace(tmp_path_factory.mktemp("hostile") / "site")


@pytest.fixture(scope="module")
def web() -> Iterator[Web]:
    """The service that hears of the night."""
    with listening(Web()) as server:
        yield server


@pytest.fixture(scope="module")
def night(root: Path, web: Web) -> Ran:
    """The first night of the workspace, as the terminal shows it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOOK", f"json://{web.place}/night")
        with (root / "nightporter.toml").open("a") as toml:
            toml.write('[[notify.route]]\nname = "soc"\nurl = "env:HOOK"\n')
        with redirect_stdout(StringIO()) as out, redirect_stderr(StringIO()) as err:
            code = _typed(root, "nightly", "--as-of", AS_OF)
    return Ran(code, out.getvalue(), err.getvalue())


@pytest.fixture
def type(root: Path, night: Ran, capsys: pytest.CaptureFixture[str]) -> Type:
    """Return a function that types a command about the workspace after its night."""

    def typed(*words: str) -> Ran:
        code = _typed(root, *words)
        return Ran(code, *capsys.readouterr())

    return typed


def _typed(root: Path, *words: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main([*words, "--workspace", str(root)])
    return int(ended.value.code or 0)


COMMANDS = {
    "status": ("status",),
    "status as JSON": ("status", "--json"),
    "findings": ("findings", "--all"),
    "findings as JSON": ("findings", "--json"),
    "cases": ("case", "list", "--all"),
    "cases as JSON": ("case", "list", "--all", "--json"),
    "a person who is asked for": ("explain", user_ids()[0]),
    "a person who is asked for, as JSON": ("explain", user_ids()[6], "--json"),
    "a person who is not there": ("explain", "\x1b[31m[bold red]\u202e"),
    "detectors": ("detectors", "list"),
    "how detectors fare": ("detectors", "scorecard"),
    "a query": ("sql", "SELECT account, host, resource FROM access ORDER BY ALL LIMIT 3000"),
    "a query as JSON": ("sql", "SELECT DISTINCT account FROM access", "--json"),
    "a query of what was rejected": ("sql", "SELECT raw, detail FROM rejects"),
    "a query with a hostile column": ("sql", 'SELECT 1 AS "\x1b[31m[bold red]\u202e"'),
    "a query that shows a name in its error": ("sql", "SELECT account::INT FROM access"),
    "an unknown feed": ("ingest", "\x1b[31m[bold red]\u202e"),
    "an unknown command": ("\x1b[31m[bold red]\u202e",),
    "the night again": ("nightly", "--as-of", AS_OF),
    "the night again as JSON": ("nightly", "--as-of", AS_OF, "--json"),
}


@pytest.mark.parametrize("words", COMMANDS.values(), ids=COMMANDS)
def test_a_command_shows_no_control_character_and_no_flood(
    type: Type, words: tuple[str, ...]
) -> None:
    ran = type(*words)
    assert RAW.findall(ran.out + ran.err) == []
    if "--json" not in words:
        assert max(len(line) for line in (ran.out + ran.err).splitlines()) < 3000


def test_the_first_night_runs_through_and_shows_names_as_text(root: Path, night: Ran) -> None:
    assert night.code == 0
    assert RAW.findall(night.out + night.err) == []
    assert max(len(line) for line in night.out.splitlines()) < 500
    assert "Loo" in night.out and "characters)" in night.out
    assert "[bold red]loud[/] [link=https://example.org]here[/link]" in night.out
    assert len(night.out) < 150_000


def test_the_log_of_the_nights_holds_no_control_character(root: Path, night: Ran) -> None:
    assert RAW.findall((root / "state" / "nightly.log").read_text("utf-8")) == []


def test_the_report_shows_every_thief_and_makes_nothing_of_the_name(root: Path, night: Ran) -> None:
    (page,) = (root / "reports").glob("*/index.html")
    outline = harmless(page)
    shown = "".join(outline.texts)
    assert [user for user in user_ids() if brief(user, 120) not in shown] == []
    assert page.stat().st_size < 3_000_000


def test_case_files_have_names_of_our_own_and_make_nothing_of_a_name(
    root: Path, night: Ran
) -> None:
    files = sorted((root / "reports").glob("*/people/*"))
    assert len(files) >= 3
    for file in files:
        assert re.fullmatch(r"([0-9a-f]{16}|place-\d+)\.html", file.name)
        outline = harmless(file)
        shown = "".join(outline.texts)
        assert any(safe(name)[:40] in shown for name in STRINGS)
        assert file.stat().st_size < 1_000_000


def test_a_message_counts_and_names_nobody(web: Web, night: Ran) -> None:
    ((_, path, body),) = web.asked
    told = orjson.loads(body)["message"]
    assert path == "/night"
    assert "Findings: " in told and RAW.findall(told) == []
    assert [name for name in (*STRINGS, *user_ids()) if name[:40] in told] == []


def test_notes_and_cases_are_shown_harmlessly_and_kept_as_they_are(type: Type) -> None:
    cases = orjson.loads(type("case", "list", "--all", "--json").out)
    assert {row["user_id"] for row in cases} == set(user_ids())
    *kept, too_long = STRINGS
    assert type("triage", cases[-1]["case_id"], "--note", too_long).code == 2
    for case, note in zip(cases[:-1], kept, strict=True):
        ran = type("triage", case["case_id"], "--note", note)
        shown = type("case", "show", case["case_id"])
        told = type("case", "show", case["case_id"], "--json")
        assert (ran.code, shown.code, told.code) == (0, 0, 0)
        assert RAW.findall("".join([*ran[1:], *shown[1:], *told[1:]])) == []
        assert [act["note"] for act in orjson.loads(told.out)["history"] if act["note"]] == [note]


def test_files_of_a_held_case_have_names_of_our_own(root: Path, type: Type) -> None:
    case = orjson.loads(type("case", "list", "--all", "--json").out)[0]["case_id"]
    ran = type("case", "hold", case, "--note", STRINGS[6])
    assert ran.code == 0
    assert RAW.findall(ran.out + ran.err) == []
    for file in (root / "holds").rglob("*"):
        assert RAW.findall(str(file)) == [] and len(file.name) < 200
    for manifest in (root / "holds").rglob("*.json"):
        assert RAW.findall(manifest.read_text("utf-8")) == []


def test_every_thief_is_found_under_the_very_name(root: Path, night: Ran) -> None:
    with duckdb.connect(str(root / "findings.duckdb"), read_only=True) as con:
        found = con.execute("SELECT user_id, detector FROM findings").fetchall()
        evidence = {who for (who,) in con.execute("SELECT user_id FROM evidence").fetchall()}
    for user in user_ids():
        assert {detector for who, detector in found if who == user} == FINDINGS_OF_A_THIEF
        assert user in evidence
    assert {who for who, _ in found if who} == set(user_ids())


def test_macros_take_every_name_for_a_name(root: Path, night: Ran) -> None:
    with duckdb.connect(str(root / "findings.duckdb"), read_only=True) as con:
        for user in user_ids():
            whose = con.execute("SELECT DISTINCT user_id FROM timeline(?)", [user]).fetchall()
            assert whose == [(user,)]
            found = con.execute("SELECT DISTINCT user_id FROM findings_of(?)", [user]).fetchall()
            assert found == [(user,)]


def test_names_stand_in_the_lake_as_the_logs_had_them(root: Path, night: Ran) -> None:
    accounts = {name for (name,) in asked(root, "SELECT DISTINCT account FROM access")}
    assert accounts == set(STRINGS)
    devices = {name for (name,) in asked(root, "SELECT DISTINCT device_id FROM usb")}
    assert devices == {f"dev {name}" for name in STRINGS}
    doors = {name for (name,) in asked(root, "SELECT DISTINCT door_id FROM badge")}
    assert doors == {"main", *(f"door {name}" for name in STRINGS)}


def test_lines_that_are_no_text_are_rejected_verbatim(root: Path, night: Ran) -> None:
    raw = [bytes(line) for (line,) in asked(root, "SELECT raw FROM rejects")]
    assert sorted(raw) == sorted(BROKEN)


def test_sentences_are_harmless_and_columns_verbatim(root: Path, night: Ran) -> None:
    rows = asked(root, "SELECT sentence, columns FROM findings")
    assert [text for text, _ in rows if RAW.search(text) or len(text) > 3000] == []
    devices = {device for _, text in rows for device in orjson.loads(text).get("devices") or ()}
    assert devices == {f"dev {name}" for name in STRINGS}


def test_json_means_the_names_as_they_are(type: Type) -> None:
    told = orjson.loads(type("findings", "--json").out)
    assert {row["user_id"] for row in told if row["user_id"]} == set(user_ids())
    told = orjson.loads(type("sql", "SELECT DISTINCT account FROM access", "--json").out)
    assert {row["account"] for row in told} == set(STRINGS)


@pytest.fixture
def exported(type: Type) -> Callable[[str], list[str]]:
    """Return a function that gives the lines of an export, which hold no control character."""

    def lines(format: str) -> list[str]:
        text = type("export", "--format", format).out
        if format == "csv":  # RFC 4180 ends a line with two
            text = text.replace("\r\n", "\n")
        assert RAW.findall(text) == []
        return text.splitlines()

    return lines


def test_json_lines_mean_the_names_as_they_are(exported: Callable[[str], list[str]]) -> None:
    found = [orjson.loads(line) for line in exported("jsonl")]
    assert {row["user_id"] for row in found if row["user_id"]} == set(user_ids())
    records = [each["record"] for row in found for each in row["evidence"]]
    assert {row["account"] for row in records if "account" in row} == set(STRINGS)


def test_ocsf_means_the_names_as_they_are(exported: Callable[[str], list[str]]) -> None:
    events = [orjson.loads(line) for line in exported("ocsf")]
    shown = [each for event in events for each in event.get("evidences", ())]
    assert {each["user"]["name"] for each in shown if "name" in each["user"]} == set(STRINGS)
    doors = {door["name"] for each in shown for door in each.get("resources", ())}
    assert {f"door {name}" for name in STRINGS} <= doors


def test_csv_runs_no_name_and_gives_it_back(exported: Callable[[str], list[str]]) -> None:
    rows = list(csv.DictReader(exported("csv"), strict=True))
    assert {original(row["user_id"]) for row in rows if row["user_id"]} == set(user_ids())
    assert [row["columns"] for row in rows] == [cell(original(row["columns"])) for row in rows]
    assert not any(value[:1] in ("=", "+", "-", "@") for row in rows for value in row.values())


@pytest.mark.parametrize(
    "words",
    [("findings",), ("case", "list"), ("export", "--format", "csv")],
    ids=lambda words: words[0],
)
def test_pseudonyms_stand_for_hostile_names_too(
    type: Type, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "PSEUDONYMS", True)
    ran = type(*words)
    assert ran.code == 0
    assert RAW.findall((ran.out + ran.err).replace("\r\n", "\n")) == []
    assert len(set(re.findall("(?:person|account)-[0-9a-f]{8}", ran.out))) >= len(STRINGS)


@pytest.mark.parametrize("option", ["--user", "--detector", "--level"])
def test_a_name_is_no_sql(type: Type, option: str) -> None:
    for name in ("x' OR 1=1 --", "'; DROP TABLE findings;--", "' OR ''='"):
        ran = type("findings", option, name)
        assert ran.out == ""
        assert ("0 of 0 findings" if option == "--user" else "is called") in ran.err
    assert len(orjson.loads(type("findings", "--json").out)) > len(STRINGS)


def test_a_person_with_a_hostile_name_can_be_asked_for(type: Type) -> None:
    for user in user_ids():
        told = orjson.loads(type("findings", "--user", user, "--json").out)
        assert {row["detector"] for row in told} == FINDINGS_OF_A_THIEF


def test_markup_is_not_interpreted_in_what_goes_wrong(type: Type) -> None:
    ran = type("ingest", "[bold red]x[/] [link=https://example.org]y[/link] :bomb:")
    assert ran.code == 2
    assert "[bold red]x[/] [link=https://example.org]y[/link] :bomb:" in ran.err
