"""Who goes out for lunch, and which passages of an entrance its reader takes."""

import polars as pl

from nightporter.simulate.chance import Chance

_MISSED = {"in": 0.02, "out": 0.012}


def lunches(chance: Chance, days: pl.DataFrame) -> pl.DataFrame:
    """Return the person-days with a lunch outside the house, as minutes `leaves` and `back`."""
    goes = (chance.uniform("lunch out", "number", "n") < 0.3) & noticed(chance, "out")
    mornings = days.filter(
        goes & (pl.col("start") < 12 * 60) & (pl.col("site") == "HAV") & ~pl.col("home")
    )
    leaves = pl.col("start") + 255 + 20 * chance.normal("lunch", "number", "n")
    meals = mornings.with_columns(leaves=leaves).with_columns(
        back=pl.col("leaves") + 28 + 15 * chance.uniform("lunch back", "number", "n")
    )
    meets_plan = (pl.col("gone_from") < pl.col("back")) & (pl.col("gone_to") > pl.col("leaves"))
    return meals.filter(~meets_plan.fill_null(False))


def noticed(chance: Chance, way: str) -> pl.Expr:
    """Return whether a day's coming or going was read; now and then somebody holds the door."""
    return (chance.uniform(f"missed {way}", "number", "n") >= _MISSED[way]) | pl.col("seen")
