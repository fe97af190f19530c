"""The command reveal: whose a pseudonym is, for a reason, with a second person, and noted."""

from collections.abc import Mapping, Sequence
from typing import Annotated

import polars as pl
from cyclopts import Parameter

from nightporter.cli import console
from nightporter.cli.options import Json, Workspace, person_of, settings_of
from nightporter.config import Settings
from nightporter.context import read_tables
from nightporter.desk import Act, Analyst, analyst_of, revealing
from nightporter.errors import UsageError
from nightporter.hostile import brief
from nightporter.workspace import lake_of


def reveal(
    pseudonym: str | None = None,
    /,
    *,
    reason: Annotated[str | None, Parameter(help="why; what is asked for needs one")] = None,
    approve: Annotated[
        bool, Parameter(negative="", help="agree, as the second person, to what was asked")
    ] = False,
    list_: Annotated[
        bool, Parameter(name="--list", negative="", help="who asked, agreed and was told")
    ] = False,
    workspace: Workspace = None,
    json: Json = False,
) -> None:
    """Print whose PSEUDONYM is, to who asked with --reason and got a second person's --approve.

    Every step is noted in the lake, and stays.
    """
    settings = settings_of(workspace)
    lake, tables = lake_of(settings), read_tables(settings)
    analyst = analyst_of(settings, tables)
    if list_:
        _print_list(revealing.reveals(lake), analyst, tables, json)
        return
    user = _meant(settings, pseudonym)
    if approve and reason is not None:
        raise UsageError("--approve agrees to what another asked, and says nothing more")
    for whose in _holders(user, tables):
        revealing.check_may(analyst, whose)
    day = max(lake.days("windows"), default=None)
    if approve:
        asked = revealing.agree(lake, analyst, str(pseudonym), user, day)
        console.say(f"approved, asked by {asked}: who asked is told by nightporter reveal")
    elif reason is not None:
        revealing.ask(lake, analyst, str(pseudonym), user, reason, day)
        console.say("noted; it waits for a second person: --approve")
    else:
        revealing.show(lake, analyst, str(pseudonym), user, day)
        _print(str(pseudonym), user, tables, json)


def _meant(settings: Settings, pseudonym: str | None) -> str:
    if not settings.names.pseudonyms:
        raise UsageError("people stand under their own names here", hint="[names] pseudonyms")
    if (user := person_of(pseudonym)) is None:
        raise UsageError("name a pseudonym, such as person-7f3a2c91, or --list")
    return user


def _holders(user: str, tables: Mapping[str, pl.DataFrame]) -> list[str]:
    """Return whose an account or a card ever was: it tells of them."""
    kind, colon, rest = user.partition(":")
    frame = tables.get(f"{kind}s") if colon else None
    if frame is None or "user_id" not in frame.columns:
        return [user, rest]
    column = pl.col("account" if kind == "account" else "badge_id")
    mine = frame.filter(column.str.to_lowercase() == rest.lower())["user_id"].drop_nulls()
    return [user, rest, *mine]


def _print(pseudonym: str, user: str, tables: Mapping[str, pl.DataFrame], json: bool) -> None:
    """The one place where a name passes."""
    people = tables.get("people")
    known = [] if people is None else people.filter(user_id=user).to_dicts()
    row = {"pseudonym": pseudonym, "user_id": user, **(known[0] if known else {})}
    with console.unmasked():
        if json:
            console.out_json(row)
            return
        name = f"  {brief(row['name'])}" if row.get("name") else ""
        console.out(f"{row['pseudonym']}  {brief(row['user_id'])}{name}")


def _print_list(
    acts: Sequence[Act], analyst: Analyst, tables: Mapping[str, pl.DataFrame], json: bool
) -> None:
    mine = [act for act in acts if all(map(analyst.sees, _holders(act.user_id, tables)))]
    rows = [
        {"at": act.said_at, "account": act.account, "act": act.act, "reason": act.note,
         "pseudonym": act.case_id.partition(":")[2]}
        for act in mine
    ]  # fmt: skip
    rows = console.shown(rows)
    if json:
        console.out_json(rows)
    for row in [] if json else rows:
        said = f": {brief(row['reason'])}" if row["reason"] else ""
        word = {"reveal": "asked", "approve": "agreed", "revealed": "was told"}[str(row["act"])]
        when = f"{row['at']:%Y-%m-%d %H:%M}Z"
        console.out(f"{when}  {brief(row['account']):<14} {word:<9} {row['pseudonym']}{said}")
    apart = len(acts) - len(mine)
    more = f"; {apart:,} more are not for {brief(analyst.account)}" if apart else ""
    console.say(f"{len(rows):,} of {len(rows):,} acts{more}")
