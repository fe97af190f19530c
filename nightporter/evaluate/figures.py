"""What was measured of each detector by itself, as the file that the catalogue page reads."""

from collections.abc import Sequence
from pathlib import Path

import orjson

from nightporter.errors import UsageError
from nightporter.evaluate.results import Figures
from nightporter.hostile import in_json
from nightporter.report.record import swap


def figures(profiles: Sequence[Figures], command: str) -> Figures:
    """Return the figures of `summary` by detector and profile.

    `innocent`: findings about people who had done nothing, a thousand people and day. `found`:
    of each campaign the cases in which the detector spoke on a day that counts; what it found
    none of is left out, `cases` has all.
    """
    detectors: dict[str, Figures] = {}
    for told in profiles:
        for row in told["by_each"]:
            of = detectors.setdefault(row["detector"], {})
            of[told["profile"]] = {"innocent": round(row["innocent"], 3), "found": row["found"]}
    return {"command": command, "profiles": {t["profile"]: _asked(t) for t in profiles},
            "detectors": detectors}  # fmt: skip


def _asked(told: Figures) -> Figures:
    cases = {row["campaign"]: row["cases"] for row in told["recall"]}
    return {"organisations": len(told["seeds"]), "people": told["people"],
            "person_days": told["person_days"], "cases": cases}  # fmt: skip


def write_figures(path: Path, profiles: Sequence[Figures], command: str) -> None:
    """Write `figures` to the JSON file `path`; equal figures, equal bytes."""
    options = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE
    try:
        told = orjson.dumps(figures(profiles, command), option=options).decode()
        swap(path, in_json(told).encode())
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}") from None
