"""A wrong context file is an error with its line; a missing one is none."""

from pathlib import Path

import duckdb
import pytest

from nightporter import config
from nightporter.context import fingerprint, form, read_tables
from nightporter.context.calendar import public_holidays
from nightporter.context.identity import check_patterns
from nightporter.errors import ConfigError


def read(tmp_path: Path, **files: str) -> dict:
    (tmp_path / "nightporter.toml").write_text('[site.A]\nzone = "UTC"\n')
    (tmp_path / "context").mkdir(exist_ok=True)
    for name, text in files.items():
        (tmp_path / "context" / f"{name}.csv").write_text(text, "latin-1")
    return read_tables(config.load(tmp_path))


def test_no_file_is_no_table(tmp_path: Path) -> None:
    assert read(tmp_path) == {}


def test_blank_lines_and_foreign_columns_are_passed_over(tmp_path: Path) -> None:
    tables = read(tmp_path, people="user_id,shoe_size,name\nana,41,Ana\n\nbo,,Bo\n")
    assert tables["people"].rows() == [("ana", "Ana"), ("bo", "Bo")]


@pytest.mark.parametrize(
    ("name", "text", "line", "said"),
    [
        ("people", "usr_id,name\nana,Ana\n", 1, "no column user_id"),
        ("people", "user_id,mangaer\nana,bo\n", 1, "did you mean manager"),
        ("people", "user_id,privileged\nana,maybe\n", 2, "neither true nor false"),
        ("people", "user_id\nana\n,\n", 3, "2 values for 1 columns"),
        ("people", "user_id,name\nana,Ana\n,Bo\n", 3, "user_id is empty"),
        ("accounts", "account,valid_from\na,2026-02-30\n", 2, "not a date"),
        ("accounts", "account,kind\na,persn\n", 2, "did you mean person"),
        ("shifts", "user_id,weekday,start,end\nana,mon,22:00,6h\n", 2, "not a time of day"),
        ("shifts", "user_id,weekday,start,end\nana,montag,22:00,06:00\n", 2, "weekday 'montag'"),
        ("calendar", "site,day,day_type\nA,2026-01-01,free\n", 2, "day_type 'free'"),
        ("hosts", "host\npc1\npc2\npc1\n", 4, "pc1 stands in line 2 already"),
        # Events find a host whatever its case, and would find both.
        ("hosts", "host\nPC1\npc1\n", 3, "pc1 stands in line 2 already"),
        (
            "calendar",
            "site,day,day_type\nA,2026-01-02,short\nA,2026-01-02T12:00,holiday\n",
            3,
            "A, 2026-01-02 00:00:00 stands in line 2 already",
        ),
        ("people", "user_id,name,name\nana,A,B\n", 1, "two columns name"),
        ("doors", "door_id,camera_days\nd,30d\n", 2, "'30d' is not a whole number"),
        ("doors", f"door_id,camera_days\nd,{10**20}\n", 2, "is not a whole number"),
        ("people", "user_id,name\nana,M\u00fcller\n", 2, "not UTF-8"),
    ],
)
def test_a_fault_names_file_and_line(
    tmp_path: Path, name: str, text: str, line: int, said: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, **{name: text})
    assert f"{name}.csv:{line}: " in str(caught.value)
    assert said in str(caught.value)


def test_the_fingerprint_changes_with_any_context_file(tmp_path: Path) -> None:
    read(tmp_path)
    before = fingerprint(config.load(tmp_path))
    read(tmp_path, people="user_id\nana\n")
    assert fingerprint(config.load(tmp_path)) != before


@pytest.mark.parametrize(
    ("said", "line", "message"),
    [
        ('country = "de"', 3, "no country is called 'de'"),
        ('country = "DE"\nsubdivision = "BVV"', 4, "DE has no part 'BVV'"),
    ],
)
def test_a_country_that_nobody_knows_is_said_with_its_line(
    tmp_path: Path, said: str, line: int, message: str
) -> None:
    (tmp_path / "nightporter.toml").write_text(f'[site.A]\nzone = "UTC"\n{said}\n')
    with pytest.raises(ConfigError, match=message) as caught:
        public_holidays(config.load(tmp_path), "A", (2026,))
    assert caught.value.line == line


def test_a_pattern_that_only_python_reads_is_said_with_its_line(tmp_path: Path) -> None:
    toml = "[context]\nbadge_pattern = '(?<=x)(?<user_id>[a-z]+)'\n"
    (tmp_path / "nightporter.toml").write_text(toml)
    with duckdb.connect() as con, pytest.raises(ConfigError) as caught:
        check_patterns(con, config.load(tmp_path))
    assert "nightporter.toml:2: " in str(caught.value)


def test_the_form_changes_with_what_concerns_all_days_and_not_with_a_line_of_a_register(
    tmp_path: Path,
) -> None:
    def now(**files: str) -> str:
        tables = read(tmp_path, **files)
        return form(config.load(tmp_path), tables)

    before = now(people="user_id\nana\n", labels="prefix,label\n/a,secret\n")
    assert now(people="user_id\nana\nbo\n") == before
    assert now(people="user_id\n") != before
    assert now(people="user_id,team\nana,x\n") != before
    assert now(people="user_id\nana\n", labels="prefix,label\n/b,secret\n") != before
