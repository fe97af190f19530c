"""A whole town through the real pipeline: late evidence, thieves, look-alikes, references."""

from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest
from evaluate.frames import START, day, scores_of, truth_of
from evaluate.town import PEOPLE, town

from nightporter import config, nightly
from nightporter.errors import UsageError
from nightporter.evaluate import ranked
from nightporter.evaluate.measuring import OURS, Measured, Rows, measure
from nightporter.evaluate.options import Options
from nightporter.evaluate.references import forest_is_installed
from nightporter.evaluate.replay import compared, replay
from nightporter.evaluate.truth import read_truth
from nightporter.rules import read_pack
from nightporter.scan import call
from nightporter.shipped import shipped
from nightporter.window import Window
from nightporter.workspace import lake_of

OPTIONS = Options(warm_up=21, choose=7, ablations=False)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return town(tmp_path_factory.mktemp("town"))


def briefly(patch: pytest.MonkeyPatch) -> None:
    """Nights with few detectors and no page: what is measured stands in the lake."""
    own = read_pack([shipped("detectors") / "collection"])
    patch.setattr(nightly, "load_pack", lambda _: own)
    patch.setattr(nightly, "write_report", lambda *_, **__: None)


@pytest.fixture(scope="module")
def measured(root: Path) -> Measured:
    with pytest.MonkeyPatch.context() as patch:
        briefly(patch)
        return measure(config.load(root), OPTIONS)


def caught(measured: Measured, ranker: str) -> dict[str, tuple[object, ...]]:
    rows = measured.outcomes.filter(
        pl.col("ranker") == ranker, pl.col("budget") == 1, pl.col("kind") == "insider"
    )
    told = rows.select("campaign", "found_on", "days", pl.col("gone").round(2)).rows()
    return {name: tuple(rest) for name, *rest in told}


def test_what_was_measured_is_said(measured: Measured) -> None:
    facts = measured.facts
    assert (facts["people"], facts["insiders"], facts["lookalikes"]) == (len(PEOPLE), 3, 1)
    assert (facts["first_day"], facts["last_day"]) == (day(28), START + timedelta(days=39))
    assert (facts["deeds"], facts["unseen"], facts["unscored"]) == (1030, 0, 0)
    assert facts["events"] > facts["deeds"]
    assert measured.problems == ()


def test_a_quiet_one_is_caught_in_the_first_night_and_keeps_four_fifths_from_leaving(
    measured: Measured,
) -> None:
    assert caught(measured, OURS)["quiet_administrator"] == (day(29), 0, 0.2)


def test_a_finding_counts_only_from_the_day_when_its_evidence_had_arrived(
    measured: Measured,
) -> None:
    assert caught(measured, OURS)["late <b>log</b>"] == (day(35), 2, 1.0)


def test_no_order_catches_more_than_the_best_one(measured: Measured) -> None:
    paid = measured.cost.filter(pl.col("ranker") == "the best order")
    assert (paid["right"] == paid["listed"]).all()
    insiders = measured.outcomes.filter(pl.col("kind") == "insider")
    found = insiders.group_by("ranker", "budget").agg(pl.col("caught").sum())
    best = found.filter(pl.col("ranker") == "the best order")
    rows = found.join(best, on="budget")
    assert (rows["caught"] <= rows["caught_right"]).all()


def test_every_reference_is_measured_by_the_same_rule(measured: Measured) -> None:
    names = measured.cost.filter(pl.col("role") == "reference")["ranker"].unique().sort().to_list()
    assert names == sorted(
        [
            "ECOD", "fixed thresholds", *["isolation forest"] * forest_is_installed(),
            "mean and sd, largest", "mean and sd, sum",
            "median and MAD, largest", "median and MAD, sum",
        ]
    )  # fmt: skip
    for name in names:
        assert any(found for found, *_ in caught(measured, name).values()), name


def test_labels_drawn_by_lot_are_not_found(measured: Measured) -> None:
    for row in measured.shuffled.to_dicts():
        assert row["caught"] / row["cases"] == pytest.approx(row["chance"], abs=0.1)


def test_the_alert_budget_leaves_insiders_out_and_look_alikes_in(
    root: Path, measured: Measured
) -> None:
    everything = lake_of(config.load(root)).read("findings")
    assert {"u07", "u11"} <= set(everything["user_id"])
    assert (measured.findings["people"] <= 1).all()


def test_a_detector_alone_is_asked_for_days_that_count(measured: Measured) -> None:
    """The look-alike is no case; who is late counts on the day of the deed."""
    found = measured.by_each.filter(detector="off_hours_bulk_download")
    assert dict(found.select("campaign", "found").iter_rows()) == {
        "off_hours_bulk_day": 1, "quiet_administrator": 1, "late <b>log</b>": 1
    }  # fmt: skip
    assert "off_hours_bulk_download" in measured.facts["detectors"]
    assert "features" not in measured.facts["detectors"]


@pytest.fixture(scope="module")
def what(root: Path, measured: Measured) -> ranked.Said:
    del measured
    return ranked.said(lake_of(config.load(root)))


def test_a_part_left_out_is_missed_where_it_mattered(what: ranked.Said, tmp_path: Path) -> None:
    tested = Window(day(28), day(41))
    changed = ranked.ablations(what)
    assert ranked.scores(changed["without collection"], tested, tmp_path).is_empty()
    whole = ranked.scores(what, tested, tmp_path)
    plain = ranked.scores(changed["without calibration"], tested, tmp_path)
    assert plain["user_id"].to_list() == whole["user_id"].to_list()
    assert (plain["score"] >= whole["score"]).all()
    assert plain["kinds"].to_list() == whole["kinds"].to_list() != []
    assert list(tmp_path.iterdir()) == []


def test_the_parts_alone_never_weigh_more_than_the_whole(what: ranked.Said, tmp_path: Path) -> None:
    whole = ranked.scores(what, Window(day(28), day(41)), tmp_path)
    for scores in ranked.from_parts(whole).values():
        assert (scores["score"] <= whole["score"] + 1e-9).all()
    today = ranked.from_parts(whole)["without memory, today alone"]
    assert (today["score"] > 0).all()


def test_a_night_by_itself_lists_whom_one_pass_lists(
    root: Path, measured: Measured, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The night on which the evidence that was late arrived."""
    briefly(monkeypatch)
    night = Window(day(35), day(35))
    alone = replay(config.load(root), tmp_path / "again", night, call)
    assert alone["user_id"].to_list() == ["u11"]
    once = measured.scores.filter(pl.col("day") == day(35))
    truth = read_truth(root)
    (row, *_) = compared(once, alone, truth, len(PEOPLE), night)
    assert row["shared"] == 1.0
    assert row["caught_once"] == row["caught_nightly"] == 1
    (none, *_) = compared(once, alone.clear(), truth, len(PEOPLE), night)
    assert (none["shared"], none["caught_nightly"]) == (0.0, 0)


def test_logs_without_days_in_their_names_cannot_be_replayed(root: Path, tmp_path: Path) -> None:
    odd = town(tmp_path / "odd")
    next((odd / "logs" / "access").iterdir()).rename(odd / "logs" / "access" / "all.csv")
    with pytest.raises(UsageError, match="no day"):
        replay(config.load(odd), tmp_path / "again", Window(day(35), day(35)), call)


def test_a_thief_who_began_too_early_to_be_scored_is_no_innocent() -> None:
    truth = truth_of(("early", "insider", "eve", {2: 5, 6: 5}), ("late", "insider", "ida", {6: 9}))
    rows = Rows(truth, Window(day(5), day(9)), ["ana", "eve", "ida"])
    rows.add("it", "ours", scores_of(("eve", 6, 9.0), ("ida", 6, 5.0), ("ana", 7, 1.0)))
    paid = rows.cost[0].filter(budget=1.0).to_dicts()[0]
    assert (paid["listed"], paid["right"], paid["innocent"]) == (2, 1, 1)
    assert set(rows.outcomes[0]["campaign"]) == {"late"}
    # Beside the innocent alone ida has the place that eve took.
    assert rows.alone[0].filter(budget=1.0)["caught"].to_list() == [True]


def test_days_that_are_not_there_cannot_be_tested(root: Path, measured: Measured) -> None:
    del measured
    with pytest.raises(UsageError, match="none is left to test"):
        Options(warm_up=60).tested(Window(day(0), day(41)))
