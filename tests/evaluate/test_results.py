"""Seeds put together, and shown: figures by hand, targets, hostile names, private files."""

import stat
from pathlib import Path

import orjson
import polars as pl
import pytest
from evaluate.frames import day, lists_of, seen_in, truth_of

from nightporter.evaluate.figures import figures, write_figures
from nightporter.evaluate.lists import BUDGETS, CURVE, places
from nightporter.evaluate.measuring import OURS, Measured
from nightporter.evaluate.page import leaks, render
from nightporter.evaluate.results import FRAMES, Figures, Result, keep, kept, summary
from nightporter.evaluate.scoring import cost, outcomes
from nightporter.evaluate.tables import tables
from nightporter.evaluate.writing import write_files
from nightporter.window import Window

HOSTILE = "<script>alert(1)</script>\x1b[2J\u202e"
TESTED = Window(day(0), day(9))
TRUTH = truth_of(
    ("slow_ramp", "insider", "eve", {2: 10, 4: 90}),
    ("slow_ramp", "insider", "kim", {5: 10}),
    (HOSTILE, "insider", "lou", {1: 1}),
    ("migration", "lookalike", "mig", {3: 0}),
)
LISTS = lists_of(("eve", 2, 1), ("mig", 3, 1), ("kim", 6, 2), ("ana", 7, 1), ("kim", 6, 2))
REFERENCE = lists_of(("ana", 7, 1), ("lou", 1, 3))


def measured() -> Measured:
    """A thousand people: the lists of two rankings, a detector that says one thing too many."""
    most = places(1000, sorted({*BUDGETS, *CURVE}))
    both = (("ours", OURS, LISTS), ("reference", "isolation forest", REFERENCE))
    who = [
        (lists, seen_in(lists, *set(most.values())),
         {"ranker": pl.lit(name), "role": pl.lit(role)})
        for role, name, lists in both
    ]  # fmt: skip
    said = pl.DataFrame(
        {"detector": [HOSTILE, "loud", "loud"], "counted": [True, True, False],
         "findings": [1, 20, 5], "lookalikes": [0, 5, 5], "people": [1, 9, 4]}
    )  # fmt: skip
    by_each = pl.DataFrame({"detector": ["loud"], "campaign": ["slow_ramp"], "found": [2]})
    drawn = pl.DataFrame({"budget": [1.0], "caught": [1], "cases": [40], "chance": [0.02]})
    facts = {
        "people": 1000, "first_day": day(0), "last_day": day(9), "insiders": 3, "lookalikes": 1,
        "places": {str(budget): most[budget] for budget in BUDGETS}, "unscored": 0, "unseen": 0,
        "deeds": 4, "events": 5000, "detectors": ["loud", "quiet"],
    }  # fmt: skip
    found = pl.concat(
        outcomes(ranks, lists, TRUTH, most).with_columns(**w) for ranks, lists, w in who
    )
    return Measured(
        found, found.filter(pl.col("kind") == "insider"),
        pl.concat(cost(lists, TRUTH, most, TESTED).with_columns(**w) for _, lists, w in who),
        said, by_each, drawn, pl.DataFrame(), facts,
    )  # fmt: skip


@pytest.fixture
def results(tmp_path: Path) -> list[Result]:
    facts = {"profile": "noisy", "mark": "", "seconds": 60.0, "mb": 500, "problems": []}
    for seed in (1, 2):
        keep(tmp_path / str(seed), measured(), {**facts, "seed": seed})
    found = [kept(tmp_path / str(seed)) for seed in (1, 2)]
    return [result for result in found if result]


@pytest.fixture
def told(results: list[Result]) -> Figures:
    (figures,) = summary(results)
    return figures


def test_what_was_kept_is_found_again_and_half_of_it_is_nothing(
    tmp_path: Path, results: list[Result]
) -> None:
    frames = measured()
    assert results[0].frames["outcomes"].equals(frames.outcomes)
    assert results[0].facts["first_day"] == str(day(0))
    (tmp_path / "1" / "facts.json").unlink()
    (tmp_path / "2" / "by_each.parquet").unlink()
    assert kept(tmp_path / "1") is None and kept(tmp_path / "2") is None


def test_cases_of_all_seeds_make_one_share_with_its_interval(told: Figures) -> None:
    row = next(r for r in told["recall"] if (r["campaign"], r["budget"]) == ("slow_ramp", 1))
    assert (row["cases"], row["caught"], row["share"]) == (4, 2, 0.5)
    assert (row["low"], row["high"]) == pytest.approx((0.1500, 0.8500), abs=5e-5)
    assert (row["days"], row["gone"], row["in_time"]) == (0, 0.55, 0.5)
    assert next(r for r in told["all"] if r["budget"] == 3)["share"] == pytest.approx(4 / 6)


def test_of_the_missed_it_is_said_whether_anything_was_found() -> None:
    """Lou never has a finding; before eve and kim stand more people than are looked at."""
    outranked = lists_of(("eve", 2, 6), ("kim", 5, 8))
    seen, thieves = seen_in(outranked, 1, 3, 5, 10), TRUTH.of("insider")
    rows = outcomes(outranked, seen, thieves, places(1000)).with_columns(
        ranker=pl.lit(OURS), role=pl.lit("ours")
    )
    frames = {name: getattr(measured(), name) for name in FRAMES} | {"alone": rows}
    facts = {**measured().facts, "first_day": str(day(0)), "last_day": str(day(9)), "seed": 1}
    (told,) = summary([Result(frames, {**facts, "profile": "noisy"})])
    assert told["missed"] == [
        {"campaign": HOSTILE, "missed": 1, "silent": 1, "outranked": 0, "place": None},
        {"campaign": "slow_ramp", "missed": 2, "silent": 0, "outranked": 2, "place": 7.0},
    ]


def test_costs_are_a_thousand_people_and_day(told: Figures) -> None:
    """Two seeds of 1,000 people and 10 days; three places each at 1, of which one is right."""
    row = told["cost"][0]
    assert (row["budget"], row["listed"], row["right"], row["reachable"]) == (1, 6, 2, 6)
    assert row["alerts"] == pytest.approx(6 * 1000 / 20_000)
    assert row["precision"] == pytest.approx(1 / 3)
    assert row["innocent_alerts"] == pytest.approx(4 * 1000 / 20_000)
    assert row["innocent_each"] == pytest.approx(2)
    assert row["lookalike_share"] == pytest.approx(1 / 3)


def test_a_curve_rises_with_the_places_that_somebody_looks_at(told: Figures) -> None:
    curves = {(curve["role"], curve["name"]): dict(curve["points"]) for curve in told["curves"]}
    ours = curves["ours", OURS]
    assert (ours[0.5], ours[1.0], ours[2.0], ours[20.0]) == pytest.approx(
        (1 / 3, 1 / 3, 2 / 3, 2 / 3)
    )
    assert curves["reference", "isolation forest"][3.0] == pytest.approx(1 / 3)
    assert curves["campaign", "slow_ramp"][2.0] == 1.0


def test_a_target_is_met_or_missed_beside_its_figure(told: Figures) -> None:
    met = {row["what"]: (round(row["value"], 2), row["met"]) for row in told["targets"]}
    assert met["slow_ramp: caught at 1"] == (0.5, False)
    assert met["slow_ramp: caught at 5"] == (1.0, True)
    assert met["recall above isolation forest at 5"] == (0.33, True)
    assert met["places held by look-alikes at 1"] == (0.33, False)
    assert met["findings of medium or above"] == (1.6, True)
    assert told["findings"]["total_lookalikes"] == 0.5
    assert met["findings of loud"] == (1.5, False)


def test_a_detector_by_itself_has_its_cases_and_its_innocent_of_every_level(told: Figures) -> None:
    made = figures([told], "nightporter evaluate")
    assert made["profiles"]["noisy"]["cases"] == {"slow_ramp": 4, HOSTILE: 2}
    assert made["detectors"] == {
        "loud": {"noisy": {"innocent": 50 * 1000 / 20_000, "found": {"slow_ramp": 4}}},
        "quiet": {"noisy": {"innocent": 0.0, "found": {}}},
    }


def test_the_file_of_figures_turns_no_writing(told: Figures, tmp_path: Path) -> None:
    write_figures(tmp_path / "figures.json", [told], "nightporter evaluate")
    text = (tmp_path / "figures.json").read_text("utf-8")
    assert "\\u202e" in text and "\u202e" not in text


def test_everybody_caught_by_one_place_means_that_the_logs_leak(told: Figures) -> None:
    assert not leaks(told)
    too_good = [{**row, "share": 1.0} for row in told["all"]]
    assert leaks({**told, "all": too_good})
    assert not leaks({**told, "all": too_good, "profile": "regular"})


def test_tables_are_as_wide_as_their_heads(told: Figures) -> None:
    for table in tables(told):
        assert {len(row) for row in table.rows} <= {len(table.heads)}, table.title


def test_no_name_is_markup_on_the_page_and_nothing_is_fetched(told: Figures) -> None:
    page = render([told], f"nightporter evaluate {HOSTILE}")
    assert "<script" not in page
    assert "\x1b" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "default-src 'none'" in page
    assert page.count("<svg") == 2
    for word in ("http://", "https://", "src=", "@import"):
        assert word not in page.replace("http://www.w3.org/", "")


def test_the_files_are_their_owners_alone_and_say_the_same(tmp_path: Path, told: Figures) -> None:
    page = write_files(tmp_path / "out", [told], "nightporter evaluate")
    for path in page.parent.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    raw = (page.parent / "evaluation.json").read_text("utf-8")
    assert "\x1b" not in raw
    assert orjson.loads(raw)["profiles"][0]["all"] == told["all"]


def test_a_profile_without_insiders_says_so(results: list[Result]) -> None:
    nobody = [
        Result(
            {**r.frames, **{name: r.frames[name].head(0) for name in ("outcomes", "alone")}},
            r.facts,
        )
        for r in results
    ]
    (told,) = summary(nobody)
    assert "No insider in the tested days" in render([told], "")
