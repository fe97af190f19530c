"""Workspaces for tests: a slice of the sample logs, and what a lake says when asked."""

import gzip
import json
import shutil
from collections.abc import Collection
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from nightporter import config
from nightporter.engine import session
from nightporter.nightly import Night, nightly
from nightporter.rules import read_pack
from nightporter.schema import TABLES
from nightporter.shipped import shipped
from nightporter.workspace import lake_of

# What tells when a row was written, or by which run, or by which of its findings a case was
# first opened; everything else must be equal.
WHEN = ("ingested_at", "found_at", "changed_at", "run_id", "ms", "lake_version", "file_id", "line",
        "event", "record", "path", "case_id", "opening")  # fmt: skip


# Some of each kind: they stand on counts, sums, first times, doors, devices, identities, on
# whereabouts and several sources; all of them speak in June. Where a test is about nights, more
# would only take longer: what each detector says of one night and of many is proved by its gates.
FEW = frozenset(
    "activity_without_presence download_then_removable_media first_entry_to_room odd_hour_logon "
    "off_hours_bulk_download removable_media_surge superseded_badge_used unmapped_identity "
    "unregistered_device".split()
)


def june(
    root: Path,
    first: str = "2026-06-01",
    detectors: Collection[str] | None = FEW,
    own: str | None = None,
    whole_months: bool = True,
) -> Path:
    """A workspace with the sample logs from `first` on; of the doors, whole months if so asked.

    Of the detectors that ship only `detectors` are on, all if None; `own` is a folder of more.
    """
    samples = shipped("sample_logs")
    shutil.copytree(samples / "context", root / "context")
    shutil.copy(samples / "nightporter.toml", root)
    for path in sorted((samples / "logs").rglob("*")):
        if path.is_file() and _starts(path.name) >= first[: len(_starts(path.name))]:
            target = root / path.relative_to(samples)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(_since(path, "" if whole_months else first))
    off = shipped_detectors() - set(detectors) if detectors is not None else set()
    packs = {"paths": [own] if own else [], "off": sorted(off)}
    lines = "".join(f"{key} = {json.dumps(ids)}\n" for key, ids in packs.items())
    toml = root / "nightporter.toml"
    toml.write_text(f"{toml.read_text()}\n[packs]\n{lines}")
    return root


def _since(path: Path, first: str) -> bytes:
    """A log as it is; of the doors' months what lies before `first` is cut off."""
    raw = path.read_bytes()
    if "badge" not in path.parts or not first:
        return raw
    packed = path.suffix == ".gz"
    lines = (gzip.decompress(raw) if packed else raw).splitlines(keepends=True)
    kept = b"".join([lines[0], *(line for line in lines[1:] if _day(line) >= first)])
    return gzip.compress(kept, mtime=0) if packed else kept


def _day(line: bytes) -> str:
    """The day of a door's record: `"2026-06-01T...` or `01.06.2026;...`."""
    if line.startswith(b'"'):
        return line[1:11].decode()
    return "-".join(reversed(line[:10].decode("latin-1").split(".")))


def _starts(name: str) -> str:
    stem = name.partition(".")[0]
    if "W" not in stem:
        return stem
    return datetime.fromisocalendar(int(stem[:4]), int(stem[-2:]), 1).date().isoformat()


def run(root: Path, as_of: str, **more: Any) -> Night:
    """One night at `as_of`, UTC."""
    return nightly(config.load(root), datetime.fromisoformat(as_of).replace(tzinfo=UTC), **more)


def asked(root: Path, sql: str) -> list[tuple[Any, ...]]:
    """What the whole lake answers to `sql`."""
    with session() as con:
        lake = lake_of(config.load(root))
        for table in TABLES:
            if table in sql:  # a view of each of them takes longer than the answer
                lake.view(con, table)
        return con.execute(sql).fetchall()


def rows(root: Path, table: str, where: str = "true") -> list[tuple[Any, ...]]:
    """Rows of a lake table without what says when they were written, sorted."""
    with session() as con:
        lake_of(config.load(root)).view(con, table)
        names = [column[0] for column in con.execute(f"DESCRIBE {table}").fetchall()]
        kept = ", ".join(f'"{name}"' for name in names if name not in WHEN)
        return con.execute(f"SELECT {kept} FROM {table} WHERE {where} ORDER BY ALL").fetchall()


@cache
def shipped_detectors() -> frozenset[str]:
    """The ids of the detectors that ship."""
    return frozenset(each.id for each in read_pack([shipped("detectors")]).detectors)


# A detector that loads, and fails when it runs.
EXPLODES = """\
-- /// detector
-- title = "Explodes"
-- level = "low"
-- status = "test"
-- tags = ["attack.collection"]
-- lookback = "0d"
-- says = "{user_id}"
-- ///

SELECT user_id, day, CAST('boom' || user_id AS INTEGER) AS n
FROM user_day
WHERE feature = 'downloads';

-- /// fires: never
-- access:
--   user_id | action   | local_ts
--   ana     | download | 2026-01-05 10:00
-- ///

-- /// silent: always
-- access:
--   user_id | action | local_ts
--   ana     | view   | 2026-01-05 10:00
-- ///
"""
