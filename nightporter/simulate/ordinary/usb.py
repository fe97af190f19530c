"""Sticks, telephones and headsets of ordinary days; only the main site logs them."""

import polars as pl

from nightporter.simulate.chance import Chance
from nightporter.simulate.documents import project_number, project_ranges
from nightporter.simulate.events import at
from nightporter.simulate.institute import Institute
from nightporter.simulate.ordinary.errands import away_from_desk
from nightporter.simulate.ordinary.whereabouts import without
from nightporter.simulate.places import TEAMS

VENDORS = ("Kestrel", "Tamarind", "Norvolt", "Ostfold", "Brightrun", "Caldera")
_STICKS = ("Slide 64", "Drive Mini", "Pocket 128", "Portable 1 TB", "Rover 256", "Portable 2 TB")
# class, share of person-days, product, has a serial of its own
_OTHERS = (
    ("mtp", 0.02, "Phone", True),
    ("audio", 0.02, "Headset", False),
    ("hid", 0.01, "Keyboard", False),
)


def serial(chance: Chance, *counters: int) -> str:
    """Return a serial number as sticks carry it."""
    return f"{int(chance.draw('serial', *counters) * 16**12):012X}"


def ordinary_usb(institute: Institute, days: pl.DataFrame) -> list[pl.DataFrame]:
    """Return the events of all person-days in the house."""
    chance = institute.chance
    here = days.filter((pl.col("site") == "HAV") & ~pl.col("home") & pl.col("has_account"))
    here = here.with_columns(account=pl.col("user_id"))
    away = away_from_desk(chance, here)
    sessions = without(_sessions(institute, here), away, pl.col("minutes"))
    return [
        _at(sessions, pl.col("minutes"), "connect"),
        without(_writes(institute, sessions), away),
        _at(sessions, pl.col("minutes") + pl.col("length"), "disconnect"),
        *(_other_device(chance, here, *kind) for kind in _OTHERS),
    ]


def _sessions(institute: Institute, here: pl.DataFrame) -> pl.DataFrame:
    """Most users connect one to three times on some days, a few do it all day long."""
    chance = institute.chance
    drawn = chance.uniform("stick day", "number", "n")
    light = pl.when(drawn < 0.3).then(1 + chance.below(3, "stick times", "number", "n"))
    heavy = pl.when(drawn < 0.9).then(chance.count(6.0, 0.4, "stick times", "number", "n"))
    times = pl.when(pl.col("sticks") == "heavy").then(heavy.clip(1, 12)).otherwise(light)
    users = here.filter(pl.col("sticks") != "none").with_columns(times=times).drop_nulls("times")
    rows = users.with_columns(k=pl.int_ranges(0, "times")).explode("k")
    room = (pl.col("end") - pl.col("start") - 60) / pl.col("times")
    place = pl.col("k") + 0.6 * chance.uniform("stick time", "number", "n", "k")
    length = 2 + 0.3 * room * chance.uniform("stick length", "number", "n", "k")
    return rows.with_columns(
        minutes=pl.col("start") + 20 + place * room, length=length, real=pl.lit(True),
        serial=_stick_in_use(institute),
        device_class=pl.lit("mass_storage"), **make(pl.col("number")),
    )  # fmt: skip


def _stick_in_use(institute: Institute) -> pl.Expr:
    """Half of the users get a new stick one day."""
    chance, number = institute.chance, pl.col("number")
    first, second = (
        number.replace_strict(
            {p.number: serial(chance, p.number, nth) for p in institute.people.values()},
            return_dtype=pl.String,
        )
        for nth in (0, 1)
    )
    changes = chance.uniform("second stick", "number") < 0.5
    on_day = institute.span.days * chance.uniform("second stick from", "number")
    return pl.when(changes & (pl.col("n") > on_day)).then(second).otherwise(first)


def make(number: pl.Expr) -> dict[str, pl.Expr]:
    """Return the vendor and product of a person's sticks."""
    return {
        "vendor": _one_of(VENDORS, number % 6),
        "product": _one_of(_STICKS, number % 6),
    }


def _one_of(words: tuple[str, ...], index: pl.Expr) -> pl.Expr:
    return index.replace_strict(dict(enumerate(words)), return_dtype=pl.String)


def _at(rows: pl.DataFrame, minutes: pl.Expr, action: str) -> pl.DataFrame:
    tagged = pl.when(minutes >= pl.col("tag_from")).then("campaign")
    return rows.with_columns(local=at("day", minutes), action=pl.lit(action), campaign=tagged)


def _writes(institute: Institute, sessions: pl.DataFrame) -> pl.DataFrame:
    chance, at_write = institute.chance, ("number", "n", "k", "w")
    written = chance.count(1.2, 0.8, "written", "number", "n", "k").clip(0, 15)
    rows = sessions.with_columns(w=pl.int_ranges(0, written)).explode("w").drop_nulls("w")
    own = pl.col("team").replace_strict(
        {name: team.projects[0] for name, team in TEAMS.items()}, return_dtype=pl.String
    )
    rows = rows.with_columns(project_number=project_number(own)).join(
        project_ranges(), on="project_number", how="left", maintain_order="left"
    )
    aim = chance.uniform("stick document", "number", "week", chance.below(14, "pick", *at_write))
    document = pl.col("offset") + (aim * pl.col("many")).floor().cast(pl.Int64)
    catalogue = institute.catalogue.select(pl.exclude("number"), document="number")
    rows = rows.with_columns(document=document).join(
        catalogue, on="document", how="left", maintain_order="left"
    )
    step = (pl.col("w") + 0.5) / 16 * pl.col("length")
    return _at(rows, pl.col("minutes") + step, "write")


def _other_device(
    chance: Chance, here: pl.DataFrame, device_class: str, share: float, product: str, real: bool
) -> pl.DataFrame:
    rows = here.filter(chance.uniform(f"{device_class} day", "number", "n") < share)
    room = pl.col("end") - pl.col("start")
    minutes = pl.col("start") + 15 + 0.8 * room * chance.uniform(device_class, "number", "n")
    own = pl.format("{}{}", pl.lit(device_class.upper()), 70_311 + 977 * pl.col("number"))
    # Devices without a serial get one from the operating system: it names the port, not them.
    port = pl.format("7&{}&0&2", 31_007 + 13 * pl.col("number"))
    rows = rows.with_columns(
        serial=own if real else port, real=pl.lit(real), device_class=pl.lit(device_class),
        vendor=_one_of(VENDORS, (pl.col("number") * 5 + 1) % 6), product=pl.lit(product),
    )  # fmt: skip
    return _at(rows, minutes, "connect")
