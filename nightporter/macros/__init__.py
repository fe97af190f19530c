"""Views, macros and comments for those who read the tables in plain DuckDB.

Knows the names of tables and columns; not where their rows come from. `macros.sql` must be SQL
that every DuckDB since 1.0 reads.
"""

import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

_HERE = Path(__file__).parent


def write_macros(con: duckdb.DuckDBPyConnection) -> None:
    """Create the views and macros in the database in use, which holds their tables."""
    con.execute((_HERE / "macros.sql").read_text("utf-8"))


def write_comments(con: duckdb.DuckDBPyConnection) -> None:
    """Write what each table, view, macro and column of the database in use means."""
    said = words()
    rows = con.execute(
        """SELECT CASE WHEN v.view_name IS NULL THEN 'TABLE' ELSE 'VIEW' END, c.table_name,
            list(c.column_name ORDER BY c.column_index)
        FROM duckdb_columns() AS c
        LEFT JOIN duckdb_views() AS v
          ON v.view_name = c.table_name AND v.database_name = c.database_name
        WHERE c.database_name = current_database() AND NOT c.internal GROUP BY ALL
        UNION ALL SELECT 'MACRO TABLE', function_name, [] FROM duckdb_functions()
        WHERE database_name = current_database() AND NOT internal
            AND function_type = 'table_macro'"""
    ).fetchall()
    # In one transaction: each by itself would wait for the disk.
    con.execute("; ".join(["BEGIN", *_comments(said, rows), "COMMIT"]))


def _comments(said: dict[str, Any], rows: list[tuple[str, str, list[str]]]) -> Iterator[str]:
    """Yield a statement a comment; one that is lacking must not cost a night its findings."""
    for kind, name, columns in rows:
        if about := said["about"].get(name):
            yield f'COMMENT ON {kind} "{name}" IS {_literal(about)}'
        own = said["own"].get(name, {})
        for column in columns:
            if meaning := own.get(column) or said["columns"].get(column):
                yield f'COMMENT ON COLUMN "{name}"."{column}" IS {_literal(meaning)}'


@cache
def words() -> dict[str, dict[str, Any]]:
    """Return `about` (a sentence a relation), `columns` (what a name means wherever it stands),
    and `own` (where it means something else)."""
    return tomllib.loads((_HERE / "comments.toml").read_text("utf-8"))


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
