"""The morning's list, cut to a budget: the highest scores of a day, so many a thousand people.

One rule for every ranking that is measured, ours and the references.
"""

from collections.abc import Iterable

import polars as pl

# People to look at, a thousand people and day.
BUDGETS = (1, 3, 5, 10)

SCORES: dict[str, type[pl.DataType]] = {"user_id": pl.String, "day": pl.Date, "score": pl.Float64}


def places(people: int, budgets: Iterable[float] = BUDGETS) -> dict[float, int]:
    """Return how many places the list of `people` has by budget; never less than one."""
    return {budget: max(1, int(budget * people / 1000 + 0.5)) for budget in budgets}


def listed(scores: pl.DataFrame, most: int | None = None) -> pl.DataFrame:
    """Return (user_id, day, place) of the `most` highest `scores` (user_id, day, score) a day.

    Without `most` everybody with a score has a place.

    A score of nothing lists nobody. Equal scores fall in an order that means nothing, but is
    the same in every run: the order of names would list the same people every morning.
    """
    lot = pl.struct("user_id", "day").hash(seed=1)
    return (
        scores.filter(pl.col("score") > 0)
        .with_columns(lot=lot)
        .sort("day", pl.col("score").neg(), "lot", "user_id")
        .with_columns(place=pl.int_range(1, pl.len() + 1).over("day"))
        .filter(True if most is None else pl.col("place") <= most)
        .select("user_id", "day", pl.col("place").cast(pl.Int64))
    )
