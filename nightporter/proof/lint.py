"""Every fault of a detector file: those of its text, of its SELECT on an empty night, of its proof.

A `stable` file says that it is proved: its cases are run. Writes nothing, prints nothing.
"""

from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self

import duckdb
import polars as pl

from nightporter.config import Settings, Site
from nightporter.errors import DetectorError, did_you_mean
from nightporter.proof.cases import write_night
from nightporter.proof.gates import Proof
from nightporter.proof.world import SITE, World
from nightporter.rules import Detector, Sandbox, Sheet, parse
from nightporter.rules.blindness import COLUMNS
from nightporter.rules.evidence import rests_on_nothing
from nightporter.rules.faults import faults
from nightporter.rules.header import fields
from nightporter.rules.reading import draft
from nightporter.rules.sheet import read_sheet
from nightporter.schema import SOURCES, TABLES
from nightporter.window import Window

_DAY = Window(date(2026, 1, 5), date(2026, 1, 5))
# Seconds that a SELECT may take over no rows.
LONGEST = 30


@dataclass(frozen=True)
class Linted:
    """What is wrong with one file; `notes` say what was not asked, and are no faults."""

    path: Path
    faults: tuple[DetectorError, ...] = ()
    notes: tuple[str, ...] = field(default=())


class Linter:
    """Looks at files one by one; holds an empty night, and the locked process that runs over it."""

    def __init__(self) -> None:
        self._open = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._open.close()

    def lint(self, path: Path) -> Linted:
        """Return every fault of `path`, by line; a Sigma rule has none but those of loading it."""
        if path.suffix != ".sql":
            return Linted(path, (), ("a Sigma rule: it is compiled, and has no cases",))
        try:
            sheet = read_sheet(path)
        except DetectorError as fault:
            return Linted(path, (fault,))
        read = draft(sheet)
        found = faults(read)
        if read.faults:
            # What cannot be loaded cannot be run, either.
            return Linted(path, _sorted(found))
        detector = parse(sheet)
        ran = self._run(sheet, detector)
        found += [*ran, *_look(sheet)]
        notes = _notes(detector)
        if detector.header.status == "stable" and not ran:
            # Where the SELECT does not run, each case would say so again.
            found += unproved(detector)
        return Linted(path, _sorted(found), notes)

    def _run(self, sheet: Sheet, detector: Detector) -> list[DetectorError]:
        """Return what DuckDB and the contract of the rows say of the SELECT on an empty night."""
        try:
            rows = self._sandbox.run(detector, _DAY, {})
        except DetectorError as fault:
            return [fault]
        return [
            sheet.fault(
                f"the SELECT returns no column {name!r}", None, did_you_mean(name, rows.columns)
            )
            for name in fields(detector.header.says)
            if name not in rows.columns
        ]

    @cached_property
    def _sandbox(self) -> Sandbox:
        folder = Path(self._open.enter_context(TemporaryDirectory(prefix="lint-")))
        night = folder / "night.duckdb"
        with duckdb.connect(str(night)) as con:
            con.execute("SET timezone = 'UTC'")
            write_night(con, _nothing())
        return self._open.enter_context(Sandbox(night, seconds=LONGEST))


def _notes(detector: Detector) -> tuple[str, ...]:
    status, notes = detector.header.status, []
    if status != "stable":
        notes.append(f"{status}: neither its cases nor its gates are asked here")
    if detector.query.tables.intersection(SOURCES) and rests_on_nothing(detector):
        notes.append("the SELECT returns no `events`: its findings show no raw rows")
    return tuple(notes)


def _nothing() -> World:
    """Return the world of a day on which nobody did anything."""
    return World(
        Settings(root=Path("/nonexistent"), site={SITE: Site(zone="UTC")}),
        {source: TABLES[source].empty() for source in SOURCES},
        {},
        pl.DataFrame(schema=dict.fromkeys(COLUMNS, pl.String)),
        _DAY,
    )


# Of the SQL: what the project's own `make check` asks of the shipped detectors.
_STYLE: dict[str, Any] = {
    "dialect": "duckdb",
    "max_line_length": 88,
    "large_file_skip_byte_limit": 0,
    "exclude_rules": "ST03",  # a part that nothing reads is said already, with its knobs
}


def has_look() -> bool:
    """Tell whether sqlfluff, which is optional, is there to judge the look of the SQL."""
    return find_spec("sqlfluff") is not None


def _look(sheet: Sheet) -> list[DetectorError]:
    if not has_look():
        return []
    from sqlfluff.core import FluffConfig
    from sqlfluff.core import Linter as SqlLinter  # takes a second

    linted = SqlLinter(config=FluffConfig(overrides=_STYLE)).lint_string(sheet.text)
    return [
        sheet.fault(f"{violation.desc()} ({violation.rule_code()})", violation.line_no)
        for violation in linted.get_violations()
    ]


def _sorted(found: list[DetectorError]) -> tuple[DetectorError, ...]:
    return tuple(sorted(found, key=lambda fault: fault.line or 0))


def unproved(detector: Detector) -> list[DetectorError]:
    """Return what a detector lacks to be called stable: both kinds of cases, and that they hold."""
    sheet = Sheet(detector.path, detector.text)
    hint = 'write the case, or status = "experimental"'
    with Proof(detector) as proof:
        lacking = proof.gate("cases").faults
        found = [
            sheet.fault(f"it is stable, but has {fault.partition(': ')[2]}", hint=hint)
            for fault in lacking
        ]
        for at, case in enumerate(detector.cases):
            try:
                result = proof.nights.result(at)
            except DetectorError as fault:
                found.append(fault)
                continue
            if not result.passed:
                said = "; ".join(line.strip() for line in result.faults)
                message = f"it is stable, but this case does not hold: {said}"
                found.append(sheet.fault(message, case.line))
    return found
