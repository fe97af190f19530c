"""A look-alike: each Friday somebody copies the week's results to a registered stick."""

import polars as pl

from nightporter.simulate.cast import COURIER
from nightporter.simulate.documents import PROJECTS, project_number, project_ranges
from nightporter.simulate.events import at
from nightporter.simulate.institute import Institute
from nightporter.simulate.ordinary.usb import make, serial
from nightporter.simulate.span import FRI

NAME = "Friday results"
_RESULTS, _A_WEEK = "model-runs", 10


def courier_downloads(institute: Institute, days: pl.DataFrame) -> pl.DataFrame:
    """Return the downloads of all Fridays on which the courier is in the house."""
    copies = _copies(institute, days)
    rows = copies.with_columns(
        account=pl.col("user_id"), ok=pl.lit(True),
        ip=pl.format("10.20.{}.{}", pl.col("number") // 250, pl.col("number") % 250 + 2),
    )  # fmt: skip
    return _at(rows, pl.col("minutes") + 0.6 * pl.col("k"), "download")


def courier_stick(institute: Institute, days: pl.DataFrame) -> list[pl.DataFrame]:
    """Return what the stick does then: the same documents, minutes later."""
    fridays, copies = (
        frame.with_columns(
            account=pl.col("user_id"), real=pl.lit(True), device_class=pl.lit("mass_storage"),
            serial=pl.lit(serial(institute.chance, institute.people[COURIER].number, 0)),
            **make(pl.col("number")),
        )
        for frame in (_fridays(institute, days), _copies(institute, days))
    )  # fmt: skip
    minutes = pl.col("minutes")
    return [
        _at(fridays, minutes + 9, "connect"),
        _at(copies, minutes + 9.5 + 0.25 * pl.col("k"), "write"),
        _at(fridays, minutes + 14, "disconnect"),
    ]


def _fridays(institute: Institute, days: pl.DataFrame) -> pl.DataFrame:
    here = (pl.col("site") == "HAV") & ~pl.col("home") & (pl.col("weekday") == FRI)
    drawn = institute.chance.uniform("courier at", "number", "n")
    return days.filter((pl.col("user_id") == COURIER) & here).with_columns(
        minutes=pl.col("end") - 24 + 4 * drawn
    )


def _copies(institute: Institute, days: pl.DataFrame) -> pl.DataFrame:
    """Six to ten documents, each week the next ones of the shelf; none of the restricted ones."""
    many = 6 + institute.chance.below(5, "courier documents", "number", "n")
    rows = _fridays(institute, days).with_columns(k=pl.int_ranges(0, many)).explode("k")
    rows = rows.with_columns(project_number=project_number(pl.lit(_RESULTS))).join(
        project_ranges(), on="project_number", how="left", maintain_order="left"
    )
    _, shelf, share, _ = PROJECTS[_RESULTS]
    restricted = round(shelf * share)
    place = (pl.col("week") * _A_WEEK + pl.col("k")) % (shelf - restricted)
    rows = rows.with_columns(document=pl.col("offset") + restricted + place)
    catalogue = institute.catalogue.select(pl.exclude("number"), document="number")
    return rows.join(catalogue, on="document", how="left", maintain_order="left")


def _at(rows: pl.DataFrame, minutes: pl.Expr, action: str) -> pl.DataFrame:
    return rows.with_columns(local=at("day", minutes), action=pl.lit(action), campaign=pl.lit(NAME))
