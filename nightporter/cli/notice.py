"""What the scheduler's own pages may show of a night: user ids, risks, levels, detectors.

No sentence, file, door, device or name of a person: the scheduler keeps what it is given in a
database of its own. Knows Markdown, not the scheduler.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from nightporter.cli.summary import seen
from nightporter.errors import NightporterError
from nightporter.hostile import brief

# So much of one id is shown.
LONGEST = 80

# Letters and digits stay; whatever could mean something to Markdown, HTML or a browser's
# guess at addresses becomes its number.
_SPECIAL = re.compile(r"[^\w \-]|_")

WHERE = "state/nightly.log in the workspace says the rest"


def ranking(said: Mapping[str, Any]) -> str:
    """Return whom to look at, as a Markdown table; `said` is what `morning` returned."""
    if said["days"] is None:
        return "Nothing was scanned: the lake holds no day that has ended."
    span = f"{said['days']['first']} to {said['days']['last']}, {seen(said)}"
    if said["apart"]:
        span += f"; {said['apart']} more for the separate recipient"
    if not said["ranking"]:
        return f"{span}: nobody stands above the risk floor."
    rows = [
        (row["place"], row["user_id"], f"{row['risk']:.1f}", row["findings"], row["day"], _why(row))
        for row in said["ranking"]
    ]
    return f"{span}\n\n{_table(('', 'user', 'risk', 'findings', 'peak', 'why'), rows)}"


def _why(row: Mapping[str, Any]) -> str:
    return ", ".join(
        f"{reason['level']} {reason['detector']} on {_days(reason['days'])}"
        for reason in row["reasons"]
    )


def coverage(said: Mapping[str, Any], problems: Iterable[NightporterError]) -> str:
    """Return what was not judged, and how much went wrong, as Markdown."""
    went_wrong = [(place(problem), type(problem).__name__) for problem in problems]
    parts = []
    if went_wrong:
        parts.append(f"Incomplete; {WHERE}.\n\n{_table(('where', 'kind'), went_wrong)}")
    rows = [
        (detector, row["status"].replace("_", " "), _days(row["days"]), row["last_day"])
        for row in said.get("unjudged", ())
        for detector in row["detectors"]
    ]
    parts.append(
        _table(("detector", "status", "on", "last"), rows)
        if rows
        else "Every detector judged every day."
    )
    return "\n\n".join(parts)


def place(problem: NightporterError) -> str:
    """Return the file that a problem lies in, and the line, without what stands there."""
    name = str(problem.path).rpartition("/")[2] if problem.path else "somewhere"
    return f"{name}:{problem.line}" if problem.line else name


def _days(count: int) -> str:
    return f"{count} day{'s' if count != 1 else ''}"


def _table(head: tuple[str, ...], rows: Iterable[tuple[Any, ...]]) -> str:
    cells = [[_harmless(value) for value in row] for row in rows]
    lines = [head, ["---"] * len(head), *cells]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _harmless(value: object) -> str:
    """Return `value` as one cell that stays text, whatever an adversary called himself."""
    text = brief(value, LONGEST)
    return _SPECIAL.sub(lambda found: f"&#{ord(found[0])};", text)
