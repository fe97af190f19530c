"""Who sits at the desk: the account of the machine, whom it belongs to, and whose cases it sees.

Knows nightporter.toml and people.csv; no case.
"""

import os
import pwd
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from nightporter.config import Settings, fault
from nightporter.errors import UsageError, did_you_mean

_NO_LOGIN = 2**32 - 1


@dataclass(frozen=True)
class Analyst:
    """Somebody who triages: the account, and who that is.

    `user_id` is what [desk] says; `person` that, or what the registers say where [desk] names
    nobody; `persons` everybody whom the account may belong to, in small letters; `sees_watchers`:
    cases about watchers come to this account.
    """

    account: str
    user_id: str | None
    person: str | None
    persons: frozenset[str]
    apart: frozenset[str]
    sees_watchers: bool

    def sees(self, user_id: str) -> bool:
        """Tell whether a case about `user_id` may be shown: never the own, nor a watcher's."""
        return not self.is_own(user_id) and (self.sees_watchers or user_id not in self.apart)

    def is_own(self, user_id: str) -> bool:
        return user_id.lower() in self.persons


def analyst_of(settings: Settings, tables: Mapping[str, pl.DataFrame]) -> Analyst:
    """Return who is typing. Raise UsageError for an account that [desk] does not name, where it
    names any, and ConfigError where it names somebody whom people.csv does not have."""
    _check_people(settings, tables)
    analyst = reader_of(settings, tables)
    if settings.desk.analysts and analyst.user_id is None:
        raise UsageError(
            f"{analyst.account!r} is no analyst of this workspace",
            path=settings.path,
            hint='[desk.analysts] names the accounts that may: ACCOUNT = "user_id of people.csv"',
        )
    return analyst


def reader_of(
    settings: Settings, tables: Mapping[str, pl.DataFrame], account: str | None = None
) -> Analyst:
    """Return who is reading, whether [desk] names the account or not; `account`: who would be."""
    account = account or machine_account()
    user_id = settings.desk.analysts.get(account)
    return Analyst(
        account,
        user_id,
        user_id or _person(account, tables),
        _persons(account, user_id, tables),
        apart(settings, tables),
        account in settings.desk.watchers_to,
    )


def machine_account() -> str:
    """Return the account that the kernel knows; a name in the environment proves nothing.

    Who logged in stays who (s)he is behind sudo: analysts share the account that owns the lake.
    """
    uid = os.getuid()
    try:
        login = int(Path("/proc/self/loginuid").read_text("ascii"))
    except (OSError, ValueError):
        login = _NO_LOGIN
    if login != _NO_LOGIN:
        uid = login
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid-{uid}"


def watchers(settings: Settings, tables: Mapping[str, pl.DataFrame]) -> frozenset[str]:
    """Return the people who run what watches: people.watcher, and every analyst."""
    people = tables.get("people", pl.DataFrame())
    marked: list[str] = []
    if "watcher" in people.columns:
        marked = people.filter(pl.col("watcher") == "true")["user_id"].to_list()
    return frozenset((*marked, *settings.desk.analysts.values()))


def apart(settings: Settings, tables: Mapping[str, pl.DataFrame]) -> frozenset[str]:
    """Return whose cases go to `watchers_to` alone; nobody's where nobody is named there: a case
    that nobody sees is worse than one that a watcher sees."""
    return watchers(settings, tables) if settings.desk.watchers_to else frozenset()


def _persons(
    account: str, user_id: str | None, tables: Mapping[str, pl.DataFrame]
) -> frozenset[str]:
    found = {account.lower(), *([user_id.lower()] if user_id else [])}
    return frozenset(found | {owner.lower() for owner in _owners(account, tables)})


def _person(account: str, tables: Mapping[str, pl.DataFrame]) -> str | None:
    """Return the one whose account it is; as in the logs, a user_id is an account of its own.

    None where several had it: that two of them are one is not known then.
    """
    owners = _owners(account, tables)
    if not owners and (people := tables.get("people")) is not None:
        owners = {user for user in people["user_id"] if user.lower() == account.lower()}
    return owners.pop() if len(owners) == 1 else None


def _owners(account: str, tables: Mapping[str, pl.DataFrame]) -> set[str]:
    accounts = tables.get("accounts", pl.DataFrame())
    if "user_id" not in accounts.columns:
        return set()
    mine = accounts.filter(pl.col("account").str.to_lowercase() == account.lower())
    return set(mine["user_id"].drop_nulls())


def _check_people(settings: Settings, tables: Mapping[str, pl.DataFrame]) -> None:
    """A misspelt analyst would be nobody, and could triage his own case."""
    if (people := tables.get("people")) is None:
        return
    known = set(people["user_id"])
    for account, user_id in settings.desk.analysts.items():
        if user_id not in known:
            raise fault(
                settings,
                f"people.csv has no {user_id!r}",
                "desk",
                "analysts",
                account,
                hint=did_you_mean(user_id, known) if len(known) < 50 else None,
            )
