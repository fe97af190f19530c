"""Which findings an exception hides: of its days and detectors, about its people and things only.

What names more than the exception does is not hidden: every person who may be meant, and every
thing that the finding stands on, must be named. Knows rows, not where they lie.
"""

from collections.abc import Collection, Iterable
from datetime import date, datetime

import duckdb
import polars as pl

from nightporter.engine import session
from nightporter.exceptions.words import Entry
from nightporter.lake import Lake
from nightporter.schema import TABLES
from nightporter.shapes import Kind

_TEXTS = pl.List(pl.String)
_CONDITION = pl.Struct({"col": pl.String, "names": _TEXTS, "prefixes": _TEXTS})
_ENTRIES: dict[str, Kind] = {
    "name": pl.String, "detectors": _TEXTS, "people": _TEXTS, "spared": _TEXTS,
    "conditions": pl.List(_CONDITION), "first": pl.Date, "until": pl.Date,
}  # fmt: skip

# So two names stand in `suppressed_by`: what two exceptions hide, each of them hides.
SEPARATOR = ", "


def suppressed(
    findings: pl.DataFrame, evidence: pl.DataFrame, entries: Iterable[Entry], now: datetime
) -> pl.DataFrame:
    """Return `findings` with the status that `entries` give them; withdrawn ones stay.

    `evidence` holds at least all of theirs.
    """
    entries = list(entries)
    if findings.is_empty() or not entries:
        return marked(findings, _NONE, now)
    with session() as con:
        con.register("findings", findings.to_arrow())
        con.register("evidence", evidence.to_arrow())
        return marked(findings, _matched(con, entries), now)


def stored(lake: Lake, days: Collection[date], entries: Iterable[Entry]) -> pl.DataFrame:
    """Return finding_id and suppressed_by of each finding of `days` that `entries` hide."""
    entries = list(entries)
    if not entries:
        return _NONE
    with session() as con:
        lake.view(con, "findings", days)
        lake.view(con, "evidence", days)
        return _matched(con, entries)


_NONE = pl.DataFrame(schema={"finding_id": pl.String, "hidden_by": pl.String})


def marked(findings: pl.DataFrame, matched: pl.DataFrame, now: datetime) -> pl.DataFrame:
    """Return `findings` in their order, suppressed where `matched` has them, else open again.

    Where the status is another than before, `changed_at` is `now`.
    """
    gone = pl.col("status") == "withdrawn"
    hidden = pl.col("hidden_by").is_not_null() & ~gone
    status = pl.when(gone).then("status").when(hidden).then(pl.lit("suppressed"))
    met = findings.join(matched, on="finding_id", how="left", maintain_order="left").with_columns(
        was=pl.col("status"),
        status=status.otherwise(pl.lit("open")),
        suppressed_by=pl.when(~gone).then("hidden_by"),
        # A case holds open findings; risk files what is open again.
        case_id=pl.when(~hidden).then("case_id"),
    )
    moved = pl.col("was") != pl.col("status")
    changed_at = pl.when(moved).then(pl.lit(now)).otherwise("changed_at")
    return met.with_columns(changed_at=changed_at).select(list(TABLES["findings"].columns))


def _matched(con: duckdb.DuckDBPyConnection, entries: Iterable[Entry]) -> pl.DataFrame:
    rows = [
        {
            "name": entry.name,
            "detectors": entry.detectors,
            "people": entry.people,
            "spared": entry.spared,
            "conditions": [_condition(column, said) for column, said in entry.what.items()],
            "first": entry.first,
            "until": entry.until,
        }
        for entry in entries
    ]
    con.register("entries", pl.DataFrame(rows, schema=_ENTRIES, orient="row").to_arrow())
    found: pl.DataFrame = con.sql(_MATCHED, params=[SEPARATOR]).pl()
    con.unregister("entries")
    return found


def _condition(column: str, said: Iterable[str]) -> dict[str, object]:
    said = [text.lower() if column == "host" else text for text in said]
    return {
        "col": column,
        "names": [text for text in said if not text.endswith("*")],
        "prefixes": [text[:-1] for text in said if text.endswith("*")],
    }


_COVERED = """coalesce(list_contains(c.names, {value})
            OR len(list_filter(c.prefixes, lambda p: starts_with({value}, p))) > 0, false)"""

# A host is one in any case.
_VALUE = "CASE c.col WHEN 'host' THEN lower(value) ELSE value END"

# Days, detector and people first: few findings are left whose events are looked at. A finding
# that names the column itself is judged by that; any other by all its events that have it, and
# an event whose thing is not known is none of the exception's.
_MATCHED = f"""
    WITH about_people AS (
        SELECT f.finding_id, e.name, e.conditions, f.columns, f.about
        FROM (
            SELECT *, CASE WHEN user_id IS NULL THEN coalesce(candidates, []) ELSE [user_id] END
                AS persons
            FROM findings WHERE status <> 'withdrawn'
        ) AS f
        JOIN entries AS e ON f.day BETWEEN e.first AND e.until
        WHERE (len(e.detectors) = 0 OR list_contains(e.detectors, f.detector))
            AND NOT list_has_any(list_transform(f.persons, lambda p: lower(p)), e.spared)
            AND (e.people IS NULL OR (len(f.persons) > 0 AND list_has_all(e.people, f.persons)))
    ),
    conditions AS (
        SELECT finding_id, name, c, '$."' || c.col || '"' AS path,
            coalesce(columns::JSON -> path, about::JSON -> path) AS own
        FROM (SELECT *, unnest(conditions) AS c FROM about_people)
    ),
    own_values AS (
        SELECT finding_id, name, c, unnest(CASE json_type(own)
            WHEN 'ARRAY' THEN coalesce(own ->> '$[*]', []) ELSE [own ->> '$'] END) AS value
        FROM conditions WHERE json_type(own) <> 'NULL'
    ),
    said AS (
        SELECT finding_id, name, c, {_COVERED.format(value=_VALUE)} AS covered FROM own_values
        UNION ALL
        SELECT finding_id, name, c, {_COVERED.format(value=_VALUE)} AS covered
        FROM (
            SELECT q.finding_id, q.name, q.c, record::JSON ->> path AS value
            FROM conditions AS q JOIN evidence AS v USING (finding_id)
            WHERE coalesce(json_type(own) = 'NULL', true) AND json_exists(record::JSON, path)
        )
    ),
    held AS (
        SELECT finding_id, name, c.col FROM said GROUP BY finding_id, name, c.col
        HAVING bool_and(covered)
    )
    SELECT finding_id, string_agg(name, $1 ORDER BY name) AS hidden_by
    FROM (
        SELECT a.finding_id, a.name FROM about_people AS a
        LEFT JOIN held AS h USING (finding_id, name)
        GROUP BY a.finding_id, a.name, len(a.conditions)
        HAVING count(h.col) = len(a.conditions)
    )
    GROUP BY finding_id ORDER BY finding_id"""
