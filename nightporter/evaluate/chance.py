"""Bounds that show whether a measurement measures: the best order, blind luck, shuffled labels."""

import random
from collections.abc import Collection, Mapping

import polars as pl

from nightporter.evaluate.lists import SCORES
from nightporter.evaluate.truth import Truth


def oracle(truth: Truth) -> pl.DataFrame:
    """Return the scores of whoever knows the truth: insiders on the days that count.

    The newest come first: who was shown already need not be shown in another's place.
    """
    days = truth.of("insider").counted().select("user_id", "day").unique()
    nth = pl.col("day").rank("ordinal").over("user_id")
    return days.with_columns(score=1 / nth)


def luck(presence: pl.DataFrame, seed: int) -> pl.DataFrame:
    """Return a score without meaning for each row of `presence` (user_id, day)."""
    drawn = pl.struct("user_id", "day").hash(seed=seed).cast(pl.Float64) + 1
    return presence.select("user_id", "day", score=drawn).cast(pl.Schema(SCORES))


def shuffled(truth: Truth, people: Collection[str], seed: int) -> Truth:
    """Return the truth with each insider's deeds said of somebody among `people` who did none."""
    insiders = truth.of("insider")
    innocent = sorted(set(people) - set(insiders.campaigns["user_id"]))
    drawn = random.Random(seed).choices(innocent, k=insiders.campaigns.height)  # noqa: S311
    blamed = dict(zip(insiders.campaigns["campaign_id"], drawn, strict=True))
    user = pl.col("campaign_id").replace_strict(blamed, return_dtype=pl.String).alias("user_id")
    return Truth(insiders.campaigns.with_columns(user), insiders.events.with_columns(user))


def by_chance(
    lists: pl.DataFrame, truth: Truth, people: Collection[str], places: Mapping[float, int]
) -> dict[float, float]:
    """Return by budget the recall that the same lists have of insiders drawn by lot.

    It is what shuffled labels must fall to: of each campaign's days, the share of innocent
    people who were listed on one of them.
    """
    insiders = truth.of("insider")
    innocent = set(people) - set(insiders.campaigns["user_id"])
    days = insiders.counted().select("campaign_id", "day")
    met = lists.filter(pl.col("user_id").is_in(list(innocent))).join(days, on="day")
    found = {}
    for budget, most in places.items():
        pairs = met.filter(pl.col("most") == most).select("campaign_id", "user_id").unique()
        found[budget] = pairs.height / max(1, insiders.campaigns.height * len(innocent))
    return found
