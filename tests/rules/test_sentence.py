"""Sentences read as a person would write them."""

from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal

import pytest

from nightporter.errors import DetectorError
from nightporter.rules import Detector, sentence, shown

SHOWN = {
    "a whole float": (240.0, "240"),
    "a float": (2.0837, "2.1"),
    "a small negative": (-0.04, "0"),
    "a decimal": (Decimal("3.00"), "3"),
    "an integer": (1234567, "1234567"),
    "nothing": (None, "unknown"),
    "true": (True, "yes"),
    "a date": (date(2026, 1, 5), "2026-01-05"),
    "an instant": (datetime(2026, 1, 5, 22, 5, 7), "2026-01-05 22:05"),
    "a time": (time(22, 5), "22:05"),
    "a list": (["a", "b"], "a, b"),
    "an empty list": ([], "none"),
    "a long list": (list(range(12)), "0, 1, 2, 3, 4, 5, 6, 7 and 4 more"),
    "a struct": ({"a": 1.0}, "a 1"),
    "text with braces": ("{user_id}", "{user_id}"),
}


@pytest.mark.parametrize(("value", "expected"), SHOWN.values(), ids=SHOWN)
def test_a_value_is_shown(value: object, expected: str) -> None:
    assert shown(value) == expected


def test_a_sentence_holds_the_row(detector: Callable[..., Detector]) -> None:
    read = detector("SELECT * FROM user_day", says="{user_id} took {x} files; usual {usual}")
    row = {"user_id": "{x}", "x": 240.0, "usual": 2.04}
    assert sentence(read, row) == "{x} took 240 files; usual 2"


def test_a_column_behind_a_star_is_missed_when_the_sentence_is_made(
    detector: Callable[..., Detector],
) -> None:
    with pytest.raises(DetectorError, match="'filse'") as caught:
        sentence(detector("SELECT * FROM user_day", says="{filse}"), {"files": 1})
    assert caught.value.hint == "did you mean files?  (valid: files)"
