"""Windows event logs (.evtx) become the JSON that winlogbeat would have sent of them.

So one preset serves both. The package `evtx` knows the format; it is imported here alone, when
the first such file is read.
"""

import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import count, islice
from typing import Any, BinaryIO

import duckdb
import orjson

from nightporter.errors import LogError
from nightporter.sources.blocks import Block
from nightporter.sources.ndjson import parse_exact
from nightporter.sources.parsed import Parsed, Reject

_RECORDS = 20_000
_HEADER, _CHUNK = 4096, 65_536
_FAULTS = (OSError, RuntimeError, ValueError)
_AUDIT = {0x10000000000000: "failure", 0x20000000000000: "success"}


def read(
    pieces: Iterable[bytes], wanted: Sequence[str], con: duckdb.DuckDBPyConnection
) -> Iterator[Parsed]:
    """Yield the records of a file; a line is a record's ordinal, and a bad record is refused."""
    with tempfile.TemporaryFile() as whole:
        for piece in pieces:
            whole.write(piece)
        cut = (whole.tell() - _HEADER) % _CHUNK
        whole.seek(0)
        lines = _lines(whole, cut)
        first = 1
        while batch := list(islice(lines, _RECORDS)):
            yield _parsed(batch, first, wanted, con)
            first += len(batch)


def _parsed(
    batch: list[bytes | Reject], first: int, wanted: Sequence[str], con: duckdb.DuckDBPyConnection
) -> Parsed:
    # A refused record holds its place as an empty line, so that the others keep their number.
    raw = b"".join((line if isinstance(line, bytes) else b"") + b"\n" for line in batch)
    parsed = parse_exact(Block(raw, first), wanted, con)
    refused = [line for line in batch if isinstance(line, Reject)]
    return replace(parsed, rejects=[*parsed.rejects, *refused], blank_lines=0)


def _lines(whole: BinaryIO, cut: int) -> Iterator[bytes | Reject]:
    """Yield each record as JSON, or why it is none. The library says nothing of a cut chunk."""
    records = _records(whole)
    for line in count(1):
        try:
            record = next(records)
            yield orjson.dumps(_winlogbeat(orjson.loads(record["data"])["Event"]))
        except StopIteration:
            if cut:
                detail = f"the file ends inside a chunk: its last {cut:,} bytes were not read"
                yield Reject(line, "cut_file", detail, b"")
            return
        except _FAULTS as fault:
            yield Reject(line, "bad_record", str(fault)[:200], b"")


def _records(whole: BinaryIO) -> Iterator[Mapping[str, Any]]:
    try:
        import evtx
    except ImportError:
        hint = 'install it:  pip install "nightporter[evtx]"'
        raise LogError("the package evtx, which reads such files, is missing", hint=hint) from None
    try:
        records: Any = evtx.PyEvtxParser(whole).records_json()
        return iter(records)
    except _FAULTS as fault:
        hint = "the file is damaged or no .evtx: fetch it again from its source"
        raise LogError(f"cannot be read as an event log: {fault}", hint=hint) from None


def _winlogbeat(event: Mapping[str, Any]) -> dict[str, Any]:
    system = event["System"]
    winlog = {
        "event_id": _text(system.get("EventID")),
        "provider_name": _attribute(system, "Provider", "Name"),
        "channel": _text(system.get("Channel")),
        "computer_name": _text(system.get("Computer")),
        "record_id": _text(system.get("EventRecordID")),
        "event_data": _event_data(event.get("EventData")),
        "user_data": _user_data(event.get("UserData")),
        "user": {"identifier": _attribute(system, "Security", "UserID")},
    }
    stamp = _attribute(system, "TimeCreated", "SystemTime")
    return {"@timestamp": stamp, "event": {"outcome": _outcome(system)}, "winlog": winlog}


def _text(value: Any) -> Any:
    """Return an element's text, whether or not it has attributes."""
    return value.get("#text") if isinstance(value, dict) else value


def _attribute(above: Mapping[str, Any], element: str, name: str) -> Any:
    found = above.get(element)
    return found.get("#attributes", {}).get(name) if isinstance(found, dict) else None


def _outcome(system: Mapping[str, Any]) -> str | None:
    try:
        keywords = int(str(_text(system.get("Keywords"))), 16)
    except ValueError:
        return None
    return next((word for bit, word in _AUDIT.items() if keywords & bit), None)


def _event_data(data: Any) -> dict[str, Any]:
    """Return the named values; those without a name are param1, param2 and so on."""
    if not isinstance(data, dict):
        return {}
    named = {name: _text(value) for name, value in _members(data).items() if name != "Data"}
    unnamed = _text(data.get("Data"))
    listed = unnamed if isinstance(unnamed, list) else [unnamed] if unnamed is not None else []
    return named | {f"param{n}": value for n, value in enumerate(listed, 1)}


def _user_data(data: Any) -> dict[str, Any]:
    """Return the members of the one element inside, with its name."""
    if not isinstance(data, dict) or not (inner := _members(data)):
        return {}
    name, value = next(iter(inner.items()))
    members = _members(value) if isinstance(value, dict) else {}
    return {"xml_name": name, **{key: _text(each) for key, each in members.items()}}


def _members(element: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in element.items() if not name.startswith("#")}
