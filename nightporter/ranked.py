"""The shapes of the tables in which people and places are ranked: columns, and their days.

Knows nothing of how a rank comes about.
"""

import polars as pl

_TEXT = pl.String
_DAY = pl.Date

# How many people a day has: against that a finding is rare, or is not.
PEOPLE_DAY = "SELECT day, count(*) AS people FROM presence GROUP BY day"

# Each with its partition, beside `schema.TABLES`, which holds them too.
RANKED: dict[str, tuple[dict[str, pl.DataType | type[pl.DataType]], tuple[str, ...]]] = {
    "risk": (
        {
            "user_id": _TEXT,
            "day": _DAY,
            "risk": pl.Float64,
            "rank": pl.Int64,
            "factor": pl.Float64,
            "reasons": pl.List(_TEXT),
            "parts": _TEXT,
        },
        ("day",),
    ),
    "places": (
        {
            **dict.fromkeys(("kind", "id"), _TEXT),
            "day": _DAY,
            "risk": pl.Float64,
            "rank": pl.Int64,
            "parts": _TEXT,
        },
        ("day",),
    ),
    "robots": (
        {
            "user_id": _TEXT,
            **dict.fromkeys(("day", "since"), _DAY),
            "events": pl.Int64,
            "usual": pl.Float64,
        },
        ("day",),
    ),
    "cases": (
        {
            **dict.fromkeys(("case_id", "user_id", "opening"), _TEXT),
            **dict.fromkeys(("opened", "first_day", "last_day"), _DAY),
            "findings": pl.Int64,
            **dict.fromkeys(("level", "status"), _TEXT),
            "closed": _DAY,
            "verdict": _TEXT,
            "held": pl.Boolean,
            "reviewed": _DAY,
            "days": pl.List(pl.Struct({"day": _DAY, "findings": pl.Int64, "level": _TEXT})),
        },
        (),
    ),
}
