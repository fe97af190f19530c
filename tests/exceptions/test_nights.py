"""Exceptions over nights: what they hide is kept, comes back, and is told in the morning."""

import re
import shutil
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from reported import TOML, window
from small import House
from suspects import finding, holding, present
from workspaces import asked, rows

from nightporter import config, exceptions, scan
from nightporter.errors import ConfigError
from nightporter.exceptions import Entry
from nightporter.lake import Lake
from nightporter.ledger import Plan
from nightporter.morning import morning
from nightporter.risk import write_risk
from nightporter.rules import Pack
from nightporter.scan import Run
from nightporter.window import Window

FIRST = date(2026, 3, 2)
DAYS = Window(FIRST, date(2026, 3, 11))
NOW = datetime(2026, 3, 12, tzinfo=UTC)
MOVE = Entry(
    "move", "exceptions/move.toml", 1, (), ("ana",), ("lena",), {}, {},
    date(2026, 3, 4), date(2026, 3, 6), "lena", None, "moves the archive", "T-1",
)  # fmt: skip


class Scanned:
    """A lake in which ana and bo were found on each of ten days, and nights with nothing new."""

    def __init__(self, root: Path) -> None:
        self.root, self.now = root, NOW

    def filled(self) -> "Scanned":
        root = self.root
        root.mkdir(parents=True)
        (root / "nightporter.toml").write_text(TOML)
        found = [
            finding(f"{user}{day.day}", day, user_id=user, level="low", detector="odd")
            for day in DAYS for user in ("ana", "bo")
        ]  # fmt: skip
        withdrawn = finding("gone", DAYS.last, user_id="ana", status="withdrawn")
        ledger = [window(stage=stage, day=day) for day in DAYS for stage in ("features", "odd")]
        holding(
            root / "lake", findings=[*found, withdrawn], presence=present(), windows=ledger,
            evidence=[{"finding_id": row["finding_id"], "day": row["day"]} for row in found],
        )  # fmt: skip
        write_risk(self.lake, DAYS)
        return self

    @property
    def lake(self) -> Lake:
        return Lake(str(self.root / "lake"))

    def night(self, *entries: Entry) -> None:
        """What a night does that has no day to scan."""
        self.now += timedelta(hours=1)
        settings = config.load(self.root)
        run = Run(settings, self.lake, Pack(()), self.now, "r", DAYS.last, {}, entries)
        exceptions.expect(run.lake, entries)
        assert scan.scan(run, Plan(), scan.call) == ()

    def hidden(self, by: str = "move") -> list[str]:
        found = self.lake.read("findings").filter(status="suppressed").sort("day", "finding_id")
        assert set(found["suppressed_by"]) <= {by}
        return found["finding_id"].to_list()


@pytest.fixture(scope="module")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Scanned(tmp_path_factory.mktemp("scanned") / "site").filled().root


@pytest.fixture
def site(tmp_path: Path, scanned: Path) -> Scanned:
    shutil.copytree(scanned, tmp_path / "site")
    return Scanned(tmp_path / "site")


def _die(*_: Any) -> Any:
    raise KeyboardInterrupt


def on(first: int, until: int, **said: Any) -> Entry:
    return replace(MOVE, first=date(2026, 3, first), until=date(2026, 3, until), **said)


def test_written_late_changed_and_taken_away_the_days_it_covers_follow(site: Scanned) -> None:
    before, ledger = rows(site.root, "risk"), rows(site.root, "windows")
    site.night(MOVE)
    assert site.hidden() == ["ana4", "ana5", "ana6"]
    assert rows(site.root, "risk") != before
    site.night(on(6, 8))
    assert site.hidden() == ["ana6", "ana7", "ana8"]
    site.night()
    assert site.hidden() == []
    assert rows(site.root, "risk") == before
    assert rows(site.root, "windows") == ledger
    history = "SELECT status FROM finding_history WHERE finding_id = 'ana6' ORDER BY changed_at"
    assert asked(site.root, history) == [("suppressed",), ("open",)]


def test_open_suppressed_and_withdrawn_are_all_and_a_second_night_writes_nothing(
    site: Scanned,
) -> None:
    evidence = rows(site.root, "evidence")
    site.night(MOVE)
    statuses = "SELECT status, count(*) FROM findings GROUP BY ALL ORDER BY ALL"
    assert asked(site.root, statuses) == [("open", 17), ("suppressed", 3), ("withdrawn", 1)]
    assert rows(site.root, "evidence") == evidence
    tables = ("findings", "finding_history", "risk", "cases", "exceptions")
    written = {table: site.lake.version(table) for table in tables}
    site.night(MOVE)
    assert {table: site.lake.version(table) for table in tables} == written
    # Another reason is noted, and judges nothing anew.
    site.night(replace(MOVE, reason="moves it still"))
    assert site.lake.read("exceptions")["reason"].to_list() == ["moves it still"]
    assert {table: site.lake.version(table) for table in tables[:-1]} == {
        table: version for table, version in written.items() if table != "exceptions"
    }


def test_one_that_covers_no_scanned_day_judges_nothing_and_is_noted(site: Scanned) -> None:
    written = {table: site.lake.version(table) for table in ("findings", "risk")}
    site.night(on(12, 20))
    assert site.lake.read("exceptions")["name"].to_list() == ["move"]
    assert {table: site.lake.version(table) for table in written} == written


def test_a_night_that_dies_before_it_is_done_leaves_nothing_when_the_file_is_gone(
    site: Scanned, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dying(*given: Any) -> Any:
        write_risk(*given)
        raise KeyboardInterrupt

    before = {table: rows(site.root, table) for table in ("findings", "risk", "exceptions")}
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(scan, "write_risk", dying)
        site.night(MOVE)
    assert site.hidden() == ["ana4", "ana5", "ana6"]
    site.night()
    assert {table: rows(site.root, table) for table in before} == before


def test_a_night_that_dies_before_the_risk_is_made_up_for_by_the_next(
    site: Scanned, monkeypatch: pytest.MonkeyPatch
) -> None:
    always, risk = on(2, 11), rows(site.root, "risk")
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(scan, "write_risk", _die)
        site.night(always)
    assert (len(site.hidden()), rows(site.root, "risk")) == (10, risk)
    site.night(always)
    # Who is hidden altogether is not ranked.
    assert {row[0] for row in rows(site.root, "risk")} == {"bo"}
    said = morning(config.load(site.root), site.lake)
    assert [row["user_id"] for row in said["ranking"]] == ["bo"]


def test_the_morning_says_how_many_are_hidden_what_has_ended_and_what_ends_soon(
    site: Scanned,
) -> None:
    site.night(
        MOVE,
        on(12, 14, name="soon", people=("bo",)),
        on(12, 29, name="later", people=("bo",)),
        on(10, 18, name="week", people=("bo",)),
        on(10, 19, name="week-and-a-day", people=("bo",)),
        replace(MOVE, name="old", first=date(2026, 2, 1), until=date(2026, 2, 20)),
    )
    settings = config.load(site.root)
    said = morning(settings, site.lake)["exceptions"]
    assert [row["name"] for row in said["expired"]] == ["move"]
    assert [row["name"] for row in said["expiring"]] == ["soon", "week"]
    by = {row["name"]: (row["findings"], row["people"]) for row in said["by"]}
    assert by == {"move": (3, 1), "week": (2, 1), "week-and-a-day": (2, 1)}
    # Two that hide one finding hide one finding.
    assert said["suppressed"] == 5
    earlier = morning(settings, site.lake, date(2026, 3, 5))["exceptions"]
    assert (earlier["suppressed"], earlier["expired"]) == (2, [])


def test_a_whole_night_hides_what_it_finds_and_shows_it_when_the_file_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = House(tmp_path / "house", monkeypatch)
    house.files("a", "2026-03-02 11:00 ana download", "2026-03-02 11:00 bo download")
    file = house.root / "exceptions" / "move.toml"
    file.parent.mkdir()
    words = 'who={user_id="ana"}\ndetector="odd"\nreason="moves"\nticket="T-1"\nexpires=2026-03-02'
    file.write_text(f'[exception.move]\n{words}\novner = "lena"\n')
    with pytest.raises(ConfigError, match=r"move.toml:7: unknown key 'ovner'"):
        house.night("2026-03-03")
    assert not (house.root / "lake").exists()
    file.write_text(f'[exception.move]\n{words}\nowner = "lena"\n')
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr("nightporter.nightly.carry_out", _die)
        house.night("2026-03-03")
    # Noted before anything is judged: nothing was judged by it yet.
    assert len(asked(house.root, "SELECT digest FROM exceptions WHERE digest <> ''")) == 1
    house.night("2026-03-03")
    said = "SELECT user_id, status, suppressed_by FROM findings ORDER BY user_id"
    assert asked(house.root, said) == [("ana", "suppressed", "move"), ("bo", "open", None)]
    told = "SELECT user_id, h.status FROM finding_history AS h JOIN findings USING (finding_id)"
    assert sorted(asked(house.root, told)) == [("ana", "suppressed"), ("bo", "open")]
    page = (Path(__file__).parents[2] / "docs" / "exceptions.md").read_text("utf-8")
    (query,) = re.findall(r"```sql\n(.*?)```", page, re.DOTALL)
    with duckdb.connect(str(house.root / "findings.duckdb"), read_only=True) as con:
        assert con.execute(query).fetchall() == [("move", "lena", date(2026, 3, 2), 1)]
    file.unlink()
    house.backfill()
    assert asked(house.root, said) == [("ana", "open", None), ("bo", "open", None)]
