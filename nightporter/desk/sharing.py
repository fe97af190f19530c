"""What everybody may read: the findings without those about people whose cases go elsewhere.

And who was looked at already, as the reader's rule of `looks` wants it.
"""

from collections.abc import Collection, Container, Iterable
from dataclasses import dataclass
from datetime import date

import duckdb

from nightporter.config import Settings
from nightporter.context import read_tables
from nightporter.desk.acts import Act
from nightporter.desk.analysts import Analyst, apart
from nightporter.desk.standing import standings
from nightporter.engine import session
from nightporter.lake import Lake
from nightporter.looks import Look
from nightporter.schema import TABLES


def apart_of(settings: Settings) -> frozenset[str]:
    """Return whose cases go to a separate recipient, by the context files as they are now."""
    return apart(settings, read_tables(settings)) if settings.desk.watchers_to else frozenset()


def hidden(lake: Lake, reader: Analyst) -> frozenset[str]:
    """Return of whom nothing may be shown to `reader`: of all whom findings are about, and of all
    who may stand in the evidence of somebody else's."""
    with session() as con:
        lake.view(con, "findings")
        rows = con.execute(
            "SELECT user_id FROM findings UNION SELECT unnest(candidates) FROM findings"
        ).fetchall()
    known = {user for (user,) in rows} | reader.apart | {reader.person}
    return frozenset(user for user in known if user and not reader.sees(user))


def count_apart(lake: Lake, without: Collection[str]) -> int:
    """Return how many findings there are about people `without` and nobody else.

    Of all days and kinds: who could narrow it down would learn by the count what was found.
    """
    if not without:
        return 0
    with session() as con:
        view_shared(con, lake, without, None)
        rows = "SELECT (SELECT count(*) FROM every_findings) - (SELECT count(*) FROM findings)"
        return int(con.execute(rows).fetchall()[0][0])


def view_shared(
    con: duckdb.DuckDBPyConnection,
    lake: Lake,
    without: Collection[str],
    window: Container[date] | None,
    name: str = "findings",
) -> None:
    """Create the view `name`: findings of `window` without those about anybody of `without`.

    Where others may be meant, too, the finding stays for their sake, and does not name them.
    """
    if not without:
        lake.view(con, "findings", window, name)
        return
    lake.view(con, "findings", window, f"every_{name}")
    users = _listed(without)
    con.execute(
        f"""CREATE OR REPLACE VIEW {name} AS SELECT * REPLACE (
            CASE WHEN list_has_any(candidates, [{users}]) THEN title || {_NOT_ALL}
                ELSE sentence END AS sentence,
            CASE WHEN list_has_any(candidates, [{users}]) THEN '{{}}'
                ELSE columns END AS columns,
            list_transform(candidates,
                lambda who: CASE WHEN who IN ({users}) THEN {_SOMEBODY} ELSE who END) AS candidates)
        FROM every_{name}
        WHERE coalesce(user_id NOT IN ({users}),
            candidates IS NULL OR NOT list_has_all([{users}], candidates) OR candidates = [])"""
    )


def view_rows_shared(
    con: duckdb.DuckDBPyConnection,
    lake: Lake,
    table: str,
    without: Collection[str],
    window: Container[date] | None,
) -> None:
    """Create the view `table`: its rows of `window` that tell nothing of anybody of `without`.

    What hangs on findings asks the view `findings` of `view_shared`, which must be there.
    """
    if not without:
        lake.view(con, table, window)
        return
    lake.view(con, table, window, f"every_{table}")
    users = _listed(without)
    rules = {
        # By a column that tells what kind of row it is.
        "user_id": f"coalesce(user_id NOT IN ({users}), true)",
        "other": f"coalesce(other NOT IN ({users}), true)",
        "detectors": f"NOT coalesce(list_has_any(people, [{users}]), false)",
        "finding_id": "finding_id IN (SELECT finding_id FROM findings)",
        # A sentence of then names who is not named in that of now.
        "sentence": f"""finding_id NOT IN (
            SELECT finding_id FROM findings WHERE list_contains(candidates, {_SOMEBODY}))""",
    }
    asked = [rule for column, rule in rules.items() if column in TABLES[table].columns]
    con.execute(
        f"CREATE OR REPLACE VIEW {table} AS FROM every_{table}"
        f" WHERE {' AND '.join(asked) or 'true'}"
    )


def _listed(users: Collection[str]) -> str:
    return ", ".join("'" + user.replace("'", "''") + "'" for user in sorted(users))


_SOMEBODY = "'somebody else'"
_NOT_ALL = "' (of those who may be meant, not all are named here)'"


@dataclass(frozen=True)
class Reviewed:
    """Somebody with a verdict: what was known then, and which case has it."""

    look: Look
    case_id: str
    verdict: str


def reviewed(acts: Iterable[Act], until: date) -> dict[str, Reviewed]:
    """Return who has a verdict that was given by the morning after `until`: the newest one, with
    the detectors of all."""
    found: dict[str, Reviewed] = {}
    known = standings(act for act in acts if act.day is not None and act.day <= until)
    done = [case for case in known.values() if case.verdict and case.reviewed]
    for case in sorted(done, key=lambda case: (case.reviewed, case.case_id)):
        assert case.verdict is not None and case.reviewed is not None
        was = found.get(case.user_id)
        kinds = case.seen | (was.look.kinds if was else frozenset())
        look = Look(case.reviewed, case.verdict.risk or 0.0, kinds)
        found[case.user_id] = Reviewed(look, case.case_id, case.verdict.value or "")
    return found
