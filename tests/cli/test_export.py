"""`nightporter export`: a file for its owner alone, whole or not at all; wrong words are told."""

import stat
from pathlib import Path

import pytest
from reported import Site, finding

from nightporter import exports
from nightporter.cli.app import main


@pytest.fixture
def root(tmp_path: Path) -> Path:
    Site(tmp_path).scanned(finding(), finding(finding_id="f2", level="low"))
    return tmp_path


def typed(root: Path, *words: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["export", *words, "--workspace", str(root)])
    return int(ended.value.code or 0)


def test_stdout_is_the_export_and_the_total_is_said(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert typed(root, "--format", "csv") == 0
    ran = capsys.readouterr()
    assert ran.out.splitlines()[0].startswith("finding_id,")
    assert len(ran.out.splitlines()) == 3
    assert "findings exported: 2" in ran.err
    assert typed(root, "--format", "jsonl", "--level", "high") == 0
    assert "findings exported: 1" in capsys.readouterr().err


def test_a_file_is_its_owner_s_alone_whatever_stood_there(root: Path) -> None:
    target = root / "out.jsonl"
    target.write_text("old")
    target.chmod(0o644)
    assert typed(root, "--format", "jsonl", "--out", str(target)) == 0
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert len(target.read_text().splitlines()) == 2
    assert sorted(path.name for path in root.glob("*out*")) == ["out.jsonl"]


def test_an_export_that_breaks_off_leaves_the_old_file(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_: object) -> object:
        yield "first\n"
        raise OSError(28, "No space left on device")

    target = root / "out.jsonl"
    target.write_text("old")
    monkeypatch.setattr(exports, "lines", breaks)
    assert typed(root, "--format", "jsonl", "--out", str(target)) == 2
    assert target.read_text() == "old"
    assert [path.name for path in root.iterdir() if ".new" in path.name] == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--format", "xml"), "xml"),
        (("--format", "csv", "--level", "hgih"), "hgih"),
        (("--format", "csv", "--since", "june"), "--since june"),
        (("--format", "csv", "--since", "2026-06-02", "--until", "2026-06-01"), "later than"),
        (("--format", "csv", "--out", "."), "is a folder"),
        (("--format", "csv", "--out", "nowhere/out.csv"), "nowhere"),
    ],
)
def test_wrong_words_are_told(
    root: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], said: str
) -> None:
    assert typed(root, *words) == 2
    ran = capsys.readouterr()
    assert said in ran.err and ran.out == ""
