"""Stamps become instants: ISO 8601, strptime formats and epochs, on the wall clock of a zone.

Knows no feeds: what a stamp's text alone says is kept apart from what a zone adds.
"""

from datetime import datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import polars as pl

WALL = pl.Datetime("us")
# Years outside are clock faults; inside, every library and folder name can hold the day.
_FIRST, _LAST = datetime(1900, 1, 2), datetime(9990, 1, 1)
_TAIL = r"^(?:[.,](\d{1,9})\d*)?\s?(?:(Z|z)|([+-])(\d\d)(?::?(\d\d))?)?$"
_OFFSET = r"(?:(Z|z)|([+-])(\d\d):?(\d\d))\s*$"
_NO_SECONDS = r"^(\d{4}-\d\d-\d\d[T ]\d\d:\d\d)($|\s?[Zz+-].*)"
_COMPACT = r"^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)"
# No zone has set its clocks there and back within so short a time and a day on either side.
_FEW_DAYS = timedelta(days=2)
EPOCHS = {"epoch_s": 1_000_000, "epoch_ms": 1_000}


def read_stamps(stamps: pl.Series, form: str | None) -> pl.DataFrame:
    """Return `wall` (us; null: not a stamp) and `offset` (a duration; null: none said)."""
    if isinstance(stamps.dtype, pl.Datetime):
        read = _typed(stamps)
    elif form in EPOCHS:
        read = _epoch(stamps.cast(pl.String), EPOCHS[form])
    elif form:
        read = _formatted(stamps.cast(pl.String), chrono(form))
    else:
        read = _iso(stamps.cast(pl.String))
    sane = pl.col("wall").is_between(_FIRST, _LAST)
    return read.select(pl.when(sane).then("wall").alias("wall"), "offset")


def chrono(form: str) -> str:
    """Return a strptime form as polars' parser writes it: it reads a fraction with its dot."""
    return form.replace(".%f", "%.f")


def _typed(stamps: pl.Series) -> pl.DataFrame:
    aware = stamps.dtype.time_zone is not None if isinstance(stamps.dtype, pl.Datetime) else False
    wall = stamps.dt.convert_time_zone("UTC").dt.replace_time_zone(None) if aware else stamps
    return _read(wall.dt.cast_time_unit("us"), timedelta() if aware else None)


def _read(wall: pl.Series, offset: timedelta | None) -> pl.DataFrame:
    said = pl.lit(offset, pl.Duration("us"))
    return pl.DataFrame({"wall": wall}).with_columns(offset=said)


def _epoch(stamps: pl.Series, unit: int) -> pl.DataFrame:
    texts = pl.DataFrame({"text": stamps})
    number = pl.when(pl.col("text").str.contains(r"^-?\d{1,14}(\.\d+)?$")).then("text")
    micros = (number.cast(pl.Float64, strict=False) * unit).round().cast(pl.Int64, strict=False)
    sane = micros.is_between(-(1 << 57), 1 << 58)
    return _read(texts.select(pl.when(sane).then(micros).cast(WALL)).to_series(), timedelta())


def _formatted(stamps: pl.Series, form: str) -> pl.DataFrame:
    wall = stamps.str.to_datetime(form, strict=False, time_unit="us")
    if not isinstance(wall.dtype, pl.Datetime) or wall.dtype.time_zone is None:
        return _read(wall, timedelta() if form == "%s" else None)
    instant = wall.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
    offset = _duration(stamps.str.extract_groups(_OFFSET).struct.unnest(), 1)
    said = pl.DataFrame({"wall": instant, "offset": offset}).with_columns(
        pl.col("offset").fill_null(timedelta())
    )
    return said.with_columns(wall=pl.col("wall") + pl.col("offset"))


def _iso(stamps: pl.Series) -> pl.DataFrame:
    read = _iso_strict(stamps)
    # What is read so far stays: a few bad stamps must not cost a second reading of the others.
    places = (read["wall"].is_null() & stamps.is_not_null()).arg_true()
    if places.is_empty():
        return read
    second = _iso_strict(_respelled(stamps.gather(places)))
    return pl.DataFrame([read[name].scatter(places, second[name]) for name in read.columns])


def _respelled(stamps: pl.Series) -> pl.Series:
    spelled = stamps.str.replace(_NO_SECONDS, "$1:00$2")
    return spelled.str.replace(_COMPACT, "$1-$2-${3}T$4:$5:$6")


def _iso_strict(stamps: pl.Series) -> pl.DataFrame:
    head, tail = stamps.str.head(19), stamps.str.slice(19)
    # Logs use one of the two signs throughout; which one, their first line shows.
    first = head.first()
    blank = isinstance(first, str) and first[10:11] == " "
    signs = (" ", "T") if blank else ("T", " ")
    usual, other = (f"%Y-%m-%d{sign}%H:%M:%S" for sign in signs)
    wall = head.str.to_datetime(usual, strict=False, time_unit="us")
    missing = (wall.is_null() & head.is_not_null()).arg_true()
    if not missing.is_empty():
        rest = head.gather(missing).str.to_datetime(other, strict=False, time_unit="us")
        wall = wall.scatter(missing, rest)
    # chrono takes single digits and a 60th second; ISO 8601 and the calendar do not.
    wall = wall.zip_with((head.str.len_bytes() == 19) & ~head.str.ends_with(":60"), _nulls(wall))
    if not tail.str.len_bytes().max():
        return _read(wall, None)
    if (tail == "Z").all():
        return _read(wall, timedelta())
    return _with_tail(wall, tail)


def _nulls(like: pl.Series) -> pl.Series:
    return pl.Series([None], dtype=like.dtype).new_from_index(0, len(like))


def _with_tail(wall: pl.Series, tail: pl.Series) -> pl.DataFrame:
    groups = tail.str.extract_groups(_TAIL).struct.unnest()
    fraction = groups.to_series(0).str.head(6).str.pad_end(6, "0").cast(pl.Int64).fill_null(0)
    parts = pl.DataFrame(
        {
            "wall": wall + fraction.cast(pl.Duration("us")),
            "offset": _duration(groups, 2),
            "fits": tail.str.contains(_TAIL),
            "said": groups.to_series(2).is_not_null(),
        }
    )
    # An offset of 24 hours or 60 minutes is none: the stamp is wrong, not naive.
    good = pl.col("fits") & (pl.col("offset").is_not_null() | ~pl.col("said"))
    return parts.select(pl.when(good).then("wall").alias("wall"), "offset")


def _duration(groups: pl.DataFrame, sign: int) -> pl.Series:
    """Return the offset that four groups say: Z, from `sign` on +-, hours and minutes."""
    z, plus, hours, minutes = (groups.to_series(sign - 1 + n) for n in range(4))
    parts = pl.DataFrame({"z": z, "plus": plus, "h": hours, "m": minutes})
    h, m = pl.col("h").cast(pl.Int64), pl.col("m").cast(pl.Int64).fill_null(0)
    size = pl.when((h < 24) & (m < 60)).then(h * 60 + m)
    signed = pl.when(pl.col("plus") == "-").then(-size).otherwise(size)
    said = pl.when(pl.col("z").is_not_null()).then(0).otherwise(signed)
    return parts.select(said * pl.duration(minutes=1)).to_series().cast(pl.Duration("us"))


def in_zone(read: pl.DataFrame, zone: str) -> pl.DataFrame:
    """Return `read` with every naive stamp as an instant: that of the clock of `zone`."""
    told = pl.col("offset").is_not_null()
    instant = _naive(zone).dt.replace_time_zone(None)
    return read.select(
        pl.when(told).then("wall").otherwise(instant).alias("wall"),
        pl.col("offset").fill_null(timedelta()),
    )


def on_clock(read: pl.DataFrame, zone: str | None, day_starts: time) -> pl.DataFrame:
    """Return `ts`, `local_ts` and `day` of stamps at a place with `zone`.

    A stamp's own offset wins. A naive stamp in a gap of the zone's clock has a null `ts`. One
    that a clock set back shows twice is taken as the earlier instant: any rule is a guess, this
    one is stable, and such nights read as the wall showed them.
    """
    instant = (pl.col("wall") - pl.col("offset")).dt.replace_time_zone("UTC")
    if zone is None:
        placed = read.select(instant.alias("ts"), local_ts="wall")
    elif read["offset"].null_count() == len(read):
        placed = read.select(_on_wall(read["wall"], zone).alias("ts"), local_ts="wall")
    else:
        ts = pl.coalesce(instant, _naive(zone))
        local = ts.dt.convert_time_zone(zone).dt.replace_time_zone(None)
        placed = read.select(ts.alias("ts"), local.alias("local_ts"))
    starts = timedelta(hours=day_starts.hour, minutes=day_starts.minute)
    return placed.with_columns(day=(pl.col("local_ts") - starts).dt.date())


def _on_wall(wall: pl.Series, zone: str) -> pl.Expr:
    """Place naive stamps: by one offset where the clocks of `zone` kept still all that time."""
    first, last = wall.min(), wall.max()
    if isinstance(first, datetime) and isinstance(last, datetime) and last - first < _FEW_DAYS:
        clock, day = ZoneInfo(zone), timedelta(days=1)
        before, after = (moment.replace(tzinfo=clock) for moment in (first - day, last + day))
        if (offset := before.utcoffset()) == after.utcoffset():
            return (pl.col("wall") - pl.lit(offset)).dt.replace_time_zone("UTC")
    return _naive(zone)


def _naive(zone: str) -> pl.Expr:
    earliest: Literal["earliest"] = "earliest"
    placed = pl.col("wall").dt.replace_time_zone(zone, ambiguous=earliest, non_existent="null")
    return placed.dt.convert_time_zone("UTC")
