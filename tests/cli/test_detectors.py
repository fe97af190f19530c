"""`detectors test` on the command line: cases alone, and gates only where they are asked."""

from pathlib import Path

import pytest

from nightporter.cli.app import main

TOML = """\
[site.HQ]
zone = "UTC"
[[feed]]
name = "files"
source = "access"
paths = ["logs/*.csv"]
format = "csv"
site = "HQ"
fields = { ts = "time", account = "who", action = "op" }
[packs]
paths = ["own"]
"""
# A predicate that no case needs.
OWN = """\
-- /// detector
-- title = "A test"
-- level = "low"
-- status = "test"
-- tags = ["attack.t1213"]
-- lookback = "0d"
-- says = "{user_id} took {files}"
-- ///
SELECT user_id, day, x::INT AS files
FROM user_day
WHERE feature = 'downloads' AND x > 0;

-- /// fires: a download
-- access:
--   user_id | action   | local_ts
--   ana     | download | 2026-01-05 10:00
-- ///

-- /// silent: a look
-- access:
--   user_id | action | local_ts
--   ana     | logon  | 2026-01-05 10:00
-- ///
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    own = tmp_path / "own/misuse/taken.sql"
    own.parent.mkdir(parents=True)
    own.write_text(OWN)
    (tmp_path / "nightporter.toml").write_text(TOML)
    return tmp_path


def outcome(workspace: Path, *more: str) -> int:
    with pytest.raises(SystemExit) as end:
        main(["detectors", "test", "taken", *more, "--workspace", str(workspace)])
    return int(end.value.code or 0)


def test_the_cases_alone_hold(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert outcome(workspace) == 0
    assert "mutants" not in capsys.readouterr().out


def test_a_gate_that_does_not_hold_ends_with_3_and_names_the_line(
    workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert outcome(workspace, "--strict") == 3
    said = capsys.readouterr()
    assert f"{workspace}/own/misuse/taken.sql:11: dropped: x > 0" in said.out
    assert "2 cases, 1 broken" in said.err
