"""Who is shown what: nobody what is about himself, nor by any count; watchers to whom they go."""

import re
import shutil
from pathlib import Path
from typing import Any

import orjson
import pytest
import triaged
from reported import Site, finding
from triaged import Typed


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


def test_the_list_says_how_many_cases_are_not_for_who_asks(
    typed: Typed, capsys: pytest.CaptureFixture[str]
) -> None:
    assert typed("lena", "case", "list") == 0
    said = capsys.readouterr()
    assert [line.split()[0] for line in said.out.splitlines()] == ["aa01", "bb02"]
    assert "2 of 2 cases; 2 more are not for lena" in said.err
    assert typed("ida", "case", "list") == 0
    said = capsys.readouterr()
    assert [line.split()[0] for line in said.out.splitlines()] == ["cc03", "dd04", "aa01", "bb02"]
    assert "4 of 4 cases" in said.err


def test_findings_are_filtered_and_those_about_watchers_are_counted(
    typed: Typed, capsys: pytest.CaptureFixture[str]
) -> None:
    for words, users in (
        ((), ["ana", "bo"]),
        (("--tactic", "misuse"), ["bo"]),
        (("--case", "aa"), ["ana"]),
        (("--person", "bo", "--level", "medium"), ["bo"]),
        (("--status", "withdrawn"), ["ana"]),
        (("--from", "2026-06-30"), []),
    ):
        assert typed("lena", "findings", "--json", *words) == 0
        assert [row["user_id"] for row in shown(capsys)] == users
    assert typed("lena", "findings") == 0
    said = capsys.readouterr()
    assert "secret" not in said.out
    assert "2 of 2 findings; 1 more in all go to a separate recipient" in said.err
    assert typed("ida", "findings") == 0
    assert "the porter's secret" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("command", "asks"),
    [
        ("findings", (("--user", "porter"), ("--level", "low"), ("--from", "2026-06-30"))),
        ("case list", (("--person", "u1"), ("--level", "low"), ("--verdict", "confirmed"))),
        ("export --format csv", (("--level", "critical"), ("--since", "2026-06-30"))),
    ],
)
def test_no_filter_tells_what_it_is_that_goes_elsewhere(
    typed: Typed, capsys: pytest.CaptureFixture[str], command: str, asks: tuple[tuple[str, str]]
) -> None:
    """Who narrows it down would learn of himself by the count alone."""
    counts = set()
    for asked in ((), *asks):
        assert typed("lena", *command.split(), *asked) == 0
        counts.add(tuple(re.findall("[0-9]+ more", capsys.readouterr().err)))
    assert len(counts) == 1


def test_a_finding_that_may_mean_a_watcher_or_another_stays_without_the_watcher(
    site: Site, typed: Typed, capsys: pytest.CaptureFixture[str]
) -> None:
    both = {"user_id": None, "candidates": ["bo", "porter"], "title": "Two", "about": "{}"}
    site.holds(findings=[finding(finding_id="f5", level="low", sentence="SECRET", **both)])
    assert typed("lena", "findings", "--user", "bo", "--level", "low") == 0
    said = capsys.readouterr()
    assert "Two (of those who may be meant" in said.out
    assert "bo, somebody else" in said.out
    assert "SECRET" not in said.out and "porter" not in said.out
    assert typed("lena", "explain", "bo", "--json") == 0
    told = capsys.readouterr().out
    assert "somebody else" in told and "SECRET" not in told and "porter" not in told
    assert typed("lena", "findings", "--user", "porter", "--json") == 0
    assert shown(capsys) == []


def test_an_export_leaves_out_what_is_not_for_its_caller_and_says_so(
    typed: Typed, capsys: pytest.CaptureFixture[str]
) -> None:
    for who, secrets, said in (("lena", 0, "exported: 3"), ("ida", 1, "exported: 4")):
        assert typed(who, "export", "--format", "csv") == 0
        told = capsys.readouterr()
        assert told.out.count("the porter's secret") == secrets
        assert said in told.err
        assert ("1 more of the whole lake are not for you" in told.err) is not bool(secrets)
    assert typed("ana", "export", "--format", "csv", "--level", "high") == 0
    told = capsys.readouterr()
    assert ",ana," not in told.out, "no analyst, and yet nobody reads of himself"


def test_a_page_says_how_many_there_are(
    site: Site, typed: Typed, capsys: pytest.CaptureFixture[str]
) -> None:
    site.holds(findings=[finding(finding_id=f"g{n:02}", level="low") for n in range(45)])
    pages = []
    for page in ("1", "2"):
        assert typed("lena", "findings", "--level", "low", "--page", page, "--json") == 0
        said = capsys.readouterr()
        pages += [row["finding_id"] for row in orjson.loads(said.out)]
        assert f"of 45 findings; page {page} of 2" in said.err
    assert pages == [f"g{n:02}" for n in range(45)]
