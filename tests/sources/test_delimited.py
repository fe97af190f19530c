"""Delimited text: what is odd is refused with its line, its bytes and its reason."""

import csv
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nightporter.config import Feed
from nightporter.sources import delimited
from nightporter.sources.blocks import Block, Blocks
from nightporter.sources.delimited import parse_exact
from nightporter.sources.dialect import Dialect
from nightporter.sources.outright import parse_fast
from tests.sources.feeds import BADGE, HEADER, csv_of, event, rows, take, workspace, write

GOOD = event()


def feed(**options: object) -> Feed:
    made = {"name": "x", "source": "badge", "paths": ("x",), "format": "csv", "fields": {}}
    return Feed.model_validate({**made, **options})


TORTURE = {
    "too few columns": (b"a,b", "wrong_columns"),
    "too many columns": (GOOD + b",x", "wrong_columns"),
    "blanks only": (b"   ", "wrong_columns"),
    "no stamp": (b",b1,d1,entry,in", "no_stamp"),
    "no such day": (b"2024-02-30 10:00:00,b1,d1,entry,in", "bad_stamp"),
    "no such hour": (b"2024-02-20 24:00:00,b1,d1,entry,in", "bad_stamp"),
    "no such offset": (b"2024-02-20 23:00:00+25:00,b1,d1,entry,in", "bad_stamp"),
    "year zero": (b"0000-02-20 10:00:00,b1,d1,entry,in", "bad_stamp"),
    "words for a stamp": (b"yesterday,b1,d1,entry,in", "bad_stamp"),
    "the header again": (HEADER.strip(), "bad_stamp"),
    "a skipped hour": (b"2024-03-31 02:30:00,b1,d1,entry,in", "stamp_in_dst_gap"),
    "nobody": (b"2024-05-01 10:00:00,,,entry,in", "no_subject"),
    "invalid UTF-8": (b"2024-05-01 10:00:00,b\xff,d1,entry,in", "bad_utf8"),
    "ragged and invalid UTF-8": (b"b\xff,", "bad_utf8"),
    "UTF-16": ("2024-05-01".encode("utf-16"), "nul_byte"),
    "a NUL": (b"2024-05-01 10:00:00,b\x00,d1,entry,in", "nul_byte"),
    "a lone carriage return": (b"2024-05-01 10:00:00,b1,d\r1,entry,in", "stray_return"),
    "one beside quotes": (b'2024-05-01 10:00:00,"b1",d\r1,entry,in', "stray_return"),
    "an unclosed quote": (b'2024-05-01 10:00:00,"b1,d1,entry,in', "unclosed_quote"),
    "an unclosed quote at the end": (b'2024-05-01 10:00:00,b1,d1,entry,"', "unclosed_quote"),
    "five megabytes": (b"x" * (5 << 20), "line_too_long"),
    "five quoted megabytes": (b'"' + b"x" * (5 << 20) + b'"', "line_too_long"),
}


@pytest.mark.parametrize(("line", "reason"), TORTURE.values(), ids=TORTURE)
@pytest.mark.parametrize("after", [[], [event(2), event(3)]], ids=["last", "between"])
def test_a_bad_line_is_one_reject_and_its_neighbours_are_events(
    tmp_path: Path, line: bytes, reason: str, after: list[bytes]
) -> None:
    made = workspace(tmp_path)
    write(tmp_path, "a.csv", csv_of(event(1), line, *after))
    load = take(made)
    assert rows(made, "rejects").select("line", "reason", "raw").rows() == [(3, reason, line)]
    assert (load.lines, load.accepted) == (2 + len(after), 1 + len(after))
    assert rows(made)["line"].sort().to_list() == [2, 4, 5][: 1 + len(after)]
    assert rows(made, "rejects")["detail"].str.len_chars().max() <= 200


def read(data: bytes, size: int = 1 << 24, **options: object) -> list[tuple[int, list[str]]]:
    found = []
    pieces = (data[at : at + size] for at in range(0, len(data), size))
    blocks = Blocks(pieces, size)
    for parsed in delimited.read(blocks, feed(**options), ["a", "b"], lambda _: None):
        found += zip(parsed.lines.to_list(), map(list, parsed.columns.rows()), strict=True)
    return found


def test_a_quoted_record_spans_lines_and_the_numbers_go_on() -> None:
    data = b'a,b\n1,"x\ny\n\nz"\n\n2,w\n'
    assert read(data) == [(2, ["1", "x\ny\n\nz"]), (7, ["2", "w"])]


@pytest.mark.parametrize("size", [1, 5, 7, 11, 64])
def test_where_blocks_are_cut_makes_no_difference(size: int) -> None:
    data = b'\xef\xbb\xbfa,b\r\n1,"x\r\ny"\n\n2,"un\n3,"""q"""\r\n4,w'
    assert read(data, size) == [(2, ["1", "x\r\ny"]), (6, ["3", '"q"']), (7, ["4", "w"])]


def test_an_unclosed_quote_is_given_up_after_a_thousand_lines() -> None:
    data = b'a,b\n1,"x\n' + b"2,y\n" * 3000
    assert len(read(data, 300)) == 3000


def test_quotes_after_a_blank_are_quotes_when_the_feed_trims() -> None:
    assert read(b'a, b\n1, "x, y"\n', trim=True) == [(2, ["1", "x, y"])]


def test_latin_letters_and_other_delimiters_are_read_as_declared() -> None:
    data = "a;b\nä;'ö;ü'\n".encode("latin-1")
    assert read(data, encoding="latin-1", delimiter=";", quote="'") == [(2, ["ä", "ö;ü"])]
    assert read("a§b\n1§2\n".encode(), delimiter="§") == [(2, ["1", "2"])]


CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\r\n\0"), max_size=6)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=8), st.sampled_from(["\n", "\r\n"]))
def test_both_ways_read_the_same(cells: list[tuple[str, str]], end: str) -> None:
    class Lines(list[str]):
        write = list.append

    lines = Lines()
    csv.writer(lines, lineterminator=end).writerows(cells)
    data = "".join(lines).encode()
    dialect = Dialect(feed(), ["a", "b"], ["a", "b"])
    fast = parse_fast(Block(data, 2, closed=True), dialect)
    exact = parse_exact(Block(data, 2, closed=True), dialect)
    assert fast is not None
    assert fast.columns.rows() == exact.columns.rows() == [tuple(row) for row in cells]
    assert fast.lines.to_list() == exact.lines.to_list()
    assert list(fast.raw()) == list(exact.raw())


@settings(max_examples=300, deadline=None)
@given(st.text('a,"\n\r', max_size=30).filter(bool))
def test_the_fast_way_never_differs_from_the_exact_one(text: str) -> None:
    dialect = Dialect(feed(), ["a", "b"], ["a", "b"])
    fast = parse_fast(Block(text.encode(), 1, closed=True), dialect)
    exact = parse_exact(Block(text.encode(), 1, closed=True), dialect)
    if fast is not None:
        assert fast.columns.rows() == exact.columns.rows()
        assert fast.lines.to_list() == exact.lines.to_list()
    assert exact.physical == text.count("\n") + (not text.endswith("\n"))


def test_an_old_mac_file_is_refused_rather_than_taken_for_a_header(tmp_path: Path) -> None:
    made = workspace(tmp_path, BADGE)
    write(tmp_path, "a.csv", csv_of(event()).replace(b"\n", b"\r"))
    assert "carriage returns alone" in str(take(made).problems[0])
