"""What lists were worth against the truth: who was caught, when, and at whose cost.

Works on frames: lists (user_id, day, place) and a Truth; knows no lake and no detector.
"""

from collections.abc import Mapping

import polars as pl

from nightporter.evaluate.truth import Truth
from nightporter.window import Window


def outcomes(lists: pl.DataFrame, truth: Truth, places: Mapping[float, int]) -> pl.DataFrame:
    """Return one row a campaign and budget, for lists with at least as many places as asked for.

    Columns: campaign_id, campaign, kind, best_place (in all lists), budget, caught, found_on (the
    first day that counts and lists them), days (from the first deed to then), gone (the share of
    the documents taken by the end of that day; all of them where nobody was caught, null where
    none were to be taken).
    """
    hits = truth.counted().join(lists, on=["user_id", "day"])
    best = hits.group_by("campaign_id").agg(best_place=pl.col("place").min())
    cases = truth.campaigns.join(best, on="campaign_id", how="left")
    budgets = pl.DataFrame(
        {"budget": list(places), "most": list(places.values())},
        schema={"budget": pl.Float64, "most": pl.Int64},
    )
    found = (
        hits.join(budgets, how="cross")
        .filter(pl.col("place") <= pl.col("most"))
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
    (as many as any order could have made right), early (an insider's, before the first deed),
    lookalike (of a benign look-alike, on its days), innocent (of people who had done nothing by
    then), innocent_people (how many different ones).
    """
    judged = _judged(lists.filter(pl.col("day").is_between(window.first, window.last)), truth)
    guilty = truth.of("insider").counted().group_by("day").agg(guilty=pl.col("user_id").n_unique())
    rows = []
    for budget, most in places.items():
        cut = judged.filter(pl.col("place") <= most)
        days = cut.group_by("day").len().join(guilty, on="day")
        innocent = cut.filter(~pl.col("right") & ~pl.col("begun"))
        rows.append(
            {
                "budget": float(budget),
                "listed": cut.height,
                "right": int(cut["right"].sum()),
                "reachable": int(days.select(pl.min_horizontal("len", "guilty").sum()).item()),
                "early": innocent.filter("insider").height,
                "lookalike": int((cut["lookalike"] & ~cut["right"]).sum()),
                "innocent": innocent.height,
                "innocent_people": innocent["user_id"].n_unique(),
            }
        )
    return pl.DataFrame(rows)


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
