"""Stamps of the future are kept and counted, and scanned when their day has come."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from nightporter.ledger import plan
from nightporter.window import Window
from tests.sources.feeds import NOW, csv_of, event, lake_of, rows, take, workspace, write

COMING = b"2024-09-05 12:00:00,b1,d1,entry,in"


@pytest.mark.parametrize(
    ("ahead", "counted"), [(timedelta(minutes=5), 0), (timedelta(minutes=15), 1)], ids=str
)
def test_a_stamp_well_after_the_moment_of_loading_is_counted(
    tmp_path: Path, ahead: timedelta, counted: int
) -> None:
    made = workspace(tmp_path)
    stamp = f"{NOW + ahead:%Y-%m-%dT%H:%M:%SZ}".encode()
    write(tmp_path, "a.csv", csv_of(event(), stamp + b",b1,d1,entry,in"))
    load = take(made)
    assert (load.accepted, load.rejected, load.future) == (2, 0, counted)
    assert rows(made, "loads")["future"].to_list() == [counted]


def test_a_day_of_the_future_is_scanned_once_it_has_ended(tmp_path: Path) -> None:
    made = workspace(tmp_path)
    write(tmp_path, "a.csv", csv_of(b"2024-08-30 12:00:00,b1,d1,entry,in", COMING))
    assert take(made).future == 1
    assert _window(made, NOW) == Window(date(2024, 8, 30), date(2024, 8, 31))
    assert _window(made, NOW + timedelta(days=5)).last == date(2024, 9, 5)


def _window(made: object, as_of: datetime) -> Window:
    window = plan(made, lake_of(made), as_of.astimezone(UTC), {"x": "1"}).window  # type: ignore[arg-type]
    assert window is not None
    return window
