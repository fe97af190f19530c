"""The desk: who triages, what they said of each case, and how a case stands by that."""

from nightporter.desk import revealing
from nightporter.desk.acts import (
    STATUSES,
    VERDICTS,
    Act,
    Seen,
    needs_second,
    other_person,
    read_acts,
    write_acts,
)
from nightporter.desk.analysts import Analyst, analyst_of, apart, reader_of, watchers
from nightporter.desk.casebook import casebook, desk_columns, desk_frame, is_done, named
from nightporter.desk.holding import Rule, freeze, held_days
from nightporter.desk.reading import acknowledge, last_read, read_before
from nightporter.desk.saying import approve, check_other, check_reason, say
from nightporter.desk.sharing import (
    Reviewed,
    apart_of,
    count_apart,
    hidden,
    reviewed,
    view_rows_shared,
    view_shared,
)
from nightporter.desk.standing import Confirmed, Standing, confirmed, standings

__all__ = [
    "STATUSES", "VERDICTS", "Act", "Analyst", "Confirmed", "Reviewed", "Rule", "Seen", "Standing",
    "acknowledge", "analyst_of", "apart", "apart_of", "approve", "casebook", "check_other",
    "check_reason", "confirmed", "count_apart", "desk_columns", "desk_frame", "freeze", "held_days",
    "hidden", "is_done", "last_read", "named", "needs_second", "other_person", "read_acts",
    "read_before", "reader_of", "revealing", "reviewed", "say", "standings", "view_rows_shared",
    "view_shared", "watchers", "write_acts",
]  # fmt: skip
