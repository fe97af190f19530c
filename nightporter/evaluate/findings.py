"""How much each detector says of people who did nothing: the alert budget."""

import polars as pl

from nightporter.evaluate.truth import Truth
from nightporter.findings import COUNTED
from nightporter.lake import Lake
from nightporter.window import Window


def findings_said(lake: Lake, truth: Truth, window: Window) -> pl.DataFrame:
    """Return (detector, findings, people): open findings of `window` at or above medium.

    What is said of an insider from the first deed on does not count, of a look-alike it does.
    """
    since = truth.of("insider").campaigns.group_by("user_id").agg(since=pl.col("first_day").min())
    return (
        lake.read("findings", window)
        .filter(pl.col("status") == "open", pl.col("level").is_in(COUNTED))
        .join(since, on="user_id", how="left")
        .filter(pl.col("since").is_null() | (pl.col("day") < pl.col("since")))
        .group_by("detector")
        .agg(findings=pl.len(), people=pl.col("user_id").drop_nulls().n_unique())
        .sort("detector")
    )
