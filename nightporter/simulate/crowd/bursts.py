"""Now and then somebody takes a whole folder along, for good reasons: the theft's innocent twin."""

import polars as pl

from nightporter.simulate.chance import Chance
from nightporter.simulate.crowd import parameters as p
from nightporter.simulate.crowd.days import at_desk, clock
from nightporter.simulate.crowd.events import document, own_desk, stick_of

# The first counter of a sitting's bits that belongs to its burst, and room for so many files.
_FIRST, _MOST = 32_768, 16_384


def fetched(chance: Chance, sittings: pl.DataFrame, profile: p.Profile) -> pl.DataFrame:
    """Return the files as they are downloaded, or sent to a store outside."""
    files = _files(chance, _busy(chance, sittings, profile))
    action = (
        pl.when(pl.col("way") >= 1 - p.BURST_SENT)
        .then(pl.lit("upload"))
        .otherwise(pl.lit("download"))
    )
    files = files.with_columns(local=clock(at_desk(pl.col("place"))), action=action, ok=True)
    return _named(chance, files)


def carried(chance: Chance, sittings: pl.DataFrame, profile: p.Profile) -> list[pl.DataFrame]:
    """Return what those who use sticks write to theirs: the same files, a minute later."""
    busy = _busy(chance, sittings, profile).filter(_by_stick()).with_columns(
        serial=stick_of(pl.col("number"), pl.lit(0)), device_class=pl.lit("mass_storage")
    )  # fmt: skip
    writes = _files(chance, busy)
    writes = writes.with_columns(
        local=clock(at_desk(pl.col("place")) + 1), action=pl.lit("write")
    )  # fmt: skip
    begins, ends = at_desk(pl.col("from")), at_desk(pl.col("from") + p.BURST_WIDTH) + 3
    return [
        busy.with_columns(local=clock(begins), action=pl.lit("connect")),
        _named(chance, writes),
        busy.with_columns(local=clock(ends), action=pl.lit("disconnect")),
    ]


def _busy(chance: Chance, sittings: pl.DataFrame, profile: p.Profile) -> pl.DataFrame:
    """Sittings with a burst: `from` is where in it, `way` how the files go.

    By day it is rare; who sits down again at night has a deadline more often.
    """
    late = pl.col("end") - pl.col("start") < p.SHORT_SITTING
    rate = pl.when(late).then(profile.late_bursts).otherwise(profile.bursts)
    rows = sittings.filter(chance.uniform("burst", "key") < rate)
    return own_desk(rows).with_columns(
        way=chance.uniform("burst way", "key"), **{"from": 0.9 * chance.uniform("burst at", "key")}
    )


def _by_stick() -> pl.Expr:
    """Return whether the files go to a stick: only of people who have one by then."""
    return (pl.col("stick_from") <= pl.col("n")) & (pl.col("way") < p.BURST_BY_STICK)


def _files(chance: Chance, busy: pl.DataFrame) -> pl.DataFrame:
    count = chance.count(p.BURST_MEDIAN, p.BURST_SPREAD, "burst size", "key")
    files = busy.with_columns(k=pl.int_ranges(0, count.clip(1, _MOST)))
    files = files.explode("k", empty_as_null=False)
    files = files.with_columns(bits=pl.col("key") * 65536 + _FIRST + pl.col("k"))
    return files.with_columns(
        place=pl.col("from") + p.BURST_WIDTH * chance.uniform("burst file", "bits")
    )


def _named(chance: Chance, files: pl.DataFrame) -> pl.DataFrame:
    return document(chance, files, chance.uniform("burst far", "key") < p.BURST_FAR)
