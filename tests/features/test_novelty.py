"""First sightings: over the full history, in any order of arrival."""

from typing import Any

import duckdb
from stored import everyone, night, settings, spanned, stored

from nightporter import features


def seen(rows: list[dict[str, Any]], past: list[tuple] = ()) -> duckdb.DuckDBPyConnection:
    events = {"usb": stored("usb", [{"action": "connect", **row} for row in rows])}
    con = night(events, everyone(events))
    if past:
        con.execute("CREATE TABLE kept (user_id VARCHAR, kind VARCHAR, value VARCHAR, day DATE)")
        con.executemany("INSERT INTO kept VALUES (?, ?, ?, ?)", past)
        con.execute("CREATE VIEW past_first_seen AS FROM kept")
    features.write(con, settings(), spanned(events))
    return con


def test_a_device_that_was_seen_years_ago_is_not_new() -> None:
    rows = [{"at": "2026-03-03T10:00", "account": "ana", "host": "pc", "device_id": "D1"}]
    con = seen(rows, [("ana", "device", "D1", "2024-01-01")])
    said = con.sql("SELECT first_day = day FROM seen WHERE kind = 'device'").fetchall()
    assert said == [(False,)]
    assert con.sql("SELECT count(*) FROM first_sightings WHERE kind = 'device'").fetchall() == [
        (0,)
    ]


def test_a_generated_serial_is_no_device_but_still_removable_media() -> None:
    rows = [
        {"at": "2026-03-03T10:00", "account": "ana", "host": "pc", "device_id": "6&1f",
         "serial_quality": "generated"}
    ]  # fmt: skip
    kinds = seen(rows).sql("SELECT kind FROM seen ORDER BY kind").fetchall()
    assert kinds == [("media",), ("media_host",)]


def test_what_a_colleague_used_before_is_less_surprising() -> None:
    days = [{"at": f"2026-02-{n:02}T10:00", "account": f"p{n}", "host": "pc"} for n in range(2, 21)]
    rows = [*days, {"at": "2026-03-03T10:00", "account": "ana", "host": "pc"}]
    rows.append({"at": "2026-03-03T11:00", "account": "ana", "host": "vault"})
    con = seen(rows)
    said = con.sql(
        """SELECT value, surprise, peers FROM seen
        WHERE user_id = 'ana' AND kind = 'media_host' ORDER BY value"""
    ).fetchall()
    assert [(value, peers) for value, _, peers in said] == [("pc", 19), ("vault", 0)]
    assert said[0][1] < 0.1 < 1 < said[1][1]


def test_a_keyboard_is_no_removable_media() -> None:
    rows = [{"at": "2026-03-03T10:00", "account": "ana", "host": "pc", "device_class": "hid"}]
    assert seen(rows).sql("SELECT count(*) FROM seen").fetchall() == [(0,)]
