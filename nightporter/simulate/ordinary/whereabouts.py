"""When people of the main house are away from their desks, so that nothing happens there."""

import polars as pl

from nightporter.simulate.chance import Chance
from nightporter.simulate.ordinary.lunch import lunches
from nightporter.simulate.ordinary.server_room import server_visits


def elsewhere(chance: Chance, days: pl.DataFrame) -> pl.DataFrame:
    """Return (number, n, gone, back): what plans say, visits to the server room, lunch outside."""
    planned = days.drop_nulls("gone_from").with_columns(gone="gone_from", back="gone_to")
    visits = server_visits(chance, days).with_columns(
        gone=pl.col("minutes") - 2, back=pl.col("minutes") + pl.col("length") + 2
    )
    meals = lunches(chance, days).rename({"leaves": "gone"})
    return pl.concat([windows(planned), windows(visits), windows(meals)])


def without(
    rows: pl.DataFrame, windows: pl.DataFrame, minutes: pl.Expr | None = None
) -> pl.DataFrame:
    """Return the rows whose `minutes`, or else `local`, lie in no window of their person-day."""
    if minutes is None:
        minutes = (pl.col("local") - pl.col("day")).dt.total_seconds() / 60
    counted = rows.with_columns(minute=minutes, row=pl.int_range(pl.len()))
    when = counted.select("number", "n", "minute", "row")
    inside = when.join(windows, on=["number", "n"]).filter(
        pl.col("minute").is_between("gone", "back")
    )
    return counted.join(inside, on="row", how="anti", maintain_order="left").drop("minute", "row")


def windows(rows: pl.DataFrame) -> pl.DataFrame:
    """Return (number, n, gone, back) of rows that say so."""
    return rows.select(
        pl.col("number", "n").cast(pl.Int64), pl.col("gone", "back").cast(pl.Float64)
    )
