"""Where the bounds of a detector's process bite: texts, lists, sorts, and the clock.

    python -m bench.limits [--memory 3GB] [--seconds 120]

Doubles each kind of load until the process refuses it, and prints the last that passed, the
first that did not with what it said, and how long past its time a detector without end lived.
"""

import argparse
import tempfile
import time
from datetime import date
from pathlib import Path

import duckdb

from nightporter.errors import DetectorError
from nightporter.rules import Detector, Sandbox, Sheet, parse
from nightporter.window import Window

DAY = Window(date(2026, 6, 30), date(2026, 6, 30))
HEAD = """\
-- /// detector
-- title = "Measured"
-- level = "low"
-- status = "test"
-- tags = ["attack.t1213"]
-- lookback = "0d"
-- says = "{user_id}"
-- ///
"""
FOUND = "SELECT 'x' AS user_id, DATE '2026-06-30' AS day, "
LOADS = {
    "a text, MB": (32, FOUND + "strlen(repeat(repeat('x', 1000000), {n})) AS n"),
    "a list, million numbers": (2, FOUND + "len(list_transform(range({n}000000), lambda x: x))"),
    "groups in a hash table, million": (
        4, FOUND + "count(*) AS n FROM (SELECT range FROM range({n}000000) GROUP BY ALL)",
    ),
    "a sort of numbers, million": (
        8, FOUND + "max(n) AS n FROM"
        " (SELECT row_number() OVER (ORDER BY hash(range)) AS n FROM range({n}000000))",
    ),
    "an answer, MB": (32, FOUND + "repeat('x', 1000000) || range AS n FROM range({n})"),
}  # fmt: skip
ENDLESS = FOUND + "count(*) AS n FROM range(9000000000000) WHERE sin(range) > 2"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--memory", default="3GB")
    parser.add_argument("--seconds", type=float, default=120)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        night = Path(folder) / "night.duckdb"
        duckdb.connect(str(night)).close()
        with Sandbox(night, memory=given.memory, seconds=given.seconds) as box:
            for name, (first, sql) in LOADS.items():
                print(f"{given.memory}: {name}: {_largest(box, first, sql)}", flush=True)
        with Sandbox(night, memory=given.memory, seconds=2) as box:
            box.run(_detector(FOUND + "1 AS n"), DAY, {})
            started = time.monotonic()
            said = _refusal(box, ENDLESS)
            print(f"2 s: ended after {time.monotonic() - started:.2f} s: {said}", flush=True)


def _largest(box: Sandbox, n: int, sql: str) -> str:
    passed = 0
    while (said := _refusal(box, sql.format(n=n))) is None and n < 5000:
        passed, n = n, 2 * n
    return f"{passed} passed; {n}: {said or 'not tried'}"


def _refusal(box: Sandbox, sql: str) -> str | None:
    try:
        box.run(_detector(sql), DAY, {})
    except DetectorError as error:
        return error.message
    return None


def _detector(sql: str) -> Detector:
    return parse(Sheet(Path("collection/measured.sql"), HEAD + sql))


if __name__ == "__main__":
    main()
