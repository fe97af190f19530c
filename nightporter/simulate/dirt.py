"""What goes wrong on the way: broken lines, and files that begin with their predecessor's end."""

import polars as pl

from nightporter.simulate.chance import Chance
from nightporter.simulate.feeds import Feed

# One byte of Latin-1 in a UTF-8 file: this stands for it until the file is encoded.
LATIN_BYTE = "\ue000"
_BROKEN, _OVERLAP_LINES = 0.0005, 5
_COLUMNS = ["file", "order", "text", "user_id", "campaign", "local", "dirt"]


def soiled(chance: Chance, feed: Feed, lines: pl.DataFrame) -> pl.DataFrame:
    """Return the lines with broken ones and overlaps between them, in order.

    A broken line precedes the good one that it was meant to be, so that no event is lost;
    `dirt` is null, broken or overlap.
    """
    lines = lines.with_columns(
        order=pl.int_range(pl.len()).cast(pl.Float64), dirt=pl.lit(None, pl.String)
    ).select(_COLUMNS)
    parts = [lines, _broken(chance, feed, lines), _overlaps(chance, feed, lines)]
    return pl.concat(parts).sort("order", "dirt", maintain_order=True)


def _broken(chance: Chance, feed: Feed, lines: pl.DataFrame) -> pl.DataFrame:
    wanted = max(2, round(_BROKEN * lines.height))
    drawn = chance.uniform(f"{feed.name} broken", pl.col("order").cast(pl.Int64))
    victims = lines.sort(drawn, "order").head(wanted).sort("order").with_row_index("nth")
    kind = pl.col("nth") % len(feed.damages)
    damage = kind.replace_strict(dict(enumerate(feed.damages)), return_dtype=pl.String)
    return victims.with_columns(damage=damage).select(
        "file", pl.col("order") - 0.5, _damaged(), pl.lit(None, pl.String).alias("user_id"),
        pl.lit(None, pl.String).alias("campaign"), "local", pl.lit("broken").alias("dirt"),
    )  # fmt: skip


def _damaged() -> pl.Expr:
    """Cut off, an impossible stamp, a Latin-1 byte, another column, or a remark of the logger."""
    text, damage = pl.col("text"), pl.col("damage")
    stamp = r"\d\d:\d\d:\d\d"
    return (
        pl.when(damage == "cut")
        .then(text.str.slice(0, 8))
        .when(damage == "stamp")
        .then(text.str.replace(stamp, "25:61:00"))
        .when(damage == "latin")
        .then(pl.concat_str(text.str.slice(0, 45), pl.lit(LATIN_BYTE), text.str.slice(46)))
        .when(damage == "extra")
        .then(pl.format("{};;?", text))
        .otherwise(pl.lit("-- log rotated --"))
        .alias("text")
    )


def _overlaps(chance: Chance, feed: Feed, lines: pl.DataFrame) -> pl.DataFrame:
    """Some files repeat the last lines of the file before."""
    files = lines.group_by("file").agg(first=pl.col("order").min()).sort("first")
    pairs = files.with_columns(before=pl.col("file").shift(1)).slice(1).with_row_index("nth")
    chosen = pairs.sort(chance.uniform(f"{feed.name} overlap", "nth"), "nth").head(feed.overlaps)
    tails = lines.sort("order").group_by("file", maintain_order=True).tail(_OVERLAP_LINES)
    rows = tails.join(chosen, left_on="file", right_on="before", maintain_order="left")
    count = pl.int_range(pl.len()).over("file_right").cast(pl.Float64)
    return rows.select(
        pl.col("file_right").alias("file"),
        (pl.col("first") - 0.9 + count / 100).alias("order"), "text",
        pl.lit(None, pl.String).alias("user_id"), pl.lit(None, pl.String).alias("campaign"),
        "local", pl.lit("overlap").alias("dirt"),
    )  # fmt: skip
