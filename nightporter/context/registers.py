"""Which days a corrected register concerns: those of the things and people it speaks of.

Knows the registers that have keys, and how events name those keys; not what was judged when.
"""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import date

import polars as pl

from nightporter.config import Settings
from nightporter.context.identity import from_pattern
from nightporter.context.tables import FOLDED, REGISTERS
from nightporter.engine import session
from nightporter.lake import Lake
from nightporter.schema import SOURCES, TABLES
from nightporter.window import Window


def registers(tables: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Return one row for each key and person of each register, with a digest of its lines."""
    rows = [row for name in REGISTERS if name in tables for row in _lines(name, tables[name])]
    said: dict[tuple[str, str, str], list[str]] = {}
    for key, line in rows:
        said.setdefault(key, []).append(line)
    return pl.DataFrame(
        [(*key, _digest(lines)) for key, lines in sorted(said.items())],
        schema=dict(TABLES["registers"].columns),
        orient="row",
    )


def _lines(name: str, frame: pl.DataFrame) -> Iterable[tuple[tuple[str, str, str], str]]:
    for row in frame.iter_rows(named=True):
        key = row[REGISTERS[name]].lower() if name in FOLDED else row[REGISTERS[name]]
        said = sorted((column, value) for column, value in row.items() if value is not None)
        yield (name, key, row.get("user_id") or ""), repr(said)


def _digest(lines: list[str]) -> str:
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()[:16]


def days_concerned(
    settings: Settings,
    lake: Lake,
    tables: Mapping[str, pl.DataFrame],
    changed: pl.DataFrame,
    window: Window,
) -> dict[date, str]:
    """Return the days of `window` with events of what `changed`, and what that is.

    A changed line of a person, or about one, concerns all that the person did: a new card
    makes the old one a card that should be no more.
    """
    if changed.is_empty():
        return {}
    with session() as con:
        con.register("changed", changed.to_arrow())
        for name in ("accounts", "badges"):
            con.register(name, _held(tables.get(name), REGISTERS[name]).to_arrow())
        for source in SOURCES:
            lake.view(con, source, window)
        con.execute(f"CREATE TEMP TABLE touched AS {_TOUCHED}")
        found = con.execute(_days_sql(settings)).fetchall()
    return {day: _shown(names) for day, names in found}


def _held(frame: pl.DataFrame | None, key: str) -> pl.DataFrame:
    empty = pl.DataFrame(schema={"key": pl.String, "user_id": pl.String})
    if frame is None or "user_id" not in frame.columns:
        return empty
    return frame.select(pl.col(key).alias("key"), "user_id")


# A person's own user_id is an account, too.
_TOUCHED = """
    WITH persons AS (
        SELECT user_id, register || ' ' || key AS name FROM changed WHERE user_id <> ''
    )
    SELECT register AS kind, key, register || ' ' || key AS name FROM changed
    UNION SELECT 'persons', lower(user_id), name FROM persons
    UNION SELECT 'accounts', lower(user_id), name FROM persons
    UNION SELECT 'accounts', lower(a.key), name FROM accounts AS a JOIN persons USING (user_id)
    UNION SELECT 'badges', b.key, name FROM badges AS b JOIN persons USING (user_id)"""

_NAMED = {
    "access": {"accounts": "lower(account)", "hosts": "lower(host)"},
    "usb": {"accounts": "lower(account)", "hosts": "lower(host)", "devices": "device_id"},
    "badge": {"badges": "badge_id"},
}


def _days_sql(settings: Settings) -> str:
    said = []
    for source, columns in _NAMED.items():
        kind, key = ("badge", "badge_id") if source == "badge" else ("account", "account")
        every = {**columns, "persons": f"lower({from_pattern(settings, kind, key)})"}
        said += [
            f"SELECT DISTINCT day, '{register}' AS kind, {column}::VARCHAR AS key FROM {source}"
            for register, column in every.items()
        ]
    return f"""
        SELECT day, list_sort(list(DISTINCT name))
        FROM ({" UNION ALL ".join(said)}) JOIN touched USING (kind, key)
        GROUP BY day ORDER BY day"""


def _shown(names: list[str]) -> str:
    more = f", +{len(names) - 1}" if len(names) > 1 else ""
    return f"the register changed: {names[0]}{more}"
