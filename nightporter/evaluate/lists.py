"""The morning's list, cut to a budget, as somebody reads it who looks at everybody on it.

One rule for every ranking that is measured, ours and the references.
"""

from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date

import polars as pl

from nightporter.looks import Look

# People to look at, a thousand people and day; and where curves have their points.
BUDGETS = (1, 3, 5, 10)
CURVE = (0.5, 1.0, 2.0, 3.0, 5.0, 7.5, 10.0, 15.0, 20.0)

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


def looked_at(scores: pl.DataFrame, places: Mapping[float, int]) -> pl.DataFrame:
    """Return (user_id, day, place, most) of whoever is looked at with each of `places` a day.

    The highest scores of a day, without those whom an earlier look is enough for. `scores` may
    have `kinds`, the detectors that spoke on that day.
    """
    days = list(_by_day(scores))
    rows: list[tuple[str, date, int, int]] = []
    for most in sorted(set(places.values())):
        looks: dict[str, Look] = {}
        for day, ranked in days:
            place = 0
            for user, score, said in ranked:
                if place == most:
                    break
                kinds, last = frozenset(said or ()), looks.get(user)
                if last is not None and last.is_enough_for(day, score, kinds):
                    continue
                place += 1
                looks[user] = Look(day, score, kinds | (last.kinds if last else kinds))
                rows.append((user, day, place, most))
    return pl.DataFrame(rows, schema=LOOKED_AT, orient="row")


def alone(
    scores: pl.DataFrame, places: Mapping[float, int], guilty: Collection[str]
) -> pl.DataFrame:
    """Return `looked_at` of each of `guilty`, as if (s)he were the only one of them there.

    Several thieves at once take each other's places. Here each stands beside the people who are
    none: a place is his or hers on a day where the last of them who is looked at scores less.
    """
    thieves = pl.col("user_id").is_in(list(guilty))
    crowd = scores.filter(~thieves)
    seen = looked_at(crowd, places).join(crowd, on=["user_id", "day"])
    bars = {
        (most, day): sorted(held)
        for most, day, held in seen.group_by("most", "day").agg("score").iter_rows()
    }
    rows: list[tuple[str, date, int, int]] = []
    for most in sorted(set(places.values())):
        looks: dict[str, Look] = {}
        for day, ranked in _by_day(scores.filter(thieves)):
            held = bars.get((most, day), [])
            for user, score, said in ranked:
                place = 1 + len(held) - bisect_left(held, score)
                kinds, last = frozenset(said or ()), looks.get(user)
                if place > most or (last and last.is_enough_for(day, score, kinds)):
                    continue
                looks[user] = Look(day, score, kinds | (last.kinds if last else kinds))
                rows.append((user, day, place, most))
    return pl.DataFrame(rows, schema=LOOKED_AT, orient="row")


def ranks_alone(ranks: pl.DataFrame, guilty: Collection[str]) -> pl.DataFrame:
    """Return the places of `guilty` in `ranks` (`listed`), each without the others of them."""
    thief = pl.col("user_id").is_in(list(guilty))
    others = (thief.cum_sum().over("day") - 1).cast(pl.Int64)
    return ranks.sort("day", "place").with_columns(pl.col("place") - others).filter(thief)


LOOKED_AT: dict[str, type[pl.DataType]] = {
    "user_id": pl.String, "day": pl.Date, "place": pl.Int64, "most": pl.Int64,
}  # fmt: skip


def _by_day(scores: pl.DataFrame) -> Iterator[tuple[date, list[tuple[str, float, list[str]]]]]:
    if "kinds" not in scores.columns:
        scores = scores.with_columns(kinds=pl.lit(None, pl.List(pl.String)))
    ranked = listed(scores).join(scores, on=["user_id", "day"]).sort("day", "place")
    for part in ranked.partition_by("day", maintain_order=True):
        yield part["day"][0], part.select("user_id", "score", "kinds").rows()
