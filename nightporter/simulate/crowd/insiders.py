"""Thieves: how much they take on which days. Every magnitude is drawn, none is a threshold."""

import polars as pl

from nightporter.simulate.crowd import parameters as p
from nightporter.simulate.crowd.stage import Stage
from nightporter.simulate.span import SAT


def _night(stage: Stage, late: float = 0.5) -> pl.Expr:
    """When a night's visit begins: after dinner, or (`late`) in the small hours."""
    evening = 20.5 * 60 + 150 * stage.uniform("evening")
    return pl.when(stage.uniform("late") < late).then(evening + 240).otherwise(evening)


def quiet_administrator(stage: Stage) -> pl.DataFrame:
    """A few documents a night, weekends too, over months; half of them to a disk of his own."""
    rows = stage.nights.filter(stage.uniform("goes") < 0.7)
    with_disk = stage.uniform("has disk", "number") < 0.5
    taken = stage.count(p.QUIET_DOCUMENTS, 0.35, "documents")
    foreign = stage.uniform("foreign office") < 0.3
    return rows.with_columns(
        at=_night(stage), width=30 + 50 * stage.uniform("width"), downloads=taken,
        writes=pl.when(with_disk).then(taken).otherwise(0), enters=pl.lit(True),
        room=pl.when(foreign).then(pl.format("{}-O{}", "site", "team")),
        far=pl.lit(0.3), nth_stick=pl.lit(3, pl.Int64),
    )  # fmt: skip


def nights_with_stick(stage: Stage) -> pl.DataFrame:
    """CERT's first scenario: starts to come at night, carries files out, and soon resigns."""
    rows = stage.nights.filter(stage.uniform("goes") < 0.45)
    taken = stage.count(stage_rate(stage, 14, 0.7), 0.5, "documents")
    return rows.with_columns(
        at=_night(stage), width=20 + 60 * stage.uniform("width"), downloads=taken, writes=taken,
        enters=stage.uniform("on site") < 0.7, far=pl.lit(0.2),
    )  # fmt: skip


def stage_rate(stage: Stage, median: float, spread: float) -> pl.Expr:
    """Return a person's own rate: greed differs between thieves."""
    return (spread * stage.chance.normal("deed greed", "number")).exp() * median


def office_hours_surge(stage: Stage) -> pl.DataFrame:
    """CERT's second scenario: weeks before leaving, far more than ever to a stick, by day."""
    rows = stage.workdays.filter(stage.uniform("goes") < 0.6)
    taken = stage.count(stage_rate(stage, 25, 0.6), 0.5, "documents")
    return rows.with_columns(
        place=0.8 * stage.uniform("place"), width=0.05 + 0.1 * stage.uniform("width"),
        downloads=taken, writes=taken, far=pl.lit(0.15),
    )  # fmt: skip


def off_hours_bulk_day(stage: Stage) -> pl.DataFrame:
    """One evening or day of rest, and a large part of the folder."""
    rows = _one(stage, stage.nights)
    taken = stage.count(220, 0.5, "documents")
    weekend = (pl.col("weekday") >= SAT).cast(pl.Float64)
    return rows.with_columns(
        at=_night(stage, 0.3) - 500 * weekend * stage.uniform("by day"),
        width=60 + 90 * stage.uniform("width"), downloads=taken,
        writes=pl.when(stage.uniform("stick") < 0.4).then(taken).otherwise(0),
        enters=stage.uniform("on site") < 0.5, far=pl.lit(0.2),
    )  # fmt: skip


def office_hours_bulk_day(stage: Stage) -> pl.DataFrame:
    """The same in broad daylight."""
    rows = _one(stage, stage.workdays)
    taken = stage.count(220, 0.5, "documents")
    return rows.with_columns(
        place=0.7 * stage.uniform("place"), width=0.1 + 0.2 * stage.uniform("width"),
        downloads=taken, writes=pl.when(stage.uniform("stick") < 0.4).then(taken).otherwise(0),
        far=pl.lit(0.2),
    )  # fmt: skip


def cloud_upload(stage: Stage) -> pl.DataFrame:
    """By day, document after document to a store outside, week after week."""
    rows = stage.workdays.filter(stage.uniform("goes") < 0.4)
    return rows.with_columns(
        place=0.7 * stage.uniform("place"), width=0.1 + 0.2 * stage.uniform("width"),
        uploads=stage.count(stage_rate(stage, 14, 0.7), 0.5, "documents"), far=pl.lit(0.2),
    )  # fmt: skip


def slow_ramp(stage: Stage) -> pl.DataFrame:
    """Each workday a little more than the day before, beginning at the own usual number."""
    usual = (pl.col("pace") * pl.col("download_share")).clip(lower_bound=1.0)
    more = usual * ((1 + p.RAMP_DAILY) ** (pl.col("i") + 1) - 1)
    taken = (more + stage.uniform("rest")).floor().cast(pl.Int64)
    return stage.workdays.with_columns(
        place=0.05 + 0.1 * stage.uniform("place"),
        width=pl.lit(0.75),
        downloads=taken,
        far=pl.lit(0.1),
    ).filter(pl.col("downloads") > 0)


def foreign_workstations(stage: Stage) -> pl.DataFrame:
    """Desk after desk of absent colleagues, a few documents at each; most of them by day."""
    rows = stage.workdays.filter(~pl.col("home"), stage.uniform("goes") < 0.35)
    rows = stage.colleague(rows, "desk")
    return _at_colleagues(stage, rows, stage.uniform("daylight") < 0.7)


def owner_elsewhere(stage: Stage) -> pl.DataFrame:
    """By day at the desk of somebody whose card says that (s)he is not there."""
    rows = stage.workdays.filter(~pl.col("home"), stage.uniform("goes") < 0.25)
    rows = stage.colleague(rows, "desk")
    return _at_colleagues(stage, rows, pl.lit(True))


def _at_colleagues(stage: Stage, rows: pl.DataFrame, by_day: pl.Expr) -> pl.DataFrame:
    return rows.with_columns(
        at=pl.when(~by_day).then(_night(stage, 0.2)),
        place=0.8 * stage.uniform("place"),
        width=pl.when(by_day).then(0.05).otherwise(25 + 30 * stage.uniform("width")),
        downloads=stage.count(9, 0.6, "documents"), enters=~by_day,
        room=pl.format("{}-R{}", "site", "other_team"), far=pl.lit(0.4), host_of="other",
    )  # fmt: skip


def office_entry_then_access(stage: Stage) -> pl.DataFrame:
    """Into the lead's office when it is empty, and from there to the files."""
    rows = stage.nights.filter(stage.uniform("goes") < 0.3)
    rows = stage.colleague(rows, "office").with_columns(lead=stage.uniform("lead"))
    leads = stage.people.group_by("team").agg(boss=pl.col("number").min())
    rows = rows.join(leads, left_on="other_team", right_on="team")
    return rows.with_columns(
        at=_night(stage, 0.3), width=15 + 30 * stage.uniform("width"),
        downloads=stage.count(10, 0.6, "documents"), enters=pl.lit(True),
        room=pl.format("{}-O{}", "site", "other_team"), far=pl.lit(0.5),
        host_of=pl.when(stage.uniform("their desk") < 0.5).then("boss").otherwise("number"),
    )  # fmt: skip


def _one(stage: Stage, rows: pl.DataFrame) -> pl.DataFrame:
    """One of each actor's days."""
    drawn = rows.with_columns(drawn=stage.uniform("the day"))
    return drawn.sort("number", "drawn").unique("number", keep="first", maintain_order=True)
