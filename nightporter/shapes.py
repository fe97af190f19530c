"""What a table is, and the tables that hold people's days as numbers.

Knows names and types only; all tables of the lake together stand in `schema`.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import polars as pl

Kind: TypeAlias = pl.DataType | type[pl.DataType]

INSTANT: Kind = pl.Datetime("us", "UTC")
WALL_CLOCK: Kind = pl.Datetime("us")
TEXT: Kind = pl.String

# Over so many days a slow sum reaches.
SLOW = (14, 30, 90, 365)

_USER_DAY: dict[str, Kind] = {"user_id": TEXT, "day": pl.Date}
_SLOW_COLUMNS = [f"{name}{h}" for name in ("x", "usual", "peers", "surprise") for h in SLOW]


@dataclass(frozen=True)
class Table:
    """One table of the lake."""

    name: str
    columns: dict[str, Kind]
    partition: tuple[str, ...] = ()

    def empty(self) -> pl.DataFrame:
        return self._empty.clone()

    @cached_property
    def _empty(self) -> pl.DataFrame:
        """Asked for dozens of times a night: to build one takes milliseconds, to clone none."""
        return pl.DataFrame(schema=self.columns)


def _daily(name: str, columns: dict[str, Kind]) -> Table:
    return Table(name, {**_USER_DAY, **columns}, ("day",))


PERSON_TABLES = (
    _daily(
        "user_day",
        {
            "day_type": TEXT,
            "feature": TEXT,
            **dict.fromkeys(("x", "x_capped", "usual", "usual_max"), pl.Float64),
            **dict.fromkeys(("peers", "exposure", "surprise"), pl.Float64),
            "n_days": pl.Int64,
            "confidence": TEXT,
        },
    ),
    _daily(
        "user_slow",
        {
            "feature": TEXT,
            **dict.fromkeys(_SLOW_COLUMNS, pl.Float64),
            "cusum": pl.Float64,
            "n_days": pl.Int64,
        },
    ),
    _daily(
        "slow_total",
        {
            "feature": TEXT,
            **dict.fromkeys(("total", "capped", "squares", "cusum"), pl.Float64),
        },
    ),
    _daily("presence", {"site": TEXT, "day_type": TEXT, "events": pl.Int64}),
    _daily(
        "user_hour",
        {
            "hour": pl.Int64,
            "source": TEXT,
            "events": pl.Int64,
            "off_hours": pl.Int64,
            "surprise": pl.Float64,
        },
    ),
    _daily("hour_habit", {"rest": pl.Boolean, "hour": pl.Int64, "weight": pl.Float64}),
    Table(
        "first_seen",
        {"user_id": TEXT, "kind": TEXT, "value": TEXT, "day": pl.Date},
        ("day",),
    ),
)

# What an event gains when context is joined, beside what its source says.
_JOINED: dict[str, Kind] = {
    **dict.fromkeys(("account_kind", "day_type", "zone", "owner", "door_kind"), TEXT),
    **dict.fromkeys(("off_hours", "fixed", "console", "sensitive"), pl.Boolean),
    **dict.fromkeys(("off_minutes", "since_entry"), pl.Int64),
}


def flagged_tables(stored: dict[str, Kind]) -> tuple[Table, ...]:
    """Return the tables of flagged people's days; `stored` are the columns of all sources."""
    who = {"event": TEXT, "source": TEXT, "user_id": TEXT}
    near: dict[str, Kind] = {
        **dict.fromkeys(("how", "what", "other"), TEXT),
        **dict.fromkeys(("people", "events"), pl.Int64),
        **dict.fromkeys(("first_at", "last_at"), WALL_CLOCK),
        "minutes": pl.Int64,
    }
    return (
        Table("flagged", {**who, **stored, **_JOINED}, ("day",)),
        _daily("nearby", near),
    )
