"""Reference baselines: what well-known methods make of the same features (`user_day`).

Each gives a score for each person and day, and its list is cut by the same rule as ours. None
of them is told which evidence came late, so a comparison favours them.
"""

import importlib.util
from collections.abc import Iterator
from datetime import date

import duckdb
import polars as pl

from nightporter.errors import UsageError
from nightporter.features import FEATURES
from nightporter.lake import Lake
from nightporter.window import Window

# Own days that a mean or a median is taken of, the day itself left out.
HISTORY = 90
# The organisation's point above which a fixed threshold lies.
FIXED = 0.999
# The spread of a normal distribution in units of its MAD.
NORMAL = 1.4826
# Person-days an isolation forest learns from, at most, drawn by a seed.
LEARNT = 100_000
_SEED = 1
_NAMES = list(dict.fromkeys(feature.name for feature in FEATURES))
_FLOORS = {feature.name: feature.floor for feature in FEATURES}


def vectors(lake: Lake, window: Window) -> pl.DataFrame:
    """Return (user_id, day, each feature): one row a person-day of `window`, zeros included."""
    with duckdb.connect() as con:
        con.execute("SET timezone = 'UTC'")
        for table in ("presence", "user_day"):
            lake.view(con, table, window)
        columns = ", ".join(
            f"coalesce(max(x) FILTER (feature = '{name}'), 0)::FLOAT AS {name}" for name in _NAMES
        )
        rows: pl.DataFrame = con.sql(
            f"""SELECT p.user_id, p.day, {columns}
            FROM presence AS p LEFT JOIN user_day AS f USING (user_id, day)
            GROUP BY ALL ORDER BY ALL"""
        ).pl()
    return rows


def references(
    days: pl.DataFrame, window: Window, *, forest: bool = True
) -> Iterator[tuple[str, pl.DataFrame]]:
    """Yield each reference's name and its scores (user_id, day, score) of `window`.

    `days` are `vectors` that begin with the warm-up; what is learnt at all is learnt before
    `window`. `forest` is the one that needs scikit-learn.
    """
    yield "fixed thresholds", _fixed(days, window)
    for name, middle, spread in (
        ("mean and sd", "avg(x)", "stddev_samp(x)"),
        ("median and MAD", "median(x)", f"{NORMAL} * mad(x)"),
    ):
        z = _own_scale(days, window, middle, spread)
        yield f"{name}, largest", z.select("user_id", "day", score="largest")
        yield f"{name}, sum", z.select("user_id", "day", score="sum")
    yield "ECOD", _ecod(days, window)
    if forest:
        yield "isolation forest", _forest(days, window)


def _parts(days: pl.DataFrame, first: date) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The days before `first`, and the rest; where none lie before, all are learnt from."""
    before = days.filter(pl.col("day") < first)
    return (before if before.height else days), days.filter(pl.col("day") >= first)


def _fixed(days: pl.DataFrame, window: Window) -> pl.DataFrame:
    """How many times the organisation's own high mark the furthest feature is."""
    learnt, asked = _parts(days, window.first)
    marks = {name: max(learnt[name].quantile(FIXED) or 0.0, _FLOORS[name]) for name in _NAMES}
    times = pl.max_horizontal(pl.col(name) / mark for name, mark in marks.items())
    return asked.select("user_id", "day", score=times)


def _own_scale(days: pl.DataFrame, window: Window, middle: str, spread: str) -> pl.DataFrame:
    """Return (user_id, day, largest, sum) of what lies above own days, in units of their spread.

    A spread below a feature's floor counts as that floor: a constant past is no certainty.
    """
    asked = days.filter(pl.col("day") >= window.first).select("user_id", "day")
    total = asked.with_columns(largest=pl.lit(0.0), sum=pl.lit(0.0))
    with duckdb.connect() as con:
        con.execute("SET timezone = 'UTC'")
        for name in _NAMES:
            con.register("own", days.select("user_id", "day", x=name).to_arrow())
            z = con.sql(_scale_sql(window, middle, spread, _FLOORS[name])).pl()
            total = total.join(z, on=["user_id", "day"], how="left").select(
                "user_id", "day",
                largest=pl.max_horizontal("largest", pl.col("z").fill_null(0)),
                sum=pl.col("sum") + pl.col("z").fill_null(0),
            )  # fmt: skip
    return total


def _scale_sql(window: Window, middle: str, spread: str, floor: float) -> str:
    own = f"""(PARTITION BY user_id ORDER BY day - DATE '1970-01-01'
        RANGE BETWEEN {HISTORY} PRECEDING AND 1 PRECEDING)"""
    spread = spread.replace("(x)", "(x) OVER own")
    return f"""
    WITH busy AS (SELECT DISTINCT user_id FROM own WHERE x > 0 AND day >= DATE '{window.first}'),
    told AS (
        SELECT user_id, day, x, {middle} OVER own AS middle, {spread} AS spread
        FROM own SEMI JOIN busy USING (user_id) WINDOW own AS {own}
    )
    SELECT user_id, day, greatest(0, (x - middle) / greatest(coalesce(spread, 0), {floor})) AS z
    FROM told WHERE day >= DATE '{window.first}' AND x > 0 AND middle IS NOT NULL"""


def _ecod(days: pl.DataFrame, window: Window) -> pl.DataFrame:
    """Empirical-cumulative-distribution outliers (Li et al. 2022): rare tails, summed in logs.

    Left, right, or by each feature's skewness: the largest of the three sums counts.
    """
    learnt, asked = _parts(days, window.first)
    sums: dict[str, pl.Expr] = {}
    tails = asked.select("user_id", "day")
    for name in _NAMES:
        known = learnt[name].sort()
        n = known.len()
        at_most = known.search_sorted(asked[name], side="right")
        below = known.search_sorted(asked[name], side="left")
        left = -((at_most + 1) / (n + 1)).log()
        right = -((n - below + 1) / (n + 1)).log()
        skewed = right if (known.skew() or 0.0) >= 0 else left
        tails = tails.with_columns(
            left.alias(f"left {name}"), right.alias(f"right {name}"), skewed.alias(f"auto {name}")
        )
    for side in ("left", "right", "auto"):
        sums[side] = pl.sum_horizontal(f"{side} {name}" for name in _NAMES)
    return tails.select("user_id", "day", score=pl.max_horizontal(sums.values()))


def forest_is_installed() -> bool:
    """Say whether the extra `nightporter[evaluate]` is there."""
    return importlib.util.find_spec("sklearn") is not None


def _forest(days: pl.DataFrame, window: Window) -> pl.DataFrame:
    """How quickly random cuts set a person-day apart, learnt from the days before."""
    try:
        from sklearn.ensemble import IsolationForest
    except ImportError:
        hint = "pip install 'nightporter[evaluate]'"
        raise UsageError("the isolation forest needs scikit-learn", hint=hint) from None
    learnt, asked = _parts(days, window.first)
    learnt = learnt.sample(min(learnt.height, LEARNT), seed=_SEED)
    forest = IsolationForest(random_state=_SEED).fit(_logs(learnt))
    return asked.select("user_id", "day").with_columns(
        score=pl.Series(-forest.score_samples(_logs(asked)))
    )


def _logs(days: pl.DataFrame) -> object:
    return days.select(pl.col(name).log1p() for name in _NAMES).to_numpy()
