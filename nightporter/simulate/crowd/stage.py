"""What a campaign may know of its actors: their days in the tested time, and colleagues."""

from dataclasses import dataclass
from functools import cached_property

import polars as pl

from nightporter.simulate.chance import Chance
from nightporter.simulate.crowd.days import employed, on_leave, present


@dataclass(frozen=True)
class Stage:
    """`actors` are people with campaign_id, start and length (days); `calendar` is whole."""

    chance: Chance
    actors: pl.DataFrame
    people: pl.DataFrame
    calendar: pl.DataFrame

    @cached_property
    def nights(self) -> pl.DataFrame:
        """A row for each actor and day of the campaign on which (s)he is not on leave."""
        days = self.actors.join(self.calendar, on="site").filter(_within(), employed())
        return days.filter(~on_leave(self.chance)).with_columns(i=pl.col("n") - pl.col("start"))

    @cached_property
    def workdays(self) -> pl.DataFrame:
        """Those of them on which the actor works, on a workday."""
        days = present(self.chance, self.actors, self.calendar)
        days = days.filter(_within(), "workday").sort("number", "n")
        return days.with_columns(i=pl.int_range(pl.len()).over("number"))

    def uniform(self, stream: str, *counters: str) -> pl.Expr:
        """Return uniforms by person, or by person and day, of the deeds' own streams."""
        return self.chance.uniform(f"deed {stream}", *(counters or ("number", "n")))

    def count(self, median: float | pl.Expr, spread: float, stream: str, *at: str) -> pl.Expr:
        """Return lognormal counts, at least one."""
        counters = at or ("number", "n")
        return self.chance.count(median, spread, f"deed {stream}", *counters).clip(lower_bound=1)

    def colleague(self, rows: pl.DataFrame, stream: str, tries: int = 12) -> pl.DataFrame:
        """Add `other`, `other_team`: somebody of the same site who is not in the house that day.

        Of `tries` drawn colleagues the first who is away; rows without one are left out.
        """
        members = self.people.with_columns(
            m=pl.int_range(pl.len()).over("site"), size=pl.len().over("site")
        )
        sizes = members.group_by("site").agg(size=pl.len())
        drawn = rows.select("number", "n", "site").join(sizes, on="site")
        drawn = drawn.with_columns(t=pl.int_ranges(0, tries)).explode("t")
        m = self.chance.below(pl.col("size"), f"deed {stream}", "number", "n", "t")
        who = members.select("site", "m", other="number", other_team="team")
        drawn = drawn.with_columns(m=m).join(who, on=["site", "m"])
        drawn = drawn.filter(pl.col("other") != pl.col("number"))
        known = self.people.filter(pl.col("number").is_in(drawn["other"].unique().implode()))
        there = present(self.chance, known, self.calendar).filter(~pl.col("home"), "workday")
        away = drawn.join(
            there.select("n", other="number"), on=["n", "other"], how="anti"
        )  # fmt: skip
        first = away.sort("number", "n", "t").unique(["number", "n"], keep="first")
        return rows.join(first.select("number", "n", "other", "other_team"), on=["number", "n"])


def _within() -> pl.Expr:
    return pl.col("n").is_between(pl.col("start"), pl.col("start") + pl.col("length") - 1)
