"""Overlaps and gaps in the maps of accounts and cards; context that is missing, and its price."""

from collections.abc import Iterable, Iterator, Mapping

import duckdb
import polars as pl

from nightporter.context.tables import TABLES
from nightporter.doctor.advice import Advice
from nightporter.rules import Detector

# What the engine itself joins to every event, so that every detector stands on it.
EVERYWHERE = {
    "people": "peers, names and shifts by person",
    "accounts": "several accounts of one person are several people",
    "badges": "no card belongs to anybody",
    "calendar": "declared days count as ordinary ones",
    "shifts": "everybody keeps the site's hours",
    "absences": "work during leave is not off hours",
    "labels": "documents have only the labels of their logs",
}
_THROUGH = {"whereabouts": ("doors", "badges"), "zones": ("doors",)}


def contested(con: duckdb.DuckDBPyConnection) -> Iterator[Advice]:
    """Yield every time that the maps give a key to several people, or to nobody for a while."""
    rows = con.execute(
        """SELECT i.kind, i.key, i.why, i.held_by, i.since, i.until, coalesce(sum(u.events), 0)
        FROM (
            SELECT *, lead(since) OVER (PARTITION BY kind, key ORDER BY since) AS until
            FROM identity
        ) AS i
        LEFT JOIN identities_unmapped AS u
            ON lower(u.identity) = lower(i.kind || ':' || i.key) AND u.why = i.why
        WHERE i.why IN ('overlap', 'gap') GROUP BY ALL"""
    ).fetchall()
    for kind, key, why, held_by, since, until, events in rows:
        people = ", ".join(held_by)
        said = f"of {people} at once" if why == "overlap" else f"nobody's, between {people}"
        yield Advice(
            "overlaps and gaps",
            f"{kind} {key}",
            f"{said}, {_day(since)} to {_day(until)}; events of these days: {events}",
            f"correct valid_from and valid_to in context/{kind}s.csv",
            weight=float(events),
        )


def _day(moment: object) -> str:
    year = int(str(moment)[:4]) if str(moment)[:4].isdigit() else 0
    return str(moment)[:16] if 1900 < year < 9000 else "always"


def missing_context(
    tables: Mapping[str, pl.DataFrame], detectors: Iterable[Detector]
) -> Iterator[Advice]:
    """Yield every context file that is not there, and every column that a detector needs."""
    packed = list(detectors)
    for name, costs in {**dict.fromkeys(TABLES, ""), **EVERYWHERE}.items():
        if name not in tables or tables[name].is_empty():
            readers = [d.id for d in packed if name in _context_of(d)]
            loss = "; ".join(part for part in (costs, _blinds(readers)) if part)
            yield Advice(
                "missing context",
                f"context/{name}.csv",
                f"is missing or empty: {loss or 'no detector reads it'}",
                f"write it, with any of: {', '.join(TABLES[name])}",
                weight=len(readers) + (10 if costs else 0),
            )
    yield from _missing_columns(tables, packed)


def _context_of(detector: Detector) -> set[str]:
    """The context tables that a detector reads itself, or through what is derived from them."""
    read = set(detector.query.tables)
    derived = {name for table in read for name in _THROUGH.get(table, ())}
    needed = {need.partition(".")[0] for need in detector.header.needs}
    return (read | derived | needed) & set(TABLES)


def _blinds(detectors: list[str]) -> str:
    return f"blind or half blind without it: {', '.join(sorted(detectors))}" if detectors else ""


def _missing_columns(
    tables: Mapping[str, pl.DataFrame], detectors: list[Detector]
) -> Iterator[Advice]:
    needs: dict[str, list[str]] = {}
    for detector in detectors:
        for need in detector.header.needs:
            needs.setdefault(need, []).append(detector.id)
    for need, blind in sorted(needs.items()):
        table, _, column = need.partition(".")
        frame = tables.get(table)
        if table not in TABLES or frame is None or frame.is_empty():
            continue
        if column not in frame.columns or frame[column].null_count() == len(frame):
            yield Advice(
                "missing context",
                f"context/{table}.csv",
                f"gives no {column}; not evaluated without it: {', '.join(blind)}",
                f"add the column {column}",
                weight=len(blind),
            )
