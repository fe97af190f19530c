"""Rows of queries with pseudonyms, inside DuckDB: only texts leave it, each distinct one once.

What became another text is joined to the rows.
"""

import os
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import duckdb
import polars as pl

from nightporter.names.masking import Mask, may_name

# So many texts are looked at together: to prepare a search for all names costs as much as it to
# look into many.
_AT_ONCE = 100_000


@dataclass(frozen=True)
class _Column:
    """A column of the query called `table`; its changed texts are the view `store` (old, new)."""

    table: str
    name: str
    query: str
    store: str

    @property
    def quoted(self) -> str:
        return '"' + self.name.replace('"', '""') + '"'


_Texts = list[tuple[_Column, pl.Series]]
_Moved = list[tuple[_Column, pl.DataFrame]]


def told(con: duckdb.DuckDBPyConnection, mask: Mask, queries: Mapping[str, str]) -> dict[str, str]:
    """Return each of `queries` as SQL whose rows have pseudonyms, in no order.

    Registers views `NAME_told_0`... with `con`, which alone sees them.
    """
    if not mask.on or not mask.words:
        return dict(queries)
    columns = list(_columns(con, queries))
    changed: dict[_Column, list[pl.DataFrame]] = defaultdict(list)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for moved in _ahead(pool, partial(_moved, mask), _texts(con, columns)):
            for column, pairs in moved:
                changed[column].append(pairs)
    for column, parts in changed.items():
        con.register(column.store, pl.concat(parts, rechunk=False).to_arrow())
    return {
        table: _joined(query, [column for column in columns if column in changed
                               and column.table == table])
        for table, query in queries.items()
    }  # fmt: skip


def _columns(con: duckdb.DuckDBPyConnection, queries: Mapping[str, str]) -> Iterator[_Column]:
    """Yield every column that may name somebody."""
    for table, query in queries.items():
        columns = con.sql(f"FROM ({query}) LIMIT 0").pl().get_columns()
        for at, column in enumerate(filter(may_name, columns)):
            yield _Column(table, column.name, query, f"{table}_told_{at}")


def _texts(con: duckdb.DuckDBPyConnection, columns: Iterable[_Column]) -> Iterator[_Texts]:
    """Yield the distinct texts of `columns`: those of many small ones together, of a large one
    by parts."""
    group: _Texts = []
    for column in columns:
        for texts in _distinct(con, column):
            group.append((column, texts))
            if sum(len(each) for _, each in group) >= _AT_ONCE:
                yield group
                group = []
    if group:
        yield group


def _distinct(con: duckdb.DuckDBPyConnection, column: _Column) -> Iterator[pl.Series]:
    asked = f"SELECT DISTINCT {column.quoted} FROM ({column.query}) WHERE {column.quoted} NOTNULL"
    for batch in con.sql(asked).to_arrow_reader(_AT_ONCE):
        yield pl.DataFrame(pl.from_arrow(batch)).to_series()


def _moved(mask: Mask, texts: _Texts) -> _Moved:
    """Return (old, new) of the texts that somebody is named in."""
    new = mask.columns([each for _, each in texts])
    pairs = [
        (
            column,
            pl.DataFrame({"old": old, "new": now}).filter(pl.col("old").ne_missing(pl.col("new"))),
        )
        for (column, old), now in zip(texts, new, strict=True)
    ]
    return [(column, rows) for column, rows in pairs if rows.height]


def _ahead(
    pool: ThreadPoolExecutor, work: Callable[[_Texts], _Moved], given: Iterable[_Texts]
) -> Iterator[_Moved]:
    """Yield what `work` makes of each, in order; never more are held than there are cores."""
    waiting: deque[Future[_Moved]] = deque()
    for each in given:
        waiting.append(pool.submit(work, each))
        if len(waiting) > (os.cpu_count() or 1):
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


def _joined(query: str, columns: list[_Column]) -> str:
    if not columns:
        return query
    shown = ", ".join(
        f"CASE WHEN {each.store}.old IS NULL THEN q.{each.quoted} ELSE {each.store}.new END"
        f" AS {each.quoted}"
        for each in columns
    )
    joins = " ".join(
        f"LEFT JOIN {each.store} ON {each.store}.old = q.{each.quoted}" for each in columns
    )
    return f"SELECT q.* REPLACE ({shown}) FROM ({query}) AS q {joins}"
