"""What `nightporter evaluate --figures` measured of each detector, read for the catalogue page.

Knows the file, not how it was measured.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import orjson

from nightporter.errors import UsageError

FILE_NAME = "figures.json"


@dataclass(frozen=True)
class Measured:
    """One detector on one profile of organisations.

    `innocent` is findings a thousand people and day; `campaigns` has (found, cases) by name.
    """

    profile: str
    innocent: float
    campaigns: Mapping[str, tuple[int, int]]

    @property
    def found(self) -> int:
        return sum(found for found, _ in self.campaigns.values())

    @property
    def cases(self) -> int:
        return sum(cases for _, cases in self.campaigns.values())


@dataclass(frozen=True)
class Figures:
    """The command that measured, and what it measured of each detector, by profile."""

    command: str
    detectors: Mapping[str, tuple[Measured, ...]]


NOTHING = Figures("", {})


def read_figures(path: Path) -> Figures:
    """Return what the JSON file `path` holds, NOTHING where there is none.

    Raises UsageError for a file that no evaluation wrote.
    """
    if not path.is_file():
        return NOTHING
    try:
        said = orjson.loads(path.read_bytes())
        cases = {name: told["cases"] for name, told in said["profiles"].items()}
        detectors = {
            id: tuple(
                Measured(
                    profile,
                    float(row["innocent"]),
                    {
                        name: (int(row["found"].get(name, 0)), int(count))
                        for name, count in sorted(cases[profile].items())
                    },
                )
                for profile, row in sorted(of.items(), reverse=True)
            )
            for id, of in said["detectors"].items()
        }
        return Figures(str(said["command"]), detectors)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        hint = "`nightporter evaluate --figures` writes it"
        raise UsageError(f"no figures of an evaluation: {error}", path=path, hint=hint) from None
