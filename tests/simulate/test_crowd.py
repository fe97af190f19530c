"""The crowd: deterministic, told truly event by event, and read without losing a line."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest
from samples import files_below
from workspaces import asked, run

from nightporter.errors import UsageError
from nightporter.simulate.crowd import Crowd, write_crowd, writing

SOURCES = ("access", "usb", "badge")
SMALL = Crowd(people=60, days=15, seed=7, profile="noisy", broken=True)


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small noisy house whose logs are broken, scanned up to its last day."""
    root = tmp_path_factory.mktemp("crowd")
    write_crowd(root, SMALL)
    return root


@pytest.fixture(scope="module")
def scanned(crowd: Path) -> Path:
    night = run(crowd, "2026-01-17T08:00")
    assert night.problems == ()
    return crowd


def log_lines(root: Path, source: str) -> pl.DataFrame:
    """Every line but headers: (file, text), whatever it holds."""
    rows = [
        (path.stem, line)
        for path in sorted((root / "logs" / source).iterdir())
        for line in path.read_text("utf-8").splitlines()[1:]
    ]
    return pl.DataFrame(rows, schema=["file", "text"], orient="row")


def events_of(root: Path) -> pl.DataFrame:
    return pl.read_parquet(root / "truth" / "events.parquet")


def campaigns_of(root: Path) -> pl.DataFrame:
    return pl.read_csv(root / "truth" / "campaigns.csv", try_parse_dates=True)


def test_equal_seeds_are_equal_bytes_and_others_are_not(
    crowd: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In however many slices they are written."""
    monkeypatch.setattr(writing, "_SLICE", 50)
    write_crowd(tmp_path / "again", SMALL)
    names = [name for name in files_below(tmp_path / "again") if "lake" not in name]
    assert "truth/events.parquet" in names
    assert [
        n for n in names if (tmp_path / "again" / n).read_bytes() != (crowd / n).read_bytes()
    ] == []
    write_crowd(tmp_path / "other", Crowd(people=60, days=15, seed=8))
    first = "logs/access/2026-01-08.csv"
    assert (tmp_path / "other" / first).read_bytes() != (crowd / first).read_bytes()


def test_each_event_of_the_truth_stands_in_the_lake_once(scanned: Path) -> None:
    told = events_of(scanned)
    assert told.height > 500 and told.select("source", "record_id").is_unique().all()
    for source in SOURCES:
        rows = asked(scanned, f"SELECT record_id, ts, day FROM {source}")
        lake = pl.DataFrame(rows, schema=["record_id", "at", "lake_day"], orient="row")
        assert lake["record_id"].is_unique().all()
        own = told.filter(pl.col("source") == source)
        met = own.join(lake, on="record_id")
        assert met.height == own.height > 0
        assert met.filter(pl.col("ts") != pl.col("at")).is_empty()
        assert met.filter(pl.col("day") != pl.col("lake_day")).is_empty()


def test_every_line_becomes_an_event_a_reject_or_a_duplicate(scanned: Path) -> None:
    rows = asked(
        scanned,
        "SELECT source, sum(accepted), sum(rejected), sum(duplicates) FROM loads GROUP BY source",
    )
    for source, accepted, rejected, duplicates in rows:
        assert accepted + rejected + duplicates == log_lines(scanned, source).height
    told = {source: (rejected, duplicates) for source, _, rejected, duplicates in rows}
    assert told["access"][0] > 0 and told["access"][1] > 0


def test_a_line_lies_in_the_file_of_the_day_on_which_it_arrived(crowd: Path) -> None:
    """Nearly all on their own day, some on the next, a few after three."""
    lines = log_lines(crowd, "access").filter(pl.col("text").str.count_matches(",") == 9)
    stamped = pl.col("text").str.slice(15, 10).str.to_date()
    days = lines.select(late=pl.col("file").str.to_date() - stamped)["late"].dt.total_days()
    # The first file takes the evening before, which is its first morning at another site.
    assert set(days.unique()) <= {0, 1, 2, 3, 4, 5}
    assert 0.85 < (days == 0).mean() < 0.99
    assert set(days.unique()) >= {0, 1, 3}


def test_campaigns_lie_in_the_last_third_and_nobody_has_two(crowd: Path) -> None:
    told = campaigns_of(crowd)
    assert told["user_id"].is_unique().all()
    assert set(told["kind"]) == {"insider", "lookalike"}
    # A night's deeds before five in the morning belong to the day before.
    assert told["first_day"].min() >= date(2026, 1, 10)
    assert told["last_day"].max() <= date(2026, 1, 15)
    gone = events_of(crowd).group_by("campaign_id").agg(gone=pl.col("documents").sum())
    met = told.join(gone, on="campaign_id")
    assert met.height == told.height
    assert met["gone"].to_list() == met["documents"].to_list()


@pytest.mark.parametrize(
    ("crowd", "said"),
    [
        (Crowd(people=30, days=20), "too few"),
        (Crowd(people=100, days=20, insiders=9), "too few"),
        (Crowd(people=100, days=20, insiders=-1), "none is the least"),
        (Crowd(people=100, days=5), "cannot be written"),
        (Crowd(people=10**6, days=20), "too many"),
        (Crowd(profile="wild"), "not known"),
    ],
    ids=["people", "insiders", "negative", "days", "many", "profile"],
)
def test_what_cannot_be_is_refused(tmp_path: Path, crowd: Crowd, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        write_crowd(tmp_path, crowd)
    assert list(tmp_path.iterdir()) == []
