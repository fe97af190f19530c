"""Presets under feeds: what wins, what merges, and where a fault is shown."""

from pathlib import Path

import pytest

from nightporter.config import load, preset_files, read_preset
from nightporter.errors import ConfigError
from nightporter.sources.checking import field_map
from nightporter.sources.examples import differences

PRESET = """\
title = "A till"
source = "access"
layout = "https://example.com/till"
format = "csv"
zone = "UTC"

[fields]
ts = "time"
account = "who"
action = "op"

[values.action]
GET = "view"
PUT = "write"

[[example]]
log = '''
time,who,op
2026-01-01T10:00:00,ana,GET
oops,ana,GET
'''
events = [{ line = 2, ts = "2026-01-01T10:00:00Z", account = "ana", action = "view", host = "" }]
rejects = [{ line = 3, reason = "bad_stamp" }]
"""
FEED = """\
[site.BE]
zone = "Europe/Berlin"

[[feed]]
name = "till"
preset = "till"
paths = ["logs/*"]
site = "BE"
"""


def written(root: Path, preset: str = PRESET, feed: str = FEED) -> Path:
    (root / "presets").mkdir()
    (root / "presets" / "till.toml").write_text(preset)
    (root / "nightporter.toml").write_text(feed)
    return root


def test_a_feed_with_a_preset_needs_a_name_and_paths(tmp_path: Path) -> None:
    (feed,) = load(written(tmp_path)).feed
    assert (feed.source, feed.format, feed.zone, feed.site) == ("access", "csv", "UTC", "BE")
    assert feed.fields["account"] == ("who",)


def test_the_feeds_own_keys_win_and_its_tables_merge_key_by_key(tmp_path: Path) -> None:
    own = 'delimiter = ";"\n[feed.fields]\naccount = "login"\n'
    words = '[feed.values.action]\nGET = "download"\n'
    (feed,) = load(written(tmp_path, feed=FEED + own + words)).feed
    assert feed.delimiter == ";"
    assert (feed.fields["account"], feed.fields["ts"]) == (("login",), ("time",))
    assert feed.values["action"] == {"GET": "download", "PUT": "write"}


def test_an_unknown_preset_names_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as raised:
        load(written(tmp_path, feed=FEED.replace('preset = "till"', 'preset = "tll"')))
    assert (raised.value.line, raised.value.text) == (6, 'preset = "tll"')
    assert "did you mean till?" in str(raised.value)


FAULTS = {
    "no TOML": ('format = "csv"', "format = ", 4),
    "an unknown key": ('format = "csv"', 'fromat = "csv"', 4),
    "an unknown column of ours": ('account = "who"', 'acount = "who"', 9),
    "an unknown word": ('GET = "view"', 'GET = "veiw"', 13),
    "a key of the feed alone": ('zone = "UTC"', 'paths = ["x"]', 5),
}


@pytest.mark.parametrize(("old", "new", "line"), FAULTS.values(), ids=FAULTS)
def test_a_fault_in_a_preset_is_shown_in_the_preset(
    tmp_path: Path, old: str, new: str, line: int
) -> None:
    written(tmp_path, PRESET.replace(old, new, 1))
    with pytest.raises(ConfigError) as raised:
        settings = load(tmp_path)
        field_map(settings, settings.feed[0])
    assert (raised.value.path, raised.value.line) == (tmp_path / "presets" / "till.toml", line)


def test_a_fault_in_the_feeds_own_keys_is_shown_in_nightporter_toml(tmp_path: Path) -> None:
    settings = load(written(tmp_path, feed=FEED + '[feed.values.action]\nGET = "veiw"\n'))
    with pytest.raises(ConfigError) as raised:
        field_map(settings, settings.feed[0])
    assert (raised.value.path, raised.value.line) == (settings.path, 10)


def test_the_workspaces_preset_goes_before_a_shipped_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "package" / "presets").mkdir(parents=True)
    (tmp_path / "package" / "presets" / "till.toml").write_text(PRESET)
    monkeypatch.setattr("nightporter.config.presets.PACKAGE", tmp_path / "package")
    assert preset_files(None)["till"].parent.parent.name == "package"
    assert preset_files(written(tmp_path))["till"] == tmp_path / "presets" / "till.toml"


def of_example(root: Path, preset: str) -> list[str]:
    path = written(root, preset) / "presets" / "till.toml"
    return differences(root, path, read_preset(path), path.parent)


def test_an_example_that_comes_out_as_it_says_differs_in_nothing(tmp_path: Path) -> None:
    assert of_example(tmp_path, PRESET) == []


WRONG = {
    "a wrong value": ('account = "ana",', 'account = "bo",', "account is 'ana', 'bo' expected"),
    "a wrong instant": ("10:00:00Z", "11:00:00Z", "ts is '2026-01-01T10:00:00+00:00'"),
    "a value where none is": ('host = ""', 'host = "x"', "host is None, 'x' expected"),
    "a missing event": ("oops,", "2026-01-01T11:00:00,", "2 events, 1 expected"),
    "another reason": ('"bad_stamp"', '"no_stamp"', "reason is 'bad_stamp'"),
    "no such column": ('host = ""', 'hots = ""', "no column 'hots'"),
}


@pytest.mark.parametrize(("old", "new", "says"), WRONG.values(), ids=WRONG)
def test_an_example_that_comes_out_otherwise_is_told(
    tmp_path: Path, old: str, new: str, says: str
) -> None:
    assert old in PRESET
    assert any(says in said for said in of_example(tmp_path, PRESET.replace(old, new)))


def test_a_preset_without_an_example_is_not_proved(tmp_path: Path) -> None:
    (said,) = of_example(tmp_path, PRESET.partition("[[example]]")[0])
    assert "nothing proves it" in said
