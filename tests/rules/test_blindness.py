"""What a detector stands on, said or unsaid: without it a day is not judged."""

from collections.abc import Callable
from datetime import date, timedelta

import duckdb
import polars as pl
import pytest

from nightporter.rules import Detector
from nightporter.rules.blindness import blind_days, claims_absence, untenable
from nightporter.window import Window

DAY = date(2026, 3, 2)
CLOCK = (
    "feed VARCHAR, source VARCHAR, site VARCHAR, day DATE, kind VARCHAR, minutes INT, share DOUBLE"
)
WINDOW = Window(DAY, DAY + timedelta(days=1))


def feeds(silent: str) -> duckdb.DuckDBPyConnection:
    """Three feeds over two days; on the second one of them is silent."""
    con = duckdb.connect()
    columns = "feed VARCHAR, source VARCHAR, site VARCHAR, day DATE, silent BOOLEAN"
    con.execute(f"CREATE TABLE feed_day ({columns})")
    con.execute(f"CREATE TABLE feed_clock ({CLOCK})")
    con.execute("CREATE TABLE zones AS SELECT 'hut' AS zone, 'SHED' AS site, 'hut' AS within")
    for source in ("access", "usb", "badge"):
        for day in WINDOW:
            gone = source == silent and day == WINDOW.last
            con.execute("INSERT INTO feed_day VALUES (?, ?, '', ?, ?)", [source, source, day, gone])
    return con


STANDS_ON = {
    "whereabouts": ("SELECT user_id, day FROM whereabouts;", {"badge"}),
    "whereabouts and events": (
        "SELECT user_id, day FROM access SEMI JOIN whereabouts USING (user_id, day);",
        {"access", "badge"},
    ),
    "a night visit": (
        "SELECT user_id, day FROM user_day WHERE feature = 'night_visit_media_writes';",
        {"usb", "badge"},
    ),
    "media": ("SELECT user_id, day FROM user_day WHERE feature = 'media_writes';", {"usb"}),
}


@pytest.mark.parametrize(("sql", "sources"), STANDS_ON.values(), ids=STANDS_ON)
@pytest.mark.parametrize("silent", ["access", "usb", "badge"])
def test_a_detector_is_blind_on_days_on_which_a_feed_that_it_needs_is_silent(
    detector: Callable[..., Detector], sql: str, sources: set[str], silent: str
) -> None:
    blind = blind_days(feeds(silent), detector(sql), WINDOW)
    assert list(blind) == ([WINDOW.last] if silent in sources else [])


def test_only_where_nobody_is_read_would_everybody_seem_away(
    detector: Callable[..., Detector],
) -> None:
    absent = {name: claims_absence(detector(sql)) for name, (sql, _) in STANDS_ON.items()}
    assert [name for name, claims in absent.items() if claims] == [
        "whereabouts", "whereabouts and events",
    ]  # fmt: skip


@pytest.mark.parametrize(("source", "left"), [("badge", {"shed", "hut"}), ("usb", set())])
def test_a_silent_door_makes_only_its_own_sites_absences_untenable(
    source: str, left: set[str]
) -> None:
    con = feeds("none")
    shed = "INSERT INTO feed_day VALUES ('shed', ?, 'SHED', ?, true)"
    con.execute(shed, [source, DAY])
    evidence = pl.DataFrame(
        {
            "finding_id": ["house", "shed", "hut", "earlier"],
            "day": [DAY, DAY, DAY, DAY - timedelta(days=1)],
            "record": [
                '{"site": null}',
                '{"site": "SHED"}',
                '{"site": null, "zone": "hut"}',
                '{"site": "SHED"}',
            ],
        }
    )
    assert untenable(con, evidence) == left


@pytest.mark.parametrize(
    ("minutes", "share", "blind"),
    [(120, 0.9, [DAY]), (120, 0.01, []), (10, 0.9, [])],
    ids=["most of the feed is hours off", "one host is", "most is minutes off"],
)
def test_a_feed_whose_clock_was_wrong_is_not_judged(
    detector: Callable[..., Detector], minutes: int, share: float, blind: list[date]
) -> None:
    con = feeds("none")
    row = ["fs", "access", "", DAY, "future", minutes, share]
    con.execute("INSERT INTO feed_clock VALUES (?, ?, ?, ?, ?, ?, ?)", row)
    on_access = detector("SELECT user_id, day FROM access;")
    assert list(blind_days(con, on_access, WINDOW)) == blind
    on_badge = detector("SELECT user_id, day FROM badge;")
    assert list(blind_days(con, on_badge, WINDOW)) == []
