"""What the detectors cover in this workspace: tags beside what the ledger says of each detector.

A detector that judged nothing covers nothing, however many tags it bears.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any

from nightporter.engine import session
from nightporter.lake import Lake
from nightporter.ledger import JUDGED
from nightporter.rules import SWITCHED_OFF, Detector
from nightporter.rules.articles import Article, article

Row = dict[str, Any]

# What becomes of a detector here, from best to worst.
STATES = {
    "evaluated": "judged every day",
    "partly": "judged some of the days",
    "not_evaluated": "judged none of these days",
    "no_data": "never had anything to judge",
    "failed": "failed on the newest day",
    "never_ran": "has not run on these days",
    "off": SWITCHED_OFF,
}
COVERS = ("evaluated", "partly")


def coverage(
    lake: Lake, detectors: Iterable[Detector], days: int, off: Collection[str] = ()
) -> Row:
    """Return what `detectors`, of which those called `off` are switched off, cover on the newest
    `days` scanned days.

    `detectors` and `articles`, each a row with its `state`; an article's is the best among the
    detectors that bear it. `first_day` and `last_day` are None where nothing was scanned.
    """
    scanned = lake.days("windows")[-days:]
    said = _said(lake, scanned[0]) if scanned else {}
    rows = [_row(each, said.get(each.id), each.id in off) for each in detectors]
    return {
        "first_day": scanned[0] if scanned else None,
        "last_day": scanned[-1] if scanned else None,
        "days": len(scanned),
        "detectors": rows,
        "articles": [_covered(each, rows) for each in _articles(rows)],
    }


def _said(lake: Lake, first: date) -> Mapping[str, Row]:
    """What the ledger says of each stage that ran since `first`: days, days judged, the newest
    day, the usual reason; and the last day that it ever judged."""
    with session() as con:
        lake.view(con, "windows")
        rows = con.sql(_LEDGER, params=[first]).pl().to_dicts()
    return {row["stage"]: row for row in rows}


_LEDGER = f"""
    SELECT stage, count(*) FILTER (since) AS days, count(*) FILTER (since AND good) AS judged,
        arg_max(status, day) AS newest, arg_max(reason, day) AS newest_reason,
        mode(reason ORDER BY reason) FILTER (since AND NOT good) AS reason,
        max(day) FILTER (good) AS last_judged
    FROM (FROM windows SELECT *, day >= $1 AS since, {JUDGED} AS good)
    GROUP BY stage HAVING bool_or(since)"""


def _row(detector: Detector, said: Row | None, off: bool) -> Row:
    state, reason = ("off", None) if off else _state(said)
    return {
        "detector": detector.id,
        "tactic": detector.tactic,
        "level": detector.level,
        "title": detector.title,
        "tags": list(detector.header.tags),
        "state": state,
        "reason": reason,
        "days": said["days"] if said else 0,
        "judged": said["judged"] if said else 0,
        "last_judged": said["last_judged"] if said else None,
    }


def _state(said: Row | None) -> tuple[str, str | None]:
    if said is None:
        return "never_ran", None
    if said["newest"] == "failed":
        return "failed", said["newest_reason"]
    if not said["judged"]:
        return ("not_evaluated" if said["last_judged"] else "no_data"), said["reason"]
    if said["judged"] < said["days"]:
        return "partly", said["reason"]
    return "evaluated", None


def _articles(rows: Iterable[Row]) -> list[Article]:
    """Each article once: tactics, techniques, then those of the matrix."""
    order = ("tactic", "technique", "article")
    found = {article(tag) for row in rows for tag in row["tags"]}
    return sorted(found, key=lambda each: (order.index(each.kind), each.id))


def _covered(each: Article, rows: Iterable[Row]) -> Row:
    bearers = [row for row in rows if each in map(article, row["tags"])]
    states = list(STATES)
    return {
        "framework": each.framework,
        "kind": each.kind,
        "id": each.id,
        "name": each.name,
        "section": each.section,
        "state": min((row["state"] for row in bearers), key=states.index),
        "evaluated": [row["detector"] for row in bearers if row["state"] in COVERS],
        "not_here": [row["detector"] for row in bearers if row["state"] not in COVERS],
    }
