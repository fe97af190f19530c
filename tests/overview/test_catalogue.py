"""The catalogue page: what a file says, what was measured, and nothing that is markup."""

import json
from pathlib import Path

import pytest

from nightporter.cli.app import main
from nightporter.errors import UsageError
from nightporter.overview.catalogue import catalogue_page
from nightporter.overview.figures import NOTHING, read_figures
from nightporter.rules import Detector, read_pack

OWN = """\
-- /// detector
-- title = "Prints <b>far</b> | too much"
-- level = "medium"
-- status = "test"
-- tags = ["attack.t1213", "itm.if002"]
-- lookback = "0d"
-- says = "{user_id} printed {pages} [pages](x)"
-- falsepositives = ["a `thesis`"]
-- needs = ["access.print"]
-- ///
SELECT user_id, day, x::INT AS pages FROM user_day
WHERE feature = 'prints' AND x >= knob('min_pages', 30);  -- less is a letter

-- /// fires: thirty pages
-- access:
--   user_id | action | local_ts         | rows
--   ana     | print  | 2026-01-05 10:00 |   30
-- ///

-- /// silent: a letter
-- access:
--   user_id | action | local_ts
--   ana     | print  | 2026-01-05 10:00
-- ///
"""
FIGURES = {
    "command": "nightporter evaluate",
    "profiles": {
        "regular": {"cases": {"slow_ramp": 25, "cloud_upload": 24}},
        "noisy": {"cases": {"slow_ramp": 25}},
    },
    "detectors": {
        "printed": {
            "regular": {"innocent": 0.104, "found": {"slow_ramp": 11}},
            "noisy": {"innocent": 2.5, "found": {}},
        }
    },
}


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    (tmp_path / "nightporter.toml").write_text(
        '[site.MAIN]\nzone = "UTC"\n[packs]\npaths = ["own"]\n'
    )
    path = tmp_path / "own" / "collection" / "printed.sql"
    path.parent.mkdir(parents=True)
    path.write_text(OWN)
    return tmp_path


@pytest.fixture
def detector(workspace: Path) -> Detector:
    return read_pack([workspace / "own"])["printed"]


def test_a_section_says_all_that_the_file_says(detector: Detector) -> None:
    page = catalogue_page([detector])
    for line in (
        "1 detectors, 2 cases. Not measured yet.",
        r"Prints \<b>far\</b> \| too much. Level medium, test.",
        r"> {user_id} printed {pages} \[pages\](x)",
        "**Reads** `user_day`; features `prints`; needs `access.print`;"
        " a finding is about `user_id` and a day.",
        "| `min_pages` | 30 | less is a letter |",
        "- thirty pages",
        "- a letter",
        r"- a \`thesis\`",
        "**Measured**: not measured.",
    ):
        assert line in page.splitlines()
    assert "Insider Threat Matrix IF002 (Exfiltration via Physical Medium)" in page


@pytest.mark.parametrize("sign", ["#", ">", "+", "-", "---", "===", "~~~", "1.", "12)"])
def test_a_text_that_begins_with_a_sign_stays_a_text(workspace: Path, sign: str) -> None:
    path = workspace / "own" / "collection" / "printed.sql"
    path.write_text(OWN.replace('"a `thesis`"', f'"{sign} thesis"'))
    page = catalogue_page(read_pack([workspace / "own"]).detectors)
    digits = sign.rstrip(".)") if sign[0].isdigit() else ""
    assert f"\n- {digits}\\{sign.removeprefix(digits)} thesis\n" in page


def test_figures_stand_beside_the_detector(detector: Detector, tmp_path: Path) -> None:
    path = tmp_path / "figures.json"
    path.write_text(json.dumps(FIGURES))
    lines = catalogue_page([detector], read_figures(path)).splitlines()
    row = next(line for line in lines if line.startswith("| [`printed`]"))
    assert row.endswith("| regular 11 of 49, noisy 0 of 25 | regular 0.10, noisy 2.50 |")
    assert "| slow_ramp | 11 of 25 | 0 of 25 |" in lines
    assert not any(line.startswith("| cloud_upload") for line in lines)


def test_no_figures_are_none_and_another_file_is_refused(tmp_path: Path) -> None:
    assert read_figures(tmp_path / "figures.json") is NOTHING
    for text in ("{", "[]", '{"command": "", "profiles": {"a": {}}, "detectors": {}}'):
        (tmp_path / "figures.json").write_text(text)
        with pytest.raises(UsageError, match="no figures of an evaluation"):
            read_figures(tmp_path / "figures.json")


def test_the_command_writes_the_page_of_all_packs_with_the_figures_beside_it(
    workspace: Path, tmp_path: Path
) -> None:
    (tmp_path / "figures.json").write_text(json.dumps(FIGURES))
    with pytest.raises(SystemExit) as end:
        main(["detectors", "docs", "--out", str(tmp_path), "--workspace", str(workspace)])
    assert end.value.code == 0
    page = (tmp_path / "catalogue.md").read_text("utf-8")
    assert "### printed\n" in page and "### bulk_download\n" in page
    assert "Measured by `nightporter evaluate`." in page
