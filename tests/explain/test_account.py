"""Why and why not, end to end: a house of two people, one rule with a knob, and its nights."""

import functools
import json
import re
from dataclasses import replace
from datetime import date

import polars as pl
import pytest
from small import House

from nightporter import config
from nightporter.cli.app import main
from nightporter.errors import UsageError
from nightporter.explain import Account, Answer, explain, told
from nightporter.explain.without import Standing, standing_without
from nightporter.risk import write_risk
from nightporter.rules import read_pack
from nightporter.schema import TABLES
from nightporter.window import Window
from nightporter.workspace import lake_of

MANY = """\
SELECT user_id, day, count(*) AS files, list(event ORDER BY event) AS events
FROM access WHERE action = 'copy' GROUP BY user_id, day
HAVING count(*) >= knob('min_files', 5);
"""
PRINTS = "SELECT user_id, day, x FROM user_day WHERE feature = 'prints' AND x > knob('prints', 1);"
# A name that moves the cursor, closes a literal, and looks like a frame.
EVE = "eve\x1b[31m' --\u202e"
FIRST, DAY = date(2026, 3, 2), date(2026, 3, 4)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    """Ana takes nine files on Tuesday and three on Wednesday; Bo one; Eve bears an evil name."""
    with pytest.MonkeyPatch.context() as patch:
        house = House(tmp_path_factory.mktemp("house"), patch)
        house.rule("many", MANY, "{user_id} copied {files}")
        house.rule("prints", PRINTS, "{user_id} printed {x}")
        house.days(Window(FIRST, DAY))
        house.files("ana-1", *[f"2026-03-03 11:{n:02} ana copy" for n in range(9)])
        house.files("ana-2", *[f"2026-03-04 11:{n:02} ana copy" for n in range(3)])
        house.files("bo", "2026-03-04 12:00 bo download")
        (house.root / "logs" / "files-eve.csv").write_text(
            f'time,who,what\n2026-03-04 13:00:00,"{EVE}",copy\n'
        )
        assert house.night("2026-03-05").exit_code == 0
    return house


@functools.cache
def account(house: House, person: str, day: date | None = DAY) -> Account:
    settings = config.load(house.root)
    return explain(settings, lake_of(settings), read_pack([house.root / "own"]), person, day)


def answer(said: Account, detector: str) -> Answer:
    return next(each for each in said.answers if each.detector == detector)


def test_explaining_changes_nothing(house: House) -> None:
    before = versions(house)
    account.cache_clear()
    account(house, "ana")
    assert versions(house) == before
    assert list((house.root / "cache").glob("explain-*")) == []


def versions(house: House) -> dict[str, int]:
    lake = lake_of(config.load(house.root))
    return {table: lake.version(table) for table in TABLES}


def test_a_near_miss_names_value_and_knob(house: House) -> None:
    said = answer(account(house, "ana"), "many")
    assert (said.status, told(said)) == ("missed", "files 3 of min_files 5")


def test_what_fired_shows_by_how_much(house: House) -> None:
    said = account(house, "ana", date(2026, 3, 3))
    assert told(answer(said, "many")) == "files 9 >= min_files 5 ok"
    assert [row["detector"] for row in said.findings] == ["many"]


def test_nothing_to_judge_is_no_near_miss(house: House) -> None:
    said = answer(account(house, "bo"), "prints")
    assert said.status == "no_row"
    assert told(said) == "no candidate row: none with feature = 'prints'"


def test_without_a_detector_the_rank_is_that_of_a_night_that_never_heard_of_it(
    house: House,
) -> None:
    said = account(house, "ana")
    assert said.standing.rank is not None
    assert said.without["many"].risk < said.standing.risk
    every = standing_of(house, "ana", "true")
    assert every == (0.0, None)
    assert standing_of(house, "ana", "false") == said.standing


def standing_of(house: House, person: str, hidden: str) -> tuple[float, int | None]:
    return standing_without(lake_of(config.load(house.root)), person, DAY, hidden, write_risk)


def test_a_detector_that_was_blind_says_why(house: House) -> None:
    lake = lake_of(config.load(house.root))
    rows = lake.read("windows")
    blind = (pl.col("stage") == "prints") & (pl.col("day") == FIRST)
    lake.replace(
        "windows",
        rows.with_columns(
            status=pl.when(blind).then(pl.lit("not_evaluated")).otherwise("status"),
            reason=pl.when(blind).then(pl.lit("files delivered nothing")).otherwise("reason"),
        ),
        "true",
    )
    said = answer(account(house, "ana", FIRST), "prints")
    assert (said.status, said.reason) == ("not_evaluated", "not_evaluated: files delivered nothing")


@pytest.mark.parametrize(
    ("person", "day", "message"),
    [
        ("anna", DAY, "did you mean ana?"),
        ("nobody-at-all", DAY, "a user_id as in"),
        ("ana", date(2027, 1, 1), "2027-01-01 was never scanned"),
    ],
)
def test_what_cannot_be_meant_is_said(house: House, person: str, day: date, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        account(house, person, day)
    assert message in str(caught.value)


def typed(house: House, monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    monkeypatch.setattr(
        "nightporter.cli.explain.load_pack", lambda _: read_pack([house.root / "own"])
    )
    with pytest.raises(SystemExit) as ended:
        main(["explain", *words, "--date", str(DAY), "--workspace", str(house.root)])
    return int(ended.value.code or 0)


def test_a_hostile_name_is_explained_and_stays_harmless(
    house: House, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert typed(house, monkeypatch, f"account:{EVE}") == 0
    said = capsys.readouterr().out
    assert "\x1b" not in said and "\u202e" not in said
    assert r"account:eve\x1b[31m' --\u202e on 2026-03-04, Wednesday" in said
    assert "files 1 of min_files 5" in said


def test_one_screen_says_both(
    house: House, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("nightporter.cli.explain.account_of", lambda *_: account(house, "ana"))
    assert typed(house, monkeypatch, "ana") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("ana on 2026-03-04, Wednesday: rank 2 of 2, risk ")
    assert len(lines) < 40
    heads = [line.split(":")[0].split("   ")[0] for line in lines if line[:1].isupper()]
    assert heads == ["WHY", "WITHOUT", "WHY NOT"]


def test_the_sum_is_the_risk_where_a_day_counts_for_no_more_than_it_may(
    house: House, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    parts = {"carried": 3.0, "today": 12.5, "spread": 1.25, "tactics": 2}
    said = replace(account(house, "ana"), parts=parts, standing=Standing((3 + 20) * 1.25, 1))
    monkeypatch.setattr("nightporter.cli.explain.account_of", lambda *_: said)
    assert typed(house, monkeypatch, "ana") == 0
    head, told = capsys.readouterr().out.splitlines()[:2]
    carried, today, spread = (float(n) for n in re.findall(r"\d+\.\d+", told))
    assert f"risk {(carried + 2 * today) * spread:.2f}" in head


def test_json_has_all_of_it(
    house: House, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("nightporter.cli.explain.account_of", lambda *_: account(house, "ana"))
    assert typed(house, monkeypatch, "ana", "--json") == 0
    said = json.loads(capsys.readouterr().out)
    (many,) = [row for row in said["answers"] if row["detector"] == "many"]
    (condition,) = many["nearest"]["conditions"]
    assert (condition["observed"], condition["wanted"], condition["holds"]) == (3, 5, False)
    assert condition["knobs"] == {"min_files": 5}
    assert set(said["without"]) == {"many"}
