"""Lakes for tests of risk, written straight: findings about people, and the days of everybody."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from nightporter.config.settings import RiskSection
from nightporter.desk import Act, read_acts, write_acts
from nightporter.lake import Lake
from nightporter.risk import write_risk
from nightporter.schema import TABLES
from nightporter.window import Window

DOCS = Path(__file__).parent.parent / "docs" / "risk.md"
LAST = date(2026, 3, 31)
WINDOW = Window(LAST - timedelta(days=27), LAST)
MOMENT = datetime(2026, 3, 31, tzinfo=UTC)
Row = dict[str, Any]


def ago(days: int) -> date:
    return LAST - timedelta(days=days)


def finding(number: object, day: date, **said: Any) -> Row:
    """A finding of high level about ana, but for what is said otherwise."""
    tactic, level = said.get("tactic", "misuse"), said.get("level", "high")
    return {
        "finding_id": str(number), "detector": f"{tactic}_{level}", "version": "1", "title": "",
        "level": level, "status": "open", "tactic": tactic, "about": "{}", "user_id": "ana",
        "day": day, "first_at": MOMENT, "last_at": MOMENT, "sentence": "", "tags": [],
        "columns": "{}", "found_at": MOMENT, "changed_at": MOMENT, **said,
    }  # fmt: skip


def present(people: Mapping[str, int] | int = 50, days: int = 64) -> list[Row]:
    """Everybody on each of the last days; a mapping says how many events each has a day."""
    counts = people if isinstance(people, Mapping) else {f"p{n}": 1 for n in range(people)}
    return [
        {"user_id": user, "day": ago(n), "site": "A", "day_type": "workday", "events": events}
        for user, events in counts.items() for n in range(days)
    ]  # fmt: skip


def holding(root: Path, **tables: Sequence[Row]) -> Lake:
    """A lake that holds these rows, columns that are not named empty."""
    lake = Lake(str(root))
    for name, rows in tables.items():
        columns = TABLES[name].columns
        filled = [{column: row.get(column) for column in columns} for row in rows]
        lake.append(name, pl.DataFrame(filled, schema=pl.Schema(columns), orient="row"))
    return lake


def lake_of(root: Path, *said: tuple) -> Lake:
    """Ranked findings (user, days ago, tactic, level, surprise); 50 people are there every day."""
    findings = [
        finding(n, ago(days), user_id=user, tactic=tactic, level=level, surprise=surprise)
        for n, (user, days, tactic, level, surprise) in enumerate(said)
    ]
    lake = holding(root, findings=findings, presence=present())
    write_risk(lake, WINDOW)
    return lake


def documented(day: object) -> str:
    """Return the query of docs/risk.md, asked for `day`."""
    (query,) = re.findall(r"```sql\n(.*?)```", DOCS.read_text("utf-8"), re.DOTALL)
    (shown,) = re.findall(r"DATE '([\d-]+)' AS today", query)
    return query.replace(shown, str(day))


def ranked(lake: Lake, window: Window = WINDOW, **more: Any) -> pl.DataFrame:
    """Risk of `window`, written with these keys of [risk] and these context tables."""
    tables = more.pop("tables", {})
    write_risk(lake, window, RiskSection(**more), tables)
    return lake.read("risk", window).sort("day", "rank")


def acted(
    lake: Lake, what: str, value: str | None = None, day: date = LAST, case: str | None = None
) -> None:
    """Somebody says `what` of one case, or of all that there are, on the morning after `day`."""
    rows = lake.read("cases").select("case_id", "user_id").rows()
    said = [Act("lena", what, *row, value, day=day) for row in rows if case in (None, row[0])]
    write_acts(lake, said, read_acts(lake))
