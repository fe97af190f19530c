"""Where reports lie, and when one is written: beside the old one, swapped in one instant."""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path

import orjson
import polars as pl

from nightporter import context
from nightporter.config import Settings
from nightporter.desk import read_acts, read_before
from nightporter.errors import UsageError
from nightporter.lake import Lake
from nightporter.names import mask_of
from nightporter.report.contents import TABLES, gather
from nightporter.report.page import fingerprint, render
from nightporter.report.record import Record, read_record, record_before, swap, write_record
from nightporter.window import Window
from nightporter.workspace import reports

PAGE = "index.html"
PEOPLE = "people"


def write_report(
    settings: Settings,
    lake: Lake,
    detectors: pl.DataFrame,
    problems: Iterable[object] | None = None,
    day: date | None = None,
) -> Path | None:
    """Write the report of `day` (default: the newest scanned one) and return its path.

    `detectors` is their catalogue; `problems` are what went wrong in the run, by default what
    the day's report said before; what the ledger calls failed on that day is one, whichever run
    it was. None where no day was ever scanned. Nothing is written when the page already says all
    that it could.
    """
    days = lake.days("windows")
    if not days:
        return None
    if day is not None and day not in days:
        raise UsageError(f"{day} was not scanned", hint=f"scanned: {days[0]} to {days[-1]}")
    day = day or days[-1]
    folder = reports(settings) / day.isoformat()
    known = read_record(folder)
    earlier = record_before(reports(settings), day, read_before(read_acts(lake), day))
    tables = {table: lake.version(table) for table in TABLES}
    mask = mask_of(settings, lake)
    told = [*_told(settings, problems, known, tables), *_failed(settings, lake, day)]
    said = tuple(dict.fromkeys(mask.of(told)))
    state = _state(settings, detectors, tables, said, earlier, mask.digest)
    page = folder / PAGE
    if known is None or known.state != state or not page.exists():
        contents = mask.of(gather(settings, lake, detectors, day, said, earlier))
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        text, files = render(contents)
        _write_files(folder / PEOPLE, files)
        swap(page, text.encode())
        # An older morning keeps what it knew then, or later ones would call less new.
        fresh = (contents.newest_change, contents.cases.states)
        mark, cases = (known.mark, known.cases) if known and day != days[-1] else fresh
        write_record(folder, Record(day, mark, state, said, tables, cases))
    return page


def _write_files(folder: Path, files: Mapping[str, str]) -> None:
    """Write the case files, and take away those of an earlier report of the same day."""
    folder.mkdir(exist_ok=True, mode=0o700)
    for name, text in files.items():
        swap(folder / f"{name}.html", text.encode())
    for path in folder.glob("*.html"):
        if path.stem not in files:
            path.unlink()


def newest_report(settings: Settings) -> Path | None:
    """Return the page of the newest day that has one."""
    pages = sorted(reports(settings).glob(f"????-??-??/{PAGE}"))
    return pages[-1] if pages else None


def _told(
    settings: Settings,
    problems: Iterable[object] | None,
    known: Record | None,
    tables: dict[str, int],
) -> tuple[str, ...]:
    """A file that is garbage is said once: a run that changed nothing forgets nothing."""
    if problems is None:
        return known.problems if known else ()
    before = known.problems if known and known.tables == tables else ()
    return (*before, *(_short(settings, problem) for problem in problems))


def _failed(settings: Settings, lake: Lake, day: date) -> list[str]:
    """A later run that went well takes nothing back: what failed on `day` has judged nothing."""
    windows = lake.read("windows", Window(day, day)).filter(status="failed").sort("stage")
    return [
        _short(settings, reason or f"{stage}: failed")
        for stage, reason in windows.select("stage", "reason").iter_rows()
    ]


def _short(settings: Settings, problem: object) -> str:
    return str(problem).replace(f"{settings.root}/", "")


def _state(
    settings: Settings,
    detectors: pl.DataFrame,
    tables: dict[str, int],
    problems: tuple[str, ...],
    earlier: Record | None,
    names: str,
) -> str:
    """What the page is made of, in one word."""
    before = [earlier.day, earlier.mark, earlier.cases] if earlier else None
    versions = detectors.select("detector", "version", "switch").rows()
    made_of = [tables, versions, problems, before, fingerprint(), names,
               context.fingerprint(settings),
               repr((settings.workspace, settings.site, settings.feed, settings.risk,
                     settings.desk))]  # fmt: skip
    return hashlib.sha256(orjson.dumps(made_of)).hexdigest()[:32]
