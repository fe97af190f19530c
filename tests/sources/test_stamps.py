"""Stamps: what the text says, what a zone adds, both directions of the clock change."""

from datetime import UTC, date, datetime, time, timedelta, timezone

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nightporter.sources.stamps import _naive, on_clock, read_stamps

FIVE = time(5)


def instant(text: str, form: str | None = None, zone: str | None = None) -> datetime | None:
    return placed([text], form, zone)["ts"][0]


def placed(texts: list[str], form: str | None, zone: str | None) -> pl.DataFrame:
    return on_clock(read_stamps(pl.Series(texts), form), zone, FIVE)


SAME = datetime(2024, 5, 1, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2024-05-01T10:00:00Z",
        "2024-05-01 10:00:00Z",
        "2024-05-01T10:00:00.000Z",
        "2024-05-01T12:00:00+02:00",
        "2024-05-01T12:00:00,0+0200",
        "2024-05-01T12:00:00.000000000+02",
        "2024-05-01 12:00:00 +02:00",
        "2024-05-01T04:30:00-05:30",
        "2024-05-01T10:00Z",
        "20240501T100000Z",
    ],
)
def test_iso_stamps_say_their_instant(text: str) -> None:
    assert instant(text) == SAME
    assert instant(text, zone="Asia/Shanghai") == SAME


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("%d.%m.%Y %H:%M:%S", "01.05.2024 12:00:00"),
        ("%d/%b/%Y:%H:%M:%S %z", "01/May/2024:14:00:00 +0400"),
        ("%m/%d/%Y %I:%M %p", "05/01/2024 12:00 PM"),
        ("%d.%m.%Y %H:%M:%S.%f", "01.05.2024 12:00:00.000"),
        ("%Y-%m-%d %H:%M:%S,%3f", "2024-05-01 12:00:00,000"),
        ("epoch_s", "1714557600"),
        ("epoch_s", "1714557600.0"),
        ("epoch_ms", "1714557600000"),
    ],
)
def test_declared_forms_are_read(form: str, text: str) -> None:
    assert instant(text, form, "Europe/Berlin") == SAME


@pytest.mark.parametrize(
    ("form", "text"),
    [
        (None, "2024-05-01"),
        (None, "2024-05-01T10:00:00+24:00"),
        (None, "2024-05-01T10:00:00+02:60"),
        (None, "2024-05-01T10:00:00 CEST"),
        (None, "2024-05-01T10:00:60Z"),
        (None, "2024-5-1T10:00:00"),
        (None, "1899-12-31T10:00:00Z"),
        (None, "9999-12-31T23:59:59Z"),
        (None, " 2024-05-01T10:00:00Z"),
        ("epoch_s", "nan"),
        ("epoch_s", "99999999999999"),
        ("epoch_ms", "1e12"),
        ("%d.%m.%Y %H:%M:%S", "31.06.2024 12:00:00"),
    ],
)
def test_impossible_stamps_are_none(form: str | None, text: str) -> None:
    assert instant(text, form, "Europe/Berlin") is None


def test_a_column_may_mix_every_spelling() -> None:
    texts = [
        "2024-05-01T10:00:00",
        "2024-05-01 10:00:00Z",
        "no",
        "2024-05-01T10:00",
        "20240501T100000Z",
    ]
    hours = placed(texts, None, "Europe/Berlin")["ts"].dt.hour().to_list()
    assert hours == [8, 10, None, 8, 10]


def test_an_hour_that_the_clocks_skipped_has_no_instant() -> None:
    texts = [
        "2024-03-31 01:59:59",
        "2024-03-31 02:00:00",
        "2024-03-31 02:59:59",
        "2024-03-31 03:00:00",
    ]
    hours = placed(texts, None, "Europe/Berlin")["ts"].dt.hour().to_list()
    assert hours == [0, None, None, 1]


def test_an_hour_shown_twice_is_the_earlier_one() -> None:
    assert instant("2024-10-27 02:30:00", zone="Europe/Berlin") == datetime(
        2024, 10, 27, 0, 30, tzinfo=UTC
    )


def test_offsets_tell_the_two_hours_apart_and_keep_the_wall_clock() -> None:
    both = placed(["2024-10-27T02:30:00+02:00", "2024-10-27T02:30:00+01:00"], None, "Europe/Berlin")
    assert both["ts"].dt.hour().to_list() == [0, 1]
    assert both["local_ts"].n_unique() == 1


def test_without_a_zone_the_wall_clock_is_that_of_the_offset() -> None:
    row = placed(["2024-05-01T02:00:00+02:00"], None, None).row(0, named=True)
    assert row["local_ts"] == datetime(2024, 5, 1, 2)
    assert row["day"] == date(2024, 4, 30)


def test_a_day_starts_at_five_so_that_a_night_is_one_day() -> None:
    texts = ["2024-05-01 23:00:00", "2024-05-02 04:59:59", "2024-05-02 05:00:00"]
    days = placed(texts, None, "Asia/Shanghai")["day"].to_list()
    assert days == [date(2024, 5, 1), date(2024, 5, 1), date(2024, 5, 2)]


@given(
    st.datetimes(datetime(1950, 1, 1), datetime(2100, 1, 1)),
    st.integers(-14 * 60, 14 * 60),
    st.sampled_from(["T", " "]),
)
def test_what_python_writes_is_read_back(wall: datetime, minutes: int, between: str) -> None:
    stamp = wall.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    assert instant(stamp.isoformat(between)) == stamp


ZONES = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca",
         "Asia/Kathmandu", "Pacific/Apia", "America/St_Johns"]  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(ZONES),
    st.datetimes(datetime(1995, 1, 1), datetime(2036, 1, 1)),
    st.lists(st.timedeltas(timedelta(), timedelta(days=2)), min_size=1, max_size=5),
)
def test_one_offset_for_all_says_what_the_zones_clock_says_of_each(
    zone: str, start: datetime, later: list[timedelta]
) -> None:
    walls = pl.DataFrame({"wall": [start + each for each in later]}).with_columns(
        offset=pl.lit(None, pl.Duration("us"))
    )
    assert (
        on_clock(walls, zone, FIVE)["ts"].to_list() == walls.select(_naive(zone))["wall"].to_list()
    )


@pytest.mark.parametrize("day", [date(2011, 12, 29), date(2024, 3, 30), date(2024, 10, 26)])
@pytest.mark.parametrize("zone", ZONES)
def test_around_a_clock_change_each_stamp_is_placed_by_itself(zone: str, day: date) -> None:
    hours = [datetime(day.year, day.month, day.day) + timedelta(hours=n) for n in range(47)]
    walls = pl.DataFrame({"wall": hours}).with_columns(offset=pl.lit(None, pl.Duration("us")))
    assert (
        on_clock(walls, zone, FIVE)["ts"].to_list() == walls.select(_naive(zone))["wall"].to_list()
    )
