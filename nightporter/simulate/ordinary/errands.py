"""Ways into other teams' rooms on ordinary days; in the archive, people read at its desk."""

import polars as pl

from nightporter.simulate.chance import Chance
from nightporter.simulate.ordinary.whereabouts import elsewhere, without

ROOMS = ("H-ARC", "H-DATA", "H-FIN", "H-DIR")
ARCHIVE, READING_DESK, DESK_ADDRESS = "H-ARC", "HAV-KSK-02", "10.20.9.42"


def errands(chance: Chance, days: pl.DataFrame) -> pl.DataFrame:
    """Return person-days with an errand, its `door` and `minutes`: seldom, in the middle of it."""
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
    )
    return without(rows, elsewhere(chance, days), pl.col("minutes"))
