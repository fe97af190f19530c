"""A small writer of .evtx files: one chunk, records as binary XML without templates."""

import struct
import zlib
from collections.abc import Sequence
from datetime import UTC, datetime

_HEADER = 512
_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
Element = tuple[str, dict[str, str], "str | Sequence[Element]"]


def event_log(events: Sequence[Element]) -> bytes:
    """Return the bytes of a file with these events, numbered from 1."""
    body, last = b"", 0
    for number, event in enumerate(events, 1):
        last = _HEADER + len(body)
        body += _record(number, event, last)
    chunk = _chunk(body, len(events), last)
    fixed = struct.pack("<8sQQQIHHHH", b"ElfFile", 0, 0, len(events) + 1, 128, 1, 3, 4096, 1)
    fixed = fixed.ljust(120, b"\0")
    header = fixed + struct.pack("<II", 0, zlib.crc32(fixed))
    return header.ljust(4096, b"\0") + chunk


def _chunk(body: bytes, records: int, last: int) -> bytes:
    start = struct.pack("<8sQQQQ", b"ElfChnk", 1, records, 1, records)
    start += struct.pack("<IIII", 128, last, _HEADER + len(body), zlib.crc32(body))
    start = start.ljust(120, b"\0")
    tables = bytes(_HEADER - 128)
    check = zlib.crc32(start + tables)
    return (start + struct.pack("<II", 0, check) + tables + body).ljust(65536, b"\0")


def _record(number: int, event: Element, at: int) -> bytes:
    xml = b"\x0f\x01\x01\x00"
    xml += _element(event, at + 24 + len(xml)) + b"\x00"
    size = 28 + len(xml)
    ticks = int((datetime(2026, 1, 1, tzinfo=UTC) - _EPOCH).total_seconds() * 10_000_000)
    return struct.pack("<IIQQ", 0x2A2A, size, number, ticks) + xml + struct.pack("<I", size)


def _element(element: Element, at: int) -> bytes:
    """Return an element whose first byte lies at `at` in the chunk."""
    name, attributes, content = element
    head = b"\x41" if attributes else b"\x01"
    inside = _name(name, at + 5)
    if attributes:
        inside += _attributes(attributes, at + 5 + len(inside))
    inside += b"\x02"
    if isinstance(content, str):
        inside += b"\x05" + _value(content)
    else:
        for each in content:
            inside += _element(each, at + 5 + len(inside))
    inside += b"\x04"
    return head + struct.pack("<I", len(inside)) + inside


def _attributes(attributes: dict[str, str], at: int) -> bytes:
    made = b""
    for left, (name, value) in zip(
        range(len(attributes) - 1, -1, -1), attributes.items(), strict=True
    ):
        made += b"\x46" if left else b"\x06"
        made += _name(name, at + 4 + len(made)) + b"\x05" + _value(value)
    return struct.pack("<I", len(made)) + made


def _name(name: str, at: int) -> bytes:
    """Return a name in its place: its offset says that it follows at once."""
    code = name.encode("utf-16-le")
    hashed = 0
    for letter in name:
        hashed = (hashed * 65599 + ord(letter)) & 0xFFFF
    return struct.pack("<IIHH", at + 4, 0, hashed, len(name)) + code + b"\0\0"


def _value(text: str) -> bytes:
    return b"\x01" + struct.pack("<H", len(text)) + text.encode("utf-16-le")
