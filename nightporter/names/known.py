"""Which words mean a person: ids, names, accounts, cards and computers of the context files.

Knows whose they are; not where they stand in a text.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

import polars as pl

from nightporter.context.identity import MACHINE_ACCOUNTS

# An account of these is nobody's, unless the register says whose.
_NOBODYS = ("service", "machine")
# Where else registers name people, perhaps some whom the three above do not know. The owner of a
# door or host may be a team: that word is everybody's.
_NAMING = (
    ("people", "manager"), ("shifts", "user_id"), ("absences", "user_id"), ("devices", "user_id"),
)  # fmt: skip
# Shorter parts of names are words of every language.
_SHORTEST_PART = 4
_GERMAN = {ord("ä"): "ae", ord("ö"): "oe", ord("ü"): "ue", ord("ß"): "ss"}


@dataclass(frozen=True)
class Word:
    """One spelling, and what it means: `kind` is person, account, badge, host or name; `whose`
    the identity that its pseudonym is made of."""

    text: str
    kind: str
    whose: str


def words_of(tables: Mapping[str, pl.DataFrame], seen: Iterable[str]) -> list[Word]:
    """Return every word of the registers and of `seen`, user_ids that findings hold, each once."""
    people = _rows(tables, "people", "user_id")
    accounts = _rows(tables, "accounts", "account")
    persons = {row["user_id"] for row in people}
    nobody = {
        row.get("user_id")
        for row in accounts
        if row.get("kind") in _NOBODYS and row.get("user_id") not in persons
    }
    found = [Word(user, "person", user) for user in persons]
    held = [row for row in accounts if row.get("user_id") not in nobody]
    found += [_user(row["user_id"]) for row in held if row.get("user_id")]
    found += [Word(row["account"], "account", row["account"]) for row in held]
    for row in _rows(tables, "badges", "badge_id"):
        found.append(Word(row["badge_id"], "badge", row["badge_id"]))
        found += [_user(row["user_id"])] if row.get("user_id") else []
    for row in _rows(tables, "hosts", "host"):
        if row.get("owner") in persons:
            found.append(Word(row["host"], "host", row["host"]))
    for name, column in _NAMING:
        users = {row[column] for row in _rows(tables, name, column)}
        found += [_user(user) for user in users - nobody]
    for user in seen:
        found += _unresolved(user) if user not in nobody else []
    found += _named({row["user_id"]: row["name"] for row in people if row.get("name")})
    return _once(found)


def _rows(tables: Mapping[str, pl.DataFrame], name: str, column: str) -> list[dict[str, Any]]:
    frame = tables.get(name)
    if frame is None or column not in frame.columns:
        return []
    return frame.filter(pl.col(column).fill_null("") != "").to_dicts()


def _user(user: str) -> Word:
    return Word(user, "person", user)


def _unresolved(user: str) -> list[Word]:
    """Nobody knows whose the account is: that does not make it nobody's."""
    kind, colon, rest = user.partition(":")
    if not colon:
        return [_user(user)]
    if kind not in ("account", "badge") or rest in MACHINE_ACCOUNTS or rest.endswith("$"):
        return []
    return [Word(user, kind, rest), Word(rest, kind, rest)]


def _named(names: Mapping[str, str]) -> list[Word]:
    """Return the names as people and programs write them, and their parts.

    A part that several people have says less than a person, and is none's pseudonym.
    """
    found, having = [], defaultdict(set)
    for user, name in names.items():
        parts = re.findall(r"[^\W\d_]+(?:['\u2019-][^\W\d_]+)*", name)
        found += [Word(text, "person", user) for text in {name, *_written(parts)}]
        for part in parts:
            if len(part) >= _SHORTEST_PART:
                having[part.lower()].add(user)
    for part, users in having.items():
        alone = len(users) == 1
        found.append(Word(part, "person" if alone else "name", min(users) if alone else part))
    return found


def _written(parts: list[str]) -> Iterator[str]:
    if len(parts) < 2:
        return
    first, last = parts[0], parts[-1]
    for between, (one, other) in product((" ", ".", "_", "-", ""), ((first, last), (last, first))):
        yield f"{one}{between}{other}"
    yield f"{last}, {first}"


def _once(words: Iterable[Word]) -> list[Word]:
    """Return the words in all the ways in which they are spelt; the first that means one wins.

    A person's own id comes before an account or a name that is spelt alike.
    """
    order = {"person": 0, "account": 1, "badge": 2, "host": 3, "name": 4}
    known: dict[str, Word] = {}
    for word in sorted(words, key=lambda each: (order[each.kind], each.whose, each.text)):
        for text in _spelt(word.text):
            known.setdefault(text, Word(text, word.kind, word.whose))
    return list(known.values())


def _spelt(text: str) -> set[str]:
    """ASCII letters are compared without their case; of others every form stands here."""
    if text.isascii():
        return {text.lower()}
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    german = text.lower().translate(_GERMAN)
    cased = {text, text.lower(), text.upper(), text.title()}
    forms = {unicodedata.normalize(form, each) for form in ("NFC", "NFD") for each in cased}
    return {each for each in {*forms, plain.lower(), german} if each}
