"""Presets on the command line, and what `ingest` says of a mapping that is wrong."""

from pathlib import Path
from typing import NamedTuple

import orjson
import pytest

from nightporter.cli.app import main

PRESET = """\
title = "A till"
source = "access"
layout = "https://example.com/till"
unverified = "the column op"
format = "csv"
[fields]
ts = "time"
account = "who"
action = "op"
[[example]]
log = '''
time,who,op
2026-01-01T10:00:00Z,ana,view
'''
events = [{ line = 2, account = "ana" }]
"""
TOML = """\
[site.MAIN]
zone = "Europe/Berlin"
[[feed]]
name = "till"
preset = "till"
paths = ["logs/*.csv"]
site = "MAIN"
"""
LOG = """\
time,who,op
2026-03-02 10:00:00,ana,open
2026-03-02 10:01:00,ana,open
2026-03-02 10:01:00,ana,close
yesterday,ana,open
,ana,open
soon,ana,open
"""


class Ran(NamedTuple):
    code: int
    out: str
    err: str


@pytest.fixture
def site(tmp_path: Path) -> Path:
    for folder in ("presets", "logs"):
        (tmp_path / folder).mkdir()
    (tmp_path / "presets" / "till.toml").write_text(PRESET)
    (tmp_path / "nightporter.toml").write_text(TOML)
    (tmp_path / "logs" / "a.csv").write_text(LOG)
    return tmp_path


def typed(site: Path, capsys: pytest.CaptureFixture[str], *words: str) -> Ran:
    with pytest.raises(SystemExit) as ended:
        main([*words, "--workspace", str(site)])
    said = capsys.readouterr()
    return Ran(int(ended.value.code or 0), said.out, said.err)


def test_ingest_says_why_lines_were_refused_and_which_words_mean_nothing(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ran = typed(site, capsys, "ingest")
    assert ran.code == 0
    first, *more = ran.out.splitlines()
    assert first.startswith("till  files 1  loaded 1  lines 6  accepted 3  rejected 3")
    assert first.endswith("duplicates 0  ignored 0  future 0")
    assert more == [
        "    rejected 2  bad_stamp  first logs/a.csv:5: time is 'yesterday': no time of the form"
        " ISO 8601",
        "    rejected 1  no_stamp  first logs/a.csv:6: time is empty: the line says no time",
        "    action other: open 2, close 1",
    ]


def test_where_no_file_is_new_ingest_says_no_more_than_that(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    typed(site, capsys, "ingest")
    assert typed(site, capsys, "ingest").out == "till  files 1  nothing new\n"


def test_ingest_says_the_same_in_json(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (row,) = orjson.loads(typed(site, capsys, "ingest", "--json").out)
    assert row["unmapped"][0] == {"word": "open", "events": 2}
    assert [each["lines"] for each in row["refusals"]] == [2, 1]
    assert row["ignored"] == 0


def test_presets_are_listed_with_their_titles(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = typed(site, capsys, "presets").out.splitlines()
    (till,) = [line.split() for line in lines if line.startswith("till ")]
    assert till == ["till", "access", "A", "till", "(unverified)"]


def test_a_preset_is_printed_as_it_stands(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert typed(site, capsys, "presets", "till").out == PRESET


def test_a_preset_is_proved_by_its_examples(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ran = typed(site, capsys, "presets", "till", "--test")
    assert (ran.code, ran.out) == (0, "ok      till  1 example\n")
    (site / "presets" / "till.toml").write_text(PRESET.replace('account = "ana"', 'account = "bo"'))
    ran = typed(site, capsys, "presets", "till", "--test")
    assert (ran.code, ran.out) == (2, "FAILED  till  1 example\n")
    assert "account is 'ana', 'bo' expected" in ran.err


def test_an_unknown_preset_names_the_nearest(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ran = typed(site, capsys, "presets", "tills")
    assert ran.code == 2
    assert "did you mean till?" in ran.err


def test_a_corrected_mapping_reads_again_and_says_which_days_rest_on_it(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    typed(site, capsys, "ingest")
    (site / "nightporter.toml").write_text(TOML + '[feed.values.action]\nopen = "view"\n')
    assert "nothing new" in typed(site, capsys, "ingest", "till").out
    ran = typed(site, capsys, "ingest", "till", "--again")
    assert "loaded 1  lines 6  accepted 3  rejected 3" in ran.out
    assert "    action other: close 1" in ran.out.splitlines()
    assert "reading 1 file again" in ran.err
    assert "`nightporter nightly --from 2026-03-02`" in ran.err


def test_reading_again_needs_the_name_of_a_feed(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ran = typed(site, capsys, "ingest", "--again")
    assert ran.code == 2
    assert "--again needs the name of a feed" in ran.err
