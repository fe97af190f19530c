"""What the registers said when the days were judged, by key: a night asks what has changed since.

Knows digests by key; not what a register means, nor which days a key concerns.
"""

from collections.abc import Iterable

import polars as pl

from nightporter.lake import Lake
from nightporter.schema import TABLES

Key = tuple[str, str, str]
Seen = dict[Key, set[str]]

# The digest of a key that a register does not name.
ABSENT = ""


def changed(lake: Lake, now: pl.DataFrame) -> pl.DataFrame:
    """Return the keys about which some day may have been judged by other words than `now`."""
    seen = _read(lake)
    rows = [] if seen is None else sorted(_differing(seen, _by_key(now)))
    columns = {c: k for c, k in TABLES["registers"].columns.items() if c != "digest"}
    return pl.DataFrame(rows, schema=columns, orient="row")


def expect(lake: Lake, now: pl.DataFrame) -> None:
    """Note what the registers say before anything is judged by it, beside what they said.

    A run that dies leaves both: whatever the registers say then, those keys have changed.
    """
    seen, new = _read(lake), _by_key(now)
    if seen is None:
        return _write(lake, new)
    both = {key: set(digests) for key, digests in seen.items()}
    for key in _differing(seen, new):
        both[key] = seen.get(key, {ABSENT}) | new.get(key, {ABSENT})
    if both != seen:
        _write(lake, both)
    return None


def settle(lake: Lake, now: pl.DataFrame) -> None:
    """Forget what the registers said before: each day is judged by `now`, or marked stale."""
    if _read(lake) != _by_key(now):
        _write(lake, _by_key(now))


def _differing(seen: Seen, now: Seen) -> Iterable[Key]:
    """Return the keys of either that the other knows otherwise, or not at all."""
    nothing = {ABSENT}
    return {key for key in {*seen, *now} if seen.get(key, nothing) != now.get(key, nothing)}


def _by_key(rows: pl.DataFrame) -> Seen:
    found: Seen = {}
    for register, key, user_id, digest in rows.iter_rows():
        found.setdefault((register, key, user_id), set()).add(digest)
    return found


def _read(lake: Lake) -> Seen | None:
    """Return what was noted, None before the first night."""
    return None if lake.open("registers") is None else _by_key(lake.read("registers"))


def _write(lake: Lake, seen: Seen) -> None:
    rows = [(*key, digest) for key, digests in sorted(seen.items()) for digest in sorted(digests)]
    frame = pl.DataFrame(rows, schema=dict(TABLES["registers"].columns), orient="row")
    lake.replace("registers", frame, "true")
