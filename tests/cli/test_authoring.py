"""`detectors new` writes a file where the workspace's own detectors are, and never over another."""

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
    assert "no night reads this folder yet" in capsys.readouterr().err


def test_without_a_workspace_a_folder_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert outcome("new", "mine", "--tactic", "misuse") == 2
    assert "--into FOLDER" in capsys.readouterr().err
    assert outcome("new", "mine", "--tactic", "misuse", "--into", "own") == 0
    assert (tmp_path / "own/misuse/mine.sql").exists()
