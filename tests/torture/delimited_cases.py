"""Hostile CSV: columns, stamps, letters, quotes, line ends and sizes."""

from typing import Any

from tests.sources.feeds import BADGE, HEADER, csv_of, event
from tests.torture.case import Case, Feed

DOORS = Feed(BADGE, csv_of(event(card="before")), csv_of(event(card="after")))
ONLY = '[feed.only]\ndoor = ["d1"]\n'
SOME_DOORS = Feed(BADGE + ONLY, DOORS.before, DOORS.after)
GOOD, BETTER = event(1), event(2)
MEGABYTE = 1 << 20


def _csv(name: str, data: bytes, *, feed: Feed = DOORS, header: int = 1, **due: Any) -> Case:
    return Case(name, feed, data, header=header, **due)


def _between(name: str, line: bytes, reason: str) -> Case:
    """A bad line between two good ones."""
    return _csv(name, csv_of(GOOD, line, BETTER), accepted=(2, 4), rejected=[(3, reason)])


def _at(stamp: str) -> bytes:
    return f"{stamp},b1,d1,entry,in".encode()


LINES = [
    _between("fewer columns", b"2024-05-01 10:00:00,b1,d1", "wrong_columns"),
    _between("more columns", GOOD + b",more", "wrong_columns"),
    _between("blanks only in a line", b"   ", "wrong_columns"),
    _between("header again in mid-file", HEADER[:-1], "bad_stamp"),
    _between("no subject", b"2024-05-01 10:00:00,,,entry,in", "no_subject"),
    _between("invalid UTF-8", b"2024-05-01 10:00:00,b\xff\xfe,d1,entry,in", "bad_utf8"),
    _between("NUL in a line", b"2024-05-01 10:00:00,b\0,d1,entry,in", "nul_byte"),
    _between("carriage return inside a line", _at("2024-05-01\r10:00:00"), "stray_return"),
    _between("100,000 columns in a line", b"," * 99_999, "wrong_columns"),
    _between("2 MB in a line", b"x" * (2 * MEGABYTE), "line_too_long"),
    _between("20 MB in a line", b"x" * (20 * MEGABYTE), "line_too_long"),
    _between("unclosed quote in the middle", b'2024-05-01 10:00:00,"b1,d1,entry,in',
             "unclosed_quote"),
]  # fmt: skip
STAMPS = [
    _between("stamp that is none", _at("yesterday"), "bad_stamp"),
    _between("stamp empty", _at(""), "no_stamp"),
    _between("30 February", _at("2024-02-30 10:00:00"), "bad_stamp"),
    _between("29 February of a common year", _at("2023-02-29 10:00:00"), "bad_stamp"),
    _between("24 o'clock", _at("2024-05-01 24:00:00"), "bad_stamp"),
    _between("leap second", _at("2016-12-31 23:59:60"), "bad_stamp"),
    _between("year 0", _at("0000-05-01 10:00:00"), "bad_stamp"),
    _between("year 9999", _at("9999-12-31 23:59:59"), "bad_stamp"),
    _between("year 10000", _at("10000-01-01 00:00:00"), "bad_stamp"),
    _between("offset of 24 hours", _at("2024-05-01 10:00:00+24:00"), "bad_stamp"),
    _between("hour that the clocks skipped", _at("2024-03-31 02:30:00"), "stamp_in_dst_gap"),
    _csv("hour that the clocks showed twice", csv_of(_at("2023-10-29 02:30:00")), accepted=[2],
         columns={"ts": ["2023-10-29 00:30:00"], "local_ts": ["2023-10-29 02:30:00"]}),
    _csv("stamp of the future", csv_of(GOOD, _at("2031-01-01 10:00:00")), accepted=(2, 3),
         future=1),
]  # fmt: skip
QUOTES = [
    _csv("unclosed quote in the first line", csv_of(b'2024-05-01 10:00:00,"b1,d1,entry,in', GOOD),
         accepted=[3], rejected=[(2, "unclosed_quote")]),
    _csv("unclosed quote in the last line", csv_of(GOOD, b'2024-05-01 10:00:00,"b1,d1,entry,in'),
         accepted=[2], rejected=[(3, "unclosed_quote")]),
    _csv("newline inside quotes", csv_of(GOOD, b'2024-05-01 10:00:00,"b\n1",d1,entry,in', BETTER),
         accepted=(2, 3, 5), continued=1, columns={"badge_id": ["b1", "b\n1", "b1"]}),
    _csv("doubled quotes", csv_of(b'2024-05-01 10:00:00,"b ""1"", x",d1,entry,in'),
         accepted=[2], columns={"badge_id": ['b "1", x']}),
    _csv("1,200 lines after an open quote", csv_of(GOOD, b'"', *[b"x"] * 1_200, BETTER),
         accepted=(2, 1_204), rejected=[(3, "unclosed_quote"),
                                        *((4 + n, "wrong_columns") for n in range(1_200))]),
]  # fmt: skip
ENDS = [
    _csv("last line cut", csv_of(GOOD) + b"2024-05-01 10:0", accepted=[2],
         rejected=[(3, "truncated_line")]),
    _csv("last line cut inside quotes", csv_of(GOOD) + b'2024-05-01 10:00:00,"b', accepted=[2],
         rejected=[(3, "truncated_line")]),
    _csv("last line cut inside a letter", csv_of(GOOD) + BETTER[:21] + b"\xc3", accepted=[2],
         rejected=[(3, "truncated_line")]),
    _csv("last line whole, without an end", csv_of(GOOD) + BETTER, accepted=(2, 3)),
    _csv("CRLF", csv_of(GOOD, BETTER).replace(b"\n", b"\r\n"), accepted=(2, 3),
         columns={"direction": ["in", "in"]}),
    _csv("CR alone", csv_of(GOOD, BETTER).replace(b"\n", b"\r"), header=0,
         refused="the header holds carriage returns alone"),
    _csv("mixed line ends", csv_of(GOOD + b"\r", BETTER, event(3) + b"\r", b"\r"),
         accepted=(2, 3, 4), blank=1, columns={"direction": ["in"] * 3}),
    _csv("byte order mark", b"\xef\xbb\xbf" + csv_of(GOOD), accepted=[2]),
    _csv("UTF-16", csv_of(GOOD).decode().encode("utf-16"), header=0,
         refused="the header holds bytes that are no text"),
]  # fmt: skip
WHOLE = [
    _csv("empty file", b"", header=0),
    _csv("only a header", HEADER),
    _csv("only a header, without an end", HEADER[:-1]),
    _csv("only blank lines", b"\n\r\n\n", header=0, blank=3),
    _csv("a million empty lines", csv_of(GOOD) + b"\n" * 1_000_000 + BETTER,
         accepted=(2, 1_000_003), blank=1_000_000),
    _csv("100,000 columns in the header", b"time,card,door,event,dir" + b",x" * 99_995 + b"\n"
         + GOOD + b"," * 99_995 + b"\n" + BETTER + b"\n", accepted=[2],
         rejected=[(3, "wrong_columns")]),
    _csv("another delimiter", csv_of(GOOD).replace(b",", b";"), header=0,
         refused="has no column 'time'"),
    _csv("identical lines", csv_of(GOOD, GOOD, BETTER, GOOD), accepted=(2, 3, 4, 5)),
    _csv("a line of an earlier file", csv_of(GOOD, event(card="before"), event(card="before")),
         accepted=(2, 4), duplicates=1),
    _csv("unknown words", csv_of(b"2024-05-01 10:00:00,b1,d1,levitated,up"), accepted=[2],
         columns={"action": ["other"], "app_action": ["levitated"], "direction": ["unknown"]}),
    _csv("lines that the feed sets aside", csv_of(GOOD, event(3, door="d2"), BETTER),
         feed=SOME_DOORS, accepted=(2, 4), ignored=1),
    _csv("only garbage", csv_of(b"x", b"\xff"),
         rejected=[(2, "wrong_columns"), (3, "bad_utf8")], problem="no line of it could be read"),
]  # fmt: skip
CASES = [*LINES, *STAMPS, *QUOTES, *ENDS, *WHOLE]
