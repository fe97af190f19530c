"""A raw file of any format becomes blocks of text columns; its bytes are hashed on the way."""

import glob
import hashlib
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import duckdb

from nightporter.config import Feed
from nightporter.errors import LogError, NightporterError
from nightporter.sources import columnar, delimited, eventlog, ndjson, patterned
from nightporter.sources.blocks import BLOCK, Blocks
from nightporter.sources.compression import Limits, pieces
from nightporter.sources.fields import FieldMap
from nightporter.sources.nested import unfolded
from nightporter.sources.parsed import Parsed, Reject
from nightporter.sources.typed import Log

_SMALL = 32 << 20
_PIECE = 1 << 20
# Among fewer objects a key may be missing by chance; see `_check_keys`.
_MANY_OBJECTS = 10_000
# What the first half of a good line looks like.
_INCOMPLETE = ("unclosed_quote", "bad_json", "no_match")
TRUNCATED = "truncated_line"


def matches(fields: FieldMap) -> tuple[list[Path], list[LogError]]:
    """Return the files that the feed's paths name, sorted; an error for each that names none."""
    root, found, errors = fields.settings.root, set[Path](), []
    for pattern in fields.feed.paths:
        here = _matching(root, pattern)
        found |= set(here)
        if not here:
            message = f"nothing matches {pattern}"
            errors.append(fields.log_fault(message, "paths", hint=_beside(root, pattern)))
    return sorted(found), errors


def _matching(root: Path, pattern: str) -> list[Path]:
    if (root / pattern).is_file():
        return [root / pattern]
    # Path.glob takes no absolute patterns.
    found = glob.glob(pattern, root_dir=root, recursive=True)  # noqa: PTH207
    return [root / each for each in found if (root / each).is_file()]


def _beside(root: Path, pattern: str) -> str:
    """Say what the nearest folder of a pattern that matches nothing does hold."""
    folder = root / pattern
    if folder.is_dir():
        return f'{pattern} is a folder: write "{pattern.rstrip("/")}/*"'
    while glob.has_magic(str(folder.relative_to(folder.anchor))) or not folder.is_dir():
        folder = folder.parent
    names = sorted(each.name + "/" * each.is_dir() for each in folder.iterdir())
    shown = ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")
    place = folder.relative_to(root) if folder.is_relative_to(root) else folder
    return f"the folder {place}/ holds: {shown or 'nothing'}"


def identify(path: Path) -> tuple[Log, bytes | None]:
    """Return the file's identity, and its bytes if they are few."""
    try:
        size = path.stat().st_size
        if size <= _SMALL:
            data = path.read_bytes()
            return Log(path, hashlib.sha256(data).hexdigest(), len(data)), data
        with path.open("rb") as raw:
            file_id = hashlib.file_digest(raw, "sha256").hexdigest()
        return Log(path, file_id, size), None
    except OSError as error:
        raise _unreadable(path, error) from None


def beginnings(path: Path, known: Mapping[str, int]) -> frozenset[str]:
    """Return those of the files `known` (identity to bytes) with whose bytes the one at `path`
    begins."""
    if not known:
        return frozenset()
    try:
        with path.open("rb") as raw:
            return frozenset(known.keys() & set(_digests(raw, sorted(set(known.values())))))
    except OSError as error:
        raise _unreadable(path, error) from None


def _digests(raw: BinaryIO, sizes: Iterable[int]) -> Iterator[str]:
    """Yield the identity of the file's first bytes, for each of the ascending `sizes` it has."""
    digest, at = hashlib.sha256(), 0
    for size in sizes:
        while at < size:
            piece = raw.read(min(size - at, _PIECE))
            if not piece:
                return
            digest.update(piece)
            at += len(piece)
        yield digest.hexdigest()


def read(
    log: Log,
    data: bytes | None,
    fields: FieldMap,
    con: duckdb.DuckDBPyConnection,
    notice: Callable[[str], None],
    block: int = BLOCK,
) -> Iterator[Parsed]:
    """Yield the file's records; raise LogError if it changed since it was identified."""
    for parsed in _read(log, data, fields, con, notice, block):
        yield unfolded(parsed, fields, con)


def _read(
    log: Log,
    data: bytes | None,
    fields: FieldMap,
    con: duckdb.DuckDBPyConnection,
    notice: Callable[[str], None],
    block: int,
) -> Iterator[Parsed]:
    if fields.feed.format == "parquet":
        check = _column_check(log, fields)
        yield from columnar.read(log.path, data, fields.columns, check)
        if data is None and identify(log.path)[0].file_id != log.file_id:
            raise _changed(log)
        return
    with io.BytesIO(data) if data is not None else _opened(log) as raw:
        keys = fields.settings.workspace
        unpacked = pieces(raw, Limits(keys.archive_ratio, keys.archive_bytes))  # type: ignore[arg-type]
        if fields.feed.format == "evtx":
            yield from eventlog.read(unpacked, fields.columns, con)
        else:
            yield from _of_lines(Blocks(unpacked, block), log, fields, con, notice)
        if isinstance(raw, _Hashed):
            raw.settle()


def _of_lines(
    blocks: Blocks,
    log: Log,
    fields: FieldMap,
    con: duckdb.DuckDBPyConnection,
    notice: Callable[[str], None],
) -> Iterator[Parsed]:
    header: list[str] = []
    records = _records(blocks, log, fields, con, notice, header)
    for parsed in _accounted(blocks, records, log):
        yield _truncated(parsed, blocks.unended, fields.feed, header)


def _records(
    blocks: Blocks,
    log: Log,
    fields: FieldMap,
    con: duckdb.DuckDBPyConnection,
    notice: Callable[[str], None],
    header: list[str],
) -> Iterator[Parsed]:
    """Return the records; those of a CSV file also fill in its `header`."""

    def check(columns: Sequence[str]) -> None:
        header[:] = columns
        fields.check_columns(log.path, columns)

    if fields.feed.format == "csv":
        return delimited.read(blocks, fields.feed, fields.columns, check)
    if fields.feed.format == "lines":
        return patterned.read(blocks, fields.feed, fields.columns)
    return ndjson.read(blocks, fields.columns, con, _key_check(log, fields, notice))


def _accounted(blocks: Blocks, records: Iterator[Parsed], log: Log) -> Iterator[Parsed]:
    """Pass the records on; raise if a physical line was neither record, header nor blank."""
    counted = 0
    for parsed in records:
        counted += parsed.physical
        yield parsed
    if counted != blocks.lines:
        message = f"internal error: {blocks.lines} lines were read, {counted} accounted for"
        raise NightporterError(message, path=log.path, hint="please report this with the file")


def _truncated(parsed: Parsed, unended: int | None, feed: Feed, header: Sequence[str]) -> Parsed:
    """Say of the file's last line, which has no end and is no record, that it breaks off."""
    if not parsed.rejects or parsed.rejects[-1].line != unended:
        return parsed
    last = parsed.rejects[-1]
    if not _breaks_off(last, feed, header):
        return parsed
    detail = f"the file ends within this line: {last.detail}"
    return replace(
        parsed, rejects=[*parsed.rejects[:-1], replace(last, reason=TRUNCATED, detail=detail)]
    )


def _breaks_off(last: Reject, feed: Feed, header: Sequence[str]) -> bool:
    if last.reason == "wrong_columns":
        return last.raw.count(feed.delimiter.encode(feed.encoding)) < len(header) - 1
    return last.reason in _INCOMPLETE or (last.reason == "bad_utf8" and _cut(last.raw))


def _cut(raw: bytes) -> bool:
    """Say whether the last letter, and only it, lacks bytes."""
    try:
        raw.decode()
    except UnicodeDecodeError as error:
        return error.reason == "unexpected end of data"
    return False


def _column_check(log: Log, fields: FieldMap) -> Callable[[Sequence[str]], None]:
    return lambda columns: fields.check_columns(log.path, columns)


def _key_check(
    log: Log, fields: FieldMap, notice: Callable[[str], None]
) -> Callable[[Sequence[str], Sequence[str], int], None]:
    def check(absent: Sequence[str], keys: Sequence[str], objects: int) -> None:
        doubtful = fields.doubtful(absent, keys, many=objects >= _MANY_OBJECTS)
        if doubtful:
            raise fields.missing(doubtful[0], log.path, keys)
        for name in absent if fields.feed.preset is None else ():
            notice(f"{log.path}: none of its {objects} objects has {name!r}")

    return check


def _opened(log: Log) -> "_Hashed":
    try:
        return _Hashed(log, log.path.open("rb"))
    except OSError as error:
        raise _unreadable(log.path, error) from None


class _Hashed(io.RawIOBase):
    """A large file that is hashed again while it is read, in a thread of its own."""

    def __init__(self, log: Log, raw: BinaryIO) -> None:
        self._log, self._raw = log, raw
        self._digest = hashlib.sha256()
        self._hasher = ThreadPoolExecutor(1)
        self._last: Future[None] | None = None

    def read(self, size: int = -1) -> bytes:
        try:
            data = self._raw.read(size)
        except OSError as error:
            raise _unreadable(self._log.path, error) from None
        if self._last:
            self._last.result()
        self._last = self._hasher.submit(self._digest.update, data)
        return data

    def close(self) -> None:
        self._hasher.shutdown()
        self._raw.close()
        super().close()

    def settle(self) -> None:
        """Raise LogError unless the bytes read are those that were identified."""
        while self.read(1 << 20):
            pass
        self._hasher.shutdown()
        if self._digest.hexdigest() != self._log.file_id:
            raise _changed(self._log)


def _unreadable(path: Path, error: OSError) -> LogError:
    return LogError(f"cannot be read: {error.strerror or error}", path=path)


def _changed(log: Log) -> LogError:
    hint = "run again when its source has finished writing it"
    return LogError("the file changed while it was read", path=log.path, hint=hint)
