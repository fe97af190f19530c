"""Where a person would stand had some of the findings not been: the ranking's own SQL, asked again.

Reads the lake through a glass that leaves findings out; nothing that is ranked anew is stored.
"""

from collections.abc import Callable, Container
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

import duckdb
import polars as pl

from nightporter.lake import Lake, Rows
from nightporter.window import Window


class Standing(NamedTuple):
    """A person's risk and rank on one day; rank None where nothing counts any more."""

    risk: float
    rank: int | None


@dataclass(frozen=True)
class _Aside(Lake):
    """A lake without the findings that `hidden` (SQL) is true of; what is written is only held."""

    hidden: str = "false"
    written: dict[str, pl.DataFrame] = field(default_factory=dict)

    def view(
        self,
        con: duckdb.DuckDBPyConnection,
        table: str,
        window: Container[date] | None = None,
        name: str | None = None,
    ) -> None:
        if table != "findings":
            super().view(con, table, window, name)
            return
        super().view(con, table, window, f"all_{name or table}")
        con.execute(
            f'CREATE OR REPLACE VIEW "{name or table}" AS SELECT * FROM "all_{name or table}"'
            f" WHERE NOT ({self.hidden})"
        )

    def replace(self, table: str, rows: Rows, predicate: str) -> None:
        del predicate
        assert isinstance(rows, pl.DataFrame)
        self.written[table] = rows

    def append(self, table: str, rows: Rows, transaction: object = None) -> None:
        self.replace(table, rows, "")


def standing_without(
    lake: Lake, person: str, day: date, hidden: str, rank: Callable[[Lake, Window], int]
) -> Standing:
    """Return where `person` would stand on `day` without those of the own findings that
    `hidden`, a condition on `findings`, is true of. Other people keep theirs.

    `rank` is the night's own ranking: it writes `risk` into the lake that it is given.
    """
    quoted = person.replace("'", "''")
    mine = f"(user_id = '{quoted}' OR user_id IS NULL AND list_contains(candidates, '{quoted}'))"
    aside = _Aside(lake.uri, lake.store, hidden=f"coalesce({mine} AND ({hidden}), false)")
    rank(aside, Window(day, day))
    rows = aside.written["risk"].filter(pl.col("user_id") == person)
    if rows.is_empty():
        return Standing(0.0, None)
    return Standing(float(rows["risk"][0]), int(rows["rank"][0]))
