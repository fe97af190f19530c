"""The doctor's screen: sections worst first, each line with what to do; it changes nothing."""

import json
from pathlib import Path

import pytest
from workspaces import june, run

from nightporter.cli.app import main
from nightporter.doctor import SECTIONS


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = june(tmp_path_factory.mktemp("site"), "2026-06-15")
    with (root / "context" / "accounts.csv").open("a") as file:
        file.write("scan-og2,bsolm,person,2026-01-01,\nscan-og2,chasek,person,2026-01-01,\n")
    (root / "context" / "hosts.csv").unlink()
    run(root, "2026-06-30T08:00")
    return root


def printed(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    with pytest.raises(SystemExit) as ended:
        main(["doctor", *words])
    assert ended.value.code == 0
    return capsys.readouterr().out


def test_sections_come_worst_first_and_each_line_says_what_to_do(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = {path: path.read_bytes() for path in (site / "context").iterdir()}
    said = printed(capsys, "--workspace", str(site))
    heads = [line.partition(":")[0] for line in said.splitlines() if line[:1].isupper()]
    assert heads == [section.upper() for section in SECTIONS]
    assert "account scan-og2: of bsolm, chasek at once" in said
    assert "-> correct valid_from and valid_to in context/accounts.csv" in said
    assert "context/hosts.csv: is missing or empty" in said
    assert before == {path: path.read_bytes() for path in (site / "context").iterdir()}


def test_json_holds_every_piece_of_advice(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = json.loads(printed(capsys, "--workspace", str(site), "--json"))
    assert {"section", "about", "says", "do", "sure", "line", "weight"} == set(rows[0])
    assert {row["section"] for row in rows} >= {"overlaps and gaps", "missing context"}


def test_an_empty_workspace_is_told_what_is_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "nightporter.toml").write_text('[site.A]\nzone = "UTC"\n')
    said = printed(capsys, "--workspace", str(tmp_path))
    assert "site A: no country" in said
    assert "context/people.csv: is missing or empty" in said
