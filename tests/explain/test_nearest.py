"""What explain says of a detector is what the detector does: each shipped one, on its own cases."""

from collections.abc import Iterator, Mapping
from datetime import date

import duckdb
import polars as pl
import pytest

from nightporter.explain import Answer, Nearest, told
from nightporter.explain.nearest import Asker
from nightporter.explain.probing import Anatomy
from nightporter.proof.cases import night_of
from nightporter.proof.world import build
from nightporter.rules import Case, Detector, Sheet, parse, read_pack, run
from nightporter.shipped import shipped
from nightporter.window import Window

PACK = [
    detector
    for detector in read_pack([shipped("detectors")]).detectors
    if Anatomy(detector, "", date(2026, 1, 1)).about_people()
]


class Room:
    """Runs what the locked process would run, over a case's own night."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self.con = con

    def run(self, detector: Detector, window: Window, knobs: Mapping[str, float]) -> pl.DataFrame:
        return run(self.con, parse(Sheet(detector.path, detector.text)), window, knobs)


def first(detector: Detector, kind: str) -> Case:
    return next(case for case in detector.cases if case.kind == kind)


def asked(
    detector: Detector, kind: str, knobs: Mapping[str, float] | None = None
) -> Iterator[tuple[bool, Nearest]]:
    """Whether it fires and what explain says, for each person on the last day that matters."""
    world = build(first(detector, kind), detector.path)
    with night_of(world, reads=detector.query.tables | {"presence"}) as con:
        night = Room(con)
        found = run(con, detector, world.window, {})
        people = {
            user for (user,) in con.execute("SELECT DISTINCT user_id FROM presence").fetchall()
        }
        days = set(found["day"]) or {world.window.last}
        for user in sorted(people):
            for day in sorted(days)[-1:]:
                fires = bool(found.filter(user_id=user, day=day).height) if len(found) else False
                asker = Asker(Anatomy(detector, user, day), night, knobs or {})  # type: ignore[arg-type]
                yield fires, asker.nearest()


@pytest.mark.parametrize("detector", PACK, ids=[detector.id for detector in PACK])
@pytest.mark.parametrize("kind", ["fires", "silent"])
def test_a_row_that_fails_nothing_is_a_finding_and_the_other_way_round(
    detector: Detector, kind: str
) -> None:
    answers = list(asked(detector, kind))
    assert answers
    assert any(fires for fires, _ in answers) == (kind == "fires")
    for fires, nearest in answers:
        if fires:
            assert (nearest.failing, nearest.place) == (0, None), nearest
        else:
            assert nearest.failing or nearest.reason, nearest


BULK = next(detector for detector in PACK if detector.id == "off_hours_bulk_download")


def test_a_knob_just_past_the_observed_value_is_the_one_condition_that_fails() -> None:
    ((fires, nearest), *_) = asked(BULK, "fires", {"min_files": 241})
    (failed,) = [met for met in nearest.conditions if not met.holds]
    assert fires
    assert (failed.name, failed.observed, failed.wanted) == ("files", 240, 241)
    assert nearest.failing == 1
    assert nearest.gap == pytest.approx(1 / 241)


def rewritten(where: str, ending: str = "") -> Detector:
    """The same detector with another SELECT over `user_day`."""
    head = BULK.text.partition("SELECT")[0]
    cases = BULK.text[BULK.text.index("-- /// fires") :]
    sql = f"SELECT user_id, day, 1 AS files, 1 AS usual, 1 AS usual_max FROM user_day {where}"
    text = f"{head}{sql};{ending}\n\n{cases}"
    return parse(Sheet(BULK.path, text))


def test_of_alternatives_the_nearest_is_told() -> None:
    either = rewritten(
        "WHERE feature = 'off_hours_downloads' AND ((x >= knob('a', 10000) AND n_days > 999) OR"
        " (surprise > knob('b', 0.1) AND x > knob('c', 250)))"
    )
    ((_, nearest), *_) = asked(either, "fires", {})
    (choice,) = [met for met in nearest.conditions if not met.holds]
    assert [met.name for met in choice.nearest] == ["surprise", "x"]
    assert [met.holds for met in choice.nearest] == [True, False]
    assert (choice.others, nearest.failing) == (1, 1)
    assert ", or another way)" in told(Answer("odd", "misuse", "missed", nearest=nearest))


def test_a_range_and_a_group_are_taken_apart() -> None:
    grouped = rewritten(
        "WHERE feature = 'off_hours_downloads' AND x BETWEEN knob('low', 1) AND knob('high', 9999)"
        " GROUP BY user_id, day HAVING sum(x) >= knob('most', 300)"
    )
    ((_, nearest), *_) = asked(grouped, "fires", {})
    (failed,) = nearest.conditions
    assert (failed.observed, failed.wanted, failed.knobs) == (240, 300, {"most": 300})
    ((_, earlier), *_) = asked(grouped, "fires", {"high": 200.0})
    (between,) = [met for met in earlier.conditions if not met.holds]
    assert [(met.sign, met.holds) for met in between.nearest] == [(">=", True), ("<=", False)]


def test_where_rows_end_in_a_cte_its_own_filter_is_told() -> None:
    surge = next(detector for detector in PACK if detector.id == "removable_media_surge")
    ((_, nearest), *_) = asked(surge, "fires", {"min_days": 1000})
    (failed,) = [met for met in nearest.conditions if not met.holds]
    assert (nearest.place, failed.name, failed.wanted) == ("surges", "days_before", 1000)


def test_a_name_cannot_leave_its_literal() -> None:
    hostile = "x' OR true --\n-- /// fires: nonsense\n;"
    world = build(first(BULK, "fires"), BULK.path)
    with night_of(world) as con:
        asker = Asker(Anatomy(BULK, hostile, world.window.last), Room(con), {})  # type: ignore[arg-type]
        nearest = asker.nearest()
    assert nearest.reason == "no candidate row: user_day yields nothing for this person"


def test_who_has_no_last_day_is_no_near_miss_of_it() -> None:
    leaving = next(detector for detector in PACK if detector.id == "account_after_leaving")
    said = [
        told(Answer(leaving.id, leaving.tactic, "missed", nearest.reason, nearest))
        for _, nearest in asked(leaving, "silent")
    ]
    assert "no candidate row: none with last_day IS NOT NULL (in leavers)" in said
    assert not [text for text in said if "9999" in text]
