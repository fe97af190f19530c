"""What an exceptions file may say; every fault has its line and the nearest valid word."""

import re
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from nightporter.config import ConfigError, Settings
from nightporter.exceptions import Entry, Site, doubts, load_exceptions, read_exceptions
from nightporter.exceptions.words import Written
from nightporter.rules import read_pack
from nightporter.rules.catalogue import columns
from nightporter.shipped import shipped

PEOPLE = pl.DataFrame(
    {
        "user_id": ["wei", "bo", "lena", "ida"],
        "team": ["net", "net", "soc", "soc"],
        "role": ["admin", "clerk", "analyst", "analyst"],
    }
)
ACCOUNTS = pl.DataFrame({"account": ["adm-wei", "lena"], "user_id": ["wei", "lena"]})
SITE = Site(
    {"bulk": frozenset({"user_id", "folder"}), "stick": frozenset({"user_id"}), "broken": None},
    {"people": PEOPLE, "accounts": ACCOUNTS},
)
WHO = 'who = { user_id = "wei" }'
ENDS = "expires = 2026-06-30"


def written(root: Path, *lines: str, file: str = "a", name: str = "move", **given: str) -> Settings:
    """A file with one exception: these lines, and what an exception must have besides."""
    usual = {"detector": '"bulk"', "owner": '"lena"', "reason": '"because"', "ticket": '"T-1"'}
    rest = [f"{key} = {value}" for key, value in {**usual, **given}.items() if value]
    (root / "exceptions").mkdir(exist_ok=True)
    text = "\n".join([f"[exception.{name}]", *lines, *rest, ""])
    (root / "exceptions" / f"{file}.toml").write_text(text, "utf-8")
    return Settings(root=root)


def read(root: Path, *lines: str, **given: str) -> Entry:
    (entry,) = load_exceptions(written(root, *lines, **given), SITE)
    return entry


def fault(root: Path, *lines: str, **given: str) -> str:
    with pytest.raises(ConfigError) as raised:
        read(root, *lines, **given)
    assert raised.value.exit_code == 2
    return str(raised.value).replace(f"{root}/", "")


def test_no_folder_is_no_exception(tmp_path: Path) -> None:
    assert load_exceptions(Settings(root=tmp_path), SITE) == ()


def test_one_that_names_person_and_thing_is_whole(tmp_path: Path) -> None:
    entry = read(tmp_path, WHO, 'what = { device_id = ["S1", "S2"], folder = "/m/*" }', ENDS)
    assert (entry.name, entry.file, entry.line) == ("move", "exceptions/a.toml", 1)
    assert (entry.detectors, entry.people, entry.spared) == (("bulk",), ("wei",), ("lena",))
    assert entry.what == {"device_id": ("S1", "S2"), "folder": ("/m/*",)}
    assert (entry.owner, entry.reason, entry.ticket) == ("lena", "because", "T-1")


@pytest.mark.parametrize(
    ("lines", "first", "until"),
    [
        ("expires = 2026-06-30", "2026-06-01", "2026-06-30"),
        ("from = 2026-06-01", "2026-06-01", "2026-06-30"),
        ("from = 2026-06-01\ndays = 1", "2026-06-01", "2026-06-01"),
        ("expires = 2026-06-30\ndays = 10", "2026-06-21", "2026-06-30"),
        ("from = 2026-01-01\nexpires = 2026-06-29", "2026-01-01", "2026-06-29"),
        ('from = "2026-06-01"', "2026-06-01", "2026-06-30"),
    ],
)
def test_two_of_first_last_and_length_make_the_third_and_thirty_days_are_usual(
    tmp_path: Path, lines: str, first: str, until: str
) -> None:
    entry = read(tmp_path, WHO, 'what = { device_id = "S1" }', lines)
    assert (entry.first, entry.until) == (date.fromisoformat(first), date.fromisoformat(until))


def test_a_group_means_its_people_and_several_words_those_whom_all_mean(tmp_path: Path) -> None:
    team = 'who = { team = "net" }'
    assert read(tmp_path, team, ENDS, approved_by='"ida"').people == ("bo", "wei")
    both = 'who = { team = "net", role = ["clerk", "analyst"] }'
    assert read(tmp_path, both, ENDS, approved_by='"ida"').people == ("bo",)
    assert read(tmp_path, 'what = { door_id = "D" }', ENDS, approved_by='"ida"').people is None


FAULTS = {
    "nothing named": ((ENDS,), {}, 1, "it names neither a person (who) nor a thing (what)"),
    "never ends": ((WHO,), {}, 1, "it never ends: give `expires`, or `from` and `days`"),
    "too long": ((WHO, "from = 2026-01-01", "expires = 2026-06-30"), {}, 1, "it holds for 181"),
    "too many days": ((WHO, ENDS, "days = 181"), {}, 4, "days: Input should be less than or"),
    "days as text": ((WHO, ENDS, 'days = "30d"'), {}, 4, "days: Input should be a valid integer"),
    "backwards": ((WHO, "from = 2026-07-01", ENDS), {}, 1, "it ends on 2026-06-30, before it"),
    "past the calendar": ((WHO, "from = 9999-12-31"), {}, 1, "it ends beyond the calendar"),
    "before the calendar": ((WHO, "expires = 0001-01-02"), {}, 1, "it begins beyond the calendar"),
    "all three": ((WHO, "from = 2026-06-01", ENDS, "days = 30"), {}, 1, "give two of from"),
    "a number": ((WHO, "expires = 20260630"), {}, 3, "expires: a day such as 2026-06-30 is"),
    "a moment": ((WHO, "expires = 2026-06-30T10:00:00"), {}, 3, "expires: a day such as"),
    "no owner": ((WHO, ENDS), {"owner": ""}, 1, "it lacks the key 'owner'"),
    "no ticket": ((WHO, ENDS), {"ticket": ""}, 1, "it lacks the key 'ticket'"),
    "blank reason": ((WHO, ENDS), {"reason": '" "'}, 6, "reason: String should have at least"),
    "no detector": ((WHO, ENDS), {"detector": ""}, 1, "it lacks the key 'detector'"),
    "unknown key": ((WHO, "expire = 2026-06-30"), {}, 3, "unknown key 'expire'\n"),
    "unknown detector": ((WHO, ENDS), {"detector": '["bulc"]'}, 4, "no detector is called 'bulc'"),
    "unknown who": (('who = { user = "wei" }', ENDS), {}, 2, "nobody is told by 'user'"),
    "unknown what": (('what = { devise_id = "S" }', ENDS), {}, 2, "no column 'devise_id'"),
    "of another detector": (
        (WHO, 'what = { folder = "/m" }', ENDS), {"detector": '"stick"'}, 3, "no column 'folder'",
    ),
    "a person as thing": (('what = { user_id = "wei" }', ENDS), {}, 2, "user_id is no thing"),
    "everybody": (('who = { user_id = "*" }', ENDS), {}, 2, "user_id: people are named one by"),
    "any thing": (('what = { device_id = "*" }', ENDS), {}, 2, "device_id: '*': at least 3"),
    "a star inside": (('what = { device_id = "S*1" }', ENDS), {}, 2, "device_id: 'S*1': a *"),
    "an empty list": (("who = { user_id = [] }", ENDS), {}, 2, "user_id: it names nothing"),
    "too broad": ((WHO, "from = 2026-03-01", "days = 101"), {}, 1, "too broad for one person: 1"),
    "a team": (('who = { team = "net" }', ENDS), {}, 1, "too broad for one person: 100 people"),
    "a thing of all": (('what = { door_id = "D" }', ENDS), {}, 1, "too broad for one person: 1,0"),
    "every detector": ((WHO, ENDS), {"detector": '"*"'}, 4, "every detector is too many for one"),
    "own": (('who = { user_id = ["bo", "Lena"] }', ENDS), {}, 5, "lena may not excuse themselves"),
    "own account": ((WHO, ENDS), {"owner": '"adm-wei"'}, 5, "wei may not excuse themselves"),
    "approves own": ((WHO, ENDS), {"approved_by": '"wei"'}, 8, "wei may not excuse themselves"),
    "approves alone": ((WHO, ENDS), {"approved_by": '"LENA"'}, 8, "its owner approves it"),
}  # fmt: skip


@pytest.mark.parametrize("case", FAULTS)
def test_a_fault_says_where_and_what(tmp_path: Path, case: str) -> None:
    lines, given, line, message = FAULTS[case]
    said = fault(tmp_path, *lines, **given)
    assert said.startswith(f"exceptions/a.toml:{line}: {message}"), said
    assert f"\n  {line} | " in said


@pytest.mark.parametrize(
    ("case", "hint"),
    [
        ("unknown key", "did you mean expires?"),
        ("unknown detector", "did you mean bulk?"),
        ("unknown who", "did you mean user_id?"),
        ("unknown what", "did you mean device_id?"),
        ("too broad", "let a second person approve: approved_by"),
    ],
)
def test_a_fault_says_what_would_be_right(tmp_path: Path, case: str, hint: str) -> None:
    lines, given, *_ = FAULTS[case]
    assert hint in fault(tmp_path, *lines, **given)


def test_the_cap_is_met_exactly_and_a_second_person_lifts_it(tmp_path: Path) -> None:
    hundred = (WHO, "from = 2026-03-01", "days = 100")
    assert (read(tmp_path, *hundred).until - read(tmp_path, *hundred).first).days == 99
    beyond = (WHO, "from = 2026-03-01", "days = 101")
    entry = read(tmp_path, *beyond, approved_by='"ida"')
    assert entry.spared == ("ida", "lena")
    assert read(tmp_path, WHO, ENDS, detector='"*"', approved_by='"ida"').detectors == ()


def test_a_detector_whose_file_is_broken_can_be_named_with_any_column(tmp_path: Path) -> None:
    entry = read(tmp_path, WHO, 'what = { whatever = "S" }', ENDS, detector='"broken"')
    assert entry.detectors == ("broken",)
    what = ('what = { folder = "S", whatever = "S" }', ENDS)
    said = fault(tmp_path, WHO, *what, detector='"*"', approved_by='"ida"')
    assert "a.toml:3: no column 'whatever'" in said


def test_a_name_stands_once_in_all_files(tmp_path: Path) -> None:
    written(tmp_path, WHO, ENDS)
    said = fault(tmp_path, "", WHO, ENDS, file="b")
    assert said.startswith("exceptions/b.toml:1: a second exception move")
    assert "also exceptions/a.toml:1" in said


@pytest.mark.parametrize("name", ['"a, b"', '"../x"', '"<b>"', '""'])
def test_a_name_is_plain(tmp_path: Path, name: str) -> None:
    assert "is no name for an exception" in fault(tmp_path, WHO, ENDS, name=name)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"[exeption.x]", "a.toml:1: unknown key 'exeption'"),
        (b"exception = 1", "a.toml:1: exception is no table of tables"),
        (b"[[exception]]\nowner = 'x'", "a.toml:1: exception is no table of tables"),
        (b"[exception]\nowner = 'x'", "a.toml:2: exception is no table of tables"),
        (b"[exception.x\n", "a.toml:1: not TOML"),
        (b"days = " + b"9" * 5000, "a.toml: not TOML"),
        (b"who = " + b"[" * 5000, "a.toml: not TOML"),
        (b"\xff\xfe", "a.toml: not UTF-8"),
    ],
)
def test_a_file_that_is_none_is_named(tmp_path: Path, content: bytes, message: str) -> None:
    settings = written(tmp_path)
    (tmp_path / "exceptions" / "a.toml").write_bytes(content)
    with pytest.raises(ConfigError, match=message):
        load_exceptions(settings, SITE)


def test_the_documented_one_is_right(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "exceptions.md").read_text("utf-8")
    (shown,) = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    (tmp_path / "exceptions").mkdir()
    (tmp_path / "exceptions" / "a.toml").write_text(shown, "utf-8")
    named = ("removable_media_surge", "off_hours_removable_media")
    shipped_ones = columns(read_pack([shipped("detectors") / "exfiltration"]))
    (entry,) = load_exceptions(Settings(root=tmp_path), Site(shipped_ones, {}))
    assert (entry.name, set(entry.detectors)) == ("archive-move", set(named))
    keys = set(re.findall(r"`(\w+)`", "".join(re.findall(r"^\| (`.*?) \|", page, re.MULTILINE))))
    assert keys == {field.alias or name for name, field in Written.model_fields.items()}


def test_all_faults_are_found_and_what_is_right_is_read(tmp_path: Path) -> None:
    written(tmp_path, WHO, ENDS)
    written(tmp_path, ENDS, file="b", name="nothing")
    settings = written(tmp_path, WHO, file="c", name="endless")
    found = read_exceptions(settings, SITE)
    assert [entry.name for entry in found.entries] == ["move"]
    assert [Path(str(fault.path)).name for fault in found.faults] == ["b.toml", "c.toml"]


def test_every_fault_of_one_is_said(tmp_path: Path) -> None:
    lines = ("expire = 2026-06-30", "who = { user_id = [] }")
    shape = read_exceptions(written(tmp_path, *lines, ticket="", reason="3"), SITE)
    assert [fault.message for fault in shape.faults] == [
        "unknown key 'expire'",
        "user_id: it names nothing",
        "reason: Input should be a valid string",
        "it lacks the key 'ticket'",
    ]
    lines = ('who = { user = "wei", user_id = "Lena" }', 'what = { folder = "/m", "a b" = "c" }')
    words = read_exceptions(written(tmp_path, *lines, ENDS, detector='["bulc", "*"]'), SITE)
    assert [fault.message for fault in words.faults] == [
        "nobody is told by 'user'",
        "no detector is called 'bulc'",
        "no column 'a b'",
        "lena may not excuse themselves",
        "every detector is too many for one person",
    ]
    assert not words.entries


def test_words_that_mean_nobody_are_accepted_and_told(tmp_path: Path) -> None:
    who = 'who = { team = "nett" }'
    settings = written(tmp_path, who, ENDS, owner='"lenna"', approved_by='"ida"')
    (entry,) = load_exceptions(settings, SITE)
    assert entry.people == ()
    team, owner = doubts(settings, [entry], SITE)
    assert (team.line, team.message) == (2, "nobody's team is 'nett'")
    assert "did you mean net?" in str(team)
    assert (owner.line, owner.message) == (5, "people.csv has no 'lenna'")
    assert "did you mean lena?" in str(owner)
    assert len(list(doubts(settings, [entry], Site(SITE.detectors, {})))) == 1


def test_a_misspelt_person_is_told_and_one_whom_no_register_knows_is_not(tmp_path: Path) -> None:
    who = 'who = { user_id = ["wei", "Wei", "account:x", "host:PC1"] }'
    settings = written(tmp_path, who, ENDS, approved_by='"ida"')
    (entry,) = load_exceptions(settings, SITE)
    (person,) = doubts(settings, [entry], SITE)
    assert (person.line, person.message) == (2, "nobody's user_id is 'Wei'")
    assert "did you mean wei?" in str(person)
    assert not list(doubts(settings, [entry], Site(SITE.detectors, {})))


def test_each_shipped_detector_says_what_it_returns() -> None:
    """Else a misspelt column in an exception would pass unseen."""
    told = columns(read_pack([shipped("detectors")]))
    assert [name for name, returned in told.items() if returned is None] == []


def test_whom_no_register_knows_is_meant_in_any_case(tmp_path: Path) -> None:
    who = 'who = { user_id = ["wei", "account:Guest", "host:PC1"] }'
    assert read(tmp_path, who, ENDS).people == ("account:guest", "host:pc1", "wei")
