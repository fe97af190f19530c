"""What a detector returns is cut to the window, checked, and sorted; errors name the line."""

from collections.abc import Callable
from datetime import date

import duckdb
import polars as pl
import pytest

from nightporter.errors import DetectorError
from nightporter.rules import Detector, run
from nightporter.window import Window

Read = Callable[..., Detector]
FIRST, LAST = date(2026, 1, 5), date(2026, 1, 8)
DAYS = Window(FIRST, LAST)
PER_DAY = "SELECT user_id, day, count(*)::INT AS n FROM access GROUP BY user_id, day\n"


def test_rows_come_back_sorted(detector: Read, night: duckdb.DuckDBPyConnection) -> None:
    rows = run(night, detector(PER_DAY + "ORDER BY day DESC, user_id DESC"), DAYS, {})
    assert rows.rows()[:3] == [
        ("ana", date(2026, 1, 5), 2),
        ("ana", date(2026, 1, 6), 2),
        ("ana", date(2026, 1, 7), 2),
    ]
    assert rows.height == 8


def test_only_the_window_and_the_lookback_are_read(
    detector: Read, night: duckdb.DuckDBPyConnection
) -> None:
    sql = "SELECT 'x' AS user_id, max(day) AS day, count(DISTINCT day)::INT AS days FROM access"
    window = Window(date(2026, 1, 7), date(2026, 1, 7))
    assert run(night, detector(sql), window, {})["days"].to_list() == [1]
    assert run(night, detector(sql, lookback="1d"), window, {})["days"].to_list() == [2]


def test_what_holds_scanned_days_alone_is_not_looked_back_on(
    detector: Read, night: duckdb.DuckDBPyConnection
) -> None:
    night.execute("CREATE OR REPLACE TABLE feed_day AS SELECT DISTINCT day FROM access")
    sql = """SELECT 'x' AS user_id, max(access.day) AS day, count(DISTINCT access.day)::INT AS days,
        count(DISTINCT feed_day.day)::INT AS scanned FROM access CROSS JOIN feed_day"""
    window = Window(date(2026, 1, 7), date(2026, 1, 7))
    rows = run(night, detector(sql, lookback="1d"), window, {})
    assert rows.select("days", "scanned").rows() == [(2, 1)]


def test_rows_of_the_lookback_are_dropped(detector: Read, night: duckdb.DuckDBPyConnection) -> None:
    window = Window(date(2026, 1, 7), date(2026, 1, 7))
    rows = run(night, detector(PER_DAY, lookback="2d"), window, {})
    assert rows["day"].unique().to_list() == [date(2026, 1, 7)]


def test_context_is_read_whole(detector: Read, night: duckdb.DuckDBPyConnection) -> None:
    sql = "SELECT a.user_id, b.day FROM accounts AS a JOIN access AS b USING (user_id)"
    assert run(night, detector(sql), DAYS, {}).height == 16


def test_a_knob_is_its_default_until_it_is_turned(
    detector: Read, night: duckdb.DuckDBPyConnection
) -> None:
    read = detector(PER_DAY + "HAVING count(*) >= knob('least', 2)")
    assert run(night, read, DAYS, {}).height == 8
    assert run(night, read, DAYS, {"least": 2.5}).is_empty()
    assert run(night, read, DAYS, {"least": 1}).height == 8
    assert run(night, read, DAYS, {}).height == 8


def test_an_event_s_instant_gives_its_day(detector: Read, night: duckdb.DuckDBPyConnection) -> None:
    rows = run(night, detector("SELECT user_id, ts AS happened_at FROM badge"), DAYS, {})
    assert rows["day"].to_list() == [FIRST]


BROKEN = {
    "a column that is none": ("SELECT\n    user_id,\n    dya AS day\nFROM access", "dya", 11),
    "a cast that fails": ("SELECT user_id,\n    day,\n    host::INT AS n\nFROM access", "Co", 11),
    "a function's wrong kind": ("SELECT user_id, day,\n    sum(host) AS n\nFROM access", "sum", 10),
    "a limit that is text": ("SELECT user_id, day\nFROM access\nLIMIT 1 || 'x'", "", None),
    "a day that is none": ("SELECT user_id, ts AS day FROM access", "not a DATE", None),
    "an instant of no event": (
        "SELECT user_id, ts + INTERVAL 1 HOUR AS happened_at FROM access", "no event's ts", None,
    ),
    "nobody": ("SELECT NULL::VARCHAR AS user_id, day FROM access", "user_id is NULL", None),
    "events, no list": ("SELECT user_id, day, event AS events FROM usb", "not a list", None),
    "candidates that are numbers": (
        "SELECT user_id, day, [1, 2] AS candidates FROM access", "not a list", None,
    ),
    "two columns of one name": ("SELECT user_id, day, host, user_id FROM access", "two col", None),
    "everybody": ("SELECT user_id, day FROM access, range(100000)", "1,000,000 rows", None),
    "a span": ("SELECT user_id, day, max(ts) - min(ts) AS z FROM access GROUP BY ALL",
               "z is INTERVAL", None),
    "a span in a list, of nobody": ("SELECT user_id, day, [INTERVAL 1 DAY] AS z FROM usb",
                                    "z is INTERVAL[]", None),
    "one of several kinds": ("SELECT user_id, day, union_value(a := 1) AS z FROM access",
                             "z is UNION(a INTEGER)", None),
    "an instant without a zone": ("SELECT user_id, local_ts AS happened_at FROM access",
                                  "happened_at is the ts of an event", None),
    "a star without day": ("SELECT * EXCLUDE (day) FROM user_day", "neither day nor", None),
}  # fmt: skip


@pytest.mark.parametrize(("sql", "message", "line"), BROKEN.values(), ids=BROKEN)
def test_a_broken_detector_is_an_error_at_its_line(
    detector: Read, night: duckdb.DuckDBPyConnection, sql: str, message: str, line: int | None
) -> None:
    with pytest.raises(DetectorError) as caught:
        run(night, detector(sql), DAYS, {})
    assert message in caught.value.message
    if line:
        assert caught.value.line == line
        assert caught.value.text == sql.splitlines()[line - 9]


def test_a_panic_of_polars_is_an_error_of_the_detector(
    detector: Read, night: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    def panic(*given: object, **words: object) -> None:
        raise pl.exceptions.PanicException("decimal precision 38 can't fit 39 digits")

    monkeypatch.setattr(pl.DataFrame, "sort", panic)
    with pytest.raises(DetectorError, match="39 digits"):
        run(night, detector(PER_DAY), DAYS, {})


def test_a_list_has_no_part_that_is_null(detector: Read, night: duckdb.DuckDBPyConnection) -> None:
    sql = "SELECT user_id, day, [NULL, 'b'] AS events, [NULL] AS candidates FROM badge"
    rows = run(night, detector(sql), DAYS, {})
    assert rows.select("events", "candidates").rows() == [(["b"], [])]


def test_a_broken_detector_leaves_the_connection_usable(
    detector: Read, night: duckdb.DuckDBPyConnection
) -> None:
    with pytest.raises(DetectorError):
        run(night, detector("SELECT user_id, day, host::INT AS n FROM access"), DAYS, {})
    assert run(night, detector(PER_DAY), DAYS, {}).height == 8


def test_no_finding_is_an_empty_frame_with_its_columns(
    detector: Read, night: duckdb.DuckDBPyConnection
) -> None:
    rows = run(night, detector("SELECT user_id, day, [event] AS events FROM usb"), DAYS, {})
    assert rows.is_empty()
    assert rows.schema == {"user_id": pl.String, "day": pl.Date, "events": pl.List(pl.String)}
