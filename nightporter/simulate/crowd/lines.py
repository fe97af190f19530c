"""Events become lines, and lines files: one a source and day of arrival (UTC)."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from nightporter.simulate.chance import Chance
from nightporter.simulate.crowd import parameters as p

_DAY = 86_400


@dataclass(frozen=True)
class Log:
    """One log: its columns in the order of the line, and whether it is stamped in UTC."""

    source: str
    columns: tuple[tuple[str, str], ...]  # theirs, ours
    utc: bool

    @property
    def header(self) -> str:
        return ",".join(["record_id", "time", *(theirs for theirs, _ in self.columns)])


LOGS = {
    log.source: log
    for log in (
        Log("access", (
            ("site", "site"), ("login", "account"), ("client", "host"), ("op", "action"),
            ("result", "result"), ("path", "path"), ("doc", "doc"), ("size", "size"),
        ), True),
        Log("usb", (
            ("site", "site"), ("computer", "host"), ("login", "account"), ("event", "action"),
            ("serial", "serial"), ("class", "device_class"), ("path", "path"), ("doc", "doc"),
            ("size", "size"),
        ), False),
        Log("badge", (
            ("site", "site"), ("card", "card"), ("reader", "door"), ("way", "direction"),
            ("event", "action"), ("result", "result"), ("reason", "reason"),
        ), False),
    )
}  # fmt: skip


def recorded(
    chance: Chance, source: str, events: pl.DataFrame, block: int, profile: p.Profile
) -> pl.DataFrame:
    """Return `events` with `record_id`, stamped by their machines, and `arrives` (UTC).

    Ids count in the order of time, so they tell nothing of who acts; `block` is unique.
    """
    sittings = events.select("number", "n", "key").unique()
    sittings = sittings.with_columns(_drift=_drift(chance, profile), _delay=_delay(chance, source))
    events = events.join(sittings, on=["number", "n", "key"], maintain_order="left")
    if source != "badge":
        events = events.with_columns(pl.col("ts", "local") + pl.col("_drift"))
    events = events.sort("ts", maintain_order=True)
    nth = pl.int_range(pl.len()).cast(pl.String).str.zfill(8)
    return events.with_columns(
        record_id=pl.format(f"{source[0]}{block:05d}-{{}}", nth),
        arrives=pl.col("ts") + pl.col("_delay"),
    ).drop("_drift", "_delay")


def _drift(chance: Chance, profile: p.Profile) -> pl.Expr:
    """A machine's clock is off by the same seconds all the time; a few by minutes."""
    off = p.SKEW_SECONDS * chance.normal("skew", "number").clip(-3, 3)
    wrong = chance.uniform("wrong clock", "number") < profile.drifting_clocks
    seconds = pl.when(wrong).then(off * 12).otherwise(off)
    return pl.duration(milliseconds=(seconds * 1000).cast(pl.Int64))


def _delay(chance: Chance, source: str) -> pl.Expr:
    """A machine that is off the net delivers the whole day late."""
    drawn = chance.uniform(f"{source} late", "number", "n")
    minutes = -60 * p.LATE_MINUTES_MEAN * (1 - chance.uniform(f"{source} way", "key")).log()
    day = _DAY * (0.6 + 0.8 * chance.uniform(f"{source} next", "number", "n"))
    seconds = (
        pl.when(drawn < p.LATE_THREE_DAYS).then(2 * _DAY + day)
        .when(drawn < p.LATE_THREE_DAYS + p.LATE_DAY).then(day)
        .otherwise(minutes)
    )  # fmt: skip
    return pl.duration(milliseconds=(seconds * 1000).cast(pl.Int64))


def as_lines(source: str, events: pl.DataFrame) -> pl.DataFrame:
    """Return (ts, arrives, record_id, text)."""
    log = LOGS[source]
    stamp = "%Y-%m-%dT%H:%M:%S%.3fZ" if log.utc else "%Y-%m-%d %H:%M:%S%.3f"
    failed = ~pl.col("ok") if source == "access" else pl.col("action") == "denied"
    result = pl.when(failed).then(pl.lit("NO")).otherwise(pl.lit("OK"))
    events = events.with_columns(result=result)
    texts = [pl.col(ours).cast(pl.String).fill_null("") for _, ours in log.columns]
    time = pl.col("ts" if log.utc else "local").dt.strftime(stamp)
    return events.select(
        "ts", "arrives", "record_id",
        text=pl.concat_str([pl.col("record_id"), time, *texts], separator=","),
    )  # fmt: skip


def soiled(chance: Chance, source: str, lines: pl.DataFrame) -> pl.DataFrame:
    """Add broken copies before their lines, and lines that a later day delivers once more."""
    bits = pl.col("record_id").str.slice(1).str.replace("-", "").cast(pl.UInt64)
    drawn = lines.with_columns(_drawn=chance.uniform(f"{source} dirt", bits))
    broken = drawn.filter(pl.col("_drawn") < p.BROKEN_LINES)
    text, nth = pl.col("text"), pl.int_range(pl.len()) % 3
    broken = broken.with_columns(
        ts=pl.col("ts") - pl.duration(milliseconds=1),
        text=pl.when(nth == 0).then(text.str.slice(0, 14))
        .when(nth == 1).then(text.str.replace(r"\d\d:\d\d:\d\d", "25:61:00"))
        .otherwise(pl.format("{},;?", text)),
    )  # fmt: skip
    again = drawn.filter((1 - pl.col("_drawn")) <= p.DOUBLED_LINES).with_columns(
        arrives=pl.col("arrives") + pl.duration(days=1)
    )
    return pl.concat([drawn, broken, again]).drop("_drawn")


def write_day(out: Path, source: str, day: date, lines: pl.DataFrame) -> None:
    """Write the lines that arrive on `day`, in the order of their stamps."""
    path = out / "logs" / source / f"{day}.csv"
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    header = LOGS[source].header
    ordered = lines.sort("ts", "text").select(pl.col("text").alias(header))
    with path.open("wb") as file:
        file.write(f"{header}\n".encode())
        ordered.write_csv(file, include_header=False, quote_style="never")
