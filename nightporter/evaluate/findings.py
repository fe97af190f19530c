"""What each detector says by itself: of innocent people (the alert budget), and of insiders."""

import polars as pl

from nightporter.evaluate.truth import Truth
from nightporter.findings import COUNTED
from nightporter.lake import Lake
from nightporter.ledger import FEATURES
from nightporter.window import Window


def findings_said(lake: Lake, truth: Truth, window: Window) -> pl.DataFrame:
    """Return (detector, counted, findings, lookalikes, people): open findings of `window`.

    `counted` are those at or above medium. What is said of an insider from the first deed on is
    left out; `lookalikes` are those of `findings` that are said of people on days on which they
    look like one.
    """
    since = truth.of("insider").campaigns.group_by("user_id").agg(since=pl.col("first_day").min())
    looks = truth.of("lookalike").counted().select("user_id", "day").unique()
    return (
        _open(lake, window)
        .join(since, on="user_id", how="left")
        .join(looks.with_columns(looks=True), on=["user_id", "day"], how="left")
        .filter(pl.col("since").is_null() | (pl.col("day") < pl.col("since")))
        .group_by("detector", counted=pl.col("level").is_in(COUNTED))
        .agg(
            findings=pl.len(),
            lookalikes=pl.col("looks").sum(),
            people=pl.col("user_id").drop_nulls().n_unique(),
        )
        .sort("detector", "counted")
    )


def found_by_each(lake: Lake, truth: Truth, window: Window) -> pl.DataFrame:
    """Return (detector, campaign, found): in how many cases of insiders the detector spoke.

    It did where an open finding of `window` names the insider, or holds him or her possible, on
    a day on which a listing would be right. Where it stood on a list is not asked.
    """
    insiders = truth.of("insider")
    open = _open(lake, window)
    meant = open.select("detector", "day", user_id="candidates").explode("user_id")
    said = pl.concat([open.select("detector", "day", "user_id"), meant])
    return (
        said.join(insiders.counted(), on=["user_id", "day"])
        .join(insiders.campaigns.select("campaign_id", "campaign"), on="campaign_id")
        .group_by("detector", "campaign")
        .agg(found=pl.col("campaign_id").n_unique())
        .sort("detector", "campaign")
    )


def judging(lake: Lake, window: Window) -> list[str]:
    """Return the detectors that judged a day of `window`: of others no figure says anything."""
    judged = pl.col("status").is_in(("done", "stale"))
    stages: list[str] = (
        lake.read("windows", window).filter(judged)["stage"].unique().sort().to_list()
    )
    return [stage for stage in stages if stage != FEATURES]


def _open(lake: Lake, window: Window) -> pl.DataFrame:
    return lake.read("findings", window).filter(pl.col("status") == "open")
