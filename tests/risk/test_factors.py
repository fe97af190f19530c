"""What is known beside the logs: which days it holds, what it weighs, and who never reads it."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from suspects import LAST, WINDOW, ago, finding, holding, lake_of, present, ranked

from nightporter import config, context
from nightporter.errors import ConfigError
from nightporter.lake import Lake
from nightporter.risk.factors import background
from nightporter.window import Window


def people(**said: Any) -> dict[str, pl.DataFrame]:
    return {"people": pl.DataFrame([{"user_id": "ana", **said}])}


def reasons(lake: Lake, user: str = "ana", day: object = LAST, **more: Any) -> list[str]:
    """Why the logs alone do not make up the risk of `user`, cases apart."""
    row = ranked(lake, **more).filter(user_id=user, day=day).row(0, named=True)
    return [reason for reason in row["reasons"] if reason != "open case"]


@pytest.mark.parametrize(
    ("days", "expected"),
    [(61, []), (60, ["leaver"]), (0, ["leaver"]), (-20, ["leaver"])],
    ids=["long before", "within the days", "on the day", "after it"],
)
def test_who_leaves_soon_or_has_left_weighs_more(
    tmp_path: Path, days: int, expected: list[str]
) -> None:
    lake = lake_of(tmp_path, ("ana", 0, "misuse", "high", None))
    left = f"{LAST + timedelta(days=days)} 00:00:00"
    assert reasons(lake, tables=people(left=left)) == expected


def test_a_watch_list_holds_from_its_first_day_until_its_last(tmp_path: Path) -> None:
    lake = lake_of(tmp_path, ("ana", 3, "misuse", "high", None), ("bo", 3, "misuse", "high", None))
    rows = [{"user_id": "ana", "from": str(ago(2)), "to": str(LAST)}, {"user_id": "bo"}]
    tables = {"watch_list": pl.DataFrame(rows)}
    held = [day for day in Window(ago(3), LAST) if reasons(lake, day=day, tables=tables)]
    assert held == [ago(2), ago(1)]
    assert reasons(lake, "bo", tables=tables) == ["watch list"]


def test_a_watcher_is_watched_once(tmp_path: Path) -> None:
    lake = lake_of(tmp_path, ("ana", 0, "misuse", "high", None))
    tables = {**people(watcher="true"), "watch_list": pl.DataFrame({"user_id": ["ana"]})}
    assert reasons(lake, tables=tables) == ["watch list"]
    assert reasons(lake, tables=people(watcher="false")) == []


@pytest.mark.parametrize(
    ("record", "expected"),
    [('{"label":"secret"}', ["asset"]), ('{"sensitive":true}', ["asset"]),
     ('{"label":null,"sensitive":false}', []), ('{"label":"Public"}', []),
     ('{"object":"\\"label\\":\\"x\\""}', [])],
    ids=["label", "door", "neither", "public", "only named so"],
)  # fmt: skip
def test_something_of_value_counts_for_a_week(
    tmp_path: Path, record: str, expected: list[str]
) -> None:
    evidence = [{"finding_id": "1", "day": ago(7), "source": "access", "record": record}]
    lake = holding(tmp_path, findings=[finding(1, ago(7))], evidence=evidence, presence=present())
    assert reasons(lake, day=ago(1)) == expected
    assert reasons(lake, day=LAST) == []


def test_factors_multiply_to_two_at_most_and_stand_apart(tmp_path: Path) -> None:
    lake = lake_of(tmp_path, ("ana", 1, "misuse", "high", None))
    bare = ranked(lake, factors=False)
    assert set(bare["factor"]) == {1.0} and bare["reasons"].list.len().sum() == 0
    tables = people(left="2026-04-02 00:00:00", watcher="true")
    rows = ranked(lake, tables=tables).join(bare, on=["user_id", "day"], suffix="_bare")
    before, after = rows.sort("day").to_dicts()[-2:]
    assert (before["factor"], after["factor"]) == (2.0, 2.0)
    assert after["reasons"] == ["leaver", "watch list", "open case"]
    assert after["risk"] == pytest.approx(2 * after["risk_bare"], abs=0.001)


def test_an_open_case_weighs_from_the_next_day_until_it_is_dormant(tmp_path: Path) -> None:
    lake = lake_of(tmp_path, ("ana", 35, "misuse", "high", None))
    rows = ranked(lake, Window(ago(35), LAST)).sort("day")
    weighs = rows.filter(pl.col("reasons").list.contains("open case"))["day"]
    assert (weighs.min(), weighs.max()) == (ago(34), ago(35 - 29))


def test_a_case_is_not_opened_by_the_factor_of_another(tmp_path: Path) -> None:
    """A day's list has three places, and the factors of three who have cases fill them."""
    old = [(f"p{n}", day, "misuse", "medium", None) for n in range(3) for day in (0, 1)]
    lake = lake_of(tmp_path, *old, ("new", 0, "misuse", "medium", 3.2))
    rows = ranked(lake).filter(day=LAST)
    bare = rows.with_columns(bare=pl.col("risk") / pl.col("factor")).sort("bare", descending=True)
    assert (bare["user_id"][0], rows["user_id"][3]) == ("new", "new")
    assert "new" in set(lake.read("cases")["user_id"])


def test_the_watch_list_is_read_and_no_detector_sees_it(tmp_path: Path) -> None:
    settings = site(tmp_path, "user_id,from,to\nana,2026-01-01,\n")
    tables = context.read_tables(settings)
    assert tables["watch_list"].rows() == [("ana", "2026-01-01 00:00:00", None)]
    unwatched = {name: rows for name, rows in tables.items() if name != "watch_list"}
    assert context.form(settings, tables) == context.form(settings, unwatched)
    with duckdb.connect() as con:
        for source in ("access", "usb", "badge"):
            Lake(str(tmp_path / "lake")).view(con, source, WINDOW, f"raw_{source}")
        context.write_views(con, settings, tables, WINDOW)
        assert ("watch_list",) not in con.execute("SHOW TABLES").fetchall()


@pytest.mark.parametrize(
    ("text", "said"),
    [(None, "nightporter.toml:4: there is no file watched.csv"),
     ("user_id,from\nana,soon\n", "watched.csv:2: from: 'soon' is not a date"),
     ("who\nana\n", "watched.csv:1: no column user_id")],
    ids=["missing", "bad date", "no column"],
)  # fmt: skip
def test_a_wrong_watch_list_is_said_with_its_line(
    tmp_path: Path, text: str | None, said: str
) -> None:
    with pytest.raises(ConfigError) as raised:
        context.read_tables(site(tmp_path, text))
    assert said in str(raised.value)


def site(root: Path, watched: str | None) -> config.Settings:
    toml = '[site.A]\nzone = "UTC"\n[risk]\nwatch_list = "watched.csv"\n'
    (root / "nightporter.toml").write_text(toml)
    if watched is not None:
        (root / "watched.csv").write_text(watched)
    return config.load(root)


def test_who_is_watched_until_the_evening_is_watched_on_that_day() -> None:
    until = ["2026-03-31 00:00:00", "2026-03-31 17:00:00", None]
    rows = pl.DataFrame({"user_id": ["ana", "bo", "cy"], "to": until})
    last = background({"watch_list": rows}, 60)["last"].to_list()
    assert last == [date(2026, 3, 30), date(2026, 3, 31), date(9999, 12, 31)]
