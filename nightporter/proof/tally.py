"""What a trial comes to: findings by night, person and value, beside the alert budget.

Returns plain values; knows frames, neither a lake's files nor a terminal.
"""

from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any

import duckdb
import polars as pl

from nightporter.findings import COUNTED, ONE_DETECTOR
from nightporter.proof.backtest import Trial
from nightporter.rules import Detector
from nightporter.rules.header import fields

Row = dict[str, Any]

# A reason's most frequent values are so many.
VALUES = 3


def tally(trial: Trial, people: int, knobs: Mapping[str, float]) -> Row:
    """Return the figures of `trial`; what exceptions would hide is counted apart, in `hidden`.

    `people` are those present in its window, by whom the rate is counted, on the days that were
    judged; `knobs` what the site turned. `whom` and `reasons` are sorted by findings, the most
    first, and complete.
    """
    detector = trial.detector
    shown = pl.col("status") == "open"
    found, hidden = trial.findings.filter(shown), trial.findings.filter(~shown)
    judged = len(trial.window) - len(trial.unjudged)
    return {
        "detector": detector.id,
        "path": str(detector.path),
        "tactic": detector.tactic,
        "level": detector.level,
        "status": detector.header.status,
        "title": detector.title,
        "knobs": {**detector.knobs, **{k: x for k, x in knobs.items() if k in detector.knobs}},
        "first_day": trial.window.first,
        "last_day": trial.window.last,
        "days": len(trial.window),
        "judged": judged,
        "present": people,
        "findings": found.height,
        "people": found["user_id"].drop_nulls().n_unique(),
        "rate": _rate(trial, found, people * judged),
        # What lies below medium is not counted against it.
        "budget": ONE_DETECTOR if detector.level in COUNTED else None,
        "hidden": hidden.height,
        "hidden_by": _hidden_by(hidden),
        "nights": list(_nights(trial, found)),
        "whom": _whom(found),
        "reasons": list(_reasons(detector, found)),
        "unjudged": unjudged(trial),
        "ms": trial.ms,
    }


def _rate(trial: Trial, found: pl.DataFrame, person_days: int) -> float | None:
    """Findings a thousand people and day; a day that could not be judged is no silent one."""
    counted = found.filter(~pl.col("day").is_in(list(trial.unjudged)))
    return counted.height * 1000 / person_days if person_days else None


def _hidden_by(hidden: pl.DataFrame) -> list[Row]:
    """One row an exception, or several that hide the same findings: the most first."""
    return (
        hidden.group_by(exceptions="suppressed_by")
        .agg(findings=pl.len())
        .sort(["findings", "exceptions"], descending=[True, False])
        .to_dicts()
    )


def _nights(trial: Trial, found: pl.DataFrame) -> Iterator[Row]:
    counts = dict(found.group_by("day").len().iter_rows())
    for day in trial.window:
        yield {"day": day, "findings": counts.get(day, 0), "unjudged": trial.unjudged.get(day)}


def _whom(found: pl.DataFrame) -> list[Row]:
    """One row a person, or a thing where the finding names nobody."""
    return (
        found.group_by(who=pl.coalesce("user_id", "about"))
        .agg(
            findings=pl.len(),
            first_day=pl.col("day").min(),
            last_day=pl.col("day").max(),
            sentence=pl.col("sentence").sort_by("day").last(),
        )
        .sort(["findings", "who"], descending=[True, False])
        .to_dicts()
    )


def _reasons(detector: Detector, found: pl.DataFrame) -> Iterator[Row]:
    """One row a column of the sentence: of texts the most frequent values, of numbers the range."""
    with duckdb.connect() as con:
        con.register("found", found.select("columns").to_arrow())
        for name in dict.fromkeys(fields(detector.header.says)):
            if name in ("user_id", "day"):
                continue
            rows = con.execute(_VALUES, [f"$.{name}"])
            texts, numbers = _parted(rows.fetchall())
            if texts:
                yield {"column": name, "values": texts[:VALUES], "different": len(texts)}
            if numbers:
                yield {"column": name, **numbers}


# A list counts by its items.
_VALUES = """
    WITH said AS (SELECT columns::JSON -> ? AS value FROM found),
    items AS (
        SELECT unnest(CASE json_type(value) WHEN 'ARRAY' THEN from_json(value, '["JSON"]')
            ELSE [value] END) AS item FROM said
    )
    SELECT json_type(item) IN ('BIGINT', 'UBIGINT', 'HUGEINT', 'DOUBLE') AS number,
        item ->> '$' AS value, count(*) AS findings
    FROM items WHERE json_type(item) <> 'NULL' GROUP BY ALL ORDER BY findings DESC, value"""


def _parted(rows: list[tuple[bool, str, int]]) -> tuple[list[Row], Row]:
    texts = [{"value": value, "findings": n} for number, value, n in rows if not number]
    numbers = pl.DataFrame(
        [(float(value), n) for number, value, n in rows if number],
        schema={"value": pl.Float64, "n": pl.Int64}, orient="row",
    ).select(pl.col("value").repeat_by("n").explode(empty_as_null=False))["value"]  # fmt: skip
    if numbers.is_empty():
        return texts, {}
    return texts, {"least": numbers.min(), "median": numbers.median(), "most": numbers.max()}


def unjudged(trial: Trial) -> list[Row]:
    """Return one row for each reason why days could not be judged: how many, from, to."""
    rows = []
    by_reason = sorted(trial.unjudged.items(), key=lambda each: (each[1], each[0]))
    for reason, days in groupby(by_reason, key=lambda each: each[1]):
        held = [day for day, _ in days]
        rows.append(
            {"reason": reason, "days": len(held), "first_day": held[0], "last_day": held[-1]}
        )
    return rows
