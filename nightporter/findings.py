"""Findings: their identity, how one night's rows meet what earlier nights said.

Knows the shape of `findings`, not how a detector comes to its rows.
"""

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import orjson
import polars as pl

from nightporter.schema import TABLES

LEVELS = ("informational", "low", "medium", "high", "critical")
# The alert budget: at most so many findings of a level counted, a thousand people and day.
COUNTED = LEVELS[LEVELS.index("medium") :]
ALL_DETECTORS, ONE_DETECTOR = 3.0, 0.5


def gravity(level: str = "level") -> str:
    """Return SQL: the place of `level` (a column) among the levels, 1 for the worst."""
    return f"array_position({list(reversed(LEVELS))}, {level})"


# What a detector's row says in columns of its own; everything else goes to `columns`.
_OWN = ("user_id", "candidates", "day", "happened_at", "events", "surprise")
# What makes a finding say something new; times of writing do not.
_SAYS = ("version", "title", "level", "status", "sentence", "columns", "surprise", "last_at")

# The keys of a map may be numbers or days.
_OPTIONS = orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS


@dataclass(frozen=True)
class Claim:
    """What a finding copies of its detector, so that it stays readable when the rule changes."""

    detector: str
    version: str
    title: str
    level: str
    tactic: str
    tags: tuple[str, ...]
    about: tuple[str, ...]


def finding_id(detector: str, about: dict[str, Any], day: date) -> str:
    """Return the identity of a finding: detector, what it is about, and the day."""
    said = orjson.dumps([detector, about, day], option=_OPTIONS, default=str)
    return hashlib.sha256(said).hexdigest()[:32]


def secret(rows: pl.DataFrame, key: bytes) -> pl.DataFrame:
    """Return `rows` with finding_ids that only who has `key` can tell from a name and a day."""
    if not key:
        return rows
    old = rows["finding_id"].unique()
    new = [hmac.digest(key, f"finding:{id}".encode(), "sha256").hex()[:32] for id in old]
    return rows.with_columns(pl.col("finding_id").replace(old, new))


def compose(
    rows: pl.DataFrame, claim: Claim, says: Callable[[dict[str, Any]], str], now: datetime
) -> pl.DataFrame:
    """Return one finding a row (two rows about the same thing on one day become one).

    `rows` have the `about` columns, `day`, and any of user_id, candidates, surprise, events.
    The result has the columns of `findings` but first_at and last_at, plus `events`.
    """
    found: dict[str, dict[str, Any]] = {}
    for row in _strongest_first(rows, claim).iter_rows(named=True):
        about = {column: row[column] for column in claim.about}
        key = finding_id(claim.detector, about, row["day"])
        if key in found:
            found[key]["events"] = sorted({*found[key]["events"], *(row.get("events") or ())})
            continue
        found[key] = _finding(key, row, about, claim, says(row), now)
    shape = {**TABLES["findings"].columns, "events": pl.List(pl.String)}
    return pl.DataFrame(list(found.values()), schema=shape, orient="row")


def _strongest_first(rows: pl.DataFrame, claim: Claim) -> pl.DataFrame:
    plain = [name for name, kind in rows.schema.items() if not kind.is_nested()]
    rows = rows.sort(plain, nulls_last=True)
    if "surprise" in rows.columns:
        rows = rows.sort("surprise", descending=True, nulls_last=True, maintain_order=True)
    return rows


def _finding(
    key: str, row: dict[str, Any], about: dict[str, Any], claim: Claim, sentence: str, now: datetime
) -> dict[str, Any]:
    others = {name: value for name, value in row.items() if name not in _OWN}
    surprise = row.get("surprise")
    return {
        "finding_id": key,
        "detector": claim.detector,
        "version": claim.version,
        "title": claim.title,
        "level": claim.level,
        "status": "open",
        "tactic": claim.tactic,
        "about": _json(about),
        # Where several may be meant, each bears a part: the victim not all of it.
        "user_id": None if row.get("candidates") else row.get("user_id"),
        "candidates": row.get("candidates"),
        "day": row["day"],
        "sentence": sentence,
        "tags": list(claim.tags),
        "columns": _json(others),
        "surprise": None if surprise is None else round(float(surprise), 6),
        "found_at": now,
        "changed_at": now,
        "events": sorted(set(row.get("events") or ())),
    }


def _json(values: dict[str, Any]) -> str:
    return orjson.dumps(values, option=_OPTIONS, default=str).decode()


def merge(
    new: pl.DataFrame, old: pl.DataFrame, now: datetime, run_id: str
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return (findings to store, history to append) where `old` are the same days' findings.

    A finding that says the same keeps its times; one that no longer holds is withdrawn.
    """
    known = old.select(
        "finding_id", "found_at", "changed_at", *(pl.col(c).alias(f"was_{c}") for c in _SAYS)
    )
    met = new.join(known, on="finding_id", how="left", suffix="_old", maintain_order="left")
    same = pl.all_horizontal(pl.col(c).eq_missing(pl.col(f"was_{c}")) for c in _SAYS)
    met = met.with_columns(
        found_at=pl.coalesce("found_at_old", "found_at"),
        changed_at=pl.when(same).then("changed_at_old").otherwise("changed_at"),
        changed=~same,
    )
    gone = old.join(new, on="finding_id", how="anti").with_columns(
        changed=pl.col("status") != "withdrawn",
        changed_at=pl.when(pl.col("status") == "withdrawn")
        .then("changed_at")
        .otherwise(pl.lit(now)),
        status=pl.lit("withdrawn"),
        suppressed_by=pl.lit(None, pl.String),
    )
    columns = list(TABLES["findings"].columns)
    all_rows = pl.concat(
        [met.select(*columns, "changed"), gone.select(*columns, "changed")], how="vertical_relaxed"
    )
    history = all_rows.filter("changed").with_columns(run_id=pl.lit(run_id))
    return all_rows.select(columns), history.select(list(TABLES["finding_history"].columns))
