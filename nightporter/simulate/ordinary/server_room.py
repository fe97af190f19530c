"""The head of IT looks after the server room herself, now and then, for half an hour or more."""

import polars as pl

from nightporter.simulate.cast import HEAD_OF_IT
from nightporter.simulate.chance import Chance

SERVER_ROOM, RETURNS_BY = "H-SRV", "H-IT"
_SHARE, _LENGTH = 0.14, "server visit length"


def server_visits(chance: Chance, days: pl.DataFrame) -> pl.DataFrame:
    """Return her person-days with a visit, its `minutes` and `length`; never around noon.

    A plan can fix the minute.
    """
    own = days.filter((pl.col("user_id") == HEAD_OF_IT) & ~pl.col("home"))
    goes = chance.uniform("server visit", "number", "n") < _SHARE
    drawn = chance.uniform("server visit at", "number", "n")
    morning = pl.col("start") + 40 + 90 * drawn
    afternoon = pl.col("start") + 365 + (pl.col("end") - pl.col("start") - 435).clip(0) * drawn
    early = chance.uniform("server visit early", "number", "n") < 0.4
    rows = own.filter(goes | pl.col("server_at").is_not_null())
    return rows.with_columns(
        minutes=pl.coalesce("server_at", pl.when(early).then(morning).otherwise(afternoon)),
        length=30 + 20 * chance.uniform(_LENGTH, "number", "n"),
    )


def visit_length(chance: Chance, number: int, n: int) -> float:
    """Return how many minutes the visit of person `number` on day `n` takes."""
    return 30 + 20 * chance.draw(_LENGTH, number, n)
