"""Who does what beyond ordinary life: insiders and those who only look like them.

A campaign is rows of deeds, as `deeds.DEED` names them; deeds.py turns them into events, for
both kinds alike. Nothing in the ordinary events knows who has a campaign.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from nightporter.errors import UsageError
from nightporter.simulate.chance import Chance
from nightporter.simulate.crowd import insiders, lookalikes
from nightporter.simulate.crowd import parameters as p
from nightporter.simulate.crowd.deeds import as_deeds
from nightporter.simulate.crowd.population import FINANCE
from nightporter.simulate.crowd.stage import Stage

Acts = Callable[[Stage], pl.DataFrame]
# Campaigns lie in the last third: a quarter of a year to warm up and a month to choose before.
_BEFORE = 2 / 3
# Who has been there for a month at the beginning of the campaign, and has not resigned before.
_SETTLED = 30


@dataclass(frozen=True)
class Campaign:
    """One kind of story; it goes on for about `days` (lognormal: median, spread).

    `who` says which people can be in it, `leaves` whether most of them resign afterwards.
    """

    name: str
    kind: str  # insider | lookalike
    acts: Acts
    days: tuple[float, float]
    who: str = "anybody"
    leaves: bool = False


CAMPAIGNS = (
    Campaign("quiet_administrator", "insider", insiders.quiet_administrator,
             (p.QUIET_NIGHTS, 0.1), "privileged"),
    Campaign("nights_with_stick", "insider", insiders.nights_with_stick, (16, 0.5), leaves=True),
    Campaign("office_hours_surge", "insider", insiders.office_hours_surge, (25, 0.4), leaves=True),
    Campaign("off_hours_bulk_day", "insider", insiders.off_hours_bulk_day, (10, 0.1), leaves=True),
    Campaign("slow_ramp", "insider", insiders.slow_ramp, (60, 0.1), leaves=True),
    Campaign("foreign_workstations", "insider", insiders.foreign_workstations, (25, 0.4),
             leaves=True),
    Campaign("office_entry_then_access", "insider", insiders.office_entry_then_access, (20, 0.4)),
    Campaign("owner_elsewhere", "insider", insiders.owner_elsewhere, (28, 0.4), leaves=True),
    Campaign("office_hours_bulk_day", "insider", insiders.office_hours_bulk_day, (10, 0.1),
             leaves=True),
    Campaign("cloud_upload", "insider", insiders.cloud_upload, (25, 0.4), leaves=True),
    Campaign("approved_migration", "lookalike", lookalikes.approved_migration, (5, 0.3),
             "privileged"),
    Campaign("on_call_night", "lookalike", lookalikes.on_call_night, (6, 0.3), "privileged"),
    Campaign("quarter_close", "lookalike", lookalikes.quarter_close, (8, 0.2), "finance"),
    Campaign("role_change", "lookalike", lookalikes.role_change, (25, 0.2)),
    Campaign("new_joiner", "lookalike", lookalikes.new_joiner, (21, 0.2), "joiner"),
    Campaign("trade_fair_stick", "lookalike", lookalikes.trade_fair_stick, (9, 0.2), "stickless"),
    Campaign("delivery_to_customer", "lookalike", lookalikes.delivery_to_customer, (7, 0.3)),
    Campaign("honest_leaver", "lookalike", lookalikes.honest_leaver, (14, 0.3), "leaver"),
    Campaign("shift_swap", "lookalike", lookalikes.shift_swap, (7, 0.3)),
    Campaign("forgotten_card", "lookalike", lookalikes.forgotten_card, (9, 0.1)),
)  # fmt: skip


@dataclass(frozen=True)
class Cast:
    """`people` as they are with their campaigns; `actors` are those who have one."""

    people: pl.DataFrame
    actors: pl.DataFrame

    def told(self) -> pl.DataFrame:
        """Return (campaign_id, campaign, kind, user_id) of all actors."""
        return self.actors.select("campaign_id", "campaign", "kind", "user_id")


def cast(chance: Chance, people: pl.DataFrame, calendar: pl.DataFrame, each: int) -> Cast:
    """Choose `each` actors for every campaign, nobody for two.

    Raises UsageError where the house is too small for that.
    """
    chosen, days = list[pl.DataFrame](), calendar["n"].n_unique()
    quarter = calendar.filter("quarter_end", pl.col("n") >= days * _BEFORE)["n"].min()
    free = people.filter(
        pl.col("shift") == 0, pl.col("joins") < days * _BEFORE - _SETTLED,
        pl.col("leaves").is_null(), pl.col("number") != pl.col("lead_number"),
    )  # fmt: skip
    for nth, campaign in enumerate(CAMPAIGNS):
        fit = free.filter(_fits(campaign.who))
        if campaign.who == "finance" and fit.height < each:
            # A small house has its books kept by whoever can.
            fit = free.filter(_fits("anybody"))
        if fit.height < each:
            hint = "more --people, or fewer --insiders"
            raise UsageError(f"{people.height} people are too few: {campaign.name}", hint=hint)
        actors = _drawn(chance, fit, campaign, nth, each)
        dated = _dated(chance, actors, campaign, days)
        if campaign.who == "finance" and isinstance(quarter, int):
            dated = dated.with_columns(start=pl.lit(quarter, pl.Int64))
        chosen.append(dated)
        free = free.join(actors, on="number", how="anti")
    actors = pl.concat(chosen)
    # Which campaign is whose must not be read off the order of ids.
    order = chance.uniform("campaign id", "number").rank("ordinal").cast(pl.Int64)
    actors = actors.with_columns(campaign_id=pl.format("c{}", order + 1000))
    changed = actors.select("number", _joins="joins", _leaves="leaves", _acts=True)
    people = people.join(changed, on="number", how="left", maintain_order="left").with_columns(
        joins=pl.coalesce("_joins", "joins"),
        leaves=pl.when("_acts").then("_leaves").otherwise("leaves"),
    )
    return Cast(people.drop("_joins", "_leaves", "_acts"), actors)


def _fits(who: str) -> pl.Expr:
    return {
        "anybody": ~pl.col("privileged"),
        "joiner": ~pl.col("privileged"),
        "leaver": ~pl.col("privileged"),
        "privileged": pl.col("privileged"),
        "finance": pl.col("department") == FINANCE,
        "stickless": (pl.col("sticks") == 0) & ~pl.col("privileged"),
    }[who]


def _drawn(
    chance: Chance, fit: pl.DataFrame, campaign: Campaign, nth: int, each: int
) -> pl.DataFrame:
    """A share of insiders has benign habits of nights or sticks; of night thieves half sticks."""
    fit = fit.with_columns(drawn=chance.uniform(f"actor {nth}", "number")).sort("drawn")
    if campaign.kind == "lookalike":
        return fit.head(each).drop("drawn")
    with_stick = campaign.name == "nights_with_stick"
    share = p.S1_STICKS_BEFORE if with_stick else p.HABIT_SHARE
    habit = (pl.col("sticks") > 0) | (~pl.lit(with_stick) & pl.col("evenings"))
    # The fraction of a person is drawn, so that small houses keep the share over many seeds.
    wanted = int(each * share + chance.draw(f"habit {nth}"))
    some = fit.filter(habit).head(wanted)
    others = fit.filter(~habit).head(each - some.height)
    rest = fit.join(pl.concat([some, others]), on="number", how="anti")
    rest = rest.head(each - some.height - others.height)
    return pl.concat([some, others, rest]).drop("drawn")


def _dated(chance: Chance, actors: pl.DataFrame, campaign: Campaign, days: int) -> pl.DataFrame:
    """Spread over the last third; who resigns goes within 60 days of the end."""
    first = math.ceil(days * _BEFORE)
    median, spread = campaign.days
    length = chance.count(median, spread, "campaign length", "number")
    length = length.clip(1, days - first)
    latest = days - first - length + 1
    start = first + chance.below(latest, "campaign start", "number")
    resigns = chance.uniform("resigns", "number") < p.LEAVES_AFTER
    after = chance.below(p.LEAVES_WITHIN, "resigns after", "number")
    actors = actors.with_columns(length=length).with_columns(start=start)
    end = pl.col("start") + pl.col("length")
    leaves = pl.lit(None, pl.Int64)
    if campaign.leaves:
        leaves = pl.when(resigns).then(end + after)
    elif campaign.who == "leaver":
        leaves = end
    joins = pl.col("start") if campaign.who == "joiner" else pl.col("joins")
    return actors.with_columns(
        leaves=leaves, joins=joins, campaign=pl.lit(campaign.name), kind=pl.lit(campaign.kind)
    )


def plan(chance: Chance, casting: Cast, calendar: pl.DataFrame) -> pl.DataFrame:
    """Return the deeds of all campaigns."""
    parts = []
    for campaign in CAMPAIGNS:
        actors = casting.actors.filter(pl.col("campaign") == campaign.name)
        stage = Stage(chance, actors, casting.people, calendar)
        parts.append(as_deeds(campaign.acts(stage)))
    return pl.concat(parts).sort("number", "n")
