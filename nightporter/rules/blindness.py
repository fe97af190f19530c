"""What a detector could not see: sources, actions, columns and days without data.

A missing log must never make a night look clean.
"""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta

import duckdb
import polars as pl

from nightporter.features import FEATURES
from nightporter.rules.detector import Detector
from nightporter.rules.evidence import features_of, kinds_of
from nightporter.schema import SOURCES, WORDS
from nightporter.window import Window

# The table `detector_sources`: a detector is blind without all sources of one of its needs.
COLUMNS = ("detector", "need", "source")

# A feed's clock is wrong where this share of its day is off by so many minutes.
WRONG_SHARE, WRONG_MINUTES = 0.2, 30


def unjudged(
    con: duckdb.DuckDBPyConnection, detector: Detector, window: Window, until: date
) -> tuple[Mapping[date, str], Mapping[date, Mapping[str, str]]]:
    """Return the days of `window` that `detector` could not judge, and those that wait.

    The former each with its reason. The latter are days on which logs that it needs together
    may still come, each with those feeds and their sites. `until` is the newest day that has
    ended. A detector that one source answers never waits; nobody waits longer than the feed's
    lateness, nor for a feed that was silent for longer than that before.
    """
    if reason := _never(con, detector):
        return dict.fromkeys(window, reason), {}
    return _blind(con, detector, window), _undelivered(con, detector, window, until)


def detector_sources(detectors: Iterable[Detector]) -> pl.DataFrame:
    """Return which sources each detector stands on: one row a detector, need and source."""
    rows = {
        (detector.id, " or ".join(sorted(sources)), source)
        for detector in detectors
        for sources in sources_needed(detector)
        for source in sources
    }
    return pl.DataFrame(sorted(rows), schema=dict.fromkeys(COLUMNS, pl.String), orient="row")


def columns_needed(detectors: Iterable[Detector]) -> frozenset[tuple[str, str]]:
    """Return the columns of logs, (source, column), that a detector says it needs."""
    named = {
        (table, part)
        for detector in detectors
        for table, _, parts in (need.partition(".") for need in detector.header.needs)
        for part in parts.split("|")
    }
    return frozenset(
        (table, part)
        for table, part in named
        if table in SOURCES and part not in WORDS[table]["action"]
    )


def claims_absence(detector: Detector) -> bool:
    """Tell whether a day without reads would look to it like a day without people."""
    return "whereabouts" in detector.query.tables


def untenable(con: duckdb.DuckDBPyConnection, evidence: pl.DataFrame) -> set[str]:
    """Return the findings with an event at a site whose badge feed was silent on that day.

    The site is that of the record's zone, whose doors are in question; else the record's.
    Only that site's: else whoever silences a shed's controller would blind the main house.
    """
    con.register("shown", evidence.select("finding_id", "day", "record").to_arrow())
    rows = con.execute(
        """SELECT DISTINCT s.finding_id
        FROM shown AS s
        LEFT JOIN (SELECT DISTINCT zone, site FROM zones) AS z ON z.zone = s.record ->> '$.zone'
        JOIN feed_day AS f
            ON f.day = s.day AND f.site = coalesce(z.site, s.record ->> '$.site', '')
        WHERE f.source = 'badge' AND f.silent"""
    ).fetchall()
    con.unregister("shown")
    return {finding for (finding,) in rows}


def unready(
    con: duckdb.DuckDBPyConnection,
    evidence: pl.DataFrame,
    waiting: Mapping[date, Mapping[str, str]],
) -> set[str]:
    """Return the findings of waiting days with an event at a site whose logs may still come.

    A feed without a site may be about any of them.
    """
    lacking = [(day, site) for day, feeds in waiting.items() for site in feeds.values()]
    con.register("shown", evidence.select("finding_id", "day", "record").to_arrow())
    con.execute("CREATE OR REPLACE TEMP TABLE lacking (day DATE, site VARCHAR)")
    con.executemany("INSERT INTO lacking VALUES (?, ?)", lacking)
    rows = con.execute(
        """SELECT DISTINCT s.finding_id
        FROM shown AS s
        LEFT JOIN (SELECT DISTINCT zone, site FROM zones) AS z ON z.zone = s.record ->> '$.zone'
        JOIN lacking AS l
            ON l.day = s.day AND coalesce(z.site, s.record ->> '$.site', '') IN (l.site, '')
            OR l.day = s.day AND l.site = ''"""
    ).fetchall()
    con.unregister("shown")
    return {finding for (finding,) in rows}


def sources_needed(detector: Detector) -> list[set[str]]:
    """Each set is a choice: a feature that several sources feed is blind only without all."""
    needed = [{source} for source in SOURCES if source in detector.query.tables]
    for name in sorted({feature.name for feature in features_of(detector)}):
        needed.append({f.source for f in FEATURES if f.name == name})
    needed += [{feature.beside} for feature in features_of(detector) if feature.beside]
    needed += [{kind.source} for kind in kinds_of(detector)]
    if claims_absence(detector):
        needed.append({"badge"})
    return needed


def _never(con: duckdb.DuckDBPyConnection, detector: Detector) -> str | None:
    """Return why `detector` can judge no day at all."""
    delivered = {s for (s,) in con.execute("SELECT DISTINCT source FROM feed_day").fetchall()}
    for sources in sources_needed(detector):
        if not sources & delivered:
            return f"no feed of {' or '.join(sorted(sources))} events"
    return next((reason for need in detector.header.needs if (reason := _lacks(con, need))), None)


def _blind(
    con: duckdb.DuckDBPyConnection, detector: Detector, window: Window
) -> Mapping[date, str]:
    reasons: dict[date, str] = {}
    for sources in sources_needed(detector):
        for day, reason in _silent(con, sources, window).items():
            reasons.setdefault(day, reason)
        for day, reason in _untimely(con, sources, window).items():
            reasons.setdefault(day, reason)
    for day, feeds in _undelivered(con, detector, window).items():
        reasons.setdefault(day, f"{', '.join(sorted(feeds))} never delivered this day")
    return dict(sorted(reasons.items()))


def _undelivered(
    con: duckdb.DuckDBPyConnection, detector: Detector, window: Window, until: date | None = None
) -> dict[date, dict[str, str]]:
    """Return the days that a feed of several needed sources has not delivered, with its site.

    With `until` those that may still come, without it all.
    """
    needed = sources_needed(detector)
    if not needed or set.intersection(*needed):
        return {}
    names = sorted({source for sources in needed if len(sources) == 1 for source in sources})
    rows = con.execute(
        """SELECT day, feed || CASE site WHEN '' THEN '' ELSE ' (' || site || ')' END, site
        FROM feed_day JOIN lateness USING (feed)
        WHERE list_contains(?, source) AND NOT complete AND day BETWEEN ? AND ?
            AND day - last_day <= days AND day > ?::DATE - days
        ORDER BY ALL""",
        [names, window.first, window.last, until or date.min + timedelta(days=9999)],
    ).fetchall()
    found: dict[date, dict[str, str]] = {}
    for day, feed, site in rows:
        found.setdefault(day, {})[feed] = site
    return found


def _lacks(con: duckdb.DuckDBPyConnection, need: str) -> str | None:
    """A need is `source.action`, `source.column` or `context_table.column`; of a source it may be
    one of several: `source.action|action`."""
    table, _, part = need.partition(".")
    if table in SOURCES:
        named = [_kind(table, each) for each in part.split("|")]
        if any(_shown(con, table, kind, each) for kind, each in named):
            return None
        said = " or the ".join(f"{kind} {each}" for kind, each in named)
        return f"no {table} log has shown the {said} lately"
    (known,) = con.execute(f'SELECT count("{part}") FROM {table}').fetchall()[0]
    return None if known else f"context/{table}.csv gives no {part}"


def _kind(source: str, part: str) -> tuple[str, str]:
    return ("action" if part in WORDS[source]["action"] else "column"), part


def _shown(con: duckdb.DuckDBPyConnection, source: str, kind: str, part: str) -> bool:
    sql = f'SELECT count(*) FROM {kind}s_shown WHERE source = ? AND "{kind}" = ?'
    return bool(con.execute(sql, [source, part]).fetchall()[0][0])


def _silent(
    con: duckdb.DuckDBPyConnection, sources: set[str], window: Window
) -> Mapping[date, str]:
    names = ", ".join(f"'{source}'" for source in sorted(sources))
    rows = con.execute(
        f"""SELECT day, bool_and(silent), string_agg(DISTINCT feed || ' (' || site || ')', ', '
                ORDER BY feed || ' (' || site || ')') FILTER (WHERE silent)
        FROM feed_day WHERE source IN ({names}) AND day BETWEEN ? AND ? GROUP BY day""",
        [window.first, window.last],
    ).fetchall()
    return {
        day: f"{feeds} delivered nothing, or far too little"
        for day, every, feeds in rows
        if feeds and (every or len(sources) == 1)
    }


def _untimely(
    con: duckdb.DuckDBPyConnection, sources: set[str], window: Window
) -> Mapping[date, str]:
    """Days of one needed source on which the clock of much of a feed was wrong.

    One host of many is a finding, and blinds nobody: else anybody could by setting a clock.
    """
    if len(sources) > 1:
        return {}
    rows = con.execute(
        """SELECT day, string_agg(DISTINCT feed || ' (' || site || ')', ', '
                ORDER BY feed || ' (' || site || ')')
        FROM (
            SELECT feed, site, day FROM feed_clock
            WHERE source = ? AND day BETWEEN ? AND ? AND minutes >= ?
            GROUP BY feed, site, day, kind HAVING sum(share) >= ?
        ) GROUP BY day""",
        [*sources, window.first, window.last, WRONG_MINUTES, WRONG_SHARE],
    ).fetchall()
    return {day: f"the clock of {feeds} was wrong" for day, feeds in rows}
