"""How far back a SELECT reads, as its text says it."""

import pytest

from nightporter.rules.reach import Reach, reaches

FRAME = "SELECT count(*) OVER (ORDER BY day RANGE BETWEEN {} AND CURRENT ROW) FROM user_day"
WHERE = "SELECT a.day FROM usb AS a JOIN usb AS b ON a.user_id = b.user_id WHERE {}"

DAYS = {
    FRAME.format("INTERVAL 30 DAYS PRECEDING"): [30],
    FRAME.format("INTERVAL 2 WEEKS PRECEDING"): [14],
    FRAME.format("INTERVAL '36 hours' PRECEDING"): [1.5],
    FRAME.format("INTERVAL (knob('days', 9)) DAYS PRECEDING"): [9],
    FRAME.format("UNBOUNDED PRECEDING"): [],
    FRAME.replace("RANGE", "ROWS").format("30 PRECEDING"): [],
    WHERE.format("b.day = a.day - 7"): [7],
    WHERE.format("b.day BETWEEN a.day - knob('days', 5)::INT AND a.day"): [5],
    WHERE.format("a.ts <= b.ts + INTERVAL 12 HOURS"): [0.5],
    WHERE.format("a.ts - b.ts <= INTERVAL 3 DAYS"): [3],
    WHERE.format("a.day - b.day < 4"): [4],
    WHERE.format("a.ts > b.ts - INTERVAL 1 HOUR * knob('hours', 48)"): [2],
    WHERE.format("a.bytes - b.bytes < 4 AND a.bytes - 7 > 0"): [],
    "SELECT reads.day FROM badge AS reads, badges WHERE reads.ts > valid_to + INTERVAL 9 DAYS": [],
}


@pytest.mark.parametrize(("sql", "days"), DAYS.items(), ids=DAYS)
def test_a_window_is_seen(sql: str, days: list[float]) -> None:
    assert [round(reach.days, 6) for reach in reaches(sql)] == days


def test_a_window_stands_on_its_line() -> None:
    assert reaches("SELECT *\nFROM usb\nWHERE day > ts::DATE AND ts > ts - to_days(2)\n") == [
        Reach(2, 3)
    ]
