"""Truth and lists by hand: a campaign is its person and the offsets of its days."""

from datetime import UTC, date, datetime, timedelta

import polars as pl

from nightporter.evaluate.lists import LOOKED_AT, SCORES
from nightporter.evaluate.truth import CAMPAIGNS, EVENTS, Truth

START = date(2026, 3, 2)


def day(offset: int) -> date:
    return START + timedelta(days=offset)


def truth_of(*said: tuple[str, str, str, dict[int, int]]) -> Truth:
    """A truth from (campaign, kind, user, {day offset: documents taken}); one deed a day."""
    campaigns, events = [], []
    for number, (campaign, kind, user, deeds) in enumerate(said):
        name = f"{campaign}-{number}"
        days = [day(offset) for offset in deeds]
        campaigns.append((name, campaign, kind, user, min(days), max(days), sum(deeds.values())))
        for nth, (offset, documents) in enumerate(deeds.items()):
            moment = datetime.combine(day(offset), datetime.min.time(), UTC)
            record = f"{number}-{nth}"
            events.append((name, "access", record, user, moment, day(offset), documents))
    return Truth(
        pl.DataFrame(campaigns, schema=CAMPAIGNS, orient="row"),
        pl.DataFrame(events, schema=EVENTS, orient="row"),
    )


def lists_of(*said: tuple[str, int, int]) -> pl.DataFrame:
    """Lists from (user, day offset, place)."""
    rows = [(user, day(offset), place) for user, offset, place in said]
    shape = {"user_id": pl.String, "day": pl.Date, "place": pl.Int64}
    return pl.DataFrame(rows, schema=shape, orient="row")


def seen_in(lists: pl.DataFrame, *most: int) -> pl.DataFrame:
    """The places of `lists` that are seen with each of `most` places a day."""
    cut = [lists.filter(pl.col("place") <= n).with_columns(most=pl.lit(n)) for n in most]
    return pl.concat(cut).cast(pl.Schema(LOOKED_AT))


def scores_of(*said: tuple[str, int, float]) -> pl.DataFrame:
    """Scores from (user, day offset, score)."""
    rows = [(user, day(offset), score) for user, offset, score in said]
    return pl.DataFrame(rows, schema=SCORES, orient="row")
