"""Triage as it is typed: who may say what, and what waits for whom."""

import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
import triaged
from reported import DAY, TOML, Site
from triaged import Typed

from nightporter.config import load
from nightporter.desk import read_acts
from nightporter.workspace import lake_of


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return triaged.house(tmp_path_factory.mktemp("house"))


@pytest.fixture
def site(house: Path, tmp_path: Path) -> Site:
    root = tmp_path / "site"
    shutil.copytree(house, root)
    return Site(root)


@pytest.fixture
def typed(site: Site, monkeypatch: pytest.MonkeyPatch) -> Typed:
    return triaged.typing(site, monkeypatch)


def shown(capsys: pytest.CaptureFixture[str]) -> Any:
    return orjson.loads(capsys.readouterr().out)


def acts(site: Site) -> list[tuple[str, str, str | None]]:
    return [(act.account, act.act, act.value) for act in read_acts(lake_of(load(site.root)))]


def test_two_people_confirm_a_case_and_until_then_it_waits(
    site: Site, typed: Typed, capsys: pytest.CaptureFixture[str]
) -> None:
    words = (
        "triage",
        "aa",
        "--verdict",
        "confirmed",
        "--note",
        "took\x1b[31m it",
        "--assign",
        "ida",
    )
    assert typed("lena", *words, "--due", "2026-07-09", "--ticket", "T-1") == 0
    said = capsys.readouterr()
    assert "WAITS for a second person: verdict confirmed" in said.out
    assert "\x1b" not in said.out
    assert "verdict confirmed; it waits for a second person" in said.err
    assert typed("lena", "triage", "aa", "--approve") == 2
    assert "nobody is the second person to himself" in capsys.readouterr().err
    assert typed("ida", "triage", "aa", "--approve", "--note", "seen", "--json") == 0
    row = shown(capsys)
    assert (row["verdict"], row["verdict_by"], row["approved_by"]) == ("confirmed", "lena", "ida")
    assert (row["triage"], row["assignee"], row["due"], row["ticket"]) == (
        "assigned", "ida", "2026-07-09", "T-1",
    )  # fmt: skip
    assert (row["reviewed"], row["pending"]) == (str(DAY), [])
    (first, *_) = read_acts(lake_of(load(site.root)))
    assert (first.risk, first.kinds, first.days, first.day) == (99.0, ("bulk",), (DAY,), DAY)
    assert typed("ida", "triage", "aa", "--approve") == 2
    assert "nothing in this case waits" in capsys.readouterr().err


def test_two_accounts_of_one_person_are_one_where_no_analysts_are_named(
    site: Site, typed: Typed, capsys: pytest.CaptureFixture[str]
) -> None:
    (site.root / "nightporter.toml").write_text(TOML)
    (site.root / "context" / "accounts.csv").write_text("account,user_id\nadm-lena,U1\nida,u2\n")
    for first, second in (("adm-lena", "u1"), ("u1", "adm-lena")):
        assert typed(first, "triage", "aa", "--verdict", "confirmed", "--note", "n") == 0
        assert typed(second, "triage", "aa", "--approve") == 2
        assert "nobody is the second person to himself" in capsys.readouterr().err
    assert typed("ida", "triage", "aa", "--approve") == 0


def test_each_of_two_approves_what_the_other_said(
    typed: Typed, capsys: pytest.CaptureFixture[str]
) -> None:
    assert typed("lena", "triage", "aa", "--verdict", "confirmed", "--note", "n") == 0
    assert typed("ida", "triage", "aa", "--status", "closed") == 0
    capsys.readouterr()
    assert typed("ida", "triage", "aa", "--approve") == 0
    said = capsys.readouterr()
    assert "approved: verdict confirmed, said by lena" in said.err
    assert "WAITS for a second person: status closed" in said.out
    assert typed("ida", "triage", "aa", "--approve") == 2
    assert typed("lena", "triage", "aa", "--approve", "--json") == 0
    row = shown(capsys)
    assert (row["triage"], row["verdict"], row["pending"]) == ("closed", "confirmed", [])


def test_closing_needs_two_people_where_the_case_is_high(
    typed: Typed, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("aa", "bb"):
        assert typed("lena", "triage", name, "--status", "closed") == 0
    capsys.readouterr()
    assert typed("lena", "case", "list", "--all", "--json") == 0
    by_name = {row["case_id"]: row["triage"] for row in shown(capsys)}
    assert by_name == {"aa01": "new", "bb02": "closed", "ee05": "closed"}
    assert typed("ida", "case", "list", "--pending", "--json") == 0
    assert [row["case_id"] for row in shown(capsys)] == ["aa01"]


def test_a_closed_case_in_which_something_waits_is_still_on_the_list(
    typed: Typed, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("--verdict", "confirmed", "--note", "n", "--status", "closed")
    assert typed("lena", "triage", "bb", *words) == 0
    for more in ((), ("--pending",), ("--all",)):
        capsys.readouterr()
        assert typed("ida", "case", "list", "--json", *more) == 0
        assert shown(capsys)[0]["case_id"] == "bb02"
    assert typed("ida", "triage", "bb", "--approve") == 0
    capsys.readouterr()
    assert typed("ida", "case", "list", "--json") == 0
    assert "bb02" not in [row["case_id"] for row in shown(capsys)]


@pytest.mark.parametrize(
    ("by", "words", "says"),
    [
        ("lena", ("case", "show", "dd04"), "this case is about yourself"),
        ("lena", ("triage", "dd04", "--note", "n"), "this case is about yourself"),
        ("lena", ("triage", "cc03", "--note", "n"), "goes to a separate recipient"),
        ("mallory", ("triage", "aa01", "--note", "n"), "'mallory' is no analyst"),
        ("mallory", ("case", "list"), "'mallory' is no analyst"),
        ("ida", ("triage", "dd04", "--assign", "lena"), "does not come to lena"),
        ("ida", ("triage", "cc03", "--assign", "lena"), "does not come to lena"),
        ("lena", ("triage", "aa01", "--assign", "idda"), "did you mean ida?"),
        ("lena", ("triage", "aa01", "--verdict", "authorized", "--note", "n"), "mean authorised?"),
        ("lena", ("triage", "aa01", "--verdict", "authorised"), "it needs a reason"),
        ("lena", ("triage", "aa01", "--verdict", "authorised", "--note", " "), "needs a reason"),
        ("lena", ("triage", "aa01", "--note", "n" * 4001), "4,001 characters"),
        ("lena", ("triage", "aa01"), "nothing is said"),
        ("lena", ("triage", "aa01", "--approve", "--ticket", "T"), "--approve agrees"),
        ("lena", ("triage", "zz", "--note", "n"), "no case is called 'zz'"),
        ("lena", ("triage", "aa01", "--due", "soon"), "--due soon"),
        ("lena", ("explain", "porter"), "not for who asks"),
        ("lena", ("case", "list", "--page", "2"), "--page 2: there are 1"),
    ],
)
def test_what_cannot_be_said_is_refused_and_leaves_no_act(
    site: Site, typed: Typed, capsys: pytest.CaptureFixture[str],
    by: str, words: tuple[str, ...], says: str,
) -> None:  # fmt: skip
    assert typed(by, *words) == 2
    assert says in capsys.readouterr().err
    assert acts(site) == []


def test_a_case_is_overdue_when_its_due_day_was_scanned(
    site: Site, typed: Typed, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, day in (("aa", DAY), ("bb", DAY + timedelta(days=1)), ("ee", DAY)):
        assert typed("lena", "triage", name, "--due", str(day)) == 0
    assert typed("ida", "triage", "cc", "--due", str(DAY)) == 0
    capsys.readouterr()
    assert typed("lena", "case", "list", "--overdue") == 0
    said = capsys.readouterr()
    (line,) = said.out.splitlines()
    assert line.startswith("aa01") and f"OVERDUE, was due {DAY}" in line
    assert "1 of 1 cases; 2 more are not for lena" in said.err
    head = site.text().partition("<main>")[0]
    assert f"1 case overdue</strong> ana (due {DAY})" in head
    site.scanned(day=DAY + timedelta(days=1), run="r2")
    assert "2 cases overdue" in site.text()


def test_who_read_the_report_stands_on_the_next_page(
    site: Site, typed: Typed, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "Last read" not in site.text()
    assert typed("mallory", "report", "--acknowledge") == 2
    assert typed("lena", "report", "--acknowledge") == 0
    assert f"noted: lena read the report of {DAY}" in capsys.readouterr().err
    (act,) = read_acts(lake_of(load(site.root)))
    assert (act.account, act.analyst, act.act, act.value) == ("lena", "u1", "read", str(DAY))
    assert f"Last read by lena: the report of {DAY}, at " in site.text()
    assert typed("ida", "case", "list", "--all", "--json") == 0
    assert {row["case_id"] for row in shown(capsys) if row["history"]} == set()


def test_a_note_alone_is_an_act_and_stands_in_the_history(
    site: Site, typed: Typed, capsys: pytest.CaptureFixture[str]
) -> None:
    assert typed("lena", "triage", "bb", "--note", "asked his head") == 0
    assert acts(site) == [("lena", "note", None)]
    capsys.readouterr()
    assert typed("ida", "case", "show", "bb02") == 0
    assert "lena           note: asked his head" in capsys.readouterr().out
