"""An extra, on public data: the badge log of the VAST Challenge 2016, read by configuration alone.

The data lies beside the project where it is developed, and nowhere in it.
"""

import shutil
from datetime import date
from pathlib import Path

import pytest
from workspaces import asked, run

ROOT = Path(__file__).parent.parent
LOG = ROOT.parent / "shared" / "data" / "vast2016" / "proxOut-MC2.csv"


@pytest.fixture(scope="module")
def vast(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not LOG.is_file():
        pytest.skip("an extra: the public VAST 2016 log does not lie beside the project")
    root = tmp_path_factory.mktemp("vast")
    shutil.copy(ROOT / "docs" / "examples" / "vast2016" / "nightporter.toml", root)
    (root / LOG.name).symlink_to(LOG)
    assert run(root, "2016-06-14T12:00").exit_code == 0
    return root


def test_every_read_of_the_public_log_is_an_event(vast: Path) -> None:
    assert asked(vast, "SELECT count(*) FROM badge") == [(29_763,)]
    assert asked(vast, "SELECT count(*) FROM rejects") == [(0,)]


def test_one_replaced_card_is_flagged_on_four_days_and_nothing_else_is(vast: Path) -> None:
    found = asked(vast, "SELECT detector, user_id, day FROM findings ORDER BY day")
    days = [date(2016, 6, day) for day in (2, 3, 8, 10)]
    assert found == [("superseded_badge_used", "pyoung", day) for day in days]


def test_the_evidence_is_every_read_of_the_old_card_after_it_was_replaced(vast: Path) -> None:
    said = asked(vast, "SELECT count(*), count(DISTINCT object), min(object) FROM evidence")
    assert said == [(44, 1, "pyoung001")]
