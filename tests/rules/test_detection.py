"""A pass over many days that is too much for a detector's limits is made in smaller ones."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from nightporter.errors import DetectorError, LimitError
from nightporter.rules import Detector, Sandbox, detection
from nightporter.rules.detection import _rows
from nightporter.window import Window

Read = Callable[..., Detector]
DAYS = Window(date(2026, 1, 5), date(2026, 1, 11))


class Weak(Sandbox):
    """Says each day once, breaks over more than `most` days, and keeps what it was asked."""

    def __init__(self, most: int, error: type[DetectorError] = LimitError) -> None:
        self.most, self.error = most, error
        self.asked: list[int] = []

    def run(self, detector: object, window: Window, knobs: object) -> pl.DataFrame:
        self.asked.append(len(window))
        if len(window) > self.most:
            raise self.error("too much")
        return pl.DataFrame({"day": list(window)})


def test_a_pass_that_breaks_a_limit_is_halved(detector: Read) -> None:
    box = Weak(2)
    rows = _rows(detector("SELECT user_id, day FROM access"), {}, box, DAYS)
    assert rows["day"].to_list() == list(DAYS)
    assert box.asked == [7, 4, 2, 2, 3, 2, 1]


def test_what_breaks_on_one_day_is_raised_and_no_other_day_is_asked(detector: Read) -> None:
    box = Weak(0)
    with pytest.raises(LimitError):
        _rows(detector("SELECT user_id, day FROM access"), {}, box, DAYS)
    assert box.asked == [7, 4, 2, 1]


def test_other_errors_are_not_tried_again(detector: Read) -> None:
    box = Weak(2, DetectorError)
    with pytest.raises(DetectorError):
        _rows(detector("SELECT user_id, day FROM access"), {}, box, DAYS)
    assert box.asked == [7]


@pytest.mark.parametrize("bound", ["MOST_OF_A_PASS", "LONGEST_PASS"])
def test_the_halves_of_a_pass_are_bounded_together(
    detector: Read, monkeypatch: pytest.MonkeyPatch, bound: str
) -> None:
    monkeypatch.setattr(detection, bound, 3)
    box = Weak(1)
    with pytest.raises(DetectorError, match="from 2026-01-05 to 2026-01-") as caught:
        _rows(detector("SELECT user_id, day FROM access"), {}, box, DAYS)
    assert not isinstance(caught.value, LimitError)
    assert len(box.asked) < 12  # of the thirteen that the whole pass takes


def test_a_million_rows_of_one_pass_are_those_of_its_days(
    night_file: Path, detector: Read, window: Window
) -> None:
    many = detector("SELECT user_id, day, range AS n FROM access, range(70000)")
    with Sandbox(night_file, memory="2GB") as box:
        with pytest.raises(LimitError, match="1,000,000 rows"):
            box.run(many, window, {})
        found = _rows(many, {}, box, window)
        alone = [box.run(many, Window(day, day), {}) for day in window]
    assert found.height == 16 * 70_000
    assert found.sort(found.columns).equals(pl.concat(alone).sort(found.columns))
