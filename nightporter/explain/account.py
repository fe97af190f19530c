"""Why a person stands where (s)he stands on a day, and why not higher: findings, ranks, misses.

Puts together what the lake holds with questions to a book written anew for that day.
"""

import difflib
import json
import tempfile
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, Literal

import polars as pl

from nightporter import context
from nightporter.book import write_book
from nightporter.config import Settings
from nightporter.desk import view_shared
from nightporter.engine import session
from nightporter.errors import DetectorError, UsageError, did_you_mean
from nightporter.explain.nearest import Asker, Nearest
from nightporter.explain.probing import Anatomy
from nightporter.explain.without import Standing, standing_without
from nightporter.lake import Lake
from nightporter.risk import MEMORY, write_risk
from nightporter.rules import SWITCHED_OFF, Detector, Pack, Sandbox, detector_sources
from nightporter.scan import reach
from nightporter.window import Window
from nightporter.workspace import cache, locked

Status = Literal["fired", "missed", "held", "no_row", "not_evaluated", "not_about_people", "failed"]


@dataclass(frozen=True)
class Answer:
    """What one detector has to say of the person and day.

    `held`: every condition holds, yet the lake has no finding. `not_evaluated`: the reason is
    the ledger's. `nearest` is None where nobody asked.
    """

    detector: str
    tactic: str
    status: Status
    reason: str = ""
    nearest: Nearest | None = None


@dataclass(frozen=True)
class Account:
    """The whole answer; `without` maps what is left out to where the person would then stand.

    `hidden` are findings that exceptions suppress: they count for nothing.
    """

    person: str
    day: date
    present: bool
    standing: Standing
    people: int
    parts: Mapping[str, Any]
    findings: tuple[Mapping[str, Any], ...]
    hidden: tuple[Mapping[str, Any], ...]
    without: Mapping[str, Standing]
    answers: tuple[Answer, ...]


def explain(
    settings: Settings,
    lake: Lake,
    pack: Pack,
    person: str,
    day: date | None,
    without: Collection[str] = (),
) -> Account:
    """Explain where `person` stands on `day` (default: the newest that was scanned).

    A finding that may mean somebody of `without`, too, says neither who nor what happened.

    Raises UsageError where nobody is called so, or the day was never scanned.
    """
    _check_person(settings, lake, person)
    day = _scanned(lake, day)
    findings = _findings(lake, person, day, without)
    opened = [row for row in findings if row["status"] == "open"]
    standing, people, parts = _standing(lake, person, day)
    return Account(
        person,
        day,
        not _asked(lake, "presence", day, "user_id = $person", person=person).is_empty(),
        standing,
        people,
        parts,
        tuple(opened),
        tuple(row for row in findings if row["status"] == "suppressed"),
        _without(settings, lake, person, day, opened) if standing.rank else {},
        tuple(_answers(settings, lake, pack, person, day, findings)),
    )


def _check_person(settings: Settings, lake: Lake, person: str) -> None:
    with session() as con:
        lake.view(con, "presence")
        lake.view(con, "findings")
        rows = con.execute(
            """SELECT DISTINCT user_id FROM presence
            UNION SELECT user_id FROM findings WHERE user_id IS NOT NULL
            UNION SELECT unnest(candidates) FROM findings"""
        ).fetchall()
    known = {str(user) for (user,) in rows}
    people = context.read_tables(settings).get("people", pl.DataFrame())
    known |= set(people.get_column("user_id", default=pl.Series(dtype=pl.String)).drop_nulls())
    if person not in known:
        near = difflib.get_close_matches(person, known, n=5, cutoff=0.6)
        hint = did_you_mean(person, near) if near else "a user_id as in `nightporter findings`"
        raise UsageError(f"nobody of {len(known):,} people is called {person!r}", hint=hint)


def _scanned(lake: Lake, day: date | None) -> date:
    days = lake.days("windows")
    if not days:
        raise UsageError("nothing was scanned yet", hint="nightporter nightly")
    if day is not None and day not in days:
        raise UsageError(
            f"{day} was never scanned", hint=f"scanned: {days[0]} to {days[-1]}, {len(days)} days"
        )
    return day or days[-1]


def _asked(lake: Lake, table: str, day: date, where: str, **given: str) -> pl.DataFrame:
    with session() as con:
        lake.view(con, table, Window(day, day))
        used = {name: value for name, value in given.items() if f"${name}" in where}
        rows: pl.DataFrame = con.sql(
            f"SELECT * FROM {table} WHERE {where}", params=used or None
        ).pl()
    return rows


def _standing(lake: Lake, person: str, day: date) -> tuple[Standing, int, Mapping[str, Any]]:
    """Return where the person stands, among how many, and the parts of that risk."""
    rows = _asked(lake, "risk", day, "true")
    mine = rows.filter(pl.col("user_id") == person).to_dicts()
    if not mine:
        return Standing(0.0, None), rows.height, {}
    row = mine[0]
    more = {"factor": row["factor"], "reasons": row["reasons"]}
    return Standing(row["risk"], row["rank"]), rows.height, {**json.loads(row["parts"]), **more}


def _findings(lake: Lake, person: str, day: date, without: Collection[str]) -> list[dict[str, Any]]:
    """The person's findings, open and suppressed, of the days that count on `day`, newest first."""
    with session() as con:
        view_shared(con, lake, without, Window(day, day).reaching_back(MEMORY - 1))
        rows: pl.DataFrame = con.sql(
            """SELECT finding_id, day, level, tactic, detector, sentence, surprise, user_id,
                candidates, status, suppressed_by
            FROM findings WHERE status IN ('open', 'suppressed') AND (user_id = $person
                OR user_id IS NULL AND list_contains(candidates, $person))
            ORDER BY day DESC, detector, finding_id""",
            params={"person": person},
        ).pl()
    return rows.to_dicts()


def _without(
    settings: Settings, lake: Lake, person: str, day: date, findings: list[dict[str, Any]]
) -> dict[str, Standing]:
    """Where the person would stand without each detector, without this day, and without the past.

    One part is left out at a time, so what is left does not add up to the whole.
    """
    asked = {name: f"detector = '{name}'" for name in sorted({row["detector"] for row in findings})}
    days = {row["day"] for row in findings}
    rank = partial(write_risk, section=settings.risk, tables=context.read_tables(settings))
    if day in days and len(days) > 1:
        asked |= {"this day": f"day = DATE '{day}'", "the days before": f"day < DATE '{day}'"}
    return {
        name: standing_without(lake, person, day, hidden, rank) for name, hidden in asked.items()
    }


def _answers(
    settings: Settings,
    lake: Lake,
    pack: Pack,
    person: str,
    day: date,
    findings: list[dict[str, Any]],
) -> list[Answer]:
    fired = {row["detector"] for row in findings if row["day"] == day}
    ledger = _asked(lake, "windows", day, "true").to_dicts()
    windows = {row["stage"]: row for row in ledger}
    window = Window(day, day)
    with (
        locked(settings),
        tempfile.TemporaryDirectory(prefix="explain-", dir=cache(settings)) as folder,
    ):
        book = Path(folder) / "day.duckdb"
        with Sandbox(book) as sandbox:
            sandbox.warm()
            blinds = detector_sources(pack.detectors)
            write_book(book, settings, lake, window, reach(pack.detectors), blinds)
            said = [_said(d, "not_evaluated", SWITCHED_OFF) for d in pack.off if d.id not in fired]
            said += [
                _answer(
                    Asker(Anatomy(d, person, day), sandbox, settings.knobs.get(d.id, {})),
                    windows.get(d.id),
                    d.id in fired,
                )
                for d in pack.detectors
            ]
            return sorted(said, key=lambda each: each.detector)


def _answer(asker: Asker, window: Mapping[str, Any] | None, fired: bool) -> Answer:
    detector = asker.anatomy.detector
    if window is None:
        return _said(detector, "not_evaluated", "it did not run on this day")
    if window["status"] in ("not_evaluated", "failed", "waiting") and not fired:
        return _said(detector, "not_evaluated", f"{window['status']}: {window['reason']}")
    if not asker.anatomy.about_people():
        about = ", ".join(name.removesuffix("_id") for name in detector.header.about)
        reason = f"its findings are about: {about}"
        return _said(detector, "fired" if fired else "not_about_people", reason)
    try:
        nearest = asker.nearest()
    except DetectorError as error:
        reason = f"it cannot be taken apart: {error.message}".partition("\n")[0]
        return _said(detector, "fired" if fired else "failed", reason)
    if fired:
        return _said(detector, "fired", nearest=nearest)
    if nearest.reason:
        return _said(detector, "no_row", nearest.reason, nearest)
    if nearest.failing:
        return _said(detector, "missed", nearest=nearest)
    reason = "every condition holds, yet no finding is open: it was withdrawn or held back, or the"
    return _said(detector, "held", f"{reason} registers or knobs have changed since", nearest)


def _said(
    detector: Detector, status: Status, reason: str = "", nearest: Nearest | None = None
) -> Answer:
    return Answer(detector.id, detector.tactic, status, reason, nearest)
