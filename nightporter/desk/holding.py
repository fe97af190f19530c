"""A case held: its raw logs, its days and its detectors, frozen where nothing deletes them.

Copies lie in holds/CASE, readable by their owner alone; a manifest with the SHA-256 of each goes
to exports/. Knows the lake and files; not who may hold.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import orjson

from nightporter.config import Settings
from nightporter.desk.acts import read_acts
from nightporter.desk.standing import standings
from nightporter.lake import Lake
from nightporter.names import mask_of
from nightporter.schema import SOURCES
from nightporter.workspace import fresh

_PIECE = 1 << 20
_ROWS = ("findings", "finding_history", "evidence", "verdicts", "cases")


@dataclass(frozen=True)
class Rule:
    """A detector as it is now: the text of its file, its version with the site's knobs."""

    text: str
    version: str
    file: str


@dataclass(frozen=True)
class Frozen:
    """What was frozen: the manifest's path and SHA-256, its content."""

    manifest: Path
    sha256: str
    said: Mapping[str, Any]


def held_days(lake: Lake) -> frozenset[date]:
    """Return the days that no upkeep may touch: those of every held case, then and now."""
    held = {name: case for name, case in standings(read_acts(lake)).items() if case.held}
    if not held:
        return frozenset()
    then = {day for case in held.values() for act in case.history for day in act.days}
    rows = lake.read("cases").select("case_id", "days").rows()
    now = {said["day"] for name, days in rows if name in held for said in days}
    return frozenset(then | now)


def freeze(
    settings: Settings, lake: Lake, case: Mapping[str, Any], rules: Mapping[str, Rule],
    reason: str | None, account: str, now: datetime,
) -> Frozen:  # fmt: skip
    """Copy all that `case`, a row of the casebook, stands on, and write its manifest.

    What is gone or no longer what was read is named in the manifest as such. `rules` are the
    detectors by their ids.
    """
    days = sorted(said["day"] for said in case["days"])
    folder = settings.root / "holds" / case["case_id"]
    stamp = f"{now:%Y%m%dT%H%M%SZ}"
    with duckdb.connect() as con:
        con.execute("SET timezone = 'UTC'")
        _write_views(con, lake, case, frozenset(days))
        said = {
            "case_id": case["case_id"],
            "user_id": case["user_id"],
            "held_by": account,
            "held_at": now,
            "reason": reason,
            "days": days,
            "raw": list(_raw(con, settings.root, folder / "raw")),
            "rows": list(_rows(con, folder / f"rows-{stamp}")),
            "lake": list(_lake_files(lake, frozenset(days))),
            "detectors": list(_detectors(con, rules, folder / "detectors")),
        }
    said = mask_of(settings, lake).of(said)
    content = orjson.dumps(said, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    name = f"hold-{case['case_id']}-{stamp}.json"
    for place in (folder, settings.root / "exports"):
        _put(place / name, content)
    path = settings.root / "exports" / name
    return Frozen(path, hashlib.sha256(content).hexdigest(), said)


def _write_views(
    con: duckdb.DuckDBPyConnection, lake: Lake, case: Mapping[str, Any], days: frozenset[date]
) -> None:
    """Create views of the case's rows. Of findings those of its days that are about its person or
    may be: what an exception hides, or may mean another, bears no case."""
    for table in (*_ROWS, "loads"):
        lake.view(con, table, days, f"all_{table}")
    whose = [case["case_id"], case["user_id"]]
    con.execute("CREATE TEMP TABLE held AS SELECT ? AS case_id, ? AS user_id", whose)
    con.execute(
        """CREATE TEMP VIEW findings AS SELECT f.* FROM all_findings AS f, held AS h
        WHERE f.case_id = h.case_id OR f.user_id = h.user_id
            OR list_contains(f.candidates, h.user_id)"""
    )
    for table in ("verdicts", "cases"):
        con.execute(f"CREATE TEMP VIEW {table} AS FROM all_{table} SEMI JOIN held USING (case_id)")
    for table in ("evidence", "finding_history"):
        con.execute(
            f"CREATE TEMP VIEW {table} AS FROM all_{table} SEMI JOIN findings USING (finding_id)"
        )


def _raw(con: duckdb.DuckDBPyConnection, root: Path, folder: Path) -> Iterator[dict[str, Any]]:
    """Copy each raw log that the evidence stands in, as much of it as was read then."""
    rows = con.execute(
        """SELECT e.feed, e.file_id, any_value(l.path), any_value(l.bytes), count(DISTINCT e.line)
        FROM evidence AS e
        LEFT JOIN all_loads AS l ON l.feed = e.feed AND l.file_id = e.file_id
        WHERE e.file_id IS NOT NULL GROUP BY e.feed, e.file_id ORDER BY ALL"""
    ).fetchall()
    for feed, file_id, path, size, lines in rows:
        target = folder / str(file_id)
        state = "missing" if path is None else _copied(root / path, size, file_id, target)
        yield {
            "feed": feed, "path": path, "sha256": file_id, "bytes": size, "lines": lines,
            "state": state, "copy": str(target.relative_to(folder.parents[2]))
            if state == "kept" else None,
        }  # fmt: skip


def _copied(path: Path, size: int, file_id: str, target: Path) -> str:
    """Return kept, missing, unreadable or changed; a log that has grown is cut where it ended."""
    if target.exists() and _sha256(target) == file_id:
        return "kept"
    _private(target.parent)
    part, digest, left = target.with_name(f".{target.name}.new"), hashlib.sha256(), size
    try:
        with path.open("rb") as source, part.open("wb") as copy:
            part.chmod(0o600)
            while left and (piece := source.read(min(left, _PIECE))):
                digest.update(piece)
                copy.write(piece)
                left -= len(piece)
    except FileNotFoundError:
        return "missing"
    except PermissionError:
        return "unreadable"
    if digest.hexdigest() != file_id:
        part.unlink()
        return "changed"
    part.replace(target)
    return "kept"


def _rows(con: duckdb.DuckDBPyConnection, folder: Path) -> Iterator[dict[str, Any]]:
    """Write the case's own rows of the tables that nights write anew."""
    _private(folder)
    for table in _ROWS:
        path = folder / f"{table}.parquet"
        quoted = str(path).replace("'", "''")
        con.execute(f"COPY (FROM {table} ORDER BY ALL) TO '{quoted}' (FORMAT parquet)")
        path.chmod(0o600)
        (count,) = con.execute(f"SELECT count(*) FROM {table}").fetchall()[0]
        name = str(path.relative_to(folder.parents[2]))
        yield {"table": table, "rows": count, "file": name, "sha256": _sha256(path)}


def _lake_files(lake: Lake, days: frozenset[date]) -> Iterator[dict[str, Any]]:
    """Name the lake's files of events on the held days: upkeep leaves them as they are."""
    for source in SOURCES:
        for file in sorted(lake.files(source, days)):
            path = Path(file)
            name = "/".join(path.parts[-2:])
            yield {"table": source, "file": name, "sha256": _sha256(path)}


def _detectors(
    con: duckdb.DuckDBPyConnection, rules: Mapping[str, Rule], folder: Path
) -> Iterator[dict[str, Any]]:
    spoke = con.execute(
        """SELECT detector, list(DISTINCT version ORDER BY version) FROM findings
        GROUP BY detector ORDER BY detector"""
    ).fetchall()
    for detector, versions in spoke:
        rule = rules.get(detector)
        said = {"detector": detector, "spoke_as": versions, "now": rule.version if rule else None}
        if rule is None:
            yield {**said, "file": None, "sha256": None}
            continue
        content = rule.text.encode()
        path = folder / f"{rule.version}-{rule.file}"
        _put(path, content)
        name = str(path.relative_to(folder.parents[2]))
        yield {**said, "file": name, "sha256": hashlib.sha256(content).hexdigest()}


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _put(path: Path, content: bytes) -> None:
    _private(path.parent)
    with fresh(path) as file:
        file.write(content)


def _private(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
