"""A log file whose name an adversary chose: named on the terminal and in the log, harmlessly."""

from pathlib import Path

import pytest
from hostiles import AS_OF, RAW, hostile_workspace

from nightporter.cli.app import main


def test_a_log_file_with_a_hostile_name_is_named_harmlessly(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = hostile_workspace(tmp_path / "site")
    (root / "logs" / "files.ndjson").rename(root / "logs" / "\x1b]0;[bold]\x07\u202e.ndjson")
    (root / "logs" / "\x1b]0;[bold]\x07\u202e.ndjson").write_bytes(b"\x00\x1b[31m\xff\n" * 9)
    toml = (root / "nightporter.toml").read_text()
    (root / "nightporter.toml").write_text(toml.replace("files.ndjson", "*.ndjson"))
    with pytest.raises(SystemExit) as ended:
        main(["nightly", "--as-of", AS_OF, "--workspace", str(root)])
    assert ended.value.code == 5
    said = "".join(capsys.readouterr())
    assert "\\x1b]0;[bold]\\x07\\u202e.ndjson" in said
    assert RAW.findall(said) == []
    assert RAW.findall((root / "state" / "nightly.log").read_text("utf-8")) == []
