"""Deeds become events: the same way for insiders and look-alikes.

A deed is one person's sitting of one day beyond ordinary life. With `at` it stands alone, in
minutes after midnight and `width` minutes long; without, it lies among the day's own work, from
`place` on and `width` long, both as shares of the time at the desk.
"""

import polars as pl

from nightporter.simulate.chance import Chance
from nightporter.simulate.crowd.days import at_desk, clock
from nightporter.simulate.crowd.events import document, own_card, stick_of
from nightporter.simulate.crowd.ordinary import reads

DEED: dict[str, pl.DataType | type[pl.DataType]] = {
    "campaign_id": pl.String, "number": pl.Int64, "n": pl.Int64, "day": pl.Date,
    "at": pl.Float64, "place": pl.Float64, "width": pl.Float64,
    "downloads": pl.Int64, "views": pl.Int64, "deletes": pl.Int64, "copies": pl.Int64,
    "uploads": pl.Int64, "writes": pl.Int64, "enters": pl.Boolean, "refused": pl.Boolean,
    "room": pl.String,
    "host_of": pl.Int64, "folder_team": pl.Int64, "far": pl.Float64, "nth_stick": pl.Int64,
}  # fmt: skip
# What a deed does with files: its column, and the action.
_ACTS = (
    ("downloads", "download"), ("views", "view"), ("deletes", "delete"), ("copies", "copy"),
    ("uploads", "upload"),
)  # fmt: skip
_TAKEN = ("download", "copy", "upload")
# Room for so many documents of one kind in a deed; more would be drawn twice.
_MOST = 8192
# Ordinary sittings of a day are 0, 1 and 2.
_SITTING = 3
_BREAKS = ("start", "end", "lunch", "pause", "morning", "afternoon", "visit")


def as_deeds(rows: pl.DataFrame) -> pl.DataFrame:
    """Return exactly the columns of a deed; what a campaign does not say is none."""
    rows = rows.select(
        (pl.col(name) if name in rows.columns else pl.lit(None)).cast(kind).alias(name)
        for name, kind in DEED.items()
    )
    counts = [*(count for count, _ in _ACTS), "writes", "nth_stick"]
    return rows.with_columns(
        pl.col(counts).fill_null(0), pl.col("enters", "refused").fill_null(False),
        pl.col("host_of").fill_null(pl.col("number")), pl.col("far").fill_null(0.0),
    )  # fmt: skip


def events(
    chance: Chance, deeds: pl.DataFrame, people: pl.DataFrame, sittings: pl.DataFrame,
    missing_in: float,
) -> dict[str, list[pl.DataFrame]]:  # fmt: skip
    """Return the events of `deeds` by source, with campaign_id, user_id and documents."""
    who = people.select("number", "user_id", "site", "team", "department", "sticks", "reissued")
    clocks = sittings.filter(pl.col("sitting") == 0).select("number", "n", "home", *_BREAKS)
    rows = deeds.join(who, on="number").join(clocks, on=["number", "n"], how="left")
    # By day there is no desk without a sitting: the plan knew who would come.
    rows = rows.filter(pl.col("at").is_not_null() | pl.col("start").is_not_null()).with_columns(
        key=(pl.col("number") * 4096 + pl.col("n")) * 4 + _SITTING,
        team=pl.coalesce("folder_team", "team"),
        remote=pl.when(pl.col("at").is_null()).then("home").otherwise(~pl.col("enters")),
    )  # fmt: skip
    own = pl.col("host_of") == pl.col("number")
    kind = pl.when("remote").then(pl.lit("LT")).otherwise(pl.lit("WS"))
    rows = rows.with_columns(
        own=own, account="user_id", owner=pl.col("number"),
        host=pl.when(own).then(pl.format("{}{}", kind, "number"))
        .otherwise(pl.format("WS{}", "host_of")),
    )  # fmt: skip
    files, sticks = [*_files(chance, rows), *_sessions(rows)], _sticks(chance, rows)
    # The clock and the net that count are those of the machine.
    return {
        "access": [part.with_columns(number="host_of") for part in files],
        "usb": [part.with_columns(number="host_of") for part in sticks],
        "badge": _doors(chance, own_card(rows.with_columns(loaned="refused")), missing_in),
    }


def _minute(share: pl.Expr) -> pl.Expr:
    """Return the minute of `share`, in [0, 1], of the deed."""
    among = at_desk(pl.min_horizontal(pl.lit(0.99), pl.col("place") + share * pl.col("width")))
    return pl.coalesce(pl.col("at") + share * pl.col("width"), among)


def _files(chance: Chance, rows: pl.DataFrame) -> list[pl.DataFrame]:
    parts = []
    for nth, (count, action) in enumerate(_ACTS):
        files = _counted(rows, count, 0 if count == "downloads" else nth)
        share = 0.05 + 0.85 * chance.uniform("deed file at", "bits")
        taken = (pl.col("writes") == 0) & (action in _TAKEN)
        files = files.with_columns(
            local=clock(_minute(share)), action=pl.lit(action), ok=pl.lit(True),
            documents=taken.cast(pl.Int64),
        )  # fmt: skip
        parts.append(_named(chance, files))
    return parts


def _counted(rows: pl.DataFrame, count: str, nth: int) -> pl.DataFrame:
    files = rows.with_columns(k=pl.int_ranges(0, pl.col(count).clip(upper_bound=_MOST)))
    files = files.explode("k", empty_as_null=False)
    return files.with_columns(bits=pl.col("key") * 65536 + _MOST * nth + pl.col("k"))


def _named(chance: Chance, files: pl.DataFrame) -> pl.DataFrame:
    return document(chance, files, chance.uniform("deed far", "bits") < pl.col("far"))


def _sessions(rows: pl.DataFrame) -> list[pl.DataFrame]:
    """Who sits down anew logs on; among the day's work that is only at another's desk."""
    anew = rows.filter(pl.col("at").is_not_null() | ~pl.col("own"))
    return [
        anew.with_columns(
            local=clock(_minute(pl.lit(share))), action=pl.lit(action), ok=pl.lit(True),
            documents=pl.lit(0, pl.Int64),
        )
        for action, share in (("logon", 0.0), ("logoff", 1.0))
    ]  # fmt: skip


def _sticks(chance: Chance, rows: pl.DataFrame) -> list[pl.DataFrame]:
    """What was downloaded is written out: the same documents, a little later."""
    rows = rows.filter(pl.col("writes") > 0).with_columns(
        serial=stick_of(pl.col("number"), pl.col("nth_stick")), device_class=pl.lit("mass_storage"),
        documents=pl.lit(0, pl.Int64),
    )  # fmt: skip
    share = 0.08 + 0.88 * chance.uniform("deed file at", "bits")
    writes = _counted(rows, "writes", 0).with_columns(
        local=clock(_minute(share)), action=pl.lit("write"), documents=pl.lit(1, pl.Int64)
    )
    plugs = [
        rows.with_columns(local=clock(_minute(pl.lit(at))), action=pl.lit(action))
        for action, at in (("connect", 0.03), ("disconnect", 0.98))
    ]
    return [_named(chance, writes), *plugs]


def _doors(chance: Chance, rows: pl.DataFrame, missing_in: float) -> list[pl.DataFrame]:
    """In, perhaps to a certain room, and out; readers miss some, as they do of everybody."""
    rows = rows.with_columns(
        documents=pl.lit(0, pl.Int64), gate=pl.format("{}-GATE", "site"),
        hall=pl.format("{}-R{}", "site", "team"),
    )  # fmt: skip
    first, last = _minute(pl.lit(0.0)), _minute(pl.lit(1.0))
    seen = [chance.uniform(f"deed gate {nth}", "key") >= missing_in for nth in (0, 1)]
    come = rows.filter(pl.col("enters") & pl.col("at").is_not_null())
    there = rows.filter(pl.col("room").is_not_null() & ~pl.col("remote"))
    by_day = there.filter(pl.col("at").is_null())
    return [
        reads(come.filter(seen[0]), first - 6, "gate", "entry"),
        reads(come, first - 4.5, "hall", "entry"),
        reads(there, first - 2, "room", "entry"),
        reads(rows.filter("refused"), first - 3, "hall", "denied"),
        reads(by_day, last + 2, "hall", "entry"),
        reads(come.filter(seen[1]), last + 4, "gate", "exit"),
    ]
