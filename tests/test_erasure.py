"""What nobody confirmed goes when its term is over; nothing younger, confirmed or in hand does."""

from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from small import House
from suspects import LAST, Row, ago, finding, holding

from nightporter import config
from nightporter.config import Settings, load
from nightporter.config.settings import NamesSection
from nightporter.desk import Act, read_acts, write_acts
from nightporter.erasure import Erased, erase
from nightporter.lake import Lake
from nightporter.window import Window
from nightporter.workspace import lake_of

TERM = 180
OLD, YOUNG = ago(TERM + 1), ago(TERM)
TABLES = ("findings", "evidence", "finding_history", "flagged", "nearby", "risk", "places")
NOTED = [("note", None)]
CLOSED = ("status", "closed")

# Whose case it is, what was said of it, and whether its old finding stays.
SAID: dict[str, tuple[list[tuple[str, str | None]], bool]] = {
    "nobody looked": ([], False),
    "noted": (NOTED, True),
    "assigned": ([("assign", "lena")], True),
    "noted and closed": ([*NOTED, CLOSED], False),
    "escalated": ([("status", "escalated")], True),
    "escalated, then withdrawn": ([("status", "escalated")], True),
    "noted, then withdrawn": (NOTED, False),
    "held": ([("hold", "sha"), CLOSED], True),
    "released and closed": ([("hold", "sha"), ("release", None), ("approve", None), CLOSED], False),
    "release waits": ([("hold", "sha"), CLOSED, ("release", None)], True),
    "confirmed and closed": ([("verdict", "confirmed"), ("approve", None), CLOSED], True),
    "confirmed by one": ([("verdict", "confirmed"), CLOSED], True),
    "no longer confirmed": (
        [("verdict", "confirmed"), ("approve", None), ("verdict", "authorised"), CLOSED], False
    ),
    "false": ([("verdict", "false_positive"), CLOSED], False),
    "not sure": ([("verdict", "inconclusive")], True),
}  # fmt: skip


def about(name: str, day: date, **more: Any) -> Row:
    more = {"user_id": name, "case_id": name, **more}
    return finding(f"{name} {day}", day, **more)


def case(name: str, *days: date, **more: Any) -> Row:
    said = [{"day": day, "findings": 1, "level": "high"} for day in days]
    opened = min(days, default=OLD)
    return {"case_id": name, "user_id": name, "opening": "", "opened": opened, "level": "high",
            "findings": len(days), "status": "open", "days": said, **more}  # fmt: skip


def status(name: str) -> str:
    return "withdrawn" if name.endswith("withdrawn") else "open"


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """A finding on OLD about each of SAID; some about several people, or about nobody."""
    findings = [
        *(about(name, OLD) for name in SAID),
        about("young", YOUNG), about("both", OLD), about("both", YOUNG),
        about("one", OLD, user_id=None, case_id=None, candidates=["held", "false"]),
        about("none", OLD, user_id=None, case_id=None, candidates=["nobody looked", "false"]),
        about("another day", OLD - timedelta(days=1), user_id="held", case_id=None),
        about("door", OLD, user_id=None, case_id=None, about='{"door_id":"gate"}'),
        about("withdrawn", OLD, status="withdrawn", case_id=None),
    ]  # fmt: skip
    whose = {(row["user_id"], row["day"]) for row in findings if row["user_id"]}
    days = [{"user_id": user, "day": day} for user, day in sorted(whose)]
    return holding(
        tmp_path / "lake",
        findings=findings,
        evidence=findings,
        finding_history=findings,
        **dict.fromkeys(("flagged", "nearby", "risk"), days),
        places=[{"kind": "door", "id": "gate", "day": day} for day in (OLD, YOUNG)],
        cases=[
            *(case(name, OLD, status=status(name)) for name in SAID),
            case("young", YOUNG), case("both", OLD, YOUNG), case("withdrawn", status="withdrawn"),
        ],
        windows=[{"stage": "features", "day": LAST}],
    )  # fmt: skip


def speak(lake: Lake) -> None:
    for name, (said, _) in SAID.items():
        for what, value in said:
            known = read_acts(lake)
            two = value == "confirmed" or what == "release"
            by, value = ("ida", known[-1].act_id) if what == "approve" else ("lena", value)
            days = (OLD,) if what == "verdict" else ()
            act = Act(by, what, name, name, value, second=two, day=LAST, days=days)
            write_acts(lake, [act], known)


def held(lake: Lake, table: str) -> set[tuple[str, date]]:
    column = {"places": "id", "flagged": "user_id", "nearby": "user_id", "risk": "user_id"}
    rows = lake.read(table).select(column.get(table, "finding_id"), "day").rows()
    return {(name.rsplit(" 2")[0], day) for name, day in rows}


def stays() -> dict[str, set[tuple[str, date]]]:
    """What each table holds after it."""
    own = {(name, OLD) for name, (_, kept) in SAID.items() if kept}
    mine = {*own, ("young", YOUNG), ("both", YOUNG)}
    whole = {*mine, ("one", OLD)}
    # Of a finding that may mean two, the other one is nobody's suspect of that day any less.
    seen = {*mine, ("false", OLD)}
    return {
        **dict.fromkeys(("findings", "evidence", "finding_history"), whole),
        **dict.fromkeys(("flagged", "nearby"), seen),
        "risk": mine,
        "places": {("gate", YOUNG)},
    }


def settings(lake: Lake) -> Settings:
    return Settings(root=Path(lake.uri).parent)


def with_reports(root: Path) -> Path:
    """A report of each day, and a folder of somebody's own; held cases stand on OLD."""
    reports = root / "reports"
    for day in (OLD, OLD - timedelta(days=1), YOUNG):
        (reports / str(day) / "people").mkdir(parents=True)
        (reports / str(day) / "people" / "x.html").write_text("")
    (reports / "of-mine").mkdir()
    return reports


def test_what_is_past_its_term_goes_and_nothing_else(lake: Lake) -> None:
    speak(lake)
    reports = with_reports(settings(lake).root)
    gone = erase(settings(lake), lake, LAST)
    assert {path.name for path in reports.iterdir()} == {str(OLD), str(YOUNG), "of-mine"}
    before = {table: lake.version(table) for table in (*TABLES, "cases")}
    assert {table: held(lake, table) for table in TABLES} == stays()
    assert gone == Erased(YOUNG, 11, 7, 1)
    cases = {row["case_id"]: row for row in lake.read("cases").to_dicts()}
    assert set(cases) == {"young", "both", *(name for name, (_, kept) in SAID.items() if kept)}
    assert [each["day"] for each in cases["both"]["days"]] == [YOUNG]
    assert cases["both"]["findings"] == 1
    # A second time it writes nothing.
    assert erase(settings(lake), lake, LAST) == Erased(YOUNG)
    assert {table: lake.version(table) for table in (*TABLES, "cases")} == before


def test_a_run_that_dies_after_each_commit_is_finished_by_the_next_ones(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    speak(lake)
    replace, left = Lake.replace, [1]

    def dying(*words: Any) -> None:
        if not left:
            raise KeyboardInterrupt
        left.pop()
        replace(*words)

    monkeypatch.setattr(Lake, "replace", dying)
    deaths = 0
    while True:
        with suppress(KeyboardInterrupt):
            erase(settings(lake), lake, LAST)
            break
        deaths, left[:] = deaths + 1, [1]
    assert deaths == len(TABLES)
    assert {table: held(lake, table) for table in TABLES} == stays()


def test_neither_nights_that_are_ahead_nor_a_clock_that_is_make_anything_old(lake: Lake) -> None:
    assert erase(settings(lake), lake, ago(1)).first == YOUNG - timedelta(days=1)
    assert ("noted", OLD) in held(lake, "findings")
    assert erase(settings(lake), lake, LAST + timedelta(days=900)).first == YOUNG
    assert ("young", YOUNG) in held(lake, "findings")


def test_a_day_that_is_scanned_again_brings_nothing_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    house = House(tmp_path / "house", monkeypatch, pages=False)
    old, new = date(2026, 3, 2), date(2026, 3, 4)
    names = NamesSection.model_construct(pseudonyms=False, keep_unconfirmed=1)
    monkeypatch.setattr(config, "load", lambda root: load(root).model_copy(update={"names": names}))
    for day in (old, new):
        house.files(str(day), f"{day} 10:00 ana download")
    caplog.set_level("INFO", "nightporter")
    lake = lake_of(load(house.root))
    for scan in (lambda: house.night("2026-03-05"), lambda: house.backfill(asked=Window(old, old))):
        scan()
        assert caplog.messages.pop().startswith("erased, for nobody confirmed them and they")
        assert lake.read("findings")["day"].to_list() == [new]
        assert lake.read("evidence")["day"].unique().to_list() == [new]
        assert lake.read("finding_history").filter(pl.col("day") == old).is_empty()
