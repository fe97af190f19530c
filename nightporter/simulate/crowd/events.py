"""The columns of events before they are lines, and what several kinds of act share."""

import polars as pl

from nightporter.simulate.chance import Chance
from nightporter.simulate.crowd.population import DEPARTMENTS

_WHO: dict[str, pl.DataType | type[pl.DataType]] = {
    # `number` is whose machine or card it is, `user_id` who acted; `key` the sitting.
    "number": pl.Int64, "n": pl.Int64, "key": pl.Int64, "site": pl.String,
    "local": pl.Datetime("us"), "action": pl.String,
    "campaign_id": pl.String, "user_id": pl.String, "documents": pl.Int64,
}  # fmt: skip
_FILE: dict[str, pl.DataType | type[pl.DataType]] = {
    "path": pl.String,
    "doc": pl.String,
    "size": pl.Int64,
}
_DESK: dict[str, pl.DataType | type[pl.DataType]] = {"account": pl.String, "host": pl.String}
COLUMNS = {
    "access": {**_WHO, **_DESK, **_FILE, "ok": pl.Boolean},
    "usb": {**_WHO, **_DESK, **_FILE, "serial": pl.String, "device_class": pl.String},
    "badge": {
        **_WHO, "card": pl.String, "door": pl.String, "direction": pl.String, "reason": pl.String,
    },
}  # fmt: skip
# Multiplied below a prime, numbers stay different and lose their order.
_SCRAMBLE, _PRIME = 2_654_435_761, 2**32 - 5
# Documents in a team's folder, in a department's, in everybody's.
_TEAM, _DEPARTMENT, _COMPANY = 600, 2_500, 5_000


def shaped(frame: pl.DataFrame, source: str) -> pl.DataFrame:
    """Return `frame` with exactly the columns of its source; what it lacks is null."""
    return frame.select(
        (pl.col(name) if name in frame.columns else pl.lit(None)).cast(kind).alias(name)
        for name, kind in COLUMNS[source].items()
    )


def own_desk(rows: pl.DataFrame) -> pl.DataFrame:
    """Add the own account, and the own workstation or, at home, the laptop."""
    kind = pl.when("home").then(pl.lit("LT")).otherwise(pl.lit("WS"))
    return rows.with_columns(account="user_id", host=pl.format("{}{}", kind, "number"))


def own_card(rows: pl.DataFrame) -> pl.DataFrame:
    """Add `card`: the first one, from its day on the replacement; where `loaned`, a loaner."""
    nth = pl.when("loaned").then(2).otherwise(pl.col("n") >= pl.col("reissued"))
    return rows.with_columns(card=card_of(pl.col("number"), nth.cast(pl.Int64)))


def card_of(number: pl.Expr, nth: pl.Expr) -> pl.Expr:
    """Return the printed number of a person's first card (0), second (1) or loaner (2)."""
    return pl.format("{}", 300_000 + 7 * number + 3 * nth)


def stick_of(number: pl.Expr, nth: pl.Expr) -> pl.Expr:
    """Return the serial of a person's `nth` stick, 0 to 3: it tells neither person nor `nth`."""
    return pl.format("ST{}", (700_000 + 4 * number + nth) * _SCRAMBLE % _PRIME)


def device(chance: Chance, rows: pl.DataFrame) -> pl.DataFrame:
    """Add `serial` and `device_class`: heavy users have two sticks, others one."""
    second = (pl.col("sticks") == 2) & (chance.uniform("which stick", "bits") < 0.4)
    serial = stick_of(pl.col("number"), second.cast(pl.Int64))
    return rows.with_columns(serial=serial, device_class=pl.lit("mass_storage"))


def document(chance: Chance, rows: pl.DataFrame, away: pl.Expr) -> pl.DataFrame:
    """Add `path`, `doc` and `size`: mostly of the own team; `away`, of another department.

    Needs `bits` (the counter of the draw), `team`, `department`.
    """
    near = pl.col("_near")
    level = pl.when(away).then(3).when(near < 0.85).then(0).when(near < 0.95).then(1).otherwise(2)
    among = pl.when(level == 0).then(_TEAM).when(level == 2).then(_COMPANY).otherwise(_DEPARTMENT)
    others = len(DEPARTMENTS) - 1
    far = (pl.col("department") + 1 + (near * 1e6).cast(pl.Int64) % others) % len(DEPARTMENTS)
    rows = rows.with_columns(_near=chance.uniform("folder", "bits"))
    rows = rows.with_columns(
        _level=level,
        _department=pl.when(level == 3).then(far).otherwise("department"),
        # Some documents are opened far more often than others.
        _index=(chance.uniform("document", "bits") ** 1.7 * among).floor().cast(pl.Int64),
    )
    return _named(chance, rows).drop("_near", "_level", "_department", "_index", "_number")


def _named(chance: Chance, rows: pl.DataFrame) -> pl.DataFrame:
    level = pl.col("_level")
    first = pl.when(level == 0).then(pl.col("team") * 1000 + 100_000)
    number = first.when(level == 2).then(90_000).otherwise(pl.col("_department") * 10_000)
    names = dict(enumerate(f"/{name}" for name in DEPARTMENTS))
    name = pl.col("_department").replace_strict(names, return_dtype=pl.String)
    folder = pl.when(level == 0).then(pl.format("/team{}", "team"))
    folder_of = folder.when(level == 2).then(pl.lit("/company")).otherwise(name)
    rows = rows.with_columns(_number=number + pl.col("_index"))
    size = 20_000 * (4.6 * chance.uniform("size", "_number")).exp()
    return rows.with_columns(
        doc=pl.format("D{}", "_number"),
        path=pl.format("{}/{}.docx", folder_of, "_number"),
        size=size.cast(pl.Int64),
    )
