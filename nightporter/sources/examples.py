"""A preset's own examples, read as a night reads any file; what differs is said in words.

Knows presets and the way from bytes to events, no lake.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import polars as pl

from nightporter.config import Example, Feed, Preset, Settings
from nightporter.sources.checking import field_map
from nightporter.sources.parsed import Reject
from nightporter.sources.reading import identify, read
from nightporter.sources.typed import type_rows

_OWN_KEYS = {"title", "layout", "unverified", "example"}
_NOW = datetime(2000, 1, 1, tzinfo=UTC)


def differences(root: Path, preset: Path, read_preset: Preset, beside: Path) -> list[str]:
    """Return one sentence for each thing that an example of a preset expects and does not get.

    `root` is the workspace; files that examples name lie in `beside`.
    """
    if not read_preset.example:
        return ["it has no [[example]]: nothing proves it"]
    settings = _settings(root, preset, read_preset)
    return [
        f"example {number}: {said}"
        for number, example in enumerate(read_preset.example, 1)
        for said in _compared(example, settings, beside)
    ]


def _settings(root: Path, preset: Path, read_preset: Preset) -> Settings:
    """Return a workspace whose only feed is the preset's, in UTC where the layout says no zone."""
    keys = read_preset.model_dump(by_alias=True, exclude_unset=True, exclude=_OWN_KEYS)
    own = {"name": "example", "preset": preset.stem, "paths": ("*",)}
    feed = Feed.model_validate({"zone": "UTC", **keys, **own})
    return Settings(root=root, feed=(feed,))


def _compared(example: Example, settings: Settings, beside: Path) -> Iterator[str]:
    events, rejects, ignored = _outcome(example, settings, beside)
    yield from _differing("events", example.events, [dict(row) for row in events.to_dicts()])
    found = [{"line": each.line, "reason": each.reason} for each in rejects]
    yield from _differing("rejects", example.rejects, found)
    if ignored != example.ignored:
        yield f"{ignored} lines ignored, {example.ignored} expected"


def _outcome(
    example: Example, settings: Settings, beside: Path
) -> tuple[pl.DataFrame, list[Reject], int]:
    """Return events by line, rejects by line, and how many lines were ignored."""
    fields = field_map(settings, settings.feed[0])
    with TemporaryDirectory() as folder, duckdb.connect() as con:
        con.execute("SET timezone = 'UTC'")
        log, data = identify(_file(example, fields.feed.encoding, Path(folder), beside))
        frames, rejects, ignored = [], list[Reject](), 0
        for parsed in read(log, data, fields, con, lambda _: None):
            made, refused = type_rows(parsed, fields, log, _NOW)
            frames.append(made)
            rejects += refused
            ignored += parsed.ignored
    events = pl.concat(frames).sort("line") if frames else pl.DataFrame()
    return events, sorted(rejects, key=lambda each: each.line), ignored


def _file(example: Example, encoding: str, folder: Path, beside: Path) -> Path:
    """The example's lines as the product writes them: in the preset's encoding."""
    if example.file is not None:
        return beside / example.file
    path = folder / "example.log"
    path.write_text(example.log or "", encoding, newline="")
    return path


def _differing(
    what: str, expected: tuple[Mapping[str, object], ...], found: list[dict[str, object]]
) -> Iterator[str]:
    """Compare row by row; columns that an expected row does not name are not looked at."""
    if len(expected) != len(found):
        shown = [{k: _shown(v) for k, v in row.items() if v is not None} for row in found]
        yield f"{len(found)} {what}, {len(expected)} expected; there are {shown}"
        return
    for number, (wanted, row) in enumerate(zip(expected, found, strict=True), 1):
        for column, value in wanted.items():
            if column not in row:
                yield f"{what} have no column {column!r}"
            elif not _equal(value, row[column]):
                got = _shown(row[column])
                yield f"{what} {number}: {column} is {got!r}, {value!r} expected"


def _equal(wanted: object, found: object) -> bool:
    """TOML knows no null: an expected empty text means that nothing is there."""
    if wanted == "" or isinstance(wanted, bool):
        return found is None if wanted == "" else found is wanted
    if isinstance(found, datetime):
        moment = datetime.fromisoformat(wanted) if isinstance(wanted, str) else wanted
        return moment == found
    return wanted == found or str(wanted) == str(found) != "None"


def _shown(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value
