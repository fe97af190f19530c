"""Small detectors for tests, and a night to run them over."""

from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest
from sigma_rules import written

from nightporter.proof import build
from nightporter.proof.cases import night_of, write_night
from nightporter.rules import Detector, Sheet, parse
from nightporter.rules.sigma import read_sigma
from nightporter.window import Window

HEADER = """-- /// detector
-- title = "A test"
-- level = "low"
-- status = "test"
-- tags = ["attack.t1213"]
-- lookback = "{lookback}"
-- says = "{says}"
-- ///
"""
SQL_LINE = HEADER.count("\n") + 1
CASE = """
-- /// fires: something
-- access:
--   user_id | action   | local_ts         | rows | days
--   ana     | download | 2026-01-05 10:00 |    2 |    4
--   bo      | view     | 2026-01-05 20:00 |    2 |    4
-- badge:
--   user_id | action | door_id | local_ts
--   ana     | entry  | main    | 2026-01-05 09:00
-- ///
"""

Write = Callable[..., Sheet]


def _sheet(
    sql: str,
    *,
    says: str = "{user_id}",
    lookback: str = "0d",
    extra: str = "",
    path: str = "/pack/misuse/tested.sql",
) -> Sheet:
    head = HEADER.replace("{lookback}", lookback).replace("{says}", says)
    if extra:
        head = head.replace("-- ///\n", f"-- {extra}\n-- ///\n")
    return Sheet(Path(path), head + sql)


@pytest.fixture
def sheet() -> Write:
    """Return a function that writes a detector file around a SELECT."""
    return _sheet


@pytest.fixture
def detector() -> Callable[..., Detector]:
    """Return a function that reads the detector around a SELECT."""
    return lambda sql, **words: parse(_sheet(sql, **words))


@pytest.fixture
def window() -> Window:
    return night_world().window


def night_world():  # type: ignore[no-untyped-def]
    read = parse(_sheet("SELECT user_id, day FROM access;\n" + CASE))
    return build(read.cases[0], read.path)


@pytest.fixture
def night() -> Iterator[duckdb.DuckDBPyConnection]:
    """Yield a connection with a small night: four days of ana and bo."""
    with night_of(night_world()) as con:
        yield con


@pytest.fixture(scope="session")
def night_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the same night as a file."""
    path = tmp_path_factory.mktemp("night") / "night.duckdb"
    with duckdb.connect(str(path)) as con:
        con.execute("SET timezone = 'UTC'")
        write_night(con, night_world())
    return path


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., Detector]:
    """Return a function that writes a rule into a pack and reads it."""
    return lambda *documents: read_sigma(written(tmp_path, *documents))
