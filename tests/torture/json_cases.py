"""Hostile NDJSON and hostile lines of text: shapes, letters, numbers and line ends."""

from typing import Any

from tests.sources.feeds import ACCESS
from tests.torture.case import Case, Feed


def _line(who: str, more: str = "") -> bytes:
    return f'{{"time": "2024-05-01T10:00:00Z", "who": {who}, "op": "READ"{more}}}'.encode()


def _file(*lines: bytes) -> bytes:
    return b"".join(line + b"\n" for line in lines)


FILES = Feed(ACCESS, _file(_line('"before"')), _file(_line('"after"')))
PATTERN = ACCESS.replace(
    '"ndjson"', "\"lines\"\npattern = '^(?<time>\\S+) (?<who>\\w+) (?<op>\\w+)$'"
)
SYSLOG = Feed(
    PATTERN.replace('bytes = "size"\n', ""),
    b"2024-05-01T09:00:00Z before READ\n",
    b"2024-05-01T09:00:00Z after READ\n",
)
GOOD, BETTER = _line('"ana"'), _line('"bo"')
TEXT, MORE = b"2024-05-01T10:00:00Z ana READ", b"2024-05-01T10:00:01Z bo READ"
KIB = 1 << 10


def _json(name: str, *lines: bytes, **due: Any) -> Case:
    return Case(name, FILES, _file(*lines), **due)


def _between(name: str, line: bytes, reason: str) -> Case:
    return _json(f"JSON: {name}", GOOD, line, BETTER, accepted=(1, 3), rejected=[(2, reason)])


def _taken(name: str, line: bytes, **columns: list[str | None]) -> Case:
    """An odd line that is an event."""
    return _json(f"JSON: {name}", line, accepted=[1], columns=columns)


def _text(name: str, data: bytes, **due: Any) -> Case:
    return Case(f"lines: {name}", SYSLOG, data, **due)


REFUSED = [
    _between("a list", b"[" + GOOD + b"]", "not_an_object"),
    _between("a number", b"17", "not_an_object"),
    _between("a text", b'"ana"', "not_an_object"),
    _between("null", b"null", "not_an_object"),
    _between("an empty object", b"{}", "no_stamp"),
    _between("two objects on a line", GOOD + b" " + BETTER, "bad_json"),
    _between("garbage after the object", GOOD + b"}", "bad_json"),
    _between("single quotes", GOOD.replace(b'"', b"'"), "bad_json"),
    _between("a comment", b"// " + GOOD, "bad_json"),
    _between("half a letter", _line('"\\ud800"'), "bad_json"),
    _between("an escaped NUL", _line('"a\\u0000na"'), "nul_byte"),
    _between("a NUL", _line('"a\0na"'), "nul_byte"),
    _between("a raw control character", _line('"a\x01na"'), "bad_json"),
    _between("invalid UTF-8", GOOD.replace(b"ana", b"a\xff\xfe"), "bad_utf8"),
    _between("Latin-1", GOOD.replace(b"ana", b"\xe4nne"), "bad_utf8"),
    _between("a number beyond 64 bits", _line("1", ', "size": 9223372036854775808'), "bad_number"),
    _between("a huge number", _line('"x"', ', "size": 1e400'), "bad_number"),
    _between("a text for a number", _line('"x"', ', "size": "many"'), "bad_number"),
    _between("a list for a number", _line('"x"', ', "size": [1]'), "bad_number"),
    _between("a fraction for a number", _line('"x"', ', "size": 1.5'), "bad_number"),
    _between("a number for a stamp", GOOD.replace(b'"2024-05-01T10:00:00Z"', b"17"), "bad_stamp"),
    _between("an object for a stamp", GOOD.replace(b'"2024-05-01T10:00:00Z"', b"{}"), "bad_stamp"),
    _between("nobody", _line("null"), "no_subject"),
    _between("20,000 brackets", b'{"a":' + b"[" * 20_000 + b"]" * 20_000 + b"}", "no_stamp"),
    _between("2 MB in a line", _line('"' + "x" * (2048 * KIB) + '"'), "line_too_long"),
]  # fmt: skip
TAKEN = [
    _taken("a number for a name", _line("17"), account=["17"]),
    _taken("an object for a name", _line('{"id": 1}'), account=['{"id":1}']),
    _taken("duplicate keys", _line('"ana"', ', "who": "bo"'), account=["ana"]),
    _taken("the largest number", _line('"x"', f', "size": {2**63 - 1}'), bytes=[f"{2**63 - 1}"]),
    _taken("a comma too many", GOOD[:-1] + b",}", account=["ana"]),
    _taken("a number that is none", _line("NaN"), account=["NaN"]),
    _taken("an escaped letter", _line('"\\u00e4\\ud83d\\ude00"'), account=["ä😀"]),
    _taken("900 KB in a value", _line('"' + "x" * (900 * KIB) + '"')),
    _taken("an unknown word", GOOD.replace(b"READ", b"PONDER"), action=["other"],
           app_action=["PONDER"]),
    _json("JSON: CRLF", GOOD + b"\r", BETTER + b"\r", accepted=(1, 2),
          columns={"action": ["view"] * 2}),
    _json("JSON: byte order mark", b"\xef\xbb\xbf" + GOOD, accepted=[1]),
    _json("JSON: blank lines", b"", GOOD, b"\r", b"  ", BETTER, b"", accepted=(2, 5), blank=4),
    _json("JSON: identical lines", GOOD, GOOD, GOOD, accepted=(1, 2, 3)),
    _json("JSON: a line of an earlier file", GOOD, _line('"before"'), accepted=[1], duplicates=1),
    Case("JSON: UTF-16", FILES, _file(GOOD).decode().encode("utf-16-le"),
         rejected=[(1, "nul_byte"), (2, "nul_byte")], problem="no line of it could be read"),
    Case("JSON: one list over all lines", FILES, b"[\n" + GOOD + b",\n" + BETTER + b"\n]\n",
         accepted=[3], rejected=[(1, "bad_json"), (2, "bad_json"), (4, "bad_json")]),
    Case("JSON: last line cut", FILES, _file(GOOD) + BETTER[:30], accepted=[1],
         rejected=[(2, "truncated_line")]),
    Case("JSON: last line whole, without an end", FILES, _file(GOOD) + BETTER, accepted=(1, 2)),
    Case("JSON: CR alone", FILES, GOOD + b"\r" + BETTER + b"\r", rejected=[(1, "truncated_line")],
         problem="no line of it could be read"),
    Case("JSON: empty file", FILES, b""),
]  # fmt: skip
TEXTS = [
    _text("one that does not fit", _file(TEXT, b"-- MARK --", MORE), accepted=(1, 3),
          rejected=[(2, "no_match")]),
    _text("one with too much", _file(TEXT, MORE + b" twice"), accepted=[1],
          rejected=[(2, "no_match")]),
    _text("NUL and invalid UTF-8", _file(TEXT, MORE + b"\0", MORE + b"\xff"), accepted=[1],
          rejected=[(2, "nul_byte"), (3, "bad_utf8")]),
    _text("CRLF, blanks, no last end", TEXT + b"\r\n\n  \r\n" + MORE, accepted=(1, 4), blank=2),
    _text("last line cut", _file(TEXT) + MORE[:19], accepted=[1], rejected=[(2, "truncated_line")]),
    _text("byte order mark", b"\xef\xbb\xbf" + _file(TEXT), accepted=[1]),
]  # fmt: skip
CASES = [*REFUSED, *TAKEN, *TEXTS]
