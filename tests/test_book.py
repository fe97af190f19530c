"""The night's book says the same of a day, whoever asks and however far back they look."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import polars as pl
import pytest

from nightporter import book, config
from nightporter.book import Reach, write_book
from nightporter.desk import Act, write_acts
from nightporter.nightly import call, load_feeds
from nightporter.rules import detector_sources, features_seen, read_pack
from nightporter.scan import reach as reach_of
from nightporter.schema import TABLES
from nightporter.shipped import shipped
from nightporter.window import Window
from nightporter.workspace import lake_of

TOML = """\
[site.MAIN]
zone = "UTC"

[[feed]]
name = "fs"
source = "access"
paths = ["fs.csv"]
format = "csv"
site = "MAIN"
  [feed.fields]
  ts = "time"
  account = "user"
  action = "op"
"""
HEARD = Window(date(2026, 1, 5), date(2026, 2, 20))
MONDAY = date(2026, 4, 13)


@pytest.fixture
def dead(tmp_path: Path) -> Path:
    """A workspace whose only feed was last heard 52 days before MONDAY."""
    rows = [f"{day}T10:0{n}:00,ana,view" for day in HEARD for n in range(5) if day.weekday() < 5]
    (tmp_path / "fs.csv").write_text("\n".join(["time,user,op", *rows, ""]))
    (tmp_path / "nightporter.toml").write_text(TOML)
    return tmp_path


def test_what_the_logs_have_shown_lately_is_known_and_labels_of_the_register_count(
    dead: Path,
) -> None:
    settings = config.load(dead)
    lake, path = lake_of(settings), dead / "night.duckdb"
    load_feeds(settings, settings.feed, lake, datetime.now(UTC), call)

    def shown(day: date) -> tuple[list[tuple[str, str]], set[tuple[str, str]]]:
        asked = {("access", name) for name in ("account", "resource", "label")} | {("usb", "label")}
        reach = Reach(columns=frozenset(asked))
        write_book(path, settings, lake, Window(day, day), reach, detector_sources(()))
        with duckdb.connect(str(path), read_only=True) as con:
            actions = con.execute("FROM actions_shown ORDER BY ALL").fetchall()
            return actions, set(con.execute("FROM columns_shown").fetchall())

    assert shown(HEARD.last) == ([("access", "view")], {("access", "account")})
    assert shown(MONDAY) == ([], set())
    (dead / "context").mkdir()
    (dead / "context" / "labels.csv").write_text("prefix,label\n/board/,secret\n")
    given = {("access", "account"), ("access", "label"), ("usb", "label")}
    assert shown(HEARD.last)[1] == given


@pytest.mark.parametrize("reach", [Reach(), Reach(derived=240)], ids=["short", "long"])
def test_a_dead_feed_is_silent_whatever_the_detectors_of_the_night_look_back_on(
    dead: Path, reach: Reach
) -> None:
    settings = config.load(dead)
    lake, path = lake_of(settings), dead / "night.duckdb"
    load_feeds(settings, settings.feed, lake, datetime.now(UTC), call)
    assert (MONDAY - HEARD.last) == timedelta(days=52)
    write_book(path, settings, lake, Window(MONDAY, MONDAY), reach, detector_sources(()))
    with duckdb.connect(str(path), read_only=True) as con:
        found = con.execute("SELECT silent, usual, last_day FROM feed_day").fetchall()
    assert found == [(True, 5.0, HEARD.last)]


def test_the_past_of_a_feature_is_kept_as_far_as_somebody_looks_back_on_it(dead: Path) -> None:
    settings = config.load(dead)
    lake, path = lake_of(settings), dead / "night.duckdb"
    days = pl.DataFrame({"day": [MONDAY - timedelta(days=n) for n in range(1, 9)]})
    features = pl.DataFrame({"feature": ["views", "downloads", "prints"]})
    counts = days.join(features, how="cross").with_columns(user_id=pl.lit("ana"), x=pl.lit(1.0))
    lake.append("user_day", pl.concat([TABLES["user_day"].empty(), counts], how="diagonal"))
    reach = Reach(user_day=1, features={"views": 5, "downloads": 0})
    write_book(path, settings, lake, Window(MONDAY, MONDAY), reach, detector_sources(()))
    with duckdb.connect(str(path), read_only=True) as con:
        kept = con.execute("SELECT feature, min(day), count(*) FROM user_day GROUP BY ALL")
        assert sorted(kept.fetchall()) == [
            ("downloads", MONDAY - timedelta(days=1), 1),
            ("prints", MONDAY - timedelta(days=1), 1),
            ("views", MONDAY - timedelta(days=5), 5),
        ]


def test_a_rare_feature_over_months_does_not_bring_the_daily_ones_along() -> None:
    detectors = read_pack([shipped("detectors")]).detectors
    reach = reach_of(detectors)
    for d in detectors:
        seen = features_seen(d.text) if "user_day" in d.query.tables else ()
        for feature in seen or ():
            assert reach.features[feature] >= d.header.lookback
    assert reach.user_day == 0
    assert reach.features["views"] < 30 < reach.features["off_hours_media_writes"]


def test_what_a_detector_stands_on_is_a_row_a_need_and_source() -> None:
    frame = detector_sources(read_pack([shipped("detectors")]).detectors)
    rows = set(frame.iter_rows())
    assert ("superseded_badge_used", "badge", "badge") in rows
    nights = {row[1:] for row in rows if row[0] == "many_off_hours_days"}
    assert nights == {("access or badge or usb", source) for source in ("access", "usb", "badge")}
    assert not [row for row in rows if row[0] == "source_went_silent"]


def test_a_book_knows_which_days_two_people_called_malicious(
    dead: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Read where the book is written, just before the features are."""
    settings, asked = config.load(dead), []
    lake = lake_of(settings)
    act = Act("lena", "verdict", "c1", "ana", "confirmed", second=True, day=MONDAY, days=(MONDAY,))
    (said,) = write_acts(lake, [act], [])
    monkeypatch.setattr(
        book.features, "write", lambda con, *_: asked.append(con.sql("FROM confirmed").fetchall())
    )
    window = Window(MONDAY, MONDAY)
    book.write_features(dead / "book.duckdb", settings, lake, window, Reach())
    write_acts(lake, [Act("ida", "approve", "c1", "ana", said.act_id, day=MONDAY)], [said])
    book.write_features(dead / "book.duckdb", settings, lake, window, Reach())
    assert asked == [[], [("ana", MONDAY, MONDAY + timedelta(days=1), None)]]


@pytest.mark.parametrize("clock", ["2026-02-24T05:00:00+00:00", "2026-02-25T04:00:00+00:00"])
def test_lines_that_are_all_garbage_count_on_the_day_that_had_ended_when_they_came(
    dead: Path, clock: str
) -> None:
    settings = config.load(dead)
    lake, path = lake_of(settings), dead / "night.duckdb"
    load_feeds(settings, settings.feed, lake, datetime(2026, 2, 22, tzinfo=UTC), call)
    (dead / "fs.csv").write_text("time,user,op\n" + "noon,ana,view\n" * 7)
    load_feeds(settings, settings.feed, lake, datetime.fromisoformat(clock), call)
    window = Window(date(2026, 2, 23), date(2026, 2, 25))
    write_book(path, settings, lake, window, Reach(), detector_sources(()))
    with duckdb.connect(str(path), read_only=True) as con:
        found = con.sql("SELECT day, rejects, last_day FROM feed_day ORDER BY day").fetchall()
    assert [row[1:] for row in found] == [(n, HEARD.last) for n in (7, 0, 0)]


def test_refused_lines_of_a_file_that_grows_count_once(dead: Path) -> None:
    settings = config.load(dead)
    lake, path = lake_of(settings), dead / "night.duckdb"
    text = "time,user,op\n"
    for day, refused in ((23, 3), (24, 0), (25, 2)):
        text += f"2026-02-{day}T10:00:00,ana,view\n" + "noon,ana,view\n" * refused
        (dead / "fs.csv").write_text(text)
        loaded_at = datetime(2026, 2, day + 1, 6, tzinfo=UTC)
        load_feeds(settings, settings.feed, lake, loaded_at, call)
    window = Window(date(2026, 2, 23), date(2026, 2, 25))
    write_book(path, settings, lake, window, Reach(), detector_sources(()))
    with duckdb.connect(str(path), read_only=True) as con:
        found = con.sql("SELECT rejects FROM feed_day ORDER BY day").fetchall()
    assert found == [(3,), (0,), (2,)]
