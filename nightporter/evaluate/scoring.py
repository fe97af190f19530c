"""What lists were worth against the truth: who was caught, when, and at whose cost.

Works on frames: lists (`lists.looked_at`) and a Truth; knows no lake and no detector.
"""

from collections.abc import Mapping
from datetime import timedelta

import polars as pl

from nightporter.evaluate.truth import Truth
from nightporter.looks import REST
from nightporter.window import Window


def outcomes(
    ranks: pl.DataFrame, lists: pl.DataFrame, truth: Truth, places: Mapping[float, int]
) -> pl.DataFrame:
    """Return one row a campaign and budget; `ranks` are all places, `lists` are those looked at.

    Columns: campaign_id, campaign, kind, best_place (in `ranks`), budget, caught, found_on (the
    first day that counts and lists them), days (from the first deed to then), gone (the share of
    the documents taken by the end of that day; all of them where nobody was caught, null where
    none were to be taken).
    """
    days = truth.counted()
    best = days.join(ranks, on=["user_id", "day"]).group_by("campaign_id")
    hits = days.join(lists, on=["user_id", "day"])
    cases = truth.campaigns.join(
        best.agg(best_place=pl.col("place").min()), on="campaign_id", how="left"
    )
    budgets = pl.DataFrame(
        {"budget": list(places), "most": list(places.values())},
        schema={"budget": pl.Float64, "most": pl.Int64},
    )
    found = (
        hits.join(budgets, on="most")
        .group_by("campaign_id", "budget")
        .agg(found_on=pl.col("day").min())
    )
    told = cases.join(budgets, how="cross").join(found, on=["campaign_id", "budget"], how="left")
    return (
        told.join(_gone(found, truth), on=["campaign_id", "budget"], how="left")
        .select(
            "campaign_id", "campaign", "kind", "best_place", "budget",
            pl.col("found_on").is_not_null().alias("caught"), "found_on",
            (pl.col("found_on") - pl.col("first_day")).dt.total_days().alias("days"),
            pl.when(pl.col("documents") > 0).then(pl.col("gone").fill_null(1.0)).alias("gone"),
        )
        .sort("campaign", "campaign_id", "budget")
    )  # fmt: skip


def _gone(found: pl.DataFrame, truth: Truth) -> pl.DataFrame:
    """The share of each campaign's documents that were gone when the day of the list ended."""
    taken = pl.col("documents").filter(pl.col("day") <= pl.col("found_on")).sum()
    return (
        found.join(truth.events, on="campaign_id")
        .group_by("campaign_id", "budget")
        .agg(gone=taken / pl.col("documents").sum())
    )


def cost(
    lists: pl.DataFrame, truth: Truth, places: Mapping[float, int], window: Window
) -> pl.DataFrame:
    """Return one row a budget: what became of the places of the days in `window`.

    Columns: budget, listed (places filled), right (an insider's, on a day that counts), reachable
    (as many as were right or could have been an insider's who had not just been looked at),
    early (an insider's, before the first deed),
    lookalike (of a benign look-alike, on its days), innocent (of people who had done nothing by
    then), innocent_people (how many different ones).
    """
    judged = _judged(lists.filter(pl.col("day").is_between(window.first, window.last)), truth)
    guilty = truth.of("insider").counted().select("user_id", "day").unique()
    rows = []
    for budget, most in places.items():
        cut = judged.filter(pl.col("most") == most)
        innocent = cut.filter(~pl.col("right") & ~pl.col("begun"))
        rows.append(
            {
                "budget": float(budget),
                "listed": cut.height,
                "right": int(cut["right"].sum()),
                "reachable": _reachable(cut, guilty),
                "early": innocent.filter("insider").height,
                "lookalike": int((cut["lookalike"] & ~cut["right"]).sum()),
                "innocent": innocent.height,
                "innocent_people": innocent["user_id"].n_unique(),
            }
        )
    return pl.DataFrame(rows)


def _reachable(cut: pl.DataFrame, guilty: pl.DataFrame) -> int:
    """Count the places that were right, or wrong on a day with an insider fresh to look at."""
    looks = cut.select("user_id", looked="day")
    rested = guilty.join(looks, on="user_id", how="left").group_by("user_id", "day").agg(
        # A null is somebody who was never looked at.
        fresh=~((pl.col("day") - pl.col("looked")).is_between(timedelta(0), REST, closed="left"))
        .fill_null(False).any()
    )  # fmt: skip
    fresh = rested.filter("fresh").group_by("day").len("fresh")
    days = cut.group_by("day").agg(pl.len(), right=pl.col("right").sum())
    best = pl.min_horizontal("len", pl.col("right") + pl.col("fresh").fill_null(0))
    return int(days.join(fresh, on="day", how="left").select(best.sum()).item())


def _judged(lists: pl.DataFrame, truth: Truth) -> pl.DataFrame:
    """Add to each place: right, lookalike, insider (ever), begun (a deed was done by then)."""
    insiders = truth.of("insider")
    since = insiders.campaigns.group_by("user_id").agg(since=pl.col("first_day").min())

    def on_days(of: Truth, name: str) -> pl.LazyFrame:
        days = of.counted().select("user_id", "day").unique()
        return days.lazy().with_columns(pl.lit(True).alias(name))

    return (
        lists.lazy()
        .join(on_days(insiders, "right"), on=["user_id", "day"], how="left")
        .join(on_days(truth.of("lookalike"), "lookalike"), on=["user_id", "day"], how="left")
        .join(since.lazy(), on="user_id", how="left")
        .with_columns(
            pl.col("right", "lookalike").fill_null(False),
            insider=pl.col("since").is_not_null(),
            begun=(pl.col("day") >= pl.col("since")).fill_null(False),
        )
        .collect()
    )
