"""Who is typing: an account of the machine, and whose cases it may see."""

from pathlib import Path

import polars as pl
import pytest

from nightporter.config import load
from nightporter.desk import Analyst, analyst_of, analysts, apart, watchers
from nightporter.errors import ConfigError, UsageError

DESK = """\
[desk]
watchers_to = ["ida"]
[desk.analysts]
lena = "u1"
ida = "u2"
"""
TABLES = {
    "people": pl.DataFrame(
        {"user_id": ["u1", "u2", "u3", "u4"], "watcher": ["false", None, "true", "false"]}
    ),
    "accounts": pl.DataFrame({"account": ["LENA", "adm-lena"], "user_id": ["u9", "u1"]}),
}


def typing(
    root: Path, monkeypatch: pytest.MonkeyPatch, account: str = "lena", toml: str = DESK
) -> Analyst:
    (root / "nightporter.toml").write_text(toml)
    monkeypatch.setattr(analysts, "machine_account", lambda: account)
    return analyst_of(load(root), TABLES)


def test_cases_about_watchers_come_to_who_is_named_and_nobody_sees_his_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lena = typing(tmp_path, monkeypatch)
    assert [lena.sees(user) for user in ("u1", "u2", "u3", "u4", "u9")] == [
        False, False, False, True, False,
    ]  # fmt: skip
    ida = typing(tmp_path, monkeypatch, "ida")
    assert [ida.sees(user) for user in ("u1", "u2", "u3", "u4")] == [True, False, True, True]
    assert watchers(load(tmp_path), TABLES) == {"u1", "u2", "u3"}


def test_where_nobody_is_named_for_them_watchers_are_not_hidden_from_everybody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lena = typing(tmp_path, monkeypatch, toml=DESK.replace('["ida"]', "[]"))
    assert lena.sees("u3")
    assert not lena.sees("u1")
    assert apart(load(tmp_path), TABLES) == frozenset()


def test_an_account_that_is_nobody_s_is_refused_once_analysts_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UsageError, match="'mallory' is no analyst"):
        typing(tmp_path, monkeypatch, "mallory")
    free = typing(tmp_path, monkeypatch, "LENA", "")
    assert (free.user_id, free.is_own("u9"), free.sees("u3")) == (None, True, True)


def test_the_environment_does_not_say_who_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    before = analysts.machine_account()
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME", "SUDO_USER"):
        monkeypatch.setenv(name, "lena")
    assert analysts.machine_account() == before != "lena"


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (DESK.replace('"u2"', '"u22"'), "nightporter.toml:5: people.csv has no 'u22'"),
        (DESK.replace('["ida"]', '["idda"]'), "watchers_to names 'idda'"),
    ],
)
def test_a_misspelt_analyst_is_a_fault_with_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wrong: str, says: str
) -> None:
    with pytest.raises(ConfigError) as fault:
        typing(tmp_path, monkeypatch, toml=wrong)
    assert says in str(fault.value)
