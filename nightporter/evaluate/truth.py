"""Who did what, as a workspace's truth/ tells it. No scan ever reads it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from nightporter.errors import ConfigError, UsageError
from nightporter.schema import SOURCES
from nightporter.shapes import INSTANT, TEXT, Kind

FOLDER = "truth"
KINDS = ("insider", "lookalike")

# A person who is listed so many days after a deed is still caught.
GRACE = 3

CAMPAIGNS: dict[str, Kind] = {
    **dict.fromkeys(("campaign_id", "campaign", "kind", "user_id"), TEXT),
    "first_day": pl.Date,
    "last_day": pl.Date,
    "documents": pl.Int64,
}
EVENTS: dict[str, Kind] = {
    **dict.fromkeys(("campaign_id", "source", "record_id", "user_id"), TEXT),
    "ts": INSTANT,
    "day": pl.Date,
    "documents": pl.Int64,
}


@dataclass(frozen=True)
class Truth:
    """`campaigns`, one row each, and `events`, one row a deed (columns: CAMPAIGNS, EVENTS)."""

    campaigns: pl.DataFrame
    events: pl.DataFrame

    def since(self, first: date) -> "Truth":
        """Return the campaigns of which no deed lies before `first`."""
        campaigns = self.campaigns.filter(pl.col("first_day") >= first)
        return Truth(campaigns, self.events.join(campaigns, on="campaign_id", how="semi"))

    def of(self, kind: str) -> "Truth":
        """Return the campaigns of one of KINDS."""
        campaigns = self.campaigns.filter(pl.col("kind") == kind)
        return Truth(campaigns, self.events.join(campaigns, on="campaign_id", how="semi"))

    def counted(self) -> pl.DataFrame:
        """Return (campaign_id, user_id, day): the days on which a listing is right.

        These are the days with a deed, and GRACE days after each.
        """
        after = pl.DataFrame({"after": range(GRACE + 1)})
        days = self.events.select("campaign_id", "day").unique().join(after, how="cross")
        return (
            days.select("campaign_id", day=pl.col("day") + pl.duration(days="after"))
            .unique()
            .join(self.campaigns.select("campaign_id", "user_id"), on="campaign_id")
            .select("campaign_id", "user_id", "day")
        )


def read_truth(root: Path) -> Truth:
    """Read truth/ of the workspace `root`; raise ConfigError where it says what cannot be."""
    folder = root / FOLDER
    campaigns, events = folder / "campaigns.csv", folder / "events.parquet"
    for path in (campaigns, events):
        if not path.is_file():
            hint = "`nightporter simulate` writes workspaces whose truth is known"
            raise UsageError("there is no truth to compare with", path=path, hint=hint)
    texts = dict.fromkeys(CAMPAIGNS, TEXT)
    told = _typed(campaigns, pl.read_csv(campaigns, schema_overrides=texts), CAMPAIGNS)
    deeds = _typed(events, pl.read_parquet(events), EVENTS)
    _check(campaigns, told, "kind", KINDS)
    _check(events, deeds, "source", SOURCES)
    if told["campaign_id"].is_duplicated().any():
        raise ConfigError("a campaign_id stands there twice", path=campaigns)
    strangers = deeds.join(told, on="campaign_id", how="anti")
    if strangers.height:
        name = strangers["campaign_id"][0]
        raise ConfigError(f"the campaign {name!r} is not in {campaigns.name}", path=events)
    return Truth(told, deeds)


def _typed(path: Path, rows: pl.DataFrame, shape: Mapping[str, Kind]) -> pl.DataFrame:
    lacking = [column for column in shape if column not in rows.columns]
    if lacking:
        hint = f"columns: {', '.join(shape)}"
        raise ConfigError(f"there is no column {lacking[0]!r}", path=path, hint=hint)
    days = [c for c, kind in shape.items() if kind == pl.Date and rows.schema[c] == TEXT]
    try:
        typed = rows.select(list(shape)).with_columns(pl.col(days).str.to_date("%Y-%m-%d"))
        typed = typed.cast(pl.Schema(shape))
    except pl.exceptions.PolarsError as error:
        raise ConfigError(str(error).partition("\n")[0], path=path) from None
    empty = [column for column in shape if typed[column].null_count()]
    if empty:
        line = typed[empty[0]].is_null().arg_max()
        raise ConfigError(f"{empty[0]} is empty", path=path, line=(line or 0) + 2)
    return typed


def _check(path: Path, rows: pl.DataFrame, column: str, words: tuple[str, ...]) -> None:
    wrong = rows.filter(~pl.col(column).is_in(words))[column]
    if wrong.len():
        hint = f"one of: {', '.join(words)}"
        raise ConfigError(f"{column} {wrong[0]!r} is not known", path=path, hint=hint)
