"""What a night has to say to somebody outside: counts, what was not judged, a link.

No name of a person, no sentence, file, door or host: it goes through mail servers and chat rooms.
Names of feeds are the configuration's own words.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from nightporter.config import Settings
from nightporter.engine import session
from nightporter.findings import LEVELS
from nightporter.lake import Lake
from nightporter.notify.record import Told

# Where somebody should look, if the configuration names no page of its own.
REPORT = "reports/{day}/index.html in the workspace"


@dataclass(frozen=True)
class Digest:
    """One message: `grave` where something in it should not wait, `failed` where a night did."""

    title: str
    body: str
    grave: bool
    failed: bool


def newest_change(lake: Lake) -> datetime | None:
    """Return when a finding of any day last changed: what is said covers all until then."""
    highs = [high for _, (_, high) in lake.extremes("findings", "changed_at") if high is not None]
    with session() as con:
        lake.view(con, "findings", _changed(lake, max(highs, default=None)))
        found: datetime | None = con.sql("SELECT max(changed_at) FROM findings").pl().item()
    return found


def news(lake: Lake, before: Told | None) -> dict[str, int]:
    """Return how many findings of each level are open that were not `before`, worst first.

    One that an exception hid until then, or that was withdrawn, is new again. Of whatever day: a
    backfill finds on old ones what no later night would tell. What is of a later day than was
    told of is new whatever the clock said then: one that was ahead must silence no later night.
    """
    night, mark = (before.night, before.mark) if before else (None, None)
    days = _changed(lake, mark) | {day for day in lake.days("findings") if night and day > night}
    with session() as con:
        for table in ("findings", "finding_history"):
            lake.view(con, table, days)
        counts = dict(con.execute(_NEWS, [mark, night]).fetchall())
    return {level: counts[level] for level in reversed(LEVELS) if level in counts}


def _changed(lake: Lake, since: datetime | None) -> set[date]:
    """Return the days with a finding that changed at `since` or later, and perhaps some more; no
    file is read."""
    ends = lake.extremes("findings", "changed_at")
    return {day for day, (_, high) in ends if not (since and high) or high + _CUT > since}


# The table's log keeps whole milliseconds.
_CUT = timedelta(milliseconds=1)
_NEWS = """
    WITH told AS (
        SELECT finding_id, arg_max(status, changed_at) AS was
        FROM finding_history WHERE changed_at <= $1::TIMESTAMPTZ GROUP BY finding_id
    )
    SELECT level, count(*) FROM findings LEFT JOIN told USING (finding_id)
    WHERE status = 'open'
        AND ($1 IS NULL OR found_at > $1::TIMESTAMPTZ OR day > $2::DATE OR was <> 'open')
    GROUP BY level"""


def digest(
    settings: Settings,
    night: date,
    said: Mapping[str, Any],
    new: Mapping[str, int],
    problems: int,
) -> Digest:
    """Return the message about `night`, of what `morning` said and `news` found `new`."""
    told = [f"{count:,} {level}" for level, count in new.items()]
    head = f"{', '.join(told)} new" if told else "nothing new"
    incomplete = "INCOMPLETE, " if problems else ""
    return Digest(
        f"{settings.notify.title}, night after {night}: {incomplete}{head}",
        "\n".join(_lines(settings, night, said, head, problems)),
        bool({"high", "critical"} & set(new)),
        problems > 0,
    )


def _lines(
    settings: Settings, night: date, said: Mapping[str, Any], head: str, problems: int
) -> list[str]:
    lines = [f"Findings: {head}."]
    if problems:
        lines.append(f"Went wrong: {problems}; state/nightly.log in the workspace says what.")
    if (newest := said["newest"]) is None:
        return [*lines, "Nothing was ever scanned."]
    days, levels = said["days"], said["levels"]
    open_now = ", ".join(f"{levels[each]:,} {each}" for each in reversed(LEVELS) if each in levels)
    lines += [
        f"Open, {days['first']} to {days['last']}: {open_now or 'none'}."
        f" On the list: {len(said['ranking'])}.",
        f"Judged to {newest['day']}: {newest['detectors']} detectors, {newest['blind']} blind,"
        f" {newest['never']} without data{_unjudged(said)}.",
    ]
    if newest["silent"]:
        lines.append(f"Silent logs: {', '.join(newest['silent'])}.")
    link = settings.notify.link or REPORT
    return [*lines, "", link.replace("{day}", str(newest["day"]))]


def _unjudged(said: Mapping[str, Any]) -> str:
    """Return why the newest day was not judged by how many, `; failed 1, waiting 2`."""
    counts: dict[str, set[str]] = {}
    for row in said["unjudged"]:
        if row["last_day"] == said["newest"]["day"]:
            counts.setdefault(row["status"].replace("_", " "), set()).update(row["detectors"])
    told = ", ".join(f"{status} {len(names)}" for status, names in sorted(counts.items()))
    return f"; {told}" if told else ""
