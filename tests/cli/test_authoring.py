"""`detectors new` writes a file of the site's own and never over another; `lint` ends with 3."""

import json
from pathlib import Path

import pytest

from nightporter.cli.app import main

SITE = '[site.HQ]\nzone = "UTC"\n'
PACK = '[packs]\npaths = ["own"]\n'


def outcome(*words: str) -> int:
    with pytest.raises(SystemExit) as end:
        main(["detectors", *words])
    return int(end.value.code or 0)


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "nightporter.toml").write_text(SITE + PACK)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_new_detector_is_found_and_holds(
    workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert outcome("new", "refused_often", "--tactic", "presence", "--source", "badge") == 0
    path = workspace / "own/presence/refused_often.sql"
    said = capsys.readouterr()
    assert said.out == f"{path}\n"
    assert "nightporter detectors test refused_often --strict" in said.err
    assert outcome("test", "refused_often") == 0
    assert "3 cases, 0 broken" in capsys.readouterr().err


def test_a_file_is_never_overwritten(workspace: Path) -> None:
    path = workspace / "own/presence/mine.sql"
    path.parent.mkdir(parents=True)
    path.write_text("mine")
    assert outcome("new", "mine", "--tactic", "presence") == 2
    assert path.read_text() == "mine"
    elsewhere = workspace / "other/presence/mine.sql"
    elsewhere.parent.mkdir(parents=True)
    elsewhere.write_text("theirs")
    path.unlink()
    assert outcome("new", "mine", "--tactic", "presence", "--into", "other") == 2
    assert elsewhere.read_text() == "theirs"


def test_a_folder_that_is_a_file_is_said_to_be_none(
    workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (workspace / "own").mkdir()
    (workspace / "taken").write_text("")
    assert outcome("new", "mine", "--tactic", "presence", "--into", "taken") == 2
    assert "taken/presence/mine.sql cannot be written: Not a directory" in capsys.readouterr().err


WRONG = {
    "an id of a detector that ships": (["bulk_download", "--tactic", "misuse"], "is already"),
    "an id that is a path": (["../x", "--tactic", "misuse"], "cannot be an id"),
    "a tactic that is none": (["x", "--tactic", "misuses"], "did you mean misuse?"),
    "a source that is none": (
        ["x", "--tactic", "misuse", "--source", "badges"], "did you mean badge?",
    ),
    "a table of counts that is none": (
        ["x", "--tactic", "misuse", "--on", "user_days"], "did you mean user_day?",
    ),
    "two ways to begin": (
        ["x", "--tactic", "misuse", "--on", "seen", "--source", "usb"], "choose one",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("words", "said"), WRONG.values(), ids=WRONG)
def test_what_cannot_be_meant_writes_nothing(
    workspace: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    assert outcome("new", *words) == 2
    assert said in capsys.readouterr().err
    assert list(workspace.rglob("*.sql")) == []


def test_a_workspace_without_a_folder_is_told_what_to_add(
    workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (workspace / "nightporter.toml").write_text(SITE)
    assert outcome("new", "mine", "--tactic", "misuse") == 2
    assert '[packs]\n       paths = ["detectors"]' in capsys.readouterr().err
    assert outcome("new", "mine", "--tactic", "misuse", "--into", "own") == 0
    said = capsys.readouterr().err
    assert "no night reads this folder yet" in said and 'paths = ["own"]' in said


def test_without_a_workspace_a_folder_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert outcome("new", "mine", "--tactic", "misuse") == 2
    assert "--into FOLDER" in capsys.readouterr().err
    assert outcome("new", "mine", "--tactic", "misuse", "--into", "own") == 0
    assert (tmp_path / "own/misuse/mine.sql").exists()


def test_lint_prints_a_fault_with_its_line_and_ends_with_3(
    workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    outcome("new", "mine", "--tactic", "misuse")
    assert outcome("lint", "mine") == 0
    path = workspace / "own/misuse/mine.sql"
    path.write_text(path.read_text().replace('"attack.privilege-escalation"', '"attack.t1562.001"'))
    capsys.readouterr()
    assert outcome("lint", "mine") == 3
    said = capsys.readouterr()
    assert f"{path}:5: ATT&CK 19 withdrew 'attack.t1562.001'" in said.out
    assert "it is attack.t1685 now" in said.out
    assert "1 file, 1 fault" in said.err
    assert outcome("lint", "mine", "--json") == 3
    rows = json.loads(capsys.readouterr().out)
    assert [(row["kind"], row["line"]) for row in rows] == [("fault", 5), ("note", None)]


def test_lint_says_that_another_file_has_the_same_id(
    workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    outcome("new", "mine", "--tactic", "misuse")
    second = workspace / "own/presence/mine.sql"
    second.parent.mkdir()
    second.write_text((workspace / "own/misuse/mine.sql").read_text())
    assert outcome("lint", "mine") == 3
    assert f"{second}: a second detector mine" in capsys.readouterr().out


def test_lint_says_in_one_line_that_sqlfluff_is_absent(
    workspace: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    outcome("new", "mine", "--tactic", "misuse")
    monkeypatch.setattr("nightporter.proof.lint.find_spec", lambda name: None)
    assert outcome("lint", "mine") == 0
    assert "install nightporter[lint] for sqlfluff" in capsys.readouterr().err


def test_stable_without_a_silent_case_does_not_pass_the_test(
    workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    outcome("new", "mine", "--tactic", "misuse")
    path = workspace / "own/misuse/mine.sql"
    text = path.read_text().partition("\n-- /// silent")[0]
    path.write_text(text)
    assert outcome("test", "mine") == 0
    path.write_text(text.replace('"experimental"', '"stable"'))
    assert outcome("test", "mine") == 3
    assert "no case in which it is silent" in capsys.readouterr().out
