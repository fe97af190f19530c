"""What the doctor says of the desk: accounts, people, and who could be the second person."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest

from nightporter.config import Settings
from nightporter.config.settings import DeskSection
from nightporter.doctor.desks import desk_faults

PEOPLE = {"people": pl.DataFrame({"user_id": ["u1", "u2"]})}


@pytest.fixture(autouse=True)
def _accounts(monkeypatch: pytest.MonkeyPatch) -> None:
    def named(account: str) -> Any:
        if account not in ("lena", "ida", "adm-lena"):
            raise KeyError(account)
        return SimpleNamespace(pw_name=account)

    monkeypatch.setattr("nightporter.doctor.desks.pwd.getpwnam", named)


@pytest.mark.parametrize(
    ("analysts", "watchers_to", "says"),
    [
        ({}, (), []),
        ({"lena": "u1", "ida": "u2"}, (), []),
        ({"lena": "u1", "ida": "u2"}, ("lena", "ida"), []),
        ({"lena": "u1", "uid-1007": "u2"}, (), []),
        ({"lena": "u1", "eda": "u2"}, (), ["analyst eda: no account of this machine"]),
        ({"lena": "u1", "ida": "u9"}, (), ["analyst ida: people.csv has no 'u9'"]),
        ({"lena": "u1", "adm-lena": "u1"}, (), ["[desk.analysts]: u1 is alone"]),
        ({"lena": "u1", "ida": "u2"}, ("ida",), ["[desk] watchers_to: u2 is alone"]),
        ({"lena": "u1"}, ("lena",), ["[desk.analysts]: u1 is alone"]),
    ],
)
def test_the_desk_is_looked_at(
    analysts: dict[str, str], watchers_to: tuple[str, ...], says: list[str]
) -> None:
    desk = DeskSection(analysts=analysts, watchers_to=watchers_to)
    told = list(desk_faults(Settings(root=Path(), desk=desk), PEOPLE))
    assert len(told) == len(says)
    for each, start in zip(told, says, strict=True):
        assert f"{each.about}: {each.says}".startswith(start)
        assert each.section == "desk"


def test_a_register_that_is_not_there_lacks_nobody() -> None:
    desk = DeskSection(analysts={"lena": "u1", "ida": "u2"})
    assert list(desk_faults(Settings(root=Path(), desk=desk), {})) == []
