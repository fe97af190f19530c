"""Parquet: typed columns keep their meaning, a line is a row, a reject is the row as JSON."""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import orjson
import polars as pl
import pyarrow as pa
import pyarrow.parquet as parquet
import pytest

from nightporter.errors import ConfigError, LogError
from nightporter.sources.reading import identify
from nightporter.sources.typed import Log
from tests.sources.feeds import ACCESS, rows, take, workspace, write

PARQUET = ACCESS.replace("ndjson", "parquet").replace('"who"', '"user.name"')
STAMPS = [datetime(2024, 5, 1, 10), datetime(2024, 3, 31, 2, 30)]


def table(**columns: object) -> pa.Table:
    made = {
        "time": STAMPS,
        "user": [{"name": "wei"}, {"name": "max"}],
        "op": ["READ", "Rename"],
        "size": [7, None],
    }
    return pa.table({**made, **columns})


def load_of(root: Path, made: pa.Table) -> tuple[list[tuple[object, ...]], list[object]]:
    settings = workspace(root, PARQUET)
    parquet.write_table(made, root / "logs" / "a.parquet")
    load = take(settings)
    assert load.problems == ()
    shown = rows(settings).sort("line").select("line", "ts", "account", "action", "bytes")
    return shown.rows(), rows(settings, "rejects").select("line", "reason", "raw").rows()


def test_a_naive_column_is_on_the_feeds_clock(tmp_path: Path) -> None:
    events, rejects = load_of(tmp_path, table())
    assert events == [(1, datetime(2024, 5, 1, 8, tzinfo=UTC), "wei", "view", 7)]
    [(line, reason, raw)] = rejects
    assert (line, reason) == (2, "stamp_in_dst_gap")
    assert orjson.loads(raw)["user"] == {"name": "max"}


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_a_column_with_a_zone_is_an_instant(tmp_path: Path, unit: str) -> None:
    aware = [each.replace(tzinfo=UTC).astimezone(ZoneInfo("Asia/Shanghai")) for each in STAMPS]
    stamps = pa.array(aware, pa.timestamp(unit, "Asia/Shanghai"))
    events, _ = load_of(tmp_path, table(time=stamps))
    assert [row[1] for row in events] == [each.replace(tzinfo=UTC) for each in STAMPS]


def test_times_that_python_cannot_hold_are_shown_as_the_file_has_them(tmp_path: Path) -> None:
    """Others count nanoseconds, and write a year that never comes where nothing ends."""
    fine = 1_714_557_600_123_456_789
    made = table(
        time=pa.array([10**18, fine // 1000], pa.timestamp("us")),
        size=["1", "many"],
        closed=pa.array([fine, fine], pa.timestamp("ns")),
        since=pa.array([{"at": fine}] * 2, pa.struct([("at", pa.timestamp("ns"))])),
    )
    settings = workspace(tmp_path, PARQUET)
    parquet.write_table(made, tmp_path / "logs" / "a.parquet")
    assert take(settings).rejected == 2
    rejects = rows(settings, "rejects").sort("line")
    assert rejects["reason"].to_list() == ["bad_stamp", "bad_number"]
    raw = orjson.loads(rejects["raw"][1])
    assert raw["closed"] == "2024-05-01 10:00:00.123456789"
    assert "10:00:00.123456789" in raw["since"]


NANO = pa.array([{"at": 1_001}] * 2, pa.struct([("at", pa.timestamp("ns"))]))
TORN = pa.array([[b"caf\xe9"]] * 2, pa.list_(pa.binary())).view(pa.list_(pa.string()))


@pytest.mark.parametrize(
    ("nested", "shown"), [(NANO, "1970-01-01 00:00:00.000001001"), (TORN, "caf")]
)
def test_what_is_nested_is_read_as_text_whatever_it_holds(
    tmp_path: Path, nested: pa.Array, shown: str
) -> None:
    settings = workspace(tmp_path, PARQUET.replace('"size"', '"size"\nresource = "since"'))
    parquet.write_table(table(since=nested), tmp_path / "logs" / "a.parquet")
    assert take(settings).accepted == 1
    assert shown in rows(settings)["resource"].item()


def test_a_dictionary_a_text_number_and_bytes_are_read_as_text(tmp_path: Path) -> None:
    made = table(
        time=["2024-05-01T10:00:00Z", "2024-05-01T11:00:00Z"],
        op=pa.array(["READ", "READ"]).dictionary_encode(),
        size=pa.array([b"12", b"\xff"]),
    )
    events, rejects = load_of(tmp_path, made)
    assert [(row[3], row[4]) for row in events] == [("view", 12)]
    assert [row[:2] for row in rejects] == [(2, "bad_utf8")]


def test_a_missing_column_is_a_fault_and_a_damaged_file_a_problem(tmp_path: Path) -> None:
    made = workspace(tmp_path, PARQUET)
    parquet.write_table(table().drop_columns("op"), tmp_path / "logs" / "a.parquet")
    write(tmp_path, "b.parquet", b"PAR1 not at all")
    parquet.write_table(table(), tmp_path / "logs" / "c.parquet")
    load = take(made)
    assert [type(each) for each in load.problems] == [ConfigError, LogError]
    assert "has no column 'op'" in str(load.problems[0])
    assert (load.loaded, load.lines) == (1, 2)
    assert isinstance(rows(made), pl.DataFrame)


@pytest.mark.parametrize("small", [True, False])
def test_what_is_loaded_are_the_bytes_that_were_identified(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, small: bool
) -> None:
    made = workspace(tmp_path, PARQUET)
    path = tmp_path / "logs" / "a.parquet"
    parquet.write_table(table(), path)

    def outrun(found: Path) -> tuple[Log, bytes | None]:
        said = identify(found)
        parquet.write_table(table(op=["Rename", "Rename"]), path)
        return said

    if not small:
        monkeypatch.setattr("nightporter.sources.reading._SMALL", 0)
    monkeypatch.setattr("nightporter.ingest.identify", outrun)
    load = take(made)
    assert ["changed while it was read" in str(each) for each in load.problems] == [True] * (
        not small
    )
    assert rows(made)["action"].to_list() == ["view"] * small
