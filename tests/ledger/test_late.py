"""Late data on whole nights: nothing is lost, nothing is said too early, nothing twice."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from small import House
from workspaces import asked, rows

from nightporter.window import Window

FIRST = date(2026, 3, 2)  # a Monday
RESULTS = ("user_day", "user_slow", "presence", "user_hour", "first_seen", "findings", "evidence",
           "risk", "places", "robots", "cases")  # fmt: skip


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    return House(tmp_path / "house", monkeypatch, pages=False)


def day(n: int) -> date:
    return FIRST + timedelta(days=n)


def after(n: int) -> date:
    """The morning after the n-th day."""
    return day(n + 1)


def said(house: House, detector: str) -> list[tuple]:
    found = f"SELECT day, status FROM findings WHERE detector = '{detector}' ORDER BY ALL"
    return asked(house.root, found)


def windows(house: House, stage: str, status: str) -> dict[date, str | None]:
    where = f"stage = '{stage}' AND status = '{status}'"
    return dict(asked(house.root, f"SELECT day, reason FROM windows WHERE {where} ORDER BY day"))


def test_missed_nights_are_made_up_for_as_if_none_had_been_missed(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = House(tmp_path / "other", monkeypatch, pages=False)
    for each in (house, other):
        each.days(Window(FIRST, day(3)))
        each.files("more", f"{day(2)} 11:00 ana download")
        each.night(after(0))
    for n in (1, 2, 3):
        other.night(after(n))
    night = house.night(after(3))
    assert night.window == Window(day(1), day(3))
    for table in RESULTS:
        assert rows(house.root, table) == rows(other.root, table), table


def test_a_finding_that_late_data_takes_away_is_withdrawn_and_may_return(house: House) -> None:
    house.days(Window(FIRST, day(2)))
    house.files("a", f"{day(1)} 11:00 ana download")
    house.night(after(2))
    assert said(house, "odd") == [(day(1), "open")]
    for name, status in (("b", "withdrawn"), ("c", "open")):
        house.files(name, f"{day(1)} 11:0{ord(name) - 90} ana download")
        night = house.night(after(2))
        (late,) = [each for each in night.plan.opened if each.why == "late"]
        assert (late.whose, late.days, late.events) == ("files", 1, 1)
        assert said(house, "odd") == [(day(1), status)]
    told = asked(
        house.root,
        "SELECT status, columns ->> 'n' FROM finding_history ORDER BY changed_at",
    )
    assert [status for status, _ in told] == ["open", "withdrawn", "open"]
    assert (told[0][1], told[2][1]) == ("1", "3")
    assert house.night(after(2)).window is None


def test_older_late_data_makes_stale_what_a_backfill_then_mends(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.days(Window(FIRST, day(6)))
    house.night(after(6))
    house.files("late", f"{day(1)} 11:00 ana download")
    night = house.night(after(6))
    assert night.window is None
    assert windows(house, "odd", "stale") == {day(1): "late: files 1"}
    assert windows(house, "features", "stale") == {day(1): "late: files 1"}
    assert said(house, "odd") == []
    mended = house.backfill("odd")
    assert mended.window == Window(day(1), day(6))
    assert {each.detector for each in mended.detections} == {"odd", "unseen"}
    assert windows(house, "odd", "stale") == windows(house, "features", "stale") == {}
    assert house.backfill().window is None

    undisturbed = House(tmp_path / "other", monkeypatch, pages=False)
    undisturbed.days(Window(FIRST, day(6)))
    undisturbed.files("late", f"{day(1)} 11:00 ana download")
    undisturbed.night(after(6))
    for table in RESULTS:
        assert rows(house.root, table) == rows(undisturbed.root, table), table


def test_a_changed_rule_is_scanned_again_for_a_few_days_and_stale_before(house: House) -> None:
    house.days(Window(FIRST, day(5)))
    house.night(after(5))
    house.rule("odd", "SELECT user_id, day, 1 AS n FROM access;", "{user_id}")
    night = house.night(after(5))
    assert {each.detector for each in night.detections} == {"odd"}
    assert night.window == Window(day(3), day(5))
    assert windows(house, "odd", "stale") == dict.fromkeys(
        Window(day(0), day(2)), "the rule changed"
    )
    mended = house.backfill("odd", asked=Window(day(0), day(1)))
    assert [each.detector for each in mended.detections] == ["odd"]
    assert list(windows(house, "odd", "stale")) == [day(2)]
    assert {found for found, _ in said(house, "odd")} == set(Window(FIRST, day(5))) - {day(2)}


def test_what_needs_the_doors_waits_for_them_and_says_nothing_meanwhile(house: House) -> None:
    house.days(Window(FIRST, day(3)))
    kept = (house.root / "logs" / f"doors-{day(3)}.csv").read_text()
    house.doors(str(day(3)))
    house.night(after(3))
    assert windows(house, "unseen", "waiting") == {day(3): "waits for doors (MAIN)"}
    assert said(house, "unseen") == []
    assert windows(house, "odd", "waiting") == {}, "who needs one source never waits"
    (house.root / "logs" / f"doors-{day(3)}-b.csv").write_text(kept)
    house.night(after(3))
    assert windows(house, "unseen", "waiting") == {}
    assert said(house, "unseen") == []


def test_doors_that_never_come_are_waited_for_as_long_as_their_lateness(house: House) -> None:
    house.days(Window(FIRST, day(3)))
    house.doors(str(day(3)))
    house.night(after(8))
    assert list(windows(house, "unseen", "waiting"))[:1] == [day(3)]
    house.night(after(9))
    assert day(3) not in windows(house, "unseen", "waiting")
    assert windows(house, "unseen", "not_evaluated")[day(3)] == (
        "doors (MAIN) never delivered this day"
    )


def test_a_house_that_is_closed_at_the_weekend_keeps_nobody_waiting(house: House) -> None:
    house.days(Window(FIRST, day(4)))
    saturday = day(5)
    house.files(str(saturday), f"{saturday} 10:00 ana view")
    house.night(after(5))
    assert windows(house, "unseen", "waiting") == {}
    assert said(house, "unseen") == [(saturday, "open")]
