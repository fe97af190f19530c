"""Short questions share one DuckDB and see nothing of each other."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import polars as pl
import pytest

from nightporter.engine import session


def test_a_session_sees_nothing_of_another_one() -> None:
    with session() as one, session() as other:
        one.execute("CREATE TABLE t AS SELECT 1 AS x")
        other.execute("CREATE VIEW t AS SELECT 2 AS x")
        assert one.execute("FROM t").fetchall() == [(1,)]
        assert other.execute("FROM t").fetchall() == [(2,)]
    with session() as later, pytest.raises(duckdb.CatalogException):
        later.execute("FROM t")


def test_a_session_that_failed_leaves_nothing_behind() -> None:
    with pytest.raises(duckdb.BinderException), session() as con:
        con.execute("CREATE TABLE t AS SELECT 1 AS x")
        con.execute("BEGIN")
        con.execute("SELECT y FROM t")
    with session() as con:
        names = con.execute("SELECT database_name FROM duckdb_databases() WHERE NOT internal")
        assert len(names.fetchall()) == 2  # the engine's own, and this one


def test_threads_ask_at_once() -> None:
    def counted(n: int) -> int:
        with session() as con:
            con.execute(f"CREATE TABLE t AS FROM range({n})")
            return int(con.execute("SELECT count(*) FROM t").fetchall()[0][0])

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(counted, range(40))) == list(range(40))


def test_a_session_is_in_utc() -> None:
    with session() as con:
        assert con.execute("SELECT current_setting('timezone')").fetchall() == [("UTC",)]


def test_a_locked_session_reads_nothing_of_the_machine(tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("a\n1\n")
    frame = pl.DataFrame({"x": [1]})
    with session(locked=True) as con:
        con.register("given", frame.to_arrow())
        assert con.execute("FROM given").fetchall() == [(1,)]
        for sql in (f"FROM '{secret}'", f"ATTACH '{tmp_path / 'new.duckdb'}' AS n", "FROM frame"):
            with pytest.raises((duckdb.PermissionException, duckdb.CatalogException)):
                con.execute(sql)
        with pytest.raises(duckdb.InvalidInputException):
            con.execute("SET enable_external_access = true")
        assert con.execute("SELECT current_setting('timezone')").fetchall() == [("UTC",)]
