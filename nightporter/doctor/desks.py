"""The desk as nightporter.toml has it: accounts and people that are not there, and second persons.

Knows [desk], people.csv and the accounts of this machine; no case.
"""

import pwd
from collections.abc import Collection, Iterator, Mapping

import polars as pl

from nightporter.config import Settings
from nightporter.doctor.advice import Advice


def desk_faults(settings: Settings, tables: Mapping[str, pl.DataFrame]) -> Iterator[Advice]:
    """Yield what keeps those whom [desk] names from triage; nothing where it names nobody."""
    desk, people = settings.desk, tables.get("people")
    known = None if people is None else set(people["user_id"])
    for account, user_id in desk.analysts.items():
        if known is not None and user_id not in known:
            yield Advice(
                "desk", f"analyst {account}",
                f"people.csv has no {user_id!r}: nobody can triage as long as it is so",
                "correct [desk.analysts], or add the person to context/people.csv", weight=3,
            )  # fmt: skip
        if not _is_account(account):
            yield Advice(
                "desk", f"analyst {account}", "no account of this machine is called so",
                "correct [desk.analysts], or look at it on the machine where they triage",
                "likely", weight=2,
            )  # fmt: skip
    yield from _alone(desk.analysts.values(), "[desk.analysts]", "what waits for a second person")
    watching = [desk.analysts[account] for account in desk.watchers_to]
    if len(set(desk.analysts.values())) > 1:
        yield from _alone(
            watching, "[desk] watchers_to", "what waits for one in a case about watchers"
        )


def _alone(persons: Collection[str], about: str, what: str) -> Iterator[Advice]:
    """Several accounts of one person are one person."""
    if len(set(persons)) == 1:
        (only,) = set(persons)
        yield Advice(
            "desk", about,
            f"{only} is alone: {what} waits for ever, and a case about {only} comes to nobody",
            "name an account of a second person", weight=1,
        )  # fmt: skip


def _is_account(account: str) -> bool:
    try:
        pwd.getpwnam(account)
    except KeyError:
        # What a number without a name is called (see desk.analysts).
        return account.startswith("uid-")
    return True
