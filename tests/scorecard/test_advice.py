"""Keep, tune, retire or too few verdicts: where each threshold lies."""

from typing import Any

import pytest

from nightporter.intervals import wilson
from nightporter.scorecard import advise


def figures(confirmed: int, decided: int, **more: Any) -> dict[str, Any]:
    low, high = wilson(confirmed, decided)
    return {
        "verdicts": {"confirmed": confirmed}, "decided": decided, "precision_low": low,
        "precision_high": high, "level": "medium", "rate": 0.1, "findings": 9, "loudest": None,
        **more,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("told", "word", "because"),
    [
        (figures(0, 4), "too few verdicts", "4 of 5 cases decided"),
        (figures(0, 5), "tune", "0 of 5 cases decided were confirmed; at most 43% would be"),
        (figures(0, 15), "tune", "at most 20% would be, less than 50%"),
        (figures(0, 16), "retire", "at most 19% would be, less than 20%"),
        (figures(1, 40), "tune", "1 of 40 cases decided were confirmed; at most 13%"),
        (figures(1, 5), "keep", "1 of 5 cases decided were confirmed"),
        (figures(0, 0, rate=9.0), "too few verdicts", "0 of 5"),
        (
            figures(0, 0, rate=0.51, findings=10),
            "tune",
            "0.51 findings a thousand people and day, over",
        ),
        (figures(0, 0, rate=0.51, findings=10, level="low"), "too few verdicts", "0 of 5"),
        (figures(5, 5, rate=0.51, findings=10), "tune", "over the alert budget of 0.5"),
        (figures(5, 5, findings=10, loudest={"findings": 5}), "tune", "makes 5 of its 10"),
        (figures(5, 5, findings=10, loudest={"findings": 4}), "keep", "5 of 5"),
        (figures(5, 5, findings=9, loudest={"findings": 9}), "keep", "5 of 5"),
    ],
)
def test_the_advice_says_the_numbers_that_led_to_it(
    told: dict[str, Any], word: str, because: str
) -> None:
    said = advise(told)
    assert said.word == word
    assert because in "; ".join(said.because)
