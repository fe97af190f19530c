"""Ways into other teams' rooms on ordinary days; in the archive, people read at its desk."""

import polars as pl

from nightporter.simulate.chance import Chance
from nightporter.simulate.ordinary.rooms import room_reads
from nightporter.simulate.ordinary.whereabouts import elsewhere, windows, without

ROOMS = ("H-ARC", "H-DATA", "H-FIN", "H-DIR")
ARCHIVE, READING_DESK, DESK_ADDRESS = "H-ARC", "HAV-KSK-02", "10.20.9.42"
# How long an errand takes at most; nobody begins one so shortly before going elsewhere.
_LONGEST = 45


def errands(chance: Chance, days: pl.DataFrame) -> pl.DataFrame:
    """Return person-days with an errand, seldom: its `door`, `minutes`, and `stay` in the room."""
    staff = days.filter(
        (pl.col("site") == "HAV")
        & ~pl.col("home")
        & ~pl.col("role").is_in(["guard", "cleaner", "night operator"])
    )
    rows = staff.filter(chance.uniform("errand", "number", "n") < 0.06)
    door = chance.below(len(ROOMS), "errand door", "number", "n")
    room = pl.col("end") - pl.col("start") - 75
    rows = rows.with_columns(
        door=door.replace_strict(dict(enumerate(ROOMS)), return_dtype=pl.String),
        minutes=pl.col("start") + 30 + room * chance.uniform("errand at", "number", "n"),
    ).with_columns(stay=pl.when(pl.col("door") == ARCHIVE).then(35).otherwise(8))
    taken = elsewhere(chance, days).with_columns(pl.col("gone") - _LONGEST)
    return without(rows, taken, pl.col("minutes"))


def away_from_desk(chance: Chance, days: pl.DataFrame) -> pl.DataFrame:
    """Return (number, n, gone, back) of everything that keeps people from their own desks."""
    way, came = 5, pl.col("minutes")
    gone = (came - way).alias("gone"), (came + pl.col("stay") + way).alias("back")
    ways = errands(chance, days).with_columns(gone)
    down = room_reads(chance, days).filter("server").with_columns(gone)
    return pl.concat([elsewhere(chance, days), windows(ways), windows(down)])
