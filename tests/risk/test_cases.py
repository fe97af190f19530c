"""Cases: opened by a list, grown by findings, closed by nobody's silence alone."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightporter.findings import LEVELS
from nightporter.risk.cases import Case, Opening, Said, grown
from nightporter.window import Window
from tests.laws import tried

FIRST = date(2026, 1, 1)
MEDIUM, HIGH = LEVELS.index("medium"), LEVELS.index("high")


def day(n: int) -> date:
    return FIRST + timedelta(days=n)


def told(
    said: Mapping[int, int],
    listed: set[int],
    until: int,
    known: list[Case] | None = None,
    first: int = 0,
) -> list[Case]:
    """What is known of ana after the days `first` to `until`: levels by day, and listed days."""
    return grown(
        known or [],
        "ana",
        {day(n): Opening(f"c{n}", f"f{n}") for n in sorted(listed) if first <= n <= until},
        {day(n): Said(1, level) for n, level in said.items() if first - 41 <= n <= until},
        Window(day(first), day(until)),
    )


def reviewed(cases: list[Case], n: int) -> list[Case]:
    return [replace(case, verdict="authorised", reviewed=day(n)) for case in cases]


def test_who_is_not_listed_has_no_case() -> None:
    assert told({0: HIGH, 3: HIGH}, set(), 9) == []


def test_a_case_opens_with_the_list_and_takes_what_led_to_it() -> None:
    (case,) = told({0: MEDIUM, 10: MEDIUM, 50: MEDIUM, 51: HIGH}, {50}, 60)
    assert (case.case_id, case.opening) == ("c50", "f50")
    assert (case.opened, sorted(case.days)) == (day(50), [day(10), day(50), day(51)])
    assert case.level == HIGH


def test_it_grows_and_no_second_one_is_opened() -> None:
    (first,) = told({5: MEDIUM}, {5}, 5)
    (case,) = told({5: MEDIUM, 9: HIGH}, {5, 9}, 9, [first], 6)
    assert (case.case_id, case.opened, len(case.days)) == (first.case_id, day(5), 2)


@pytest.mark.parametrize(("until", "status"), [(34, "open"), (35, "dormant")])
def test_thirty_quiet_days_make_it_dormant(until: int, status: str) -> None:
    (case,) = told({5: MEDIUM}, {5}, until)
    assert case.status(day(until)) == status


def test_a_finding_wakes_a_dormant_case_listed_or_not() -> None:
    (case,) = told({5: MEDIUM, 90: MEDIUM}, {5}, 90)
    assert case.status(day(90)) == "open"
    assert len(case.days) == 2


def test_a_reviewed_case_closes_when_it_becomes_dormant_and_the_next_list_opens_another() -> None:
    known = reviewed(told({5: MEDIUM}, {5}, 20), 20)
    (case,) = told({5: MEDIUM}, {5}, 34, known, 21)
    assert case.closed is None
    (case,) = told({5: MEDIUM}, {5}, 35, [case], 35)
    assert (case.closed, case.status(day(35))) == (day(35), "closed")
    said = {5: MEDIUM, 37: MEDIUM, 40: MEDIUM}
    (case,) = told(said, {5}, 40, [case], 36)
    assert case.status(day(40)) == "closed" and len(case.days) == 1
    old, new = told({**said, 41: MEDIUM}, {5, 41}, 41, [case], 41)
    assert (old.case_id, new.opened) == (case.case_id, day(41))
    assert sorted(new.days) == [day(37), day(40), day(41)]


def test_a_review_after_the_quiet_closes_on_its_own_day() -> None:
    known = reviewed(told({5: MEDIUM}, {5}, 60), 60)
    (case,) = told({5: MEDIUM}, {5}, 61, known, 61)
    assert case.closed == day(60)


@pytest.mark.parametrize(
    ("level", "more"),
    [(HIGH, {"reviewed": day(6)}), (MEDIUM, {"reviewed": day(6), "held": True}), (MEDIUM, {})],
    ids=["high", "held", "unreviewed"],
)
def test_high_held_and_unreviewed_cases_never_close_by_themselves(
    level: int, more: dict[str, object]
) -> None:
    (case,) = told({5: level}, {5}, 10)
    (case,) = told({5: level}, {5}, 300, [replace(case, **more)], 11)
    assert (case.closed, case.status(day(300))) == (None, "dormant")


def test_late_logs_that_list_somebody_earlier_leave_the_id() -> None:
    (known,) = told({9: MEDIUM}, {9}, 9)
    (case,) = told({4: MEDIUM, 9: MEDIUM}, {4, 9}, 9, [known], 3)
    assert (case.case_id, case.opening, case.opened) == (known.case_id, "f9", day(4))
    assert len(case.days) == 2


def test_a_case_whose_list_no_longer_holds_is_withdrawn_unless_an_analyst_has_it() -> None:
    (known,) = told({9: MEDIUM}, {9}, 9)
    (gone,) = told({}, set(), 9, [known], 9)
    assert (gone.case_id, gone.status(day(9)), gone.days) == (known.case_id, "withdrawn", {})
    (back,) = told({9: MEDIUM}, {9}, 9, [gone], 9)
    assert back.status(day(9)) == "open"
    (kept,) = told({}, set(), 9, [replace(known, held=True)], 3)
    assert kept.status(day(9)) == "dormant" and kept.opened == day(9)


# By day: the level of what is found, and whether that lists the person.
STORY = st.dictionaries(
    st.integers(0, 150), st.tuples(st.integers(0, 4), st.booleans()), max_size=12
)
Story = dict[int, tuple[int, bool]]


def of(story: Story, until: int, known: list[Case] | None = None, first: int = 0) -> list[Case]:
    levels = {n: level for n, (level, _) in story.items()}
    return told(levels, {n for n, (_, lists) in story.items() if lists}, until, known, first)


@tried(150)
@given(story=STORY, cuts=st.sets(st.integers(0, 149), max_size=8))
def test_nights_say_what_one_pass_says(story: Story, cuts: set[int]) -> None:
    known: list[Case] = []
    first = 0
    for until in [*sorted(cuts), 150]:
        known = of(story, until, known, first)
        first = until + 1
    assert known == of(story, 150)
    assert of(story, 150, known, 150) == known


@tried(150)
@given(story=STORY, was=STORY, late=st.integers(0, 150))
def test_late_findings_and_withdrawn_ones_leave_nothing_but_the_id(
    story: Story, was: Story, late: int
) -> None:
    """What is corrected is told from its day on: then all stands as if it had been known always."""
    early = {n: said for n, said in story.items() if n < late}
    known = of({**{n: said for n, said in was.items() if n >= late}, **early}, 150)
    found = of(story, 150, known, late)
    shown = [(c.opened, dict(c.days), c.closed) for c in found if not c.withdrawn]
    assert shown == [(c.opened, dict(c.days), c.closed) for c in of(story, 150)]
    assert len({case.case_id for case in found}) == len(found)


@tried(100)
@given(story=STORY, cut=st.integers(0, 149), more=st.sets(st.integers(0, 149), max_size=4))
def test_after_an_analyst_closed_a_case_nights_still_say_what_one_pass_says(
    story: Story, cut: int, more: set[int]
) -> None:
    closed = [
        replace(case, ended=day(cut), handled=True, reviewed=day(cut)) for case in of(story, cut)
    ]
    known, first = closed, cut + 1
    for until in [*sorted(n for n in more if n > cut), 150]:
        known = of(story, until, known, first)
        first = until + 1
    assert known == of(story, 150, closed, cut + 1)
    for case in known:
        assert not case.handled or case.withdrawn or case.closed is not None
