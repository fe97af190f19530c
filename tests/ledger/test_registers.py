"""What the registers said when days were judged, compared by key."""

from pathlib import Path

import polars as pl
import pytest

from nightporter import context, ledger
from nightporter.lake import Lake


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(str(tmp_path))


def says(**holders: str) -> pl.DataFrame:
    """Accounts and who holds each."""
    frame = pl.DataFrame(
        list(holders.items()), schema={"account": pl.String, "user_id": pl.String}, orient="row"
    )
    return context.registers({"accounts": frame})


def keys(lake: Lake, now: pl.DataFrame) -> list[tuple[str, ...]]:
    return ledger.changed(lake, now).rows()


def night(lake: Lake, now: pl.DataFrame) -> None:
    ledger.expect(lake, now)
    ledger.settle(lake, now)


def test_the_first_night_has_nothing_to_compare(lake: Lake) -> None:
    assert keys(lake, says(ana="ana")) == []


def test_a_key_that_is_new_gone_or_of_another_person_has_changed(lake: Lake) -> None:
    night(lake, says(ana="ana", bob="bob", cy="cy"))
    now = says(ana="ana", bob="eve", dan="dan")
    assert keys(lake, now) == [
        ("accounts", "bob", "bob"),
        ("accounts", "bob", "eve"),
        ("accounts", "cy", "cy"),
        ("accounts", "dan", "dan"),
    ]
    night(lake, now)
    assert keys(lake, now) == []


def test_the_order_of_lines_and_the_case_of_an_account_say_nothing(lake: Lake) -> None:
    night(lake, says(ana="ana", bob="bob"))
    moved = pl.DataFrame({"user_id": ["bob", "ana"], "account": ["bob", "ana"]})
    assert keys(lake, context.registers({"accounts": moved})) == []


def test_a_run_that_died_under_other_words_leaves_its_keys_changed(lake: Lake) -> None:
    before = says(ana="ana")
    night(lake, before)
    ledger.expect(lake, says(ana="eve", bob="bob"))
    ledger.expect(lake, before)
    assert {key[1:] for key in keys(lake, before)} == {
        ("ana", "ana"),
        ("ana", "eve"),
        ("bob", "bob"),
    }
    night(lake, before)
    assert keys(lake, before) == []


def test_nothing_is_written_where_nothing_changed(lake: Lake) -> None:
    night(lake, says(ana="ana"))
    version = lake.version("registers")
    night(lake, says(ana="ana"))
    assert lake.version("registers") == version
