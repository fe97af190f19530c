"""What a detector stands on, said or unsaid: without it a day is not judged."""

from collections.abc import Callable
from datetime import date, timedelta

import duckdb
import polars as pl
import pytest

from nightporter.rules import Detector
from nightporter.rules.blindness import claims_absence, unjudged, unready, untenable
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
    more = "complete BOOLEAN DEFAULT true, last_day DATE"
    con.execute(f"CREATE TABLE feed_day ({columns}, {more})")
    con.execute(f"CREATE TABLE feed_clock ({CLOCK})")
    con.execute("CREATE TABLE lateness AS FROM (VALUES ('access', 7), ('usb', 7), ('badge', 14))")
    con.execute("ALTER TABLE lateness RENAME col0 TO feed")
    con.execute("ALTER TABLE lateness RENAME col1 TO days")
    con.execute("CREATE TABLE zones AS SELECT 'hut' AS zone, 'SHED' AS site, 'hut' AS within")
    for source in ("access", "usb", "badge"):
        for day in WINDOW:
            gone = source == silent and day == WINDOW.last
            row = [source, source, day, gone, DAY - timedelta(days=1)]
            con.execute("INSERT INTO feed_day VALUES (?, ?, '', ?, ?, true, ?)", row)
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
    blind = unjudged(feeds(silent), detector(sql), WINDOW, WINDOW.last)[0]
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
    shed = "INSERT INTO feed_day VALUES ('shed', ?, 'SHED', ?, true, true, NULL)"
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


@pytest.mark.parametrize(("sql", "sources"), STANDS_ON.values(), ids=STANDS_ON)
@pytest.mark.parametrize("missing", ["access", "usb", "badge"])
def test_only_who_needs_several_sources_waits_and_only_for_those(
    detector: Callable[..., Detector], sql: str, sources: set[str], missing: str
) -> None:
    con = feeds("none")
    con.execute(f"UPDATE feed_day SET complete = false WHERE feed = '{missing}' AND day = '{DAY}'")
    waits = unjudged(con, detector(sql), WINDOW, WINDOW.last)[1]
    awaited = len(sources) > 1 and missing in sources
    assert waits == ({DAY: {missing: ""}} if awaited else {})


@pytest.mark.parametrize(("days", "waits"), [(13, True), (14, False)])
def test_nobody_waits_longer_than_the_lateness_of_the_feed(
    detector: Callable[..., Detector], days: int, waits: bool
) -> None:
    con, visits = feeds("none"), detector(STANDS_ON["a night visit"][0])
    con.execute(f"UPDATE feed_day SET complete = false WHERE feed = 'badge' AND day = '{DAY}'")
    waited = unjudged(con, visits, WINDOW, DAY + timedelta(days=days))[1]
    assert bool(waited) is waits
    assert unjudged(con, visits, WINDOW, WINDOW.last)[0] == {DAY: "badge never delivered this day"}


def test_a_feed_that_has_been_silent_for_long_is_not_waited_for(
    detector: Callable[..., Detector],
) -> None:
    con, visits = feeds("none"), detector(STANDS_ON["a night visit"][0])
    con.execute("UPDATE feed_day SET complete = false WHERE feed = 'badge'")
    assert list(unjudged(con, visits, WINDOW, WINDOW.last)[1]) == list(WINDOW)
    con.execute("UPDATE feed_day SET last_day = last_day - 20")
    assert unjudged(con, visits, WINDOW, WINDOW.last)[1] == {}


@pytest.mark.parametrize(
    ("site", "gone"),
    [("SHED", {"shed", "hut", "nowhere"}), ("", {"house", "shed", "hut", "nowhere"})],
)
def test_what_a_waiting_site_may_still_explain_is_not_said_yet(site: str, gone: set[str]) -> None:
    rows = {
        "house": '{"site": "MAIN"}',
        "shed": '{"site": "SHED"}',
        "hut": '{"site": null, "zone": "hut"}',
        "nowhere": '{"site": null}',
    }
    evidence = pl.DataFrame({"finding_id": list(rows), "record": list(rows.values())})
    evidence = evidence.with_columns(day=pl.lit(DAY))
    other = evidence.with_columns(finding_id=pl.lit("other"), day=pl.lit(WINDOW.last))
    assert unready(feeds("none"), pl.concat([evidence, other]), {DAY: {"doors": site}}) == gone


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
    assert list(unjudged(con, on_access, WINDOW, WINDOW.last)[0]) == blind
    on_badge = detector("SELECT user_id, day FROM badge;")
    assert list(unjudged(con, on_badge, WINDOW, WINDOW.last)[0]) == []


NEEDS = {
    "an action": ("usb.write", "no usb log has shown the action write lately"),
    "one of two": (
        "usb.blocked|write",
        "no usb log has shown the action blocked or the action write lately",
    ),
    "a column": ("usb.label", "no usb log has shown the column label lately"),
    "a register": ("people.team", "context/people.csv gives no team"),
}


@pytest.mark.parametrize(("need", "reason"), NEEDS.values(), ids=NEEDS)
def test_without_a_part_that_it_needs_no_day_is_judged(
    detector: Callable[..., Detector], need: str, reason: str
) -> None:
    con = feeds("none")
    con.execute("CREATE TABLE actions_shown AS SELECT 'access' AS source, 'write' AS action")
    con.execute("""CREATE TABLE columns_shown AS SELECT 'access' AS source, 'label' AS "column\"""")
    con.execute("CREATE TABLE people (user_id VARCHAR, team VARCHAR)")
    media = "SELECT user_id, day FROM user_day WHERE feature = 'media_writes';"
    stands = detector(media, extra=f'needs = ["{need}"]')
    assert unjudged(con, stands, WINDOW, WINDOW.last)[0] == dict.fromkeys(WINDOW, reason)
    con.execute("INSERT INTO actions_shown VALUES ('usb', 'write')")
    con.execute("INSERT INTO columns_shown VALUES ('usb', 'label')")
    con.execute("INSERT INTO people VALUES ('ana', 'lab')")
    assert unjudged(con, stands, WINDOW, WINDOW.last)[0] == {}
