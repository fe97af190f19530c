"""Stamps that are shifted by hours are seen; a night shift and an early bird are not."""

from datetime import date, datetime, timedelta
from typing import Any

import duckdb
import polars as pl
import pytest
from stored import BERLIN, everyone, night, settings, stored, table

from nightporter.doctor.advice import Advice
from nightporter.doctor.clocks import best_shift, odd_clocks
from nightporter.schema import TABLES
from nightporter.window import Window

SPAN = Window(date(2026, 3, 2), date(2026, 3, 27))
DAYS = [day for day in SPAN if day.weekday() < 5]
NOTHING = {"feed_hour": TABLES["feed_hour"].empty(), "loads": TABLES["loads"].empty()}


def office(later: int = 0, host: str = "pc", late_host: int = 0) -> dict[str, pl.DataFrame]:
    """Six people who come at eight, log on, work and leave at five; stamps `later` by hours."""
    reads: list[dict[str, Any]] = []
    deeds: list[dict[str, Any]] = []
    for day in DAYS:
        for n in range(6):
            user, came = f"u{n}", datetime(day.year, day.month, day.day, 8, 5 * n)
            reads += [
                {"at": str(came), "badge_id": user, "door_id": "gate", "action": "entry"},
                {"at": str(came + timedelta(hours=9)), "badge_id": user, "door_id": "gate",
                 "action": "exit", "direction": "out"},
            ]  # fmt: skip
            shift = timedelta(hours=later + (late_host if n == 0 else 0))
            deeds += [
                {"at": str(came + timedelta(minutes=10 + 50 * k) + shift), "account": user,
                 "action": "logon" if k == 0 else "view", "host": f"{host}-{n}"}
                for k in range(11)
            ]  # fmt: skip
    return {"badge": stored("badge", reads), "access": stored("access", deeds)}


def said(events: dict[str, pl.DataFrame], **views: pl.DataFrame) -> list[Advice]:
    users = [f"u{n} u{n}" for n in range(6)]
    tables = {
        **everyone(events),
        "badges": table("badge_id user_id", *users),
        "doors": table("door_id site zone_from zone_to kind", "gate BER outside main entrance"),
    }
    con = night(events, tables, window=SPAN)
    register(con, {**NOTHING, **views})
    return list(odd_clocks(con, settings()))


def register(con: duckdb.DuckDBPyConnection, views: dict[str, pl.DataFrame]) -> None:
    for name, frame in views.items():
        con.register(name, frame.to_arrow())


def test_an_ordinary_office_has_nothing_to_be_said_of_its_clocks() -> None:
    assert said(office()) == []


@pytest.mark.parametrize(("later", "word"), [(1, "late"), (-1, "early")])
def test_a_feed_an_hour_off_shows_against_the_doors(later: int, word: str) -> None:
    (advice,) = said(office(later))
    assert advice.about == "feed access at BER"
    assert advice.says.endswith(f"look {word}")


def test_a_feed_many_hours_off_shows_against_the_sites_hours() -> None:
    texts = [each.says for each in said(office(6))]
    assert any("look about 5 h late" in text for text in texts), texts


def test_one_host_with_a_slow_clock_is_named_and_its_feed_is_not() -> None:
    (advice,) = said(office(late_host=-1))
    assert advice.about == "host pc-0"
    assert "its clock looks slow" in advice.says


@pytest.mark.parametrize(
    ("hours", "shift"),
    [
        (dict.fromkeys(range(8, 18), 100), 0),
        (dict.fromkeys(range(12, 22), 100), 4),
        ({h % 24: 100 for h in range(1, 11)}, -7),
        ({h % 24: 100 for h in range(24)}, 0),
        ({**dict.fromkeys(range(8, 18), 100), 22: 100, 23: 100, 2: 100}, 0),
    ],
    ids=["fits", "four hours late", "seven early", "round the clock", "a night shift beside it"],
)
def test_a_day_is_moved_only_where_that_makes_it_fit(hours: dict[int, int], shift: int) -> None:
    assert best_shift(hours, 8, 18)[0] == shift


def feed_hours(summer: int) -> pl.DataFrame:
    """Four weeks around the change of 2026-03-29; from then on `summer` hours later."""
    changed = date(2026, 3, 29)
    rows = [
        {"feed": "fs", "site": "BER", "day": day, "hour": hour + (summer if day >= changed else 0),
         "events": 20}
        for day in Window(date(2026, 3, 9), date(2026, 4, 17)) if day.weekday() < 5
        for hour in range(8, 18)
    ]  # fmt: skip
    return pl.DataFrame(rows, schema_overrides={"day": pl.Date}).with_columns(
        first_at=pl.lit(None, pl.Datetime), last_at=pl.lit(None, pl.Datetime)
    )


def test_a_feed_that_moves_with_summer_time_keeps_one_offset() -> None:
    assert BERLIN.zone == "Europe/Berlin"
    (advice,) = said(office(), feed_hour=feed_hours(1))
    assert "since the clock was changed on 2026-03-29" in advice.says
    assert said(office(), feed_hour=feed_hours(0)) == []


def test_stamps_of_the_future_are_said_with_how_far_ahead() -> None:
    loaded = datetime(2026, 3, 3, 12)
    rows = [
        {"feed": "fs", "ingested_at": loaded, "last_ts": loaded + timedelta(minutes=ahead)}
        for ahead in (10, 300)
    ]
    shape = TABLES["loads"].columns
    frame = pl.DataFrame([[row.get(name) for name in shape] for row in rows],
                         schema=pl.Schema(shape), orient="row")  # fmt: skip
    (advice,) = said(office(), loads=frame)
    assert "1 files" in advice.says and "5.0 hours ahead" in advice.says
