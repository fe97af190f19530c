"""The key is made once, is its owner's alone, and is never replaced in silence."""

import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from nightporter.config import Settings
from nightporter.config.settings import NamesSection
from nightporter.errors import UsageError
from nightporter.findings import secret
from nightporter.names import key_of, key_of_ids
from nightporter.names.key import key_file


def test_it_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    settings = Settings(root=tmp_path)
    key = key_of(settings)
    assert key_of(settings) == key and len(key) == 32
    assert (tmp_path / "state" / "key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in (tmp_path / "state").iterdir()] == ["key"]


@pytest.mark.parametrize(("text", "mode"), [("ab" * 32, 0o640), ("ab", 0o600), ("zz", 0o600)])
def test_one_that_others_read_or_that_is_broken_is_refused(
    tmp_path: Path, text: str, mode: int
) -> None:
    path = tmp_path / "state" / "key"
    path.parent.mkdir()
    path.write_text(text)
    path.chmod(mode)
    with pytest.raises(UsageError):
        key_of(Settings(root=tmp_path))


def test_who_says_nothing_shows_nobodys_name(tmp_path: Path) -> None:
    (tmp_path / "nightporter.toml").write_text("[workspace]\n")
    code = """if True:
        import pathlib, sys
        from nightporter.config import load
        print(load(pathlib.Path(sys.argv[1])).names.pseudonyms)"""
    words = [sys.executable, "-c", code, str(tmp_path)]
    said = subprocess.run(words, capture_output=True, text=True, check=True)
    assert said.stdout == "True\n"


def test_ids_have_a_key_where_people_have_or_had_pseudonyms(tmp_path: Path) -> None:
    plain = Settings(root=tmp_path, names=NamesSection(pseudonyms=False))
    assert key_of_ids(plain) == b"" and not key_file(plain).exists()
    key = key_of_ids(Settings(root=tmp_path, names=NamesSection(pseudonyms=True)))
    assert key == key_of(plain) == key_of_ids(plain)
    rows = pl.DataFrame({"finding_id": ["a", "b", "a"]})
    assert secret(rows, b"").equals(rows)
    first, other, again = secret(rows, key)["finding_id"]
    assert first == again and len({first, other, "a", "b"}) == 4 and len(first) == 32
