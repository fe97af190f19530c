"""Filters that miss are said, and a person's findings include those that may mean others."""

from datetime import timedelta
from pathlib import Path

import pytest
from reported import DAY, Site, finding, window

from nightporter import config
from nightporter.cli.app import main
from nightporter.cli.summary import print_morning
from nightporter.morning import morning
from nightporter.workspace import lake_of


def typed(root: Path, *words: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main([*words, "--workspace", str(root)])
    return int(ended.value.code or 0)


def test_what_may_mean_a_person_is_among_the_person_s_findings(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Site(tmp_path).scanned(
        finding(user_id=None, candidates=["ana", "bo"], sentence="a door opened"),
        finding(finding_id="f2", user_id="cy", sentence="another matter"),
    )
    assert typed(tmp_path, "findings", "--user", "bo") == 0
    said = capsys.readouterr()
    assert "a door opened; may be meant: ana, bo" in said.out
    assert "another matter" not in said.out
    assert "1 of 1 findings" in said.err


@pytest.mark.parametrize(
    ("option", "word", "hint"),
    [("--level", "hgih", "high"), ("--detector", "superseded_badge", "superseded_badge_used")],
)
def test_a_misspelt_filter_is_no_peace(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], option: str, word: str, hint: str
) -> None:
    Site(tmp_path).scanned(finding())
    assert typed(tmp_path, "findings", option, word) == 2
    assert f"did you mean {hint}?" in capsys.readouterr().err


def test_a_morning_that_could_not_look_says_so_before_anything_else(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site = Site(tmp_path)
    site.scanned(finding())
    site.holds(
        windows=[
            window(stage="doors", day=DAY - timedelta(days=1)),
            window(stage="doors", status="not_evaluated", reason="badge is silent"),
            window(stage="uploads", status="not_evaluated", reason="no log says upload"),
        ],
        feed_day=[{"feed": "badge-main", "source": "badge", "site": "BER", "day": DAY, "events": 0,
                   "silent": True}],
    )  # fmt: skip
    settings = config.load(tmp_path)
    print_morning(morning(settings, lake_of(settings)), {})
    before = capsys.readouterr().out.partition("ana")[0]
    assert f"BLIND             1 of 3 detectors judged nothing on {DAY}" in before
    assert "NO DATA           1 of 3 detectors have had nothing to judge" in before
    assert "SILENT            badge-main" in before
