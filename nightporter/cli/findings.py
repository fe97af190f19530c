"""The command findings: what was found, by person, detector, level, tactic, day and case."""

from typing import Annotated, Any, Literal

import polars as pl
from cyclopts import Parameter

from nightporter.cli import console
from nightporter.cli.options import (
    From,
    Json,
    To,
    Workspace,
    check_word,
    person_of,
    settings_of,
    window_of,
)
from nightporter.cli.paging import Every, Page, paged, say_total
from nightporter.context import read_tables
from nightporter.desk import count_apart, hidden, reader_of, view_shared
from nightporter.engine import session
from nightporter.findings import LEVELS
from nightporter.hostile import brief, safe
from nightporter.lake import Lake
from nightporter.rules import TACTICS, load_pack
from nightporter.window import Window
from nightporter.workspace import lake_of

# A name is shown that far. --json has all of it.
NAME = 60


def findings(
    *,
    user: Annotated[str | None, Parameter(name=["--user", "--person"], help="one person's")] = None,
    detector: Annotated[str | None, Parameter(help="one detector's")] = None,
    level: Annotated[str | None, Parameter(help="of one level")] = None,
    tactic: Annotated[str | None, Parameter(help="of one tactic")] = None,
    case: Annotated[str | None, Parameter(help="of one case; the first letters will do")] = None,
    from_: From = None,
    to: To = None,
    status: Annotated[
        Literal["open", "suppressed", "withdrawn"], Parameter(help="how they stand")
    ] = "open",
    suppressed: Annotated[
        bool, Parameter(negative="", help="those that exceptions hide: --status suppressed")
    ] = False,
    page: Page = None,
    every: Every = False,
    workspace: Workspace = None,
    json: Json = False,
) -> None:
    """Print findings, newest first; open ones, unless another status is asked for."""
    settings = settings_of(workspace)
    check_word("level", level, LEVELS)
    check_word("tactic", tactic, TACTICS)
    if detector is not None:
        check_word("detector", detector, (each.id for each in load_pack(settings).known))
    equal = {"detector": detector, "level": level, "tactic": tactic,
             "status": "suppressed" if suppressed else status}  # fmt: skip
    lake, window = lake_of(settings), window_of(from_, to)
    without = hidden(lake, reader_of(settings, read_tables(settings)))
    rows = _found(lake, without, person_of(user), case, equal, window)
    shown = paged(rows, page, every or (json and page is None))
    apart = count_apart(lake, without)
    more = f"; {apart:,} more in all go to a separate recipient" if apart else ""
    if json:
        console.out_json(shown)
    else:
        for row in console.shown(shown):
            _print(row)
    say_total(len(shown), len(rows), "findings", page, more)


def _print(row: dict[str, Any]) -> None:
    who = row["user_id"] or row["about"]
    said = safe(row["sentence"])
    if row["candidates"]:
        said += f"; may be meant: {brief(', '.join(row['candidates']))}"
    console.out(f"{row['day']}  {row['level']:<13} {brief(who, NAME):<20} {said}")
    hidden = f"  hidden by {row['suppressed_by']}" if row["status"] == "suppressed" else ""
    case = f"  case {row['case_id']}" if row["case_id"] else ""
    console.out(f"            {row['detector']}  {row['finding_id']}{case}{hidden}")


def _found(
    lake: Lake,
    without: frozenset[str],
    user: str | None,
    case: str | None,
    equal: dict[str, str | None],
    window: Window | None,
) -> list[dict[str, Any]]:
    conditions: list[str] = []
    values: list[str] = []
    if user is not None:
        conditions.append("(user_id = ? OR list_contains(candidates, ?))")
        values += [user, user]
    if case is not None:
        conditions.append("starts_with(case_id, ?)")
        values.append(case.lower())
    for column, value in equal.items():
        if value is not None:
            conditions.append(f"{column} = ?")
            values.append(value)
    with session() as con:
        view_shared(con, lake, without, window)
        sql = (
            f"SELECT * FROM findings WHERE {' AND '.join(conditions)} ORDER BY day DESC, finding_id"
        )
        rows: pl.DataFrame = con.sql(sql, params=values).pl()
    return rows.to_dicts()
