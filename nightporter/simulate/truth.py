"""Which lines belong to which campaign: the answer key that a program can read."""

import polars as pl

from nightporter.simulate.acts import CAMPAIGNS

DAY_STARTS = 5


def truth(source: str, lines: pl.DataFrame) -> pl.DataFrame:
    """Return runs of neighbouring lines of one campaign and person.

    Columns: campaign, person, kind, source, day (business date), file, line, events: the run
    starts at `line` and has `events` lines.
    """
    kinds = {campaign.name: campaign.kind for campaign in CAMPAIGNS}
    told = lines.filter(pl.col("campaign").is_not_null()).with_columns(
        day=business_day(),
        kind=pl.col("campaign").replace_strict(kinds, return_dtype=pl.String),
    )
    key = ["campaign", "user_id", "kind", "day", "file"]
    run = pl.col("line") - pl.int_range(pl.len()).over(key)
    runs = told.with_columns(run=run).group_by([*key, "run"], maintain_order=True)
    return runs.agg(line=pl.col("line").min(), events=pl.len()).select(
        "campaign", pl.col("user_id").alias("person"), "kind", pl.lit(source).alias("source"),
        "day", "file", "line", "events",
    )  # fmt: skip


def business_day() -> pl.Expr:
    """Return the day to which a night still belongs."""
    return pl.col("local").dt.offset_by(f"-{DAY_STARTS}h").dt.date()
