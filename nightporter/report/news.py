"""What has changed since an earlier report: findings that are new, changed, withdrawn.

Compares times of writing with the newest one that report knew; knows nothing of pages.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import duckdb

from nightporter.findings import gravity
from nightporter.report.record import Record

# So many people and withdrawn findings are named; the totals are always said.
NAMED = 20


@dataclass(frozen=True)
class News:
    """Counts by kind (new, changed, withdrawn), and who and what stands behind them.

    `since` is None for a first report: then there is nothing to compare with.
    """

    since: date | None
    mark: datetime | None
    counts: Mapping[str, int] = field(default_factory=dict)
    people: Mapping[str | None, Mapping[str, Any]] = field(default_factory=dict)
    withdrawn: tuple[Mapping[str, Any], ...] = ()

    @property
    def total(self) -> int:
        return sum(self.counts.values())


def news_since(con: duckdb.DuckDBPyConnection, earlier: Record | None) -> News:
    """Compare the view `findings` with what `earlier` knew."""
    if earlier is None:
        return News(None, None)
    # A report that knew no finding at all: everything is newer than it.
    mark = earlier.mark or datetime.fromisoformat("1970-01-01T00:00:00+00:00")
    con.execute(f"CREATE OR REPLACE TEMP TABLE news AS {_NEWS}", [mark, earlier.day])
    counts = con.execute("SELECT kind, count(*) FROM news GROUP BY ALL ORDER BY ALL").fetchall()
    people = con.sql(_PEOPLE).pl().to_dicts()
    withdrawn = con.sql(_WITHDRAWN).pl().to_dicts()
    return News(
        earlier.day,
        mark,
        dict(counts),
        {row["person"]: row for row in people},
        tuple(withdrawn),
    )


def newest_change(con: duckdb.DuckDBPyConnection) -> datetime | None:
    """Return when anything in the view `findings` last changed."""
    found: datetime | None = con.execute("SELECT max(changed_at) FROM findings").fetchall()[0][0]
    return found


def kind_of(mark: str, since: str) -> str:
    """Return SQL: what a finding is to the reader of a report that covered the days to `since`
    and the changes to `mark`; NULL where that reader knew it as it is."""
    return f"""CASE WHEN found_at > {mark} OR day > {since} THEN 'new'
        WHEN changed_at > {mark} THEN 'changed' END"""


# What came and went between two reports was never told, and is no news.
_NEWS = f"""
    SELECT finding_id, detector, level, day, sentence, whom,
        CASE WHEN status = 'withdrawn' THEN status ELSE kind END AS kind
    FROM (
        SELECT *, {kind_of("$1", "$2")} AS kind,
            CASE WHEN user_id IS NULL THEN coalesce(nullif(candidates, []), [NULL])
                ELSE [user_id] END AS whom
        FROM findings WHERE status IN ('open', 'withdrawn')
    )
    WHERE kind IS NOT NULL AND NOT (status = 'withdrawn' AND kind = 'new')"""

_PEOPLE = f"""
    SELECT person, count(*) FILTER (kind = 'new') AS new,
        count(*) FILTER (kind = 'changed') AS changed,
        count(*) FILTER (kind = 'withdrawn') AS withdrawn,
        arg_min(sentence, (grave, -epoch(day), finding_id)) FILTER (kind <> 'withdrawn')
            AS sentence,
        arg_min(level, (grave, -epoch(day), finding_id)) FILTER (kind <> 'withdrawn') AS level
    FROM (
        SELECT *, unnest(whom) AS person, {gravity()} AS grave FROM news
    )
    GROUP BY person ORDER BY min(grave), count(*) DESC, person"""

_WITHDRAWN = f"""
    SELECT detector, level, day, sentence FROM news WHERE kind = 'withdrawn'
    ORDER BY day DESC, finding_id LIMIT {NAMED}"""
