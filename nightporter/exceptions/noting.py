"""The lake's table of exceptions: which ones its findings were last judged by, and how they stand.

A run notes what it will judge by before it judges, and forgets the rest when it is done: one
that dies leaves both, and the next sees a difference whatever the files say then.
"""

import hashlib
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

import duckdb
import orjson
import polars as pl

from nightporter.exceptions.matching import SEPARATOR
from nightporter.exceptions.words import Entry
from nightporter.lake import Lake
from nightporter.schema import TABLES
from nightporter.window import Window

# The digest of one by which nothing was judged yet.
ABSENT = ""

# So many days before its end an exception is called expiring.
SOON = 7


def expect(lake: Lake, entries: Iterable[Entry]) -> None:
    """Note `entries` beside what the findings were judged by, before anything is judged anew."""
    noted, now = lake.read("exceptions"), _rows(entries)
    new = now.join(noted, on=["name", "digest"], how="anti")
    absent = new.join(noted, on="name", how="anti").with_columns(digest=pl.lit(ABSENT))
    if new.height:
        lake.append("exceptions", pl.concat([new, absent]))


def settle(lake: Lake, entries: Iterable[Entry]) -> None:
    """Forget what is no longer said: every finding is judged by `entries`."""
    now = _rows(entries)
    if not lake.read("exceptions").sort("name", "digest").equals(now):
        lake.replace("exceptions", now, "true")


def touched(lake: Lake, entries: Iterable[Entry]) -> list[date]:
    """Return the days with findings that an exception covers, or covered, that is new, gone or
    another than when they were judged; sorted."""
    noted, now = lake.read("exceptions"), _rows(entries)
    known = noted.group_by("name").agg(pl.col("digest").sort().alias("was"))
    is_now = now.select("name", pl.concat_list("digest").alias("is"))
    both = known.join(is_now, on="name", how="full", coalesce=True)
    differing = both.filter(~pl.col("was").eq_missing(pl.col("is")))["name"]
    moved = pl.concat([noted, now]).filter(pl.col("name").is_in(differing.implode()))
    windows = [Window(*span) for span in moved.select("first", "until").unique().iter_rows()]
    return [day for day in lake.days("findings") if any(day in window for window in windows)]


def _rows(entries: Iterable[Entry]) -> pl.DataFrame:
    rows = [
        {
            "name": entry.name,
            "file": entry.file,
            "detectors": entry.detectors,
            "people": entry.people,
            "who": _json(entry.who),
            "what": _json(entry.what),
            "first": entry.first,
            "until": entry.until,
            "owner": entry.owner,
            "approved_by": entry.approved_by,
            "reason": entry.reason,
            "ticket": entry.ticket,
            "digest": _digest(entry),
        }
        for entry in entries
    ]
    shape = pl.Schema(TABLES["exceptions"].columns)
    return pl.DataFrame(rows, schema=shape, orient="row").sort("name", "digest")


def _digest(entry: Entry) -> str:
    """What decides whom and what it hides: another reason or ticket judges nothing anew."""
    hides = [entry.detectors, entry.people, entry.spared, entry.what, entry.first, entry.until]
    return hashlib.sha256(_json(hides).encode()).hexdigest()[:16]


def _json(value: Any) -> str:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


def state(first: date, until: date, today: date) -> str:
    """Return pending, active, expiring or expired; `today` is the day that no night has judged."""
    if today < first:
        return "pending"
    if until < today:
        return "expired"
    return "expiring" if until < today + timedelta(days=SOON) else "active"


def hidden(con: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """Return the exceptions that hide findings of the view `findings`, the busiest first.

    Each: name, findings, people, first_day, last_day.
    """
    rows: pl.DataFrame = con.sql(_HIDDEN, params=[SEPARATOR]).pl()
    return rows.to_dicts()


_HIDDEN = """
    SELECT name, count(*) AS findings, count(DISTINCT user_id) AS people,
        min(day) AS first_day, max(day) AS last_day
    FROM (
        SELECT *, unnest(string_split(suppressed_by, $1)) AS name
        FROM findings WHERE status = 'suppressed'
    )
    GROUP BY name ORDER BY findings DESC, name"""


def morning_news(con: duckdb.DuckDBPyConnection, lake: Lake, window: Window) -> dict[str, Any]:
    """Return what a morning says of exceptions that looks back on `window`, as `findings` does.

    suppressed: how many findings of those days; by: by which; expired: those that ended on one
    of those days or in the week before; expiring: those that end within a week.
    """
    today, ended = window.last + timedelta(days=1), window.reaching_back(SOON)
    noted = lake.read("exceptions").unique("name", keep="first", maintain_order=True).sort("name")
    rows = noted.select("name", "until", "owner", "ticket", "first").to_dicts()
    stand = [(state(row.pop("first"), row["until"], today), row) for row in rows]
    return {
        "suppressed": con.execute(_SUPPRESSED).fetchall()[0][0],
        "by": hidden(con),
        "expired": [row for said, row in stand if said == "expired" and row["until"] in ended],
        "expiring": [row for said, row in stand if said == "expiring"],
    }


# A finding that two exceptions hide is one finding.
_SUPPRESSED = "SELECT count(*) FROM findings WHERE status = 'suppressed'"
