"""The shapes of simulated events before they are written as anybody's log lines."""

from collections.abc import Iterable

import polars as pl

from nightporter.simulate.places import ZONES

# `local` is the wall clock of `site`; `campaign` and `user_id` are truth and are not written.
Shape = dict[str, pl.DataType | type[pl.DataType]]
_ALL: Shape = {
    "local": pl.Datetime("us"), "site": pl.String, "user_id": pl.String, "campaign": pl.String,
}  # fmt: skip
_FILE: Shape = {"path": pl.String, "doc": pl.String, "size": pl.Int64}
SCHEMAS: dict[str, Shape] = {
    "access": {
        **_ALL, "account": pl.String, "host": pl.String, "action": pl.String,
        "ok": pl.Boolean, **_FILE, "ip": pl.String, "logon_type": pl.Int64,
    },
    "usb": {
        **_ALL, "account": pl.String, "host": pl.String, "action": pl.String,
        "serial": pl.String, "real": pl.Boolean, "device_class": pl.String,
        "vendor": pl.String, "product": pl.String, **_FILE,
    },
    "badge": {
        **_ALL, "card": pl.String, "door": pl.String, "action": pl.String,
        "direction": pl.String, "reason": pl.String,
    },
}  # fmt: skip


def shaped(frame: pl.DataFrame, source: str) -> pl.DataFrame:
    """Return `frame` with exactly the source's columns; what it lacks is null."""
    columns = [
        (pl.col(name) if name in frame.columns else pl.lit(None)).cast(kind).alias(name)
        for name, kind in SCHEMAS[source].items()
    ]
    return frame.select(columns)


def gathered(frames: Iterable[pl.DataFrame], source: str) -> pl.DataFrame:
    """Return all events of one source, with `ts` in UTC and whole seconds."""
    events = pl.concat([shaped(frame, source) for frame in frames])
    local = pl.col("local").dt.truncate("1s")
    instants = [_instant(local, site).alias(f"ts_{site}") for site in ZONES]
    events = events.with_columns(instants)
    walls = [
        pl.when(pl.col("site") == site).then(
            pl.col(f"ts_{site}").dt.convert_time_zone(zone).dt.replace_time_zone(None)
        )
        for site, zone in ZONES.items()
    ]
    ts = pl.coalesce([pl.when(pl.col("site") == site).then(f"ts_{site}") for site in ZONES])
    return events.with_columns(ts=ts, local=pl.coalesce(walls)).drop(
        [f"ts_{site}" for site in ZONES]
    )


def _instant(local: pl.Expr, site: str) -> pl.Expr:
    """Return the instant of a wall clock; an hour that the spring change skips is the next one."""
    later = local + pl.duration(hours=1)
    known, skipped = (
        wall.dt.replace_time_zone(ZONES[site], ambiguous="earliest", non_existent="null")
        for wall in (local, later)
    )
    return pl.coalesce(known, skipped).dt.convert_time_zone("UTC")


def at(day: str, minutes: pl.Expr) -> pl.Expr:
    """Return the wall clock `minutes` (with fractions) after a day's midnight."""
    micros = (minutes * 60_000_000).cast(pl.Int64)
    return pl.col(day).cast(pl.Datetime("us")) + pl.duration(microseconds=micros)
