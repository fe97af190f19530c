"""The innocent, on days on which they look like thieves."""

import polars as pl

from nightporter.simulate.crowd.insiders import stage_rate
from nightporter.simulate.crowd.stage import Stage


def approved_migration(stage: Stage) -> pl.DataFrame:
    """A share moves to another server, by night and by order, over some nights."""
    rows = stage.nights.filter(stage.uniform("goes") < 0.8)
    files, by_hand = stage.count(160, 0.5, "documents"), stage.uniform("by hand", "number") < 0.5
    return rows.with_columns(
        at=20.5 * 60 + 90 * stage.uniform("evening"), width=120 + 120 * stage.uniform("width"),
        downloads=pl.when(by_hand).then(files).otherwise(0),
        copies=pl.when(by_hand).then(0).otherwise(files), enters=stage.uniform("on site") < 0.5,
        room=pl.format("{}-SRV", "site"), far=pl.lit(0.8),
    )  # fmt: skip


def on_call_night(stage: Stage) -> pl.DataFrame:
    """The pager rings: in by night, to the server room, some files looked at and fetched."""
    rows = stage.nights.filter(stage.uniform("goes") < 0.5)
    return rows.with_columns(
        at=22 * 60 + 300 * stage.uniform("evening"), width=40 + 90 * stage.uniform("width"),
        views=stage.count(15, 0.6, "looks"), downloads=stage.count(5, 0.6, "documents"),
        enters=pl.lit(True), room=pl.format("{}-SRV", "site"), far=pl.lit(0.2),
    )  # fmt: skip


def quarter_close(stage: Stage) -> pl.DataFrame:
    """The books are closed: late evenings with many statements, several days running."""
    rows = stage.workdays.filter(stage.uniform("goes") < 0.8)
    return rows.with_columns(
        at=19 * 60 + 60 * stage.uniform("evening"), width=80 + 80 * stage.uniform("width"),
        views=stage.count(30, 0.5, "looks"), downloads=stage.count(25, 0.6, "documents"),
        enters=pl.lit(True), far=pl.lit(0.05),
    )  # fmt: skip


def role_change(stage: Stage) -> pl.DataFrame:
    """Another team's folders are read from one day on."""
    away = stage.people["team"].max()
    assert isinstance(away, int)
    new = 1 + stage.chance.below(away, "deed new team", "number")
    return stage.workdays.with_columns(
        place=0.05 + 0.1 * stage.uniform("place"), width=pl.lit(0.7),
        views=stage.count(20, 0.6, "looks"), downloads=stage.count(8, 0.7, "documents"),
        far=pl.lit(0.0), folder_team=new,
    )  # fmt: skip


def new_joiner(stage: Stage) -> pl.DataFrame:
    """Everything is new: the handbook, the archive, the predecessor's folder."""
    return stage.workdays.filter(stage.uniform("goes") < 0.7).with_columns(
        place=0.05 + 0.1 * stage.uniform("place"), width=pl.lit(0.7),
        views=stage.count(35, 0.5, "looks"), downloads=stage.count(15, 0.7, "documents"),
        far=pl.lit(0.2),
    )  # fmt: skip


def trade_fair_stick(stage: Stage) -> pl.DataFrame:
    """The first stick ever, for slides and price lists, a day or two before the fair."""
    rows = stage.workdays.filter(pl.col("i") < 1 + (stage.uniform("days", "number") < 0.4))
    taken = stage.count(stage_rate(stage, 35, 0.4), 0.3, "documents")
    return rows.with_columns(
        place=0.8 * stage.uniform("place"), width=pl.lit(0.08), downloads=taken, writes=taken,
        far=pl.lit(0.1),
    )  # fmt: skip


def delivery_to_customer(stage: Stage) -> pl.DataFrame:
    """A project is handed over: its files go to the customer's store within some days."""
    rows = stage.workdays.filter(stage.uniform("goes") < 0.7)
    return rows.with_columns(
        place=0.7 * stage.uniform("place"), width=0.05 + 0.2 * stage.uniform("width"),
        uploads=stage.count(stage_rate(stage, 14, 0.7), 0.5, "documents"), far=pl.lit(0.02),
    )  # fmt: skip


def honest_leaver(stage: Stage) -> pl.DataFrame:
    """Hands over and clears up: looks at everything, deletes much, takes nothing."""
    return stage.workdays.filter(stage.uniform("goes") < 0.7).with_columns(
        place=0.05 + 0.1 * stage.uniform("place"), width=pl.lit(0.7),
        views=stage.count(25, 0.6, "looks"), deletes=stage.count(12, 0.8, "clears"),
        far=pl.lit(0.0),
    )  # fmt: skip


def shift_swap(stage: Stage) -> pl.DataFrame:
    """A few nights in place of a colleague; nobody told the register."""
    rows = stage.nights.filter("workday", stage.uniform("goes") < 0.8)
    return rows.with_columns(
        at=22 * 60 + 30 * stage.uniform("evening"), width=400 + 40 * stage.uniform("width"),
        views=stage.count(25, 0.5, "looks"), downloads=stage.count(4, 0.6, "documents"),
        enters=pl.lit(True), far=pl.lit(0.05),
    )  # fmt: skip


def forgotten_card(stage: Stage) -> pl.DataFrame:
    """The card lies at home: a refusal at a door, and an office opened by the secretary."""
    rows = stage.workdays.filter(~pl.col("home")).filter(
        pl.col("i") == pl.col("i").min().over("number")
    )
    return rows.with_columns(
        place=0.3 + 0.4 * stage.uniform("place"), width=pl.lit(0.05),
        views=stage.count(6, 0.5, "looks"), room=pl.format("{}-O{}", "site", "team"),
        refused=pl.lit(True), far=pl.lit(0.0),
    )  # fmt: skip
