"""The raw events behind a finding: those its row names, or those its features count.

A feature is declared with its predicate, so a number in user_day always has its rows.
"""

import duckdb
import polars as pl

from nightporter.features import FEATURES, KINDS, Feature, Kind
from nightporter.features.declared import PERSON
from nightporter.rules.detector import Detector
from nightporter.schema import SOURCES, TABLES

_PLACE = {"access": "host", "usb": "host", "badge": "door_id"}
_OBJECT = {
    "access": "e.resource",
    "usb": "coalesce(e.resource, e.device_id)",
    "badge": "e.badge_id",
}


def gather(con: duckdb.DuckDBPyConnection, detector: Detector, found: pl.DataFrame) -> pl.DataFrame:
    """Return the evidence rows of `found`, one a finding and event, in time's order."""
    if found.is_empty():
        return TABLES["evidence"].empty()
    keys = found.select("finding_id", "user_id", "day", "columns", "about", "events")
    con.register("found", keys.to_arrow())
    wanted = [_named(source) for source in SOURCES] + _counted(detector)
    links = " UNION ".join(wanted)
    pieces = " UNION ALL ".join(_shown(source, detector.id) for source in SOURCES)
    rows: pl.DataFrame = con.sql(
        f"""WITH links AS MATERIALIZED ({links}), shown AS ({pieces})
        SELECT * FROM shown ORDER BY day, finding_id, ts, event"""
    ).pl()
    con.unregister("found")
    return rows.select(list(TABLES["evidence"].columns))


def _named(source: str) -> str:
    return f"""SELECT finding_id, '{source}' AS source, event FROM (
        SELECT finding_id, unnest(events) AS event FROM found
    ) WHERE starts_with(event, '{source}/')"""


def _counted(detector: Detector) -> list[str]:
    """Links through every feature and kind that the detector's SQL names."""
    links = [_link(feature.source, feature.predicate) for feature in features_of(detector)]
    for kind in kinds_of(detector):
        same = f"{kind.predicate} AND {_same_thing(kind.column)}"
        links.append(_link(kind.source, same))
    if "identities_unmapped" in detector.query.tables:
        links += [_unmapped(source) for source in SOURCES]
    return links


def rests_on_nothing(detector: Detector) -> bool:
    """Tell whether no finding can have evidence: no `events`, and nothing that is counted."""
    columns = detector.query.columns
    return columns is not None and "events" not in columns and not _counted(detector)


def features_of(detector: Detector) -> list[Feature]:
    """Return the features that the SQL names; all that its tables hold where it names none."""
    tables = detector.query.tables
    if not tables & {"user_day", "user_slow"}:
        return []
    held = [f for f in FEATURES if "user_day" in tables or f.slow]
    return [f for f in held if f.name in detector.query.texts] or held


def kinds_of(detector: Detector) -> list[Kind]:
    """Return the kinds of thing that the SQL names; all of them where it names none.

    `host_day` is counted from the logons in which a host is seen.
    """
    hosts = [k for k in KINDS if k.name == "host" and "host_day" in detector.query.tables]
    if "seen" not in detector.query.tables:
        return hosts
    return hosts + ([k for k in KINDS if k.name in detector.query.texts] or list(KINDS))


def _unmapped(source: str) -> str:
    return f"""SELECT f.finding_id, '{source}' AS source, e.event
        FROM found AS f
        JOIN identities_unmapped AS i ON i.day = f.day
            AND i.feed = coalesce(f.about ->> '$.feed', i.feed)
            AND i.identity = coalesce(f.about ->> '$.identity', i.identity)
        JOIN {source} AS e ON e.feed = i.feed AND e.day = i.day AND e.user_id = i.identity"""


def _same_thing(column: str | None) -> str:
    if column is None:
        return "true"
    said = f"coalesce(f.columns ->> '$.{column}', f.about ->> '$.{column}')"
    return f"({said} IS NULL OR {column} = {said})"


def _link(source: str, predicate: str) -> str:
    return f"""SELECT f.finding_id, '{source}' AS source, e.event
        FROM found AS f JOIN {source} AS e
            ON e.user_id = coalesce(f.user_id, f.about ->> '$.user_id') AND e.day = f.day
        WHERE len(f.events) = 0 AND {PERSON.replace("user_id", "e.user_id")} AND ({predicate})"""


def _shown(source: str, detector: str) -> str:
    return f"""SELECT l.finding_id, '{detector}' AS detector, f.day, e.event, l.source, e.ts,
        e.local_ts, e.user_id, e.action, e.{_PLACE[source]} AS place,
        {_OBJECT[source]} AS object,
        e.feed, e.file_id, e.line, to_json(e)::VARCHAR AS record
        FROM links AS l JOIN {source} AS e USING (event) JOIN found AS f USING (finding_id)
        WHERE l.source = '{source}'"""
