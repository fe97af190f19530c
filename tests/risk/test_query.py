"""The query that docs/risk.md shows is another telling of the same steps: both must agree."""

import json
import random
from collections.abc import Iterator
from datetime import date

import duckdb
import polars as pl
import pytest
from suspects import LAST, Row, ago, documented, finding, holding, present, ranked

from nightporter.lake import Lake
from nightporter.ranked import PEOPLE_DAY
from nightporter.window import Window

TACTICS = ("collection", "exfiltration", "misuse", "presence")
LEVELS = ("informational", "low", "medium", "high", "critical")


def some(seed: int) -> tuple[list[Row], list[Row]]:
    """Findings of 110 days about 30 people, some about one of several, and their evidence."""
    dice = random.Random(seed)
    findings, evidence = [], []
    for n in range(400):
        users = dice.sample([f"p{k}" for k in range(30)], dice.choice((1, 1, 1, 2, 3)))
        about = {"user_id": users[0]} if len(users) == 1 else {"user_id": None, "candidates": users}
        surprise = dice.choice((None, dice.uniform(0, 8)))
        day = ago(dice.randrange(110))
        findings.append(
            finding(n, day, tactic=dice.choice(TACTICS), level=dice.choice(LEVELS),
                    status=dice.choice(("open", "open", "withdrawn")), surprise=surprise, **about)
        )  # fmt: skip
        sources = dice.sample(("access", "usb", "badge"), dice.randrange(3))
        evidence += [
            {"finding_id": str(n), "day": day, "source": s, "record": "{}"} for s in sources
        ]
    return findings, evidence


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lake]:
    findings, evidence = some(7)
    people = {**{f"p{n}": 1 for n in range(1, 60)}, "p0": 5000}  # p0 is a robot
    root = tmp_path_factory.mktemp("query")
    yield holding(root, findings=findings, evidence=evidence, presence=present(people, 120))


def test_the_documented_query_recomputes_every_rank(lake: Lake) -> None:
    window = Window(ago(20), LAST)
    people = [{"user_id": "p1", "left": "2026-04-10 00:00:00"}]
    risk = ranked(lake, window, tables={"people": pl.DataFrame(people)})
    assert "p0" not in set(risk["user_id"]) and risk["factor"].max() > 1
    with duckdb.connect() as con:
        con.execute("SET timezone = 'UTC'")
        for table in ("findings", "evidence", "risk", "robots", "presence"):
            lake.view(con, table)
        con.execute(f"CREATE VIEW people_day AS {PEOPLE_DAY}")
        for day in (window.first, ago(8), LAST):
            stored = risk.filter(day=day).select("user_id", "rank", "risk", "factor").rows()
            assert con.execute(documented(day)).fetchall() == stored


def test_parts_say_each_finding_of_the_day_and_each_day_that_counts(lake: Lake) -> None:
    risk = ranked(lake, Window(ago(3), LAST))
    row = risk.filter(day=LAST).row(0, named=True)
    parts = json.loads(row["parts"])
    said = lake.read("findings", Window(LAST, LAST)).filter(status="open", user_id=row["user_id"])
    assert {each["finding_id"] for each in parts["findings"]} >= set(said["finding_id"])
    assert all(0 <= each["part"] <= each["raw"] for each in parts["findings"])
    fading = ((LAST - date.fromisoformat(each["day"]), each["score"]) for each in parts["days"])
    carried = sum(2 ** (-age.days / 7) * min(score, 3) for age, score in fading)
    assert parts["carried"] == pytest.approx(carried, abs=0.01)
    whole = (parts["carried"] + 2 * min(parts["today"], 10)) * parts["spread"]
    assert parts["score"] == pytest.approx(whole, abs=0.01)
    assert row["risk"] / row["factor"] == pytest.approx(whole, abs=0.01)
