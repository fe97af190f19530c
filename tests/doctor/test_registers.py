"""Overlaps and gaps are listed; what is missing names the detectors that miss it."""

from datetime import date

from stored import night, settings, stored, table

from nightporter.config import Site
from nightporter.doctor.calendars import calendar_years, day_starts
from nightporter.doctor.registers import contested, missing_context
from nightporter.rules import read_pack
from nightporter.shipped import shipped

DETECTORS = read_pack([shipped("detectors")]).detectors


def test_every_overlap_and_gap_of_the_maps_is_listed_used_or_not() -> None:
    tables = {
        "accounts": table(
            "account user_id valid_from valid_to",
            "desk u1 2026-01-01 2026-02-01",
            "desk u2 2026-03-01 -",
            "both u1 - -",
            "both u2 - -",
            "fine u1 2026-01-01 2026-02-01",
            "fine u2 2026-02-01 -",
        )
    }
    rows = [{"at": "2026-02-10T10:00", "account": "desk", "action": "view"}] * 3
    said = {
        each.about: each for each in contested(night({"access": stored("access", rows)}, tables))
    }
    assert set(said) == {"account desk", "account both"}
    assert said["account desk"].says == (
        "nobody's, between u1, u2, 2026-01-31 23:00 to 2026-02-28 23:00; events of these days: 3"
    )
    assert said["account both"].says.startswith("of u1, u2 at once, always to always")


def test_a_missing_file_and_an_empty_column_name_the_detectors_that_miss_them() -> None:
    tables = {"doors": table("door_id owner", "d1 -")}
    said = {(each.about, each.says) for each in missing_context(tables, DETECTORS)}
    about = {name for name, _ in said}
    assert {"context/people.csv", "context/badges.csv", "context/doors.csv"} <= about
    texts = " ".join(text for _, text in said)
    assert "gives no owner; not evaluated without it:" in texts
    assert "entry_while_owner_away" in texts


def test_years_without_holidays_and_sites_without_a_country_are_said() -> None:
    known = settings()
    assert list(calendar_years(known, date(2026, 3, 1))) == []
    lonely = settings(LAB=Site(zone="UTC"), DXB=Site(zone="Asia/Dubai", country="AE"))
    said = [(each.about, each.says) for each in calendar_years(lonely, date(2031, 3, 1))]
    assert ("site LAB", "no country: it has no public holidays") in said
    assert any(about == "site DXB" and "are estimates" in says for about, says in said)


def test_make_up_days_that_are_not_announced_yet_are_said() -> None:
    china = settings(SHA=Site(zone="Asia/Shanghai", country="CN"))
    said = [each.says for each in calendar_years(china, date(2025, 3, 1))]
    assert not any("2025 " in text and "none are known" in text for text in said)
    later = [each.says for each in calendar_years(china, date(2026, 3, 1))]
    assert any("none are known for 2027" in text for text in later), later


def test_the_quietest_hour_is_proposed_where_the_day_starts_in_the_midst_of_work() -> None:
    rows = [
        {"at": f"2026-03-03T{hour:02}:{minute:02}", "account": "ana", "action": "view"}
        for hour in (0, 1, 2, 3, 4, 5, 6, 20, 21, 22, 23)
        for minute in range(20)
    ]
    (advice,) = day_starts(night({"access": stored("access", rows)}), settings())
    assert advice.sure == "possible"
    assert advice.do == 'set day_starts = "08:00" in [site.BER]'
