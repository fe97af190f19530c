"""`nightporter simulate` writes a crowd where a profile is named, and says what it cannot."""

from pathlib import Path

import pytest

from nightporter import config
from nightporter.cli.app import main


def typed(*words: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["simulate", *words])
    return int(ended.value.code or 0)


def test_a_crowd_is_a_workspace_with_its_truth(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "house"
    size = ("--people", "40", "--days", "15", "--insiders", "0", "--first-day", "2026-03-02")
    assert typed(str(out), "--profile", "noisy", *size) == 0
    said = capsys.readouterr()
    assert said.out == "" and "0 campaigns in truth/" in said.err
    assert {feed.name for feed in config.load(out).feed} == {"access", "usb", "badge"}
    assert (out / "logs" / "badge" / "2026-03-02.csv").is_file()
    assert (out / "truth" / "events.parquet").is_file()
    assert typed(str(out), "--profile", "noisy") == 2
    assert "is not empty" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--insiders", "3"), "--insiders and --broken are for crowds"),
        (("--broken",), "--insiders and --broken are for crowds"),
        (("--profile", "wild"), "--profile wild is not known"),
        (("--first-day", "soon"), "--first-day soon: not a day"),
    ],
    ids=["insiders", "broken", "profile", "day"],
)
def test_what_does_not_fit_is_a_usage_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], said: str
) -> None:
    assert typed(str(tmp_path / "new"), *words) == 2
    assert said in capsys.readouterr().err
