"""Counts: presence, hours, raw features and sightings of the scanned days, from the events.

Knows declarations and days; nothing of baselines.
"""

from collections.abc import Sequence

import duckdb

from nightporter.features.declared import DISTINCT, DOCUMENT, KINDS, PERSON, Feature, by_source
from nightporter.schema import SOURCES, TABLES
from nightporter.window import Window

WORK_DAYS = "('workday', 'make_up', 'short')"


def write_presence(con: duckdb.DuckDBPyConnection, window: Window) -> None:
    """Create `presence`, with its earlier days from history."""
    ensure_past(con, "presence")
    con.execute(
        f"""CREATE OR REPLACE TABLE presence AS
        WITH acts AS ({_acts(_within(window))})
        SELECT user_id, day, any_value(site ORDER BY site) AS site,
            any_value(day_type ORDER BY day_type) AS day_type, count(*)::BIGINT AS events
        FROM acts GROUP BY user_id, day
        UNION ALL BY NAME
        SELECT user_id, day, site, day_type, events FROM past_presence
        WHERE day < DATE '{window.first}'"""
    )


def write_hour_counts(con: duckdb.DuckDBPyConnection, window: Window) -> None:
    """Create the scanned days' `user_hour`."""
    con.execute(f"CREATE OR REPLACE TABLE user_hour AS {_hours(_within(window))}")


def write_counts(con: duckdb.DuckDBPyConnection, window: Window) -> None:
    """Create the scanned days' `counted`."""
    con.execute(
        f"""CREATE OR REPLACE TABLE counted AS
        SELECT user_id, day, feature, sum(x)::DOUBLE AS x FROM ({_counts(_within(window))})
        WHERE x > 0 GROUP BY user_id, day, feature"""
    )


def write_sightings(con: duckdb.DuckDBPyConnection, window: Window) -> None:
    """Create the scanned days' `sighted`."""
    ensure_past(con, "first_seen")
    con.execute(f"CREATE OR REPLACE TABLE sighted AS {_sightings(_within(window))}")


def _within(window: Window) -> str:
    return f"day BETWEEN DATE '{window.first}' AND DATE '{window.last}'"


def ensure_past(con: duckdb.DuckDBPyConnection, table: str, view: str | None = None) -> None:
    """Create the view (default: past_TABLE) without rows where the night has no history of it."""
    con.register(f"none_{table}", TABLES[table].empty().to_arrow())
    con.execute(f"CREATE VIEW IF NOT EXISTS {view or f'past_{table}'} AS FROM none_{table}")


def _acts(between: str) -> str:
    return " UNION ALL ".join(
        f"""SELECT user_id, day, site, day_type FROM {source}
        WHERE {between} AND {PERSON}{_CAME.get(source, "")}"""
        for source in SOURCES
    )


# Whoever tries names at a door of the network is not as many people as names: each would be one
# more among whom a finding is rare.
_CAME = {
    "access": """ AND action <> 'logon_failed'
            AND NOT (action IN ('logon', 'unlock') AND outcome = 'failure')"""
}


def _hours(between: str) -> str:
    """On the wall clock; an hour after midnight still belongs to the business day before."""
    return " UNION ALL ".join(
        f"""SELECT user_id, day, hour(local_ts) AS hour, '{source}' AS source,
            count(*)::BIGINT AS events, count(*) FILTER (WHERE off_hours)::BIGINT AS off_hours
        FROM {source} WHERE {between} AND {PERSON} GROUP BY ALL"""
        for source in SOURCES
    )


def _counts(between: str) -> str:
    """Two scans a source: what is counted by document, and all else; columns become rows."""
    counted = []
    for source in SOURCES:
        asked = f"FROM {source} WHERE {between} AND {PERSON}"
        distinct = [f for f in by_source(source) if f.aggregate == DISTINCT]
        others = [f for f in by_source(source) if f.aggregate != DISTINCT]
        if distinct:
            counted.append(_unpivoted(_documents(distinct), _by_document(distinct, asked)))
        counted.append(_unpivoted(_aggregates(others), asked))
    return " UNION ALL ".join(counted)


def _unpivoted(aggregates: str, asked: str) -> str:
    return f"""
        SELECT user_id, day, feature, x FROM (
            UNPIVOT (SELECT user_id, day, {aggregates} {asked} GROUP BY user_id, day)
            ON COLUMNS(* EXCLUDE (user_id, day)) INTO NAME feature VALUE x
        )"""


def _aggregates(features: Sequence[Feature]) -> str:
    return ", ".join(
        f"({feature.aggregate} FILTER (WHERE {feature.predicate}))::DOUBLE AS {feature.name}"
        for feature in features
    )


def _by_document(features: Sequence[Feature], asked: str) -> str:
    """Each person's documents of a day, with a bit for each feature that counts them: one set of
    documents, where a distinct count for each feature would build as many."""
    bits = " | ".join(
        f"CASE WHEN {feature.predicate} THEN {1 << n} ELSE 0 END"
        for n, feature in enumerate(features)
    )
    return f"""FROM (
            SELECT user_id, day, bit_or(counts) AS counts
            FROM (SELECT user_id, day, {DOCUMENT} AS document, {bits} AS counts {asked})
            WHERE counts > 0 GROUP BY user_id, day, document
        )"""


def _documents(features: Sequence[Feature]) -> str:
    return ", ".join(
        f"count_if(counts & {1 << n} > 0)::DOUBLE AS {feature.name}"
        for n, feature in enumerate(features)
    )


def _sightings(between: str) -> str:
    return " UNION ALL ".join(
        f"""SELECT user_id, '{kind.name}' AS kind, {kind.value} AS value, day, count(*)::BIGINT AS n
        FROM {kind.source}
        WHERE {between} AND {PERSON} AND {kind.predicate} AND {kind.value} IS NOT NULL
        GROUP BY ALL"""
        for kind in KINDS
    )
