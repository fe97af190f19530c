"""What is kept of a flagged person's day: every event, and who was near."""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from reported import finding
from stored import everyone, night, stored, table

from nightporter import flagged
from nightporter.flagged import CROWD, write_flagged
from nightporter.lake import Lake
from nightporter.schema import TABLES
from nightporter.window import Window

DAY = date(2026, 3, 3)
NEXT = DAY + timedelta(days=1)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(str(tmp_path / "lake"))


def opened(who: str, clock: str, day: date = DAY, **more: Any) -> dict[str, Any]:
    return {"at": f"{day}T{clock}", "account": who, "action": "view", "resource": "/a", **more}


def keep(
    lake: Lake, monkeypatch: pytest.MonkeyPatch, access: list[dict[str, Any]], *found: Any
) -> None:
    """Keep what one night has of `access`, and the findings `found`."""
    events = {"access": stored("access", access)}
    monkeypatch.setattr(flagged, "readable", lambda _: night(events, everyone(events)))
    write_flagged(Path(), lake, Window(DAY, NEXT), findings(*found))


def findings(*found: dict[str, Any]) -> pl.DataFrame:
    shape = TABLES["findings"].columns
    rows = [finding(**{"day": DAY, **each}) for each in found]
    named = [{name: row.get(name) for name in shape} for row in rows]
    return pl.DataFrame(named, schema=pl.Schema(shape))


def test_all_events_of_a_flagged_day_are_kept_and_of_no_other(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = [opened("ana", "10:00"), opened("bo", "10:05"), opened("ana", "10:00", NEXT)]
    keep(lake, monkeypatch, said, {"user_id": "ana"})
    kept = lake.read("flagged").select("user_id", "day", "resource", "off_hours").rows()
    assert kept == [("ana", DAY, "/a", False)]


def test_whom_a_finding_may_mean_is_kept_and_what_was_withdrawn_is_not(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = [opened(who, "10:00") for who in ("ana", "bo", "cy")]
    unclear = {"user_id": None, "candidates": ["bo"]}
    keep(lake, monkeypatch, said, {"user_id": "ana", "status": "withdrawn"}, unclear)
    assert lake.read("flagged")["user_id"].to_list() == ["bo"]
    keep(lake, monkeypatch, said, {"user_id": "ana", "status": "withdrawn"})
    assert lake.read("flagged").is_empty() and lake.read("nearby").is_empty()


def test_who_opened_the_same_document_is_near_by_the_minutes_between(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = [
        *(opened("ana", clock) for clock in ("09:00", "12:00")),
        *(opened("bo", clock) for clock in ("11:50", "16:00")),
        opened("cy", "09:00", resource="/other"),
        opened("svc", "09:00", automated=True),
    ]
    keep(lake, monkeypatch, said, {"user_id": "ana"})
    day = datetime(2026, 3, 3)
    assert lake.read("nearby").rows() == [
        ("ana", DAY, "document", "/a", "bo", 1, 2, day.replace(hour=11, minute=50),
         day.replace(hour=16), 10)
    ]  # fmt: skip


@pytest.mark.parametrize(("others", "named"), [(CROWD, CROWD), (CROWD + 1, 0)])
def test_a_crowd_is_counted_and_not_named(
    lake: Lake, monkeypatch: pytest.MonkeyPatch, others: int, named: int
) -> None:
    said = [opened(f"u{i}", "10:00") for i in range(others)]
    keep(lake, monkeypatch, [*said, opened("ana", "10:00")], {"user_id": "ana"})
    near = lake.read("nearby")
    assert near["other"].drop_nulls().n_unique() == named
    assert near["people"].unique().to_list() == [others]


def test_at_a_thing_that_is_flagged_itself_nobody_is_left_out(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    plug = {"at": f"{DAY}T10:20", "action": "connect", "host": "pc-1", "device_id": "X"}
    events = {
        "access": stored("access", [opened(who, "10:00", host="pc-1") for who in ("ana", "bo")]),
        "usb": stored("usb", [plug]),
    }
    monkeypatch.setattr(flagged, "readable", lambda _: night(events, people))
    people = {"people": table("user_id", "ana", "bo")}
    write_flagged(Path(), lake, Window(DAY, DAY), findings({"user_id": "host:pc-1"}))
    near = lake.read("nearby").filter(pl.col("how") == "host").select("other", "people").rows()
    assert sorted(near) == [("ana", 2), ("bo", 2)]


def test_who_stands_at_a_host_is_in_its_room(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    events = {
        "access": stored("access", [opened("ana", "10:00", host="pc-1", resource=None)]),
        "badge": stored("badge", [{"at": f"{DAY}T10:20", "badge_id": "7", "door_id": "d",
                                   "action": "entry"}]),
    }  # fmt: skip
    tables = {
        "people": table("user_id", "ana", "bo"), "badges": table("badge_id user_id", "7 bo"),
        "hosts": table("host zone kind", "pc-1 lab desktop"),
        "doors": table("door_id zone_from zone_to", "d hall lab"),
    }  # fmt: skip

    def book(_: Path) -> duckdb.DuckDBPyConnection:
        return night(events, tables)

    monkeypatch.setattr(flagged, "readable", book)
    write_flagged(Path(), lake, Window(DAY, DAY), findings({"user_id": "ana"}))
    near = lake.read("nearby").select("how", "what", "other", "minutes").rows()
    assert near == [("zone", "lab", "bo", 20)]
