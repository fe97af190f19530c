"""Inside DuckDB each row gets the pseudonyms that a table outside gets, and no row is lost."""

from typing import Any

import duckdb
import polars as pl
import pytest

from nightporter.names import PLAIN, Mask, told
from nightporter.names import queries as names_queries
from nightporter.names.known import Word

MASK = Mask(tuple(Word(f"user{n:03}", "person", f"user{n:03}") for n in range(40)), b"k" * 32)
ROWS = pl.DataFrame(
    {
        "user_id": ["user001", "user001", None, "user002", "nobody"],
        "finding_id": ["user001"] * 5,
        "candidates": [["user003", "x"], [], None, ["user003", "x"], ["y"]],
        "raw": [b"user001,1", b"\xff\xfe user001", b"plain", None, b"user001,1"],
        'o"dd': ["/home/user004/x", "", "user0010", "/home/user004/x", None],
        "n": [1, 2, 3, 4, 5],
    }
)


def rows_of(mask: Mask, **queries: str) -> dict[str, list[tuple[Any, ...]]]:
    with duckdb.connect() as con:
        con.register("given", ROWS.to_arrow())
        return {
            name: con.execute(f"FROM ({query}) ORDER BY n").fetchall()
            for name, query in told(con, mask, queries).items()
        }


@pytest.mark.parametrize("at_once", [1, 3, 100_000])
def test_every_row_is_as_a_table_of_them_would_be(
    monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(names_queries, "_AT_ONCE", at_once)
    found = rows_of(MASK, whole="FROM given", some="SELECT n, user_id FROM given WHERE n < 3")
    wanted = MASK.frame(ROWS)
    assert found["whole"] == wanted.rows()
    assert found["some"] == wanted.filter(pl.col("n") < 3).select("n", "user_id").rows()
    assert "user001" not in str([row[0] for row in found["whole"]])


def test_thousands_of_texts_come_back_in_their_places() -> None:
    asked = (
        "SELECT n, 'user' || lpad((n % 50)::VARCHAR, 3, '0') || '/' || n AS t FROM range(9000) t(n)"
    )
    found = rows_of(MASK, many=asked)["many"]
    frame = pl.DataFrame({"t": [f"user{n % 50:03}/{n}" for n in range(9000)]})
    assert [row[1] for row in found] == MASK.frame(frame)["t"].to_list()


def test_under_own_names_the_query_stays_as_it_is() -> None:
    with duckdb.connect() as con:
        assert told(con, PLAIN, {"a": "SELECT 1"}) == {"a": "SELECT 1"}
