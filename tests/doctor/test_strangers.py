"""What the context files say in vain is said: unknown people, turned dates, near-words."""

import pytest
from stored import table

from nightporter.doctor.strangers import strangers

PEOPLE = table("user_id manager joined left", "u1 u9 2026-03-01 2026-02-01", "u2 u1 - -")


def test_people_whom_no_register_knows_and_dates_that_are_turned_are_named() -> None:
    tables = {
        "people": PEOPLE,
        "accounts": table("account user_id", "svc s1"),
        "hosts": table("host owner", "h1 s1", "h2 -"),
        "absences": table(
            "user_id from to", "u1 2026-03-01 2026-03-05", "xaver 2026-03-05 2026-03-04"
        ),
    }
    said = {(each.about, each.says) for each in strangers(tables)}
    nobody = "names nobody of people.csv, accounts.csv or badges.csv"
    assert said == {
        ("context/people.csv", f"manager {nobody}: u9"),
        ("context/absences.csv", f"user_id {nobody}: xaver"),
        ("context/people.csv", "joined lies after left, so the line never holds: u1"),
        ("context/absences.csv", "from lies after to, so the line never holds: xaver"),
    }


def test_without_people_nobody_is_unknown() -> None:
    assert list(strangers({"absences": table("user_id from to", "u1 2026-03-01 2026-03-05")})) == []


@pytest.mark.parametrize(
    ("label", "meant"),
    [("confidental", "confidential"), ("Secret", None), ("internal", None), ("secrets", "secret")],
)
def test_a_label_that_is_nearly_a_word_of_the_detectors_is_asked_about(
    label: str, meant: str | None
) -> None:
    said = [each.do for each in strangers({"labels": table("prefix label", f"/x {label}")})]
    assert said == ([f"write {meant}, if that is meant"] if meant else [])
