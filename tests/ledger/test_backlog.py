"""What a backfill has to do: no more than is stale, and all that rests on it."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from nightporter import ledger
from nightporter.errors import UsageError
from nightporter.lake import Lake
from nightporter.schema import TABLES
from nightporter.window import Window

KNOWN = ("features", "d", "e")
WHOLE = Window(date(2026, 3, 1), date(2026, 3, 20))


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    lake = Lake(str(tmp_path))
    for stage in KNOWN:
        holds(lake, stage, *WHOLE)
    return lake


def holds(lake: Lake, stage: str, *days: date, status: str = "done", run: str = "r") -> None:
    rows = [
        {"stage": stage, "version": "1", "day": day, "status": status, "reason": status,
         "run_id": run, "events": 5, "lake_version": 0, "rows": 0, "ms": 0}
        for day in days
    ]  # fmt: skip
    ledger.record(lake, pl.DataFrame(rows))


def march(first: int, last: int) -> Window:
    return Window(date(2026, 3, first), date(2026, 3, last))


def todo(lake: Lake, *stages: str, asked: Window | None = None) -> dict[str, Window]:
    return dict(ledger.backlog(lake, stages or KNOWN, KNOWN, asked).windows)


def test_where_nothing_is_stale_nothing_is_done(lake: Lake) -> None:
    assert todo(lake) == {}


def test_a_stale_detector_is_run_from_its_first_stale_day_to_its_last(lake: Lake) -> None:
    holds(lake, "d", date(2026, 3, 4), date(2026, 3, 9), status="stale")
    assert todo(lake) == todo(lake, "d") == {"d": march(4, 9)}
    assert todo(lake, "e") == {}


@pytest.mark.parametrize("stages", [("features",), ("d",), ()], ids=["features", "d", "all"])
def test_what_rests_on_stale_features_is_run_with_them_to_the_end(
    lake: Lake, stages: tuple[str, ...]
) -> None:
    holds(lake, "features", date(2026, 3, 5), status="stale")
    holds(lake, "d", date(2026, 3, 4), date(2026, 3, 9), status="stale")
    own = march(5 if stages == ("features",) else 4, 20)
    assert todo(lake, *stages) == {"features": march(5, 20), "d": own, "e": march(5, 20)}


def test_days_that_are_asked_for_are_run_whatever_the_ledger_says(lake: Lake) -> None:
    assert todo(lake, "d", asked=march(2, 3)) == {"d": march(2, 3)}
    assert todo(lake, "features", asked=march(2, 3)) == dict.fromkeys(KNOWN, march(2, 20))


def test_events_that_no_night_has_met_yet_are_counted_to_the_end(lake: Lake) -> None:
    late = {"feed": "f", "days": [{"site": "", "day": date(2026, 3, 5), "events": 6}]}
    columns = TABLES["loads"].columns
    row = {name: late.get(name) for name in columns}
    lake.append("loads", pl.DataFrame([row], schema=pl.Schema(columns), orient="row"))
    own = {"features": march(5, 20), "d": march(4, 20), "e": march(5, 20)}
    assert todo(lake, "d", asked=march(4, 6)) == own
    assert todo(lake, "d", asked=march(6, 7)) == {"d": march(6, 7)}


def test_days_before_the_first_night_can_be_scanned_and_none_after_the_last(lake: Lake) -> None:
    early = date(2026, 1, 5)
    for stage in KNOWN:
        holds(lake, stage, early, status="stale", run="")
    assert todo(lake) == dict.fromkeys(KNOWN, Window(early, WHOLE.last))
    with pytest.raises(UsageError, match="outside 2026-01-05 to 2026-03-20"):
        todo(lake, "d", asked=march(20, 21))


def test_where_no_night_was_there_is_nothing_to_scan_again(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no day was scanned yet"):
        todo(Lake(str(tmp_path)))
