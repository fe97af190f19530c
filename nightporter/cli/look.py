"""The command that looks at findings and changes nothing."""

from collections.abc import Mapping
from typing import Annotated, Any

import duckdb
import polars as pl
from cyclopts import Parameter

from nightporter.cli import console
from nightporter.cli.options import From, Json, To, Workspace, settings_of, window_of
from nightporter.config import Settings
from nightporter.errors import UsageError, did_you_mean
from nightporter.findings import LEVELS
from nightporter.hostile import brief, safe
from nightporter.rules import load_pack
from nightporter.window import Window
from nightporter.workspace import lake_of

SHOWN = 40
# A name is shown that far; a cell of a table a little further. --json has all of it.
NAME = 60


def findings(
    *,
    user: Annotated[str | None, Parameter(help="one person's")] = None,
    detector: Annotated[str | None, Parameter(help="one detector's")] = None,
    level: Annotated[str | None, Parameter(help="of one level")] = None,
    from_: From = None,
    to: To = None,
    suppressed: Annotated[
        bool, Parameter(negative="", help="those that exceptions hide, instead of open ones")
    ] = False,
    every: Annotated[
        bool, Parameter(name="--all", negative="", help="print all, not the newest 40")
    ] = False,
    workspace: Workspace = None,
    json: Json = False,
) -> None:
    """Print open findings, newest first."""
    settings = settings_of(workspace)
    _check(settings, detector, level)
    status = "suppressed" if suppressed else "open"
    equal = {"status": status, "detector": detector, "level": level}
    rows = _found(settings, user, equal, window_of(from_, to))
    shown = rows if every or json else rows[:SHOWN]
    if json:
        console.out_json(shown)
        return
    for row in shown:
        who = row["user_id"] or row["about"]
        said = safe(row["sentence"])
        if row["candidates"]:
            said += f"; may be meant: {brief(', '.join(row['candidates']))}"
        console.out(f"{row['day']}  {row['level']:<13} {brief(who, NAME):<20} {said}")
        hidden = f"  hidden by {row['suppressed_by']}" if suppressed else ""
        console.out(f"            {row['detector']}  {row['finding_id']}{hidden}")
    console.say(
        f"{len(shown)} of {len(rows)} findings"
        + ("; --all prints the rest" if len(shown) < len(rows) else "")
    )


def _check(settings: Settings, detector: str | None, level: str | None) -> None:
    """A misspelt filter finds nothing, and nothing looks like peace."""
    if level is not None and level not in LEVELS:
        raise UsageError(f"no level is called {level!r}", hint=did_you_mean(level, LEVELS))
    if detector is not None:
        known = {each.id for each in load_pack(settings).detectors}
        if detector not in known:
            raise UsageError(
                f"no detector is called {detector!r}", hint=did_you_mean(detector, known)
            )


def _found(
    settings: Settings,
    user: str | None,
    equal: Mapping[str, str | None],
    window: Window | None,
) -> list[dict[str, Any]]:
    conditions: list[str] = []
    values: list[str] = []
    if user is not None:
        conditions.append("(user_id = ? OR list_contains(candidates, ?))")
        values += [user, user]
    for column, value in equal.items():
        if value is not None:
            conditions.append(f"{column} = ?")
            values.append(value)
    with duckdb.connect() as con:
        con.execute("SET timezone = 'UTC'")
        lake_of(settings).view(con, "findings", window)
        sql = (
            f"SELECT * FROM findings WHERE {' AND '.join(conditions)} ORDER BY day DESC, finding_id"
        )
        rows: pl.DataFrame = con.sql(sql, params=values).pl()
    return rows.to_dicts()
