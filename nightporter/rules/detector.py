"""What a detector is once its file was read: frozen facts, no file, no database."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

# What is made for the scanned days alone, and never looks back.
SCANNED = frozenset(("seen", "user_hour", "feed_day", "feed_clock", "identities_unmapped"))

TACTICS = ("collection", "exfiltration", "misuse", "presence", "tampering")
LEVELS = ("informational", "low", "medium", "high", "critical")
STATUSES = ("stable", "test", "experimental", "deprecated", "unsupported")

Level = Literal["informational", "low", "medium", "high", "critical"]


@dataclass(frozen=True)
class Knob:
    """A number with an opinion; `reason` is the comment beside it."""

    name: str
    default: float
    line: int
    reason: str


@dataclass(frozen=True)
class Row:
    """One line of a pipe table: cells by column, as they were written."""

    line: int
    cells: Mapping[str, str]


@dataclass(frozen=True)
class PipeTable:
    """A table of a case; `name` is a source, a context table, or `expect`."""

    name: str
    line: int
    columns: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Case:
    """A few rows of logs on which the detector fires or is silent."""

    kind: Literal["fires", "silent"]
    name: str
    line: int
    tables: tuple[PipeTable, ...]
    expect: PipeTable | None = None


@dataclass(frozen=True)
class Header:
    """The words above the SELECT, checked."""

    title: str
    level: Level
    status: str
    tags: tuple[str, ...]
    lookback: int
    says: str
    description: str = ""
    falsepositives: tuple[str, ...] = ()
    blindspots: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    about: tuple[str, ...] = ("user_id",)
    needs: tuple[str, ...] = ()
    triage: str = ""


@dataclass(frozen=True)
class Query:
    """What the allow-list found in the SELECT; `columns` is None where a star hides them."""

    tables: frozenset[str]
    knobs: tuple[Knob, ...]
    functions: frozenset[str]
    texts: frozenset[str]
    columns: tuple[str, ...] | None


@dataclass(frozen=True)
class Detector:
    """One file of the pack; `text` is all of it, so that DuckDB's line n is the file's."""

    id: str
    tactic: str
    path: Path
    text: str
    version: str
    header: Header
    query: Query
    cases: tuple[Case, ...]

    @property
    def title(self) -> str:
        return self.header.title

    @property
    def level(self) -> Level:
        return self.header.level

    @property
    def knobs(self) -> dict[str, float]:
        """Return each knob's default."""
        return {knob.name: knob.default for knob in self.query.knobs}

    def version_with(self, knobs: Mapping[str, float]) -> str:
        """Return the version of the detector as a site turned its knobs."""
        turned = {name: float(x) for name, x in knobs.items() if self.knobs.get(name) != x}
        if not turned:
            return self.version
        return hashlib.sha256(f"{self.version} {sorted(turned.items())}".encode()).hexdigest()[:12]
