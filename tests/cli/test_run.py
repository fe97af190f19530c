"""What somebody reads who typed something wrong, or whose logs are wrong, at 6 a.m."""

import re
from pathlib import Path

import orjson
import pytest
from onefeed import LOG, NIGHT, TOML, Site
from workspaces import june

from nightporter.cli.app import main


@pytest.fixture
def site(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Site:
    return Site(tmp_path, capsys)


def test_a_quiet_night_ends_with_0_and_says_what_it_could_not_judge(site: Site) -> None:
    ran = site.type(*NIGHT)
    assert ran.code == 0
    assert "nobody stands above the risk floor" in ran.out
    assert "not evaluated on 2 days, last 2026-03-03: " in ran.out
    assert "off_hours_removable_media" in ran.out.partition("NOT EVALUATED")[2]
    assert "no feed of usb events" in " ".join(ran.out.split())
    assert "2 lines = 2 events + 0 rejected + 0 duplicates" in ran.out


def test_a_missing_file_is_said_with_the_line_that_names_it(site: Site) -> None:
    (site.root / "logs" / "fs.csv").rename(site.root / "logs" / "other.csv")
    ran = site.type(*NIGHT)
    assert ran.code == 5
    assert "SITE/nightporter.toml:7: nothing matches logs/fs.csv" in ran.err
    assert '7 | paths = ["logs/fs.csv"]' in ran.err
    assert "the folder logs/ holds: other.csv" in ran.err


def test_an_unknown_column_is_said_with_the_nearest_one(site: Site) -> None:
    site.toml = TOML.replace('"path"', '"pth"')
    ran = site.type(*NIGHT)
    assert ran.code == 2
    assert "SITE/nightporter.toml:14: logs/fs.csv has no column 'pth'" in ran.err
    assert "did you mean path?" in ran.err


def test_a_fault_of_a_route_is_said_with_its_own_line_and_the_nearest_word(site: Site) -> None:
    route = '\n[[notify.route]]\nname = "{}"\nurl = "env:X"\n'
    site.toml = f'{TOML}[notify]{route.format("a")}{route.format("b")}level = "critcal"\n'
    ran = site.type(*NIGHT)
    assert ran.code == 2
    assert re.search(r"nightporter.toml:\d+: level: .*\n +\d+ \| level = \"critcal\"", ran.err)
    assert "did you mean critical?" in ran.err


def test_a_naive_stamp_without_a_zone_is_no_guess(site: Site) -> None:
    site.toml = TOML.replace('site = "MAIN"\n', "")
    ran = site.type(*NIGHT)
    assert ran.code == 2
    assert "SITE/logs/fs.csv:2: a stamp without a time zone" in ran.err
    assert "2 | 2026-03-02 10:00:00,ana,get,/a" in ran.err
    assert 'add site = "..." or zone = "..."' in ran.err


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("paths =", "pahts =", "SITE/nightporter.toml:7: unknown key 'pahts'"),
        ('"Europe/Berlin"', '"Europe/Bern"', "SITE/nightporter.toml:2: zone: no IANA time zone"),
        ('site = "MAIN"', 'site = "MIAN"', "did you mean MAIN?"),
        ('format = "csv"', 'format = "cvs"', "SITE/nightporter.toml:8: format: "),
        ("[[feed]]", "[[feed]", "SITE/nightporter.toml:4: not TOML"),
        ('action = "op"', "", "action"),
        ('get = "download"', 'get = "donwload"', "did you mean download?"),
    ],
)
def test_a_typo_in_the_configuration_is_said_with_its_line(
    site: Site, right: str, wrong: str, said: str
) -> None:
    assert right in TOML
    site.toml = TOML.replace(right, wrong)
    ran = site.type(*NIGHT)
    assert ran.code == 2
    assert said in ran.err


def test_pure_garbage_is_rejected_line_by_line_and_crashes_nothing(site: Site) -> None:
    garbage = bytes(range(256)) * 50
    (site.root / "logs" / "fs.csv").write_bytes(LOG.split("\n")[0].encode() + b"\n" + garbage)
    ran = site.type(*NIGHT)
    assert ran.code == 5
    assert "no line of it could be read" in ran.err
    kept = site.type("sql", "SELECT sum(octet_length(raw)) AS n FROM rejects", "--json")
    assert orjson.loads(kept.out)[0]["n"] >= len(garbage) - garbage.count(b"\n") - 1


def test_a_knob_that_does_not_exist_is_said_before_anything_runs(site: Site) -> None:
    site.toml = f"{TOML}\n[knobs.off_hours_bulk_download]\nmin_file = 3\n"
    ran = site.type(*NIGHT)
    assert ran.code == 2
    assert "no knob 'min_file'" in ran.err
    assert "did you mean min_files?" in ran.err
    assert not (site.root / "lake").exists()


def test_a_broken_detector_is_said_with_file_and_line_and_the_rest_runs(site: Site) -> None:
    folder = site.root / "own" / "misuse"
    folder.mkdir(parents=True)
    (folder / "bad.sql").write_text('-- /// detector\n-- title = "x"\n-- levle = "low"\n-- ///\n')
    site.toml = f'{TOML}\n[packs]\npaths = ["own"]\n'
    ran = site.type(*NIGHT)
    assert ran.code == 5
    assert "SITE/own/misuse/bad.sql:3: unknown key 'levle'" in ran.err
    assert "did you mean level?" in ran.err
    log = (site.root / "state" / "nightly.log").read_text()
    assert "publish" in log and "bad.sql:3: unknown key 'levle'" in log
    assert "unmapped_identity" in site.type("sql", "SELECT DISTINCT stage FROM windows").out


def test_a_detector_that_writes_a_file_through_a_cte_is_refused(site: Site) -> None:
    folder = site.root / "own" / "misuse"
    folder.mkdir(parents=True)
    loot = site.root / "loot.csv"
    (folder / "thief.sql").write_text(THIEF.replace("$loot", str(loot)))
    site.toml = f'{TOML}\n[packs]\npaths = ["own"]\n'
    ran = site.type(*NIGHT)
    assert ran.code == 5
    assert "SITE/own/misuse/thief.sql:10: COPY is not allowed in a detector" in ran.err
    assert not loot.exists()


THIEF = """\
-- /// detector
-- title = "Writes a file"
-- level = "low"
-- status = "test"
-- tags = ["attack.collection"]
-- lookback = "0d"
-- says = "{user_id}"
-- ///

WITH stolen AS (COPY (SELECT * FROM access) TO '$loot')
SELECT user_id, day FROM access;
"""


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("nightly", "--asof", "x"), "Did you mean --as-of?"),
        (("nightli",), 'Did you mean "nightly"?'),
        (("nightly", "--as-of", "yesterday"), "not a moment"),
        (("nightly", "--from", "1999-01-01"), "can be scanned"),
        (("nightly", "--from", "gestern"), "--from gestern: not a day"),
        (("findings", "--from", "2026-03-05", "--to", "morgen"), "--to morgen: not a day"),
        (("findings", "--from", "2026-03-05", "--to", "2026-03-01"), "ends before it starts"),
        (("sql", "SELECT CAST('x' AS INTEGER)"), "Could not convert"),
        (("sql", "SELECT * FROM acces"), 'Did you mean "access"?'),
    ],
    ids=["option", "command", "moment", "day", "no day", "no last day", "window", "value", "table"],
)
def test_a_wrong_command_line_ends_with_2_and_a_hint(
    site: Site, words: tuple[str, ...], said: str
) -> None:
    ran = site.type(*words)
    assert ran.code == 2
    assert said in ran.err
    assert "Traceback" not in ran.err


def test_the_report_is_named_and_can_be_written_anew(site: Site) -> None:
    told = site.type(*NIGHT).out
    page = site.root / "reports" / "2026-03-03" / "index.html"
    assert f"REPORT    {page}" in told
    page.unlink()
    assert site.type("report").out == f"{page}\n"
    assert site.type("report", "--day", "2026-03-02").out.endswith("/2026-03-02/index.html\n")
    assert page.exists()


def test_a_report_of_nothing_ends_with_2(site: Site) -> None:
    assert "no day was scanned yet" in site.type("report").err
    site.type(*NIGHT)
    refused = site.type("report", "--day", "1999-01-01")
    assert refused.code == 2
    assert "scanned: 2026-03-02 to 2026-03-03" in refused.err


def test_hostile_names_reach_the_terminal_as_text(site: Site) -> None:
    (site.root / "logs" / "fs.csv").write_text(
        LOG + "2026-03-02 10:02:00,\x1b]0;owned\x07\x1b[31mana\u202e,get,/a\n" * 4
    )
    site.type(*NIGHT)
    said = site.type("findings", "--all").out + site.type("sql", "SELECT account FROM access").out
    assert "\\x1b]0;owned\\x07\\x1b[31mana\\u202e" in said
    assert not {"\x1b", "\x07", "\u202e"} & set(said)


def test_equal_state_is_equal_bytes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = june(tmp_path, "2026-06-24")
    said = []
    for _ in range(2):
        with pytest.raises(SystemExit):
            main(["nightly", "-w", str(root), "--as-of", "2026-06-30T08:00Z", "--json"])
        said.append(capsys.readouterr().out)
    assert said[0] == said[1]
    assert orjson.loads(said[0])["ranking"][0]["reasons"]


def test_fail_on_ends_with_1_when_somebody_stands_at_that_level(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = june(tmp_path, "2026-06-24")
    codes = {}
    for level in ("high", "critical"):
        with pytest.raises(SystemExit) as ended:
            main(["nightly", "-w", str(root), "--as-of", "2026-06-30T08:00Z", "--fail-on", level])
        codes[level] = ended.value.code
    assert codes == {"high": 1, "critical": 0}


def test_who_rehearses_an_earlier_moment_is_told_that_a_later_day_is_shown(site: Site) -> None:
    assert "by that moment" not in site.type(*NIGHT).err
    ran = site.type("nightly", "--as-of", "2026-03-03T12:00")
    assert "only days to 2026-03-02 had ended; the lake was scanned to 2026-03-03" in ran.err


def test_a_moment_to_come_may_be_said_on_the_clock_of_the_site(site: Site) -> None:
    log = site.root / "logs" / "fs.csv"
    log.write_text(LOG.replace("2026-", "2099-") + "2099-03-02 10:02:00,ana,get,/c\n")
    ran = site.type("nightly", "--as-of", "2099-03-03T12:00")
    assert ran.code == 0, ran.err
    assert "identities without a person: 1" in " ".join(ran.out.split())


def test_an_account_of_nobody_known_is_not_named_before_anything_is_found_of_it(site: Site) -> None:
    (site.root / "logs" / "fs.csv").write_text(f"{LOG}2026-03-02 10:02:00,ana,get,/c\n")
    site.toml = f"{TOML}[names]\npseudonyms = true\n"
    ran = site.type(*NIGHT)
    assert re.search(r"such as account-[0-9a-f]{8}\b", " ".join(ran.out.split()))
    said = site.type("doctor").out
    assert re.search(r"account account-[0-9a-f]{8}: 3 events", said) and "ana" not in said.split()


def test_a_feed_that_does_not_exist_is_no_quiet_success(site: Site) -> None:
    ran = site.type("ingest", "fss")
    assert ran.code == 2
    assert "did you mean fs?" in ran.err


def test_any_ordinary_folder_name_will_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = tmp_path / "100 percent 'quoted' with \u00fcmlaut"
    root.mkdir()
    assert Site(root, capsys).type(*NIGHT).code == 0


@pytest.mark.parametrize("name", ["day=1", "100%", "[prod]", "a\\b"])
def test_a_folder_name_that_parquet_readers_misread_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    (tmp_path / name).mkdir()
    ran = Site(tmp_path / name, capsys).type(*NIGHT)
    assert ran.code == 2
    assert "name another folder" in ran.err


def test_an_unexpected_fault_is_words_and_never_1(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def explode(*_: object, **__: object) -> None:
        raise OSError("disk on fire")

    monkeypatch.setattr("nightporter.cli.run.run_nightly", explode)
    ran = site.type(*NIGHT)
    assert ran.code == 5
    assert "unexpected OSError: disk on fire" in ran.err
    assert "Traceback" not in ran.err
