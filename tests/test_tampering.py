"""Clocks and logs that somebody tampered with, planted in the sample logs: said, and blinding."""

import gzip
from datetime import date, datetime, timedelta
from pathlib import Path

import orjson
import pytest
from workspaces import asked, june, run

END = "2026-06-30T08:00"
ASKED = ("clock_anomaly", "source_went_silent", "download_then_removable_media")
SLOW, STOPPED, SET_BACK = date(2026, 6, 16), date(2026, 6, 18), date(2026, 6, 24)


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three months: a day an hour slow, a day that stops at eleven, a desk that is set back."""
    root = june(tmp_path_factory.mktemp("planted"), "2026-04-01", detectors=ASKED)
    rewrite(root, SLOW, lambda row: moved(row, hours=-1))
    rewrite(root, STOPPED, lambda row: row if clock(row) < 9 or clock(row) >= 22 else None)
    busiest = busiest_host(root, SET_BACK)
    rewrite(root, SET_BACK, lambda row: set_back(row, busiest))
    assert run(root, END).exit_code == 0
    return root


def file_of(root: Path, day: date) -> Path:
    return root / "logs" / "access" / f"{day}.ndjson.gz"


def rewrite(root: Path, day: date, change) -> None:
    lines = gzip.decompress(file_of(root, day).read_bytes()).splitlines()
    kept = []
    for line in lines:
        try:
            row = change(orjson.loads(line))
            kept += [orjson.dumps(row)] if row else []
        except (orjson.JSONDecodeError, ValueError, KeyError):
            continue
    file_of(root, day).write_bytes(gzip.compress(b"\n".join(kept) + b"\n"))


def at(row: dict) -> datetime:
    return datetime.fromisoformat(row["time"])


def clock(row: dict) -> int:
    return at(row).hour


def moved(row: dict, hours: int) -> dict:
    stamp = (at(row) + timedelta(hours=hours)).isoformat().replace("+00:00", "Z")
    return {**row, "time": stamp}


def set_back(row: dict, host: str) -> dict:
    """From noon UTC on, the desk's clock is three hours behind."""
    return moved(row, -3) if row["client"]["name"] == host and clock(row) >= 12 else row


def busiest_host(root: Path, day: date) -> str:
    hosts: dict[str, list[int]] = {}
    for line in gzip.decompress(file_of(root, day).read_bytes()).splitlines():
        try:
            row = orjson.loads(line)
            hosts.setdefault(row["client"]["name"], []).append(clock(row))
        except (orjson.JSONDecodeError, ValueError, KeyError):
            continue
    desks = {name: hours for name, hours in hosts.items() if name and "-PC-" in name}
    return max(desks, key=lambda name: min(sum(h < 12 for h in desks[name]),
                                           sum(h >= 12 for h in desks[name])))  # fmt: skip


def test_a_feed_that_is_an_hour_slow_and_a_desk_set_back_are_said_and_nothing_else(
    planted: Path,
) -> None:
    found = asked(
        planted,
        """SELECT day, about ->> '$.feed', about ->> '$.kind' FROM findings
        WHERE detector = 'clock_anomaly' AND status = 'open' ORDER BY ALL""",
    )
    assert (SLOW, "fileserver", "apart") in found
    assert (SET_BACK, "fileserver", "back") in found
    assert {day for day, _, _ in found} <= {SLOW, SET_BACK}


def test_the_hour_slow_feed_blinds_what_stands_on_it_on_that_day_only(planted: Path) -> None:
    blind = asked(
        planted,
        """SELECT DISTINCT day, reason FROM windows
        WHERE stage = 'download_then_removable_media' AND status = 'not_evaluated'
        AND reason LIKE '%clock%'""",
    )
    assert blind == [(SLOW, "the clock of fileserver (HAV), fileserver (REY) was wrong")]


def test_a_feed_that_stops_at_eleven_is_said_with_the_hour(planted: Path) -> None:
    found = asked(
        planted,
        """SELECT day, about ->> '$.site', sentence FROM findings
        WHERE detector = 'source_went_silent' AND status = 'open'
        AND about ->> '$.feed' = 'fileserver' ORDER BY ALL""",
    )
    assert [row[:2] for row in found] == [(STOPPED, "HAV"), (STOPPED, "REY")]
    assert "nothing from 10:" in found[0][2]
