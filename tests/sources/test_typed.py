"""Typing: words, numbers, sites and clocks; what maps to nothing is kept, not dropped."""

from datetime import date, datetime
from pathlib import Path

import pytest

from nightporter.errors import ConfigError
from tests.sources.feeds import ACCESS, BADGE, NOW, csv_of, event, rows, take, workspace, write

USB = """
[[feed]]
name = "usb"
source = "usb"
paths = ["logs/*"]
format = "csv"
fields = {ts = "t", host = "h", account = "a", action = "op", device_class = "c", encrypted = "e"}
"""


def test_words_are_mapped_exactly_then_whatever_their_case_then_as_they_are(tmp_path: Path) -> None:
    toml = BADGE + '[feed.values.action]\nGranted = "granted"\nGRANTED = "entry"\n'
    made = workspace(tmp_path, toml)
    words = ["Granted", "GRANTED", "granted", "gRANTED", "Exit", "exit", "Sesame", ""]
    lines = [f"2024-05-01 10:00:00,b,d,{word},IN".encode() for word in words]
    write(tmp_path, "a.csv", csv_of(*lines))
    take(made)
    found = rows(made).sort("line")
    assert found["action"].to_list() == [
        "granted",
        "entry",
        "entry",
        "entry",
        "exit",
        "exit",
        "other",
        "other",
    ]
    assert found["app_action"].to_list() == [
        "Granted",
        "GRANTED",
        "granted",
        "gRANTED",
        "Exit",
        None,
        "Sesame",
        None,
    ]
    assert set(found["direction"]) == {"in"}
    assert set(found["outcome"]) == {"success"}


def test_numbers_and_truths(tmp_path: Path) -> None:
    made = workspace(tmp_path, USB)
    words = ["ja", "NEIN", "1", "false", "", "perhaps"]
    lines = [f"2024-05-01T10:00:00Z,pc,wei,write,odd,{word}\n" for word in words]
    write(tmp_path, "a.csv", ("t,h,a,op,c,e\n" + "".join(lines)).encode())
    take(made)
    found = rows(made).sort("line")
    assert found["encrypted"].to_list() == [True, False, True, False, None]
    assert found["device_class"].to_list() == ["other"] * 5
    assert found["site"].to_list() == [None] * 5
    assert rows(made, "rejects").select("line", "reason").rows() == [(7, "bad_boolean")]


def test_a_whole_number_may_be_written_with_a_point(tmp_path: Path) -> None:
    """A column of numbers with a gap in it is one of floats to whoever exports it."""
    made = workspace(tmp_path, ACCESS)
    sizes = ["1024.0", "7.00", '"12.0"', "1.5", "null"]
    line = '{"time":"2024-05-01T10:00:00","who":"wei","op":"READ","size":%s}\n'
    write(tmp_path, "a.json", "".join(line % size for size in sizes).encode())
    take(made)
    assert rows(made).sort("line")["bytes"].to_list() == [1024, 7, 12, None]
    assert rows(made, "rejects").select("line", "reason").rows() == [(4, "bad_number")]


def test_a_negative_size_is_one_that_the_source_does_not_know(tmp_path: Path) -> None:
    made = workspace(tmp_path, ACCESS)
    line = '{"time":"2024-05-01T10:00:00","who":"wei","op":"READ","size":%s}\n'
    write(tmp_path, "a.json", "".join(line % size for size in (-1, 0, "-2147483648", 7)).encode())
    assert take(made).accepted == 4
    assert rows(made).sort("line")["bytes"].to_list() == [None, 0, None, 7]


def test_a_skipped_hour_is_called_so_on_the_clock_of_a_feed_whose_site_has_another(
    tmp_path: Path,
) -> None:
    made = workspace(tmp_path, BADGE.replace('site = "BE"', 'site = "SHA"\nzone = "Europe/Berlin"'))
    write(tmp_path, "a.csv", csv_of(b"2024-03-31 02:30:00,b,d,entry,in", b"soon,b,d,entry,in"))
    take(made)
    said = rows(made, "rejects").sort("line")["reason"].to_list()
    assert said == ["stamp_in_dst_gap", "bad_stamp"]


def test_a_stamp_without_a_zone_in_a_feed_without_one_is_a_fault(tmp_path: Path) -> None:
    made = workspace(tmp_path, BADGE.replace('site = "BE"\n', ""))
    write(tmp_path, "a.csv", csv_of(b"2024-05-01T10:00:00Z,b,d,entry,in", event(1)))
    error = take(made).problems[0]
    assert isinstance(error, ConfigError)
    assert (error.path, error.line) == (tmp_path / "logs/a.csv", 3)
    assert error.text == event(1).decode()
    assert "nightporter.toml:7" in str(error.hint)
    assert take(made).loaded == 0


def test_each_row_is_on_the_clock_of_its_own_site(tmp_path: Path) -> None:
    toml = BADGE.replace('site = "BE"', 'site_column = "dir"').replace('direction = "dir"\n', "")
    toml = toml.replace("[site.SHA]", '[site.SHA]\nday_starts = "11:00"')
    made = workspace(tmp_path, toml + '[feed.values.site]\nHQ = "BE"\n')
    sites = [b"BE", b"SHA", b"hq", b"", b"Mars", b"SHA"]
    write(tmp_path, "a.csv", csv_of(*(b"2024-05-01 10:00:00,b,d,entry," + site for site in sites)))
    take(made)
    found = rows(made).sort("line")
    assert found["site"].to_list() == ["BE", "SHA", "BE", "SHA"]
    assert found["ts"].dt.hour().to_list() == [8, 2, 8, 2]
    assert found["local_ts"].to_list() == [datetime(2024, 5, 1, 10)] * 4
    assert found["day"].to_list() == [
        date(2024, 5, 1),
        date(2024, 4, 30),
        date(2024, 5, 1),
        date(2024, 4, 30),
    ]
    assert rows(made, "rejects").select("line", "reason").rows() == [
        (5, "unknown_site"),
        (6, "unknown_site"),
    ]


@pytest.mark.parametrize("door", ["../../etc/passwd", "'; DROP TABLE badge; --", "день=1", "%00"])
def test_hostile_text_is_data(tmp_path: Path, door: str) -> None:
    made = workspace(tmp_path)
    write(tmp_path, f"it's {len(door)}.csv", csv_of(event(door=door)))
    assert take(made).accepted == 1
    assert rows(made)["door_id"].to_list() == [door]


def test_a_row_knows_its_file_its_line_and_when_it_came(tmp_path: Path) -> None:
    made = workspace(tmp_path)
    write(tmp_path, "a.csv", csv_of(event(), b"", event(1)))
    take(made)
    load = rows(made, "loads").row(0, named=True)
    assert set(rows(made)["file_id"]) == {load["file_id"]}
    assert sorted(rows(made)["line"]) == [2, 4]
    assert set(rows(made)["ingested_at"]) == {NOW}
    assert (load["path"], load["blank_lines"], load["header_lines"]) == ("logs/a.csv", 1, 1)
