"""The sample logs: the same bytes each time, and lives as ordinary as they should be."""

import csv
import itertools
import json
import tomllib
from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from samples import (
    COLUMNS,
    SAMPLE,
    context_rows,
    files_below,
    is_broken,
    log_lines,
    parsed,
    unpacked,
)

from nightporter import config
from nightporter.errors import UsageError
from nightporter.simulate import write_institute, write_sample_logs
from nightporter.simulate.chance import Chance
from nightporter.simulate.span import Span, easter, holidays


def test_the_committed_logs_are_what_the_simulator_writes(again: Path) -> None:
    assert files_below(SAMPLE) == files_below(again)
    differing = [f for f in files_below(again) if unpacked(SAMPLE / f) != unpacked(again / f)]
    assert differing == []


def test_two_runs_write_the_same_bytes_packed_ones_included(again: Path, tmp_path: Path) -> None:
    write_sample_logs(tmp_path)
    assert [
        f for f in files_below(again) if (again / f).read_bytes() != (tmp_path / f).read_bytes()
    ] == []


def test_another_seed_is_another_institute_with_the_same_story(tmp_path: Path, again: Path) -> None:
    write_institute(tmp_path, seed=2, people=60, first_day=date(2025, 6, 2), days=200)
    assert (tmp_path / "truth.csv").read_bytes() != (again / "truth.csv").read_bytes()
    names = {row["campaign"] for row in pl.read_csv(tmp_path / "truth.csv").to_dicts()}
    expected = {row["campaign"] for row in pl.read_csv(again / "truth.csv").to_dicts()}
    assert names == expected


@pytest.mark.parametrize(("people", "days"), [(12, 180), (40, 60)], ids=["people", "days"])
def test_too_small_an_institute_is_refused(tmp_path: Path, people: int, days: int) -> None:
    with pytest.raises(UsageError, match="too few"):
        write_institute(tmp_path, seed=1, people=people, first_day=date(2026, 1, 1), days=days)


def test_the_sample_logs_stay_small() -> None:
    assert sum((SAMPLE / f).stat().st_size for f in files_below(SAMPLE)) < 4_500_000


@pytest.mark.parametrize("name", COLUMNS)
def test_a_context_file_has_the_columns_of_the_contract(name: str) -> None:
    assert (SAMPLE / "context" / f"{name}.csv").read_text("utf-8").splitlines()[0] == COLUMNS[name]


def test_no_path_of_a_real_machine_is_in_any_file() -> None:
    for file in files_below(SAMPLE):
        data = unpacked(SAMPLE / file)
        assert not any(p in data for p in (b"/work/", b"/home/", b"/tmp/", b"/root/", b"C:\\"))


def test_the_settings_load_and_find_every_log_file() -> None:
    settings = config.load(SAMPLE)
    found = {p for feed in settings.feed for pattern in feed.paths for p in SAMPLE.glob(pattern)}
    assert found == {p for p in (SAMPLE / "logs").rglob("*") if p.is_file()}


def test_every_mapped_field_is_in_the_header() -> None:
    feeds = tomllib.loads((SAMPLE / "nightporter.toml").read_text("utf-8"))["feed"]
    for feed in (feed for feed in feeds if feed["format"] == "csv"):
        first = log_lines(next(iter(SAMPLE.glob(feed["paths"][0]))))[0]
        header = next(csv.reader([first], delimiter=feed.get("delimiter", ",")))
        named = [name for field, name in feed["fields"].items() if field != "ts"]
        assert set(named) <= set(header)


def test_service_accounts_read_thousands_of_files_in_one_night() -> None:
    most: Counter[str] = Counter()
    for file in (SAMPLE / "logs/access").iterdir():
        for account in ("svc-backup", "svc-index"):
            many = sum(f'"login":"{account}"' in line for line in log_lines(file))
            most[account] = max(most[account], many)
    assert most["svc-backup"] >= 2000
    kinds = {row["account"]: row["kind"] for row in context_rows("accounts")}
    assert {kinds["svc-backup"], kinds["svc-index"]} == {"service"}


def test_nobody_on_leave_is_read_at_a_door() -> None:
    leave = {(r["user_id"], r["from"], r["to"]) for r in context_rows("absences")}
    cards = {row["badge_id"]: row["user_id"] for row in context_rows("badges")}
    nights = {row["user_id"] for row in context_rows("shifts")}
    for file in (SAMPLE / "logs/badge/hav").iterdir():
        for line in log_lines(file)[1:]:
            row = parsed(file, line) if line.count(";") == 7 else {"who": ""}
            user = cards.get(row["who"])
            if user and user not in nights and row["at"][11:13] > "05":
                assert not [
                    1 for who, since, to in leave if who == user and since <= row["at"] < to
                ]


def test_no_local_stamp_lies_in_the_hour_that_the_spring_change_skips() -> None:
    march = log_lines(SAMPLE / "logs/badge/hav/2026-03.csv.gz")
    assert [line for line in march if line.startswith("29.03.2026;03")]
    assert not [line for line in march if line.startswith("29.03.2026;02")]


@pytest.mark.parametrize("day", ["2026-03-27", "2026-03-31"], ids=["winter", "summer"])
def test_utc_logons_follow_local_gate_reads_within_minutes(day: str) -> None:
    zone = ZoneInfo("Europe/Berlin")
    cards = {row["badge_id"]: row["user_id"] for row in context_rows("badges")}
    came: dict[str, datetime] = {}
    badge = SAMPLE / "logs/badge/hav/2026-03.csv.gz"
    for row in (parsed(badge, line) for line in log_lines(badge)[1:] if line.count(";") == 7):
        if (
            row["at"].startswith(day)
            and "05" < row["at"][11:13] < "24"
            and row["what"] == "Eintritt"
        ):
            user, moment = cards.get(row["who"], ""), datetime.fromisoformat(row["at"])
            came.setdefault(user, moment.replace(tzinfo=zone))
    access = SAMPLE / f"logs/access/{day}.ndjson.gz"
    rows = [json.loads(line) for line in log_lines(access) if not is_broken(line)]
    waits = [
        datetime.fromisoformat(row["time"]) - came[row["login"]]
        for row in rows
        if row["op"] == "LOGON" and "-PC-" in row["client"]["name"] and row["login"] in came
    ]
    soon = [wait for wait in waits if timedelta(0) < wait < timedelta(minutes=15)]
    assert len(soon) > 0.7 * len(waits) > 10


def test_about_one_line_in_two_thousand_is_broken() -> None:
    lines = [line for f in sorted((SAMPLE / "logs/access").iterdir()) for line in log_lines(f)]
    broken = [line for line in lines if is_broken(line)]
    assert 0.0003 < len(broken) / len(lines) < 0.001
    assert "-- log rotated --" in broken


def test_some_files_begin_with_the_end_of_the_file_before() -> None:
    files = sorted((SAMPLE / "logs/usb").iterdir())
    texts = [log_lines(file)[1:] for file in files]
    repeats = [two[:5] == one[-5:] for one, two in itertools.pairwise(texts)]
    assert sum(repeats) == 2


def test_some_accounts_and_cards_are_in_no_register() -> None:
    accounts = {row["account"] for row in context_rows("accounts")}
    cards = {row["badge_id"] for row in context_rows("badges")}
    access = "\n".join(line for f in (SAMPLE / "logs/access").iterdir() for line in log_lines(f))
    assert '"login":"tmp-gast3"' in access
    assert "tmp-gast3" not in accounts
    badge = "\n".join(line for f in (SAMPLE / "logs/badge/hav").iterdir() for line in log_lines(f))
    assert ";990113;" in badge
    assert "990113" not in cards


def test_the_story_names_what_no_log_shows() -> None:
    text = (SAMPLE / "STORY.md").read_text("utf-8")
    for word in ("No log shows", "photographed", "recorder", "key turned", "avelten", "ukron"):
        assert word in text


def test_a_column_of_draws_and_one_draw_agree() -> None:
    chance = Chance(7)
    frame = pl.DataFrame({"a": [0, 1, 2, 99], "b": [5, 6, 7, 2**40]})
    column = frame.select(u=chance.uniform("x", "a", "b"))["u"].to_list()
    assert column == [chance.draw("x", a, b) for a, b in frame.iter_rows()]


def test_draws_are_uniform_and_normal() -> None:
    frame = pl.DataFrame({"k": range(100_000)})
    drawn = frame.select(u=Chance(1).uniform("u", "k"), z=Chance(1).normal("z", "k"))
    assert drawn["u"].mean() == pytest.approx(0.5, abs=0.01)
    assert drawn["z"].mean() == pytest.approx(0, abs=0.02)
    assert drawn["z"].std() == pytest.approx(1, abs=0.02)


@pytest.mark.parametrize(
    ("year", "day"),
    [(2024, date(2024, 3, 31)), (2026, date(2026, 4, 5)), (2038, date(2038, 4, 25))],
)
def test_easter_falls_where_the_church_says(year: int, day: date) -> None:
    assert easter(year) == day


def test_both_countries_have_their_own_holidays() -> None:
    span = Span(date(2026, 1, 1), 180)
    assert date(2026, 4, 23) in set(holidays("REY", span)) - set(holidays("HAV", span))
    assert date(2026, 6, 17) in set(holidays("REY", span)) - set(holidays("HAV", span))
