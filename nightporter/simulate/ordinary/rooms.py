"""Reads at room doors on ordinary days: the own room, and the server room for administrators."""

import polars as pl

from nightporter.simulate.cast import CLEANER, GUARDS, HEAD_OF_RESEARCH
from nightporter.simulate.chance import Chance
from nightporter.simulate.ordinary.whereabouts import elsewhere, without

# Their own desks are elsewhere: on a tour, nowhere, in an office.
_ELSEWHERE = (*GUARDS, CLEANER, HEAD_OF_RESEARCH)


def room_reads(chance: Chance, days: pl.DataFrame) -> pl.DataFrame:
    """Return person-days with each read at a room: `k`, `minutes`, whether to the `server` room.

    `stay` is how many minutes such a visit to the server room takes.
    """
    many = chance.count(2.2, 0.5, "room reads", "number", "n").clip(1, 8)
    staff = days.filter(~pl.col("user_id").is_in(list(_ELSEWHERE)) & ~pl.col("home"))
    rows = staff.with_columns(k=pl.int_ranges(0, many)).explode("k")
    first = pl.when(pl.col("k") == 0).then(pl.col("start") + 1.5)
    extra = pl.col("role").str.ends_with("administrator") & (
        chance.uniform("server room", "number", "n", "k") < 0.15
    )
    rows = rows.with_columns(
        minutes=first.otherwise(within(chance, "room", "number", "n", "k")),
        server=extra & (pl.col("k") > 0),
        stay=6 + 12 * chance.uniform("server stay", "number", "n", "k"),
    )
    return without(rows, elsewhere(chance, days), pl.col("minutes"))


def within(chance: Chance, stream: str, *counters: str) -> pl.Expr:
    """Return a minute of the working day."""
    room = pl.col("end") - pl.col("start") - 30
    return pl.col("start") + 15 + room * chance.uniform(stream, *counters)
