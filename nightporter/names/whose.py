"""The mask of a workspace: its registers, its key, and whom only the lake knows.

Knows tables; not how a text is searched.
"""

from nightporter.config import Settings
from nightporter.context import read_tables
from nightporter.engine import session
from nightporter.lake import Lake
from nightporter.names.key import key_of
from nightporter.names.known import words_of
from nightporter.names.masking import PLAIN, Mask


def mask_of(settings: Settings, lake: Lake | None = None) -> Mask:
    """Return how people are called in what is shown of this workspace.

    `lake` names people whom findings are about and no register has any more, and whose accounts
    and cards no register ever had.
    """
    if not settings.names.pseudonyms:
        return PLAIN
    seen = _found(lake) if lake else []
    return Mask(tuple(words_of(read_tables(settings), seen)), key_of(settings))


def _found(lake: Lake) -> list[str]:
    with session() as con:
        lake.view(con, "findings")
        lake.view(con, "cases")
        lake.view(con, "presence")
        rows = con.execute(
            """SELECT user_id FROM findings UNION SELECT unnest(candidates) FROM findings
            UNION SELECT user_id FROM cases UNION
            SELECT user_id FROM presence
            WHERE starts_with(user_id, 'account:') OR starts_with(user_id, 'badge:')"""
        ).fetchall()
    return sorted(user for (user,) in rows if user)
