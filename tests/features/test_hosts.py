"""Whose host it is: by the logons of the days before, never by the day itself or a later one."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any

import duckdb
import polars as pl
import pytest
from stored import night, settings, spanned, stored, table

from nightporter import features
from nightporter.findings import Claim, compose
from nightporter.proof.cases import night_of
from nightporter.proof.world import build
from nightporter.rules import read_pack, run
from nightporter.rules.evidence import gather, kinds_of
from nightporter.schema import TABLES
from nightporter.shipped import shipped
from nightporter.window import Window

MARCH = "2026-03-{:02}T10:00"


def logons(account: str, days: Iterable[int], **more: Any) -> list[dict[str, Any]]:
    said = {"account": account, "host": "pc", "action": "logon", **more}
    return [{"at": MARCH.format(day), **said} for day in days]


def counted(
    rows: list[dict[str, Any]], window: Window | None = None, past: Any = None, **tables: Any
) -> duckdb.DuckDBPyConnection:
    events = {"access": stored("access", rows)}
    con = night(events, tables, window=window)
    if past is not None:
        con.register("kept", past.to_arrow())
        con.execute("CREATE VIEW past_host_day AS FROM kept")
    features.write(con, settings(), window or spanned(events))
    return con


def test_the_owner_is_who_was_there_most_before_that_day() -> None:
    con = counted([*logons("eve", range(1, 6)), *logons("ana", [6, 7]), *logons("eve", [7])])
    said = con.sql(
        """SELECT day(day), user_id, owner, owner_days, round(share, 2)
        FROM host_day WHERE day >= DATE '2026-03-05' OR day = DATE '2026-03-01' ORDER BY ALL"""
    ).fetchall()
    assert said == [
        (1, "account:eve", None, None, None),
        (5, "account:eve", "account:eve", 4, 1.0),
        (6, "account:ana", "account:eve", 5, 1.0),
        (7, "account:ana", "account:eve", 5, 0.83),
        (7, "account:eve", "account:eve", 5, 0.83),
    ]


def test_many_nights_say_what_one_pass_says() -> None:
    rows = [*logons("eve", range(1, 9)), *logons("ana", range(5, 9)), *logons("bo", [8], host="x")]
    asked = "SELECT * FROM host_day ORDER BY ALL"
    whole = counted(rows).sql(asked).pl()
    kept = TABLES["host_day"].empty()
    for first, last in ((1, 3), (4, 7), (8, 8)):
        window = Window(date(2026, 3, first), date(2026, 3, last))
        new = [row for row in rows if first <= int(row["at"][8:10]) <= last]
        kept = counted(new, window, kept).sql(asked).pl()
    assert kept.equals(whole)


def test_what_is_older_than_sixty_days_says_nothing() -> None:
    said = {"account": "eve", "host": "pc", "action": "logon"}
    old = [{"at": "2026-01-01T10:00", **said}]
    con = counted([*old, *logons("ana", [2, 3])])
    assert con.sql("SELECT owner FROM host_day WHERE day = DATE '2026-03-02'").fetchall() == [
        ("account:eve",)
    ]
    assert con.sql("SELECT owner FROM host_day WHERE day = DATE '2026-03-03'").fetchall() == [
        ("account:ana",)
    ]


@pytest.mark.parametrize(
    ("more", "counts"),
    [
        ({"logon_type": "2"}, 1),
        ({"logon_type": "10"}, 1),
        ({"action": "unlock", "logon_type": "7"}, 1),
        ({"logon_type": None}, 1),
        ({"logon_type": "3"}, 0),
        ({"outcome": "failure"}, 0),
        ({"automated": True}, 0),
        ({"host": None}, 0),
        ({"action": "view"}, 0),
    ],
)
def test_only_a_logon_by_hand_counts(more: dict[str, Any], counts: int) -> None:
    con = counted(logons("ana", [2], **more))
    assert con.sql("SELECT count(*) FROM host_day").fetchall() == [(counts,)]


def test_an_account_of_many_hands_is_nobody_s() -> None:
    register = table("account user_id kind", "front kim shared")
    con = counted(logons("front", [2, 3]), accounts=register)
    assert con.sql("SELECT DISTINCT user_id FROM host_day").fetchall() == [("shared:front",)]


def told(name: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the findings and the evidence of the first case of a shipped detector."""
    detector = read_pack([shipped("detectors")])[name]
    assert [kind.name for kind in kinds_of(detector)] == ["host"]
    said = (detector.id, "1", "t", "low", "misuse", (), detector.header.about)
    world = build(detector.cases[0], detector.path)
    with night_of(world) as con:
        rows = run(con, detector, world.window, {})
        found = compose(rows, Claim(*said), lambda _: "", datetime(2026, 3, 1, tzinfo=UTC))
        return found, gather(con, detector, found)


def test_a_finding_on_host_days_shows_the_logons_at_that_host() -> None:
    _, shown = told("foreign_workstation")
    assert shown.select("user_id", "place", "action").rows() == [("ana", "pc-e", "logon")]


def test_a_superior_whose_account_was_used_shares_the_risk_with_the_administrator() -> None:
    found, shown = told("supervisor_account_used")
    meant = found.sort("day").select("user_id", "candidates").rows()
    assert meant == [(None, ["head", "adam"]), (None, ["head", "reg"])]
    assert shown.select("user_id", "place").rows() == [("head", "pc-a"), ("head", "PC-R")]
