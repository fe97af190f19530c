"""Who read the morning's report: an act like any other, of no case.

Knows acts; no page.
"""

from collections.abc import Iterable
from datetime import date

from nightporter.desk.acts import READ, Act, read_acts, write_acts
from nightporter.desk.analysts import Analyst
from nightporter.lake import Lake


def acknowledge(lake: Lake, analyst: Analyst, day: date) -> Act:
    """Note that `analyst` read the report of `day`, and return the act."""
    newest = max(lake.days("windows"), default=day)
    said = Act(
        analyst.account, READ, "", "", day.isoformat(), analyst=analyst.person, day=newest
    )  # fmt: skip
    (act,) = write_acts(lake, [said], read_acts(lake))
    return act


def last_read(acts: Iterable[Act], until: date) -> Act | None:
    """Return the newest such act that the morning after `until` knows of, None before the first."""
    read = [act for act in acts if act.act == READ and act.day is not None and act.day <= until]
    return read[-1] if read else None


def read_before(acts: Iterable[Act], day: date) -> Act | None:
    """Return who read the newest report of a day before `day` first, None where nobody read one."""
    read = [act for act in acts if act.act == READ and (act.value or "") < day.isoformat()]
    return max(reversed(read), key=lambda act: act.value or "", default=None)
