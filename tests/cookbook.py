"""The queries of docs/queries.md, and whom each of them must show."""

import re
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

PAGE = Path(__file__).parent.parent / "docs" / "queries.md"


class Question(NamedTuple):
    """One question with its SQL; `lake`: only the whole lake can answer it."""

    title: str
    sql: str
    lake: bool


def questions() -> list[Question]:
    text = PAGE.read_text("utf-8")
    return [
        Question(title, sql, text.index(sql) > text.index("## The whole lake"))
        for title, sql in re.findall(r"^### (.+?)\n.*?^```sql\n(.*?)^```", text, re.M | re.S)
    ]


# Nobody is named in these: that they show the quiet administrator is their worth.
FIND_THE_ADMINISTRATOR = {
    "Whom do I look at first?",
    "What did the last week bring, the worst first?",
    "Who stood on the list longest?",
    "What nearly became a finding: odd enough, and too little of it?",
    "Who takes a little every day, and much over months?",
    "Who was in the house that night?",
    "Who plugged in a device that the register does not know?",
    "Who entered an office first, and when?",
}


def answer(file: Path, sql: str) -> list[dict[str, Any]]:
    """What a plain DuckDB says that opens the file read-only."""
    with duckdb.connect(str(file), read_only=True) as con:
        asked = con.execute(sql)
        names = [column[0] for column in asked.description or ()]
        return [dict(zip(names, row, strict=True)) for row in asked.fetchall()]
