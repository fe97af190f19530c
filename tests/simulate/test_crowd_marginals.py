"""The crowd's habits come out as its parameters say, and campaigns as they are told."""

import math
from dataclasses import replace
from datetime import date, datetime

import polars as pl
import pytest

from nightporter.simulate.chance import Chance
from nightporter.simulate.crowd import Crowd, bursts, ordinary
from nightporter.simulate.crowd import parameters as p
from nightporter.simulate.crowd.campaigns import CAMPAIGNS, Cast, cast, plan
from nightporter.simulate.crowd.days import DAY, EVENING, person_days
from nightporter.simulate.crowd.events import stick_of
from nightporter.simulate.crowd.lines import recorded
from nightporter.simulate.crowd.places import calendar, instants
from nightporter.simulate.crowd.population import population, teams
from nightporter.simulate.span import Span

SPAN, CHANCE, PEOPLE, EACH = Span(date(2026, 1, 1), 180), Chance(5), 6_000, 25
REGULAR = p.PROFILES["regular"]


@pytest.fixture(scope="module")
def people() -> pl.DataFrame:
    drawn = population(CHANCE, SPAN, PEOPLE)
    return drawn.join(teams(drawn), on=["team", "site"]).sort("number")


@pytest.fixture(scope="module")
def sittings(people: pl.DataFrame) -> pl.DataFrame:
    """Two weeks of those without shifts, on their workdays."""
    days = calendar(SPAN).filter(pl.col("n").is_between(40, 53))
    drawn = person_days(CHANCE, people, days, REGULAR).with_columns(loaned=False)
    return drawn.filter("workday", pl.col("shift") == 0)


@pytest.fixture(scope="module")
def casting(people: pl.DataFrame) -> Cast:
    return cast(CHANCE, people, calendar(SPAN), EACH)


@pytest.fixture(scope="module")
def deeds(casting: Cast) -> pl.DataFrame:
    told = casting.actors.select("campaign_id", "campaign", "kind")
    return plan(CHANCE, casting, calendar(SPAN)).join(told, on="campaign_id")


def near(value: object, expected: float, within: float) -> bool:
    assert isinstance(value, int | float)
    return math.isclose(value, expected, abs_tol=within)


def test_people_have_the_habits_of_the_parameters(people: pl.DataFrame) -> None:
    shares = people.select(
        usb=(pl.col("sticks") > 0).mean(),
        evenings=pl.col("evenings").mean(),
        weekends=pl.col("weekends").mean(),
    ).row(0, named=True)
    assert near(shares["usb"], p.USB_PEOPLE, 0.02)
    assert near(shares["evenings"], p.OFF_HOURS_PEOPLE, 0.015)
    assert near(shares["weekends"], p.WEEKEND_PEOPLE, 0.012)
    assert near(people["pace"].median(), p.FILES_MEDIAN, 1.5)
    assert near(people["pace"].log().std(), p.FILES_BETWEEN, 0.03)


def test_one_in_a_thousand_takes_up_sticks_each_week(people: pl.DataFrame) -> None:
    without = people.filter(pl.col("sticks") == 0)
    new = without.filter(pl.col("stick_from") < 7 * 52).height
    assert near(new / without.height / 52, p.USB_NEW_WEEKLY, 0.0002)


def test_roles_are_of_very_different_sizes(people: pl.DataFrame) -> None:
    sizes = people.group_by("role").len()["len"]
    assert (sizes <= 3).sum() >= 10
    assert sizes.max() > 10 * p.ROLE_MEDIAN / 2
    assert people.group_by("site").len().height == 3


def test_days_begin_at_eight_with_the_spread_between_and_within(sittings: pl.DataFrame) -> None:
    own = (
        sittings.filter(pl.col("sitting") == DAY)
        .group_by("number")
        .agg(mean=pl.col("start").mean(), var=pl.col("start").var(), n=pl.len())
        .filter(pl.col("n") >= 6)
    )
    assert near(own["mean"].mean(), p.START_MEAN, 3)
    assert near(own["mean"].std(), p.START_BETWEEN, 3)
    assert near(math.sqrt(own.select(pl.col("var").mean()).item()), p.START_WITHIN, 1)


def test_files_a_day_are_over_dispersed(sittings: pl.DataFrame) -> None:
    days = sittings.filter(pl.col("sitting") == DAY, pl.col("n").is_between(40, 43))
    files = ordinary.access(CHANCE, days, _teams(days), REGULAR)[5]
    counts = days.select("key", "pace").join(files.group_by("key").len(), on="key", how="left")
    counts = counts.with_columns(pl.col("len").fill_null(0))
    assert near(counts["len"].median(), p.FILES_MEDIAN, 2)
    ratio = counts["len"] / counts["pace"]
    expected = math.exp(p.FILES_WITHIN**2) - 1
    mean = ratio.mean()
    assert isinstance(mean, float)
    # Counting itself adds 1/mean to the variance.
    assert expected * 0.8 < ratio.var() / mean**2 < expected * 1.5


def _teams(people: pl.DataFrame) -> pl.DataFrame:
    return teams(people.unique("number", maintain_order=True))


def test_finance_is_busier_when_the_quarter_ends(people: pl.DataFrame) -> None:
    days = calendar(SPAN).filter(pl.col("n").is_between(75, 90), "workday")
    drawn = person_days(CHANCE, people, days, REGULAR).filter(pl.col("sitting") == DAY, "workday")
    drawn = drawn.with_columns(rate=pl.col("today") / pl.col("pace"))
    mean = dict(
        drawn.filter(pl.col("department") == 3).group_by("quarter_end").agg(pl.col("rate").mean())
        .iter_rows()
    )  # fmt: skip
    assert near(mean[True] / mean[False], p.QUARTER_FINANCE, 0.12)


def test_evenings_are_worked_by_people_of_the_habit_alone(sittings: pl.DataFrame) -> None:
    late = sittings.filter(pl.col("sitting") == EVENING)
    assert late["evenings"].all()
    possible = sittings.filter(pl.col("sitting") == DAY, "evenings").height
    assert near(late.height / possible, REGULAR.evenings, 0.02)


def test_some_of_them_are_in_the_small_hours_and_over_before_the_day(
    sittings: pl.DataFrame,
) -> None:
    late = sittings.filter(pl.col("sitting") == EVENING)
    assert near((late["start"] > 22.5 * 60).mean(), p.SMALL_HOURS, 0.04)
    assert (late["end"] > 25 * 60).any() and late["end"].max() < 29 * 60  # type: ignore[operator]


def test_folders_are_taken_along_in_every_way_a_thief_has(sittings: pl.DataFrame) -> None:
    """As downloads, to a store outside, and to the sticks of those who use one."""
    often = replace(REGULAR, bursts=0.1, late_bursts=0.1)
    fetched = bursts.fetched(CHANCE, sittings, often)
    taken = fetched.group_by("key").agg(
        pl.len(), sent=(pl.col("action") == "upload").mean(), user=pl.col("sticks").first() > 0
    )
    assert near(taken.height / sittings.height, 0.1, 0.01)
    assert near(taken["len"].median(), p.BURST_MEDIAN, 4)
    assert set(taken["sent"]) == {0.0, 1.0}
    assert near(taken["sent"].mean(), p.BURST_SENT, 0.02)
    connects, writes, _ = bursts.carried(CHANCE, sittings, often)
    with_stick = taken.join(connects.select("key", "stick_from"), on="key")
    assert with_stick.height == connects.height
    users = taken.filter("user").join(connects.select("key"), on="key").height
    assert near(users / taken.filter("user").height, p.BURST_BY_STICK, 0.04)
    same = writes.select("key", "bits", "doc").join(fetched, on=["key", "bits", "doc"])
    assert same.height == writes.height and set(same["action"]) == {"download"}


def test_sticks_come_in_two_clusters(sittings: pl.DataFrame) -> None:
    days = sittings.filter(pl.col("sitting") == DAY)
    orderly = replace(REGULAR, bursts=0.0, late_bursts=0.0)
    plugs = pl.concat(
        [frame.select("key", "action", "device_class", "sticks")
         for frame in ordinary.usb(CHANCE, days, orderly) if "device_class" in frame.columns],
    )  # fmt: skip
    plugs = plugs.filter(pl.col("action") == "connect", pl.col("device_class") == "mass_storage")
    a_day = plugs.group_by("key").agg(n=pl.len(), heavy=(pl.col("sticks") == 2).first())
    assert set(a_day.filter("heavy")["n"].unique()) == set(p.USB_HEAVY_DAY)
    assert set(a_day.filter(~pl.col("heavy"))["n"].unique()) == {1, 2, 3}


@pytest.mark.parametrize("profile", p.PROFILES)
def test_doors_are_read_as_often_as_said(sittings: pl.DataFrame, profile: str) -> None:
    chosen = p.PROFILES[profile]
    here = sittings.filter(~pl.col("home"), pl.col("sitting") == DAY)
    reads = pl.concat(
        [part.select("key", "action", "door") for part in ordinary.badge(CHANCE, here, chosen)]
    ).with_columns(gate=pl.col("door").str.contains("GATE|YARD"))
    came = reads.filter(pl.col("action") == "entry")
    assert near(came.filter("gate").height / here.height, 1.5 * (1 - chosen.missing_in), 0.03)
    assert near(came.filter(~pl.col("gate")).height / here.height, 3, 0.25)
    assert near((reads["action"] == "denied").mean(), p.BADGE_DENIED, 0.001)


def test_lines_arrive_at_once_or_a_day_or_three_days_later(sittings: pl.DataFrame) -> None:
    events = sittings.select(
        "number", "n", "key", "site", local=pl.col("day").cast(pl.Datetime("us"))
    )
    events = recorded(CHANCE, "access", instants(events), 0, REGULAR)
    late = (events["arrives"] - events["ts"]).dt.total_seconds() / 86_400
    assert near((late < 0.1).mean(), 0.95, 0.005)
    assert near(late.is_between(0.5, 1.5).mean(), 0.04, 0.004)
    assert near(late.is_between(2.5, 3.5).mean(), 0.01, 0.002)
    assert late.min() >= 0


def test_a_skipped_hour_is_the_next_one_and_zones_differ() -> None:
    walls = pl.DataFrame(
        {"site": ["BER", "NYC", "SIN"], "local": [datetime(2026, 3, 29, 2, 30)] * 3}
    )
    placed = {row["site"]: row for row in instants(walls).to_dicts()}
    assert placed["BER"]["local"] == datetime(2026, 3, 29, 3, 30)
    assert placed["BER"]["ts"].hour == 1
    assert placed["NYC"]["ts"].hour == 6
    assert placed["SIN"]["ts"].day == 28


def test_each_campaign_has_its_actors_and_most_thefts_lie_in_office_hours(
    casting: Cast, deeds: pl.DataFrame
) -> None:
    kinds = casting.actors.group_by("campaign").len()
    assert kinds.height == len(CAMPAIGNS) and set(kinds["len"]) == {EACH}
    assert casting.actors["number"].is_unique().all()
    insiders = [c for c in CAMPAIGNS if c.kind == "insider"]
    assert len(insiders) >= 7 and len(CAMPAIGNS) >= 2 * len(insiders)
    by_day = (
        deeds.filter(pl.col("kind") == "insider").group_by("campaign_id")
        .agg(by_day=pl.col("at").is_null().mean() > 0.5)
    )  # fmt: skip
    assert near(by_day["by_day"].mean(), 0.6, 0.08)
    assert deeds["n"].min() >= SPAN.days * 2 / 3


def test_insiders_differ_from_others_by_what_they_do_alone(
    people: pl.DataFrame, casting: Cast
) -> None:
    """Neither their numbers, ids, roles nor paces tell who they are; benign habits are shared."""
    insiders = casting.actors.filter(
        pl.col("kind") == "insider", pl.col("campaign") != "quiet_administrator"
    )
    others = people.filter(~pl.col("privileged"))
    assert near(insiders["number"].mean(), PEOPLE / 2, 400)
    spread = insiders["pace"].log().mean() - others["pace"].log().mean()  # type: ignore[operator]
    assert near(spread, 0, 0.15)
    habit = (insiders["sticks"] > 0) | insiders["evenings"]
    assert near(habit.mean(), p.HABIT_SHARE, 0.08)
    ids = casting.actors.sort("campaign_id")["kind"].to_list()
    assert "insider" in ids[:40] and "lookalike" in ids[:40]


def test_most_thieves_resign_within_two_months_of_the_theft(casting: Cast) -> None:
    leaving = casting.actors.filter(
        pl.col("campaign").is_in([c.name for c in CAMPAIGNS if c.leaves])
    )
    gone = leaving["leaves"] - leaving["start"] - leaving["length"]
    assert near(gone.is_not_null().mean(), p.LEAVES_AFTER, 0.08)
    assert gone.min() >= 0 and gone.max() < p.LEAVES_WITHIN  # type: ignore[operator]


def test_the_ramp_grows_by_its_share_each_day(casting: Cast, deeds: pl.DataFrame) -> None:
    """The last days hold as many times more than the first ones as the growth says."""
    ramp = deeds.filter(pl.col("campaign") == "slow_ramp").sort("number", "n")
    ramp = ramp.join(casting.actors.select("number", "pace", "download_share"), on="number")
    usual = (pl.col("pace") * pl.col("download_share")).clip(lower_bound=1)
    told = ramp.with_columns(
        i=pl.int_range(pl.len()).over("number"), more=pl.col("downloads") / usual
    )
    for n in (15, 30):
        grown = told.filter(pl.col("i").is_between(n - 3, n + 3))["more"].mean()
        assert near(grown, (1 + p.RAMP_DAILY) ** (n + 2) - 1, 0.25 * (1 + p.RAMP_DAILY) ** n)


def test_a_house_is_the_size_that_was_asked_for() -> None:
    assert Crowd(people=2_000).each == 4
    assert Crowd(people=60).each == 1
    assert Crowd(insiders=0).each == 0


def test_serials_differ_and_do_not_tell_which_stick_it_is() -> None:
    sticks = pl.DataFrame({"number": pl.int_range(50_000, eager=True)})
    sticks = sticks.join(pl.DataFrame({"nth": [0, 1, 2, 3]}), how="cross")
    sticks = sticks.with_columns(serial=stick_of(pl.col("number"), pl.col("nth")))
    assert sticks["serial"].is_unique().all()
    last = sticks.with_columns(rest=pl.col("serial").str.slice(2).cast(pl.Int64) % 4)
    assert last.group_by("nth", "rest").len()["len"].min() > 11_000  # type: ignore[operator]
