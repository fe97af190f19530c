"""Who of the insiders stood on the morning lists: by scenario, by window, by day.

Reads `risk` and `presence` of a scanned lake, and the truth; knows no detector.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb
import polars as pl

from nightporter.evaluate.cert.answers import Answers
from nightporter.evaluate.lists import BUDGETS, listed, places
from nightporter.evaluate.truth import GRACE
from nightporter.intervals import wilson
from nightporter.lake import Lake
from nightporter.window import Window

# People by 1,000 in the whole period: what published single models were given.
WHOLE_PERIOD = 70


@dataclass(frozen=True)
class Score:
    """What the lists were worth. All rows are plain values, keyed by budget where they differ.

    insiders: one row a campaign, with `first_listed` by budget, `days` from the window's start
    to that list and `gone`, the documents taken by then. scenarios: `listed` by budget with its
    Wilson interval, `whole_period`. days: by budget the person-days `listed`, `right` of them,
    `recall`, `precision`, its `ceiling`, `innocent` people. `unscored` insiders were at work in
    the warm-up; `unseen` deeds of the answers are no event of the lake.
    """

    window: Window
    people: int
    places: dict[float, int]
    insiders: tuple[dict[str, Any], ...]
    scenarios: tuple[dict[str, Any], ...]
    days: tuple[dict[str, Any], ...]
    unscored: int
    unseen: int


def score(lake: Lake, truth: Answers, first: date, last: date) -> Score:
    """Score the lists of `first` to `last` against `truth`; the ranking has no look ahead."""
    window = Window(min(first, last), last)
    campaigns = truth.campaigns.filter(pl.col("first_day") >= window.first)
    with duckdb.connect() as con:
        con.execute("SET timezone = 'UTC'")
        lake.view(con, "presence", window)
        for source in ("access", "usb"):
            lake.view(con, source, set(truth.events["day"]))
        con.register("campaigns", campaigns.to_arrow())
        con.register("deeds", truth.events.to_arrow())
        con.register("listed", _lists(lake, window).to_arrow())
        ((people, unseen),) = con.execute(
            "SELECT (SELECT count(DISTINCT user_id) FROM presence), (SELECT count(*) FROM deeds"
            f" ANTI JOIN ({_STORED}) AS stored USING (feed, record_id))"
        ).fetchall()
        most = places(people)
        insiders = [_insider(con, campaign, most) for campaign in campaigns.to_dicts()]
        whole = _whole_period(con, places(people, [WHOLE_PERIOD])[WHOLE_PERIOD])
        days = [_day_level(con, budget, most[budget], window) for budget in BUDGETS]
    return Score(
        window, people, most, tuple(insiders), tuple(_scenarios(insiders, whole)), tuple(days),
        truth.campaigns.height - campaigns.height, unseen,
    )  # fmt: skip


def _lists(lake: Lake, window: Window) -> pl.DataFrame:
    """Return user_id, day, place and risk of everybody with a finding of that day.

    Who only carries an earlier one was shown before.
    """
    risk = lake.read("risk", window)
    said = pl.col("parts").str.json_path_match("$.last_finding")
    scores = risk.filter(said == pl.col("day").cast(pl.String))
    scores = scores.select("user_id", "day", score="risk")
    return listed(scores, scores.height).join(scores, on=["user_id", "day"])


_STORED = "SELECT feed, record_id FROM access UNION ALL SELECT feed, record_id FROM usb"


def _insider(
    con: duckdb.DuckDBPyConnection, campaign: dict[str, Any], most: dict[float, int]
) -> dict[str, Any]:
    """Return when one insider first stood on each list, and what was gone by then."""
    rows = con.execute(
        f"""SELECT day, place FROM listed
        WHERE user_id = ? AND day BETWEEN ? AND ?::DATE + {GRACE} ORDER BY day""",
        [campaign["user_id"], campaign["first_day"], campaign["last_day"]],
    ).fetchall()
    deeds = con.execute(
        "SELECT day, documents FROM deeds WHERE campaign_id = ?", [campaign["campaign_id"]]
    ).fetchall()
    told: dict[str, Any] = {"first_listed": {}, "days": {}, "gone": {}}
    for budget, last in most.items():
        when = next((day for day, place in rows if place <= last), None)
        told["first_listed"][budget] = when
        told["days"][budget] = (when - campaign["first_day"]).days if when else None
        told["gone"][budget] = sum(n for day, n in deeds if when is None or day <= when)
    best = min((place for _, place in rows), default=None)
    return {**campaign, "deeds": len(deeds), "best_place": best, **told}


def _whole_period(con: duckdb.DuckDBPyConnection, most: int) -> set[str]:
    """Return the people with the highest risk that a list ever showed, in the whole period."""
    rows = con.execute(
        f"SELECT user_id FROM listed GROUP BY ALL ORDER BY max(score) DESC, user_id LIMIT {most}"
    ).fetchall()
    return {user for (user,) in rows}


def _scenarios(insiders: list[dict[str, Any]], whole: set[str]) -> list[dict[str, Any]]:
    rows = []
    for name in sorted({insider["campaign"] for insider in insiders}):
        mine = [insider for insider in insiders if insider["campaign"] == name]
        listed = {b: sum(i["first_listed"][b] is not None for i in mine) for b in BUDGETS}
        among = {b: wilson(count, len(mine)) for b, count in listed.items()}
        rows.append(
            {
                "campaign": name, "insiders": len(mine), "listed": listed, "interval": among,
                "whole_period": sum(i["user_id"] in whole for i in mine),
                "documents": sum(i["documents"] for i in mine),
                "gone": {b: sum(i["gone"][b] for i in mine) for b in BUDGETS},
            }
        )  # fmt: skip
    return rows


def _day_level(
    con: duckdb.DuckDBPyConnection, budget: int, most: int, window: Window
) -> dict[str, Any]:
    """Return how many person-days with a deed were listed, and how many listed ones had one."""
    counted = con.execute(
        f"""WITH bad AS (
            SELECT DISTINCT user_id, day FROM deeds
            WHERE day BETWEEN DATE '{window.first}' AND DATE '{window.last}'
        ),
        shown AS (FROM listed WHERE place <= {most}),
        daily AS (
            SELECT day, count(*) AS listed, (SELECT count(*) FROM bad WHERE bad.day = shown.day)
                AS bad
            FROM shown GROUP BY day
        )
        SELECT (SELECT count(*) FROM bad), (SELECT count(*) FROM shown),
            (SELECT count(*) FROM shown SEMI JOIN bad USING (user_id, day)),
            (SELECT coalesce(sum(least(listed, bad)), 0)::BIGINT FROM daily),
            (SELECT count(DISTINCT user_id) FROM shown
             WHERE user_id NOT IN (SELECT user_id FROM campaigns))"""
    ).fetchone()
    assert counted is not None
    bad, listed, right, ceiling, innocent = counted
    return {
        "budget": budget, "places": most, "deed_days": bad, "listed": listed, "right": right,
        "recall": right / bad if bad else None, "precision": right / listed if listed else None,
        "ceiling": ceiling / listed if listed else None, "innocent": innocent,
    }  # fmt: skip
