"""Who an unmapped account or card may be: proposals with their reasons, for a person to confirm.

A proposal is never applied: two people may share a name, and a copied card looks like a new one.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import duckdb
import polars as pl

from nightporter.doctor.advice import Advice
from nightporter.doctor.names import PREFIXES, SUFFIXES, made_of, spellings, squeezed, stems

# So many unmapped identities are shown; the total is always said.
SHOWN = 50
# What a card may be mistaken for by chance is no employee number.
SHORTEST_NUMBER = 4

# Owner of the host, else who makes most of its events; NULL where nobody stands out.
_HOSTS = """
    WITH used AS (
        SELECT user_id, host, count(*) AS n FROM access
        WHERE host IS NOT NULL AND NOT automated AND NOT contains(user_id, ':')
        GROUP BY ALL
    ),
    mostly AS (
        SELECT host, arg_max(user_id, n) AS user_id FROM used
        GROUP BY host HAVING max(n) >= 20 AND max(n) >= 0.8 * sum(n)
    ),
    belongs AS (
        SELECT lower(h) AS host, any_value(who) AS who FROM (
            SELECT host AS h, owner AS who FROM hosts WHERE owner IS NOT NULL
            UNION ALL
            SELECT host, user_id FROM mostly WHERE lower(host) NOT IN (
                SELECT lower(host) FROM hosts WHERE owner IS NOT NULL)
        ) GROUP BY ALL
    )
    SELECT e.user_id, b.who, any_value(e.host) AS host, count(*) AS n
    FROM (
        SELECT user_id, host FROM access UNION ALL SELECT user_id, host FROM usb
    ) AS e JOIN belongs AS b ON b.host = lower(e.host)
    WHERE starts_with(e.user_id, 'account:')
    GROUP BY ALL ORDER BY n DESC, host"""


@dataclass(frozen=True)
class Match:
    """One person who may be meant, why, and how much that weighs."""

    user_id: str
    reasons: tuple[str, ...]
    weight: int


def matches(con: duckdb.DuckDBPyConnection, tables: Mapping[str, pl.DataFrame]) -> Iterator[Advice]:
    """Yield one piece of advice for each unmapped identity of the recent days, most used first."""
    rows = con.execute(
        """SELECT identity, sum(events) AS n, max(day) AS last FROM identities_unmapped
        WHERE why = 'unknown' GROUP BY identity ORDER BY n DESC, identity"""
    ).fetchall()
    people = con.execute("SELECT user_id, coalesce(name, '') FROM people").fetchall()
    accounts = dict(con.execute("SELECT lower(account), user_id FROM accounts").fetchall())
    hosts = con.execute(_HOSTS).fetchall()
    for identity, events, last in rows[:SHOWN]:
        kind, _, key = identity.partition(":")
        desks = [(who, host) for user, who, host, _ in hosts if user == identity]
        if kind == "account":
            found = of_account(key, people, accounts, desks)
        else:
            found = of_card(key, people)
        yield _advice(tables, kind, key, f"{events} events, last {last}", found, float(events))
    if len(rows) > SHOWN:
        yield Advice(
            "unmapped", "and more", f"{len(rows)} in all, {SHOWN} are shown", "map these first"
        )


def of_account(
    account: str,
    people: list[tuple[str, str]],
    accounts: Mapping[str, str],
    desks: list[tuple[str, str]],
) -> list[Match]:
    """Return who may hold `account`, the best first; `desks` are (owner, host) it was used at."""
    reasons: dict[str, dict[str, int]] = {}
    for stem, taken in stems(account):
        tail = f", with {taken}" if taken else ""
        if taken and stem in accounts:
            reasons.setdefault(accounts[stem], {})[f"{stem} is an account of theirs{tail}"] = 3
        for user_id, name in people:
            if stem in spellings(user_id) and (taken or stem != user_id.lower()):
                reasons.setdefault(user_id, {})[f"{stem} is their user_id{tail}"] = 3
            if how := made_of(name).get(squeezed(stem)):
                weight = 1 if how == "last name" else 2
                reasons.setdefault(user_id, {})[f"made of {how} of {name}{tail}"] = weight
    for owner, host in desks[:3]:
        reasons.setdefault(owner, {})[f"was used at {host}, their workstation"] = 1
    return _ranked(reasons)


def of_card(card: str, people: list[tuple[str, str]]) -> list[Match]:
    """Return whose employee number stands in the number of `card`."""
    digits = "".join(re.findall(r"\d", card)).lstrip("0")
    reasons: dict[str, dict[str, int]] = {}
    for user_id, _ in people:
        number = "".join(re.findall(r"\d", user_id)).lstrip("0")
        if len(number) >= SHORTEST_NUMBER and number in digits:
            weight = 3 if number == digits else 2
            reasons.setdefault(user_id, {})[f"holds the number {number} of {user_id}"] = weight
    return _ranked(reasons)


def _ranked(reasons: Mapping[str, Mapping[str, int]]) -> list[Match]:
    found = [Match(who, tuple(said), sum(said.values())) for who, said in reasons.items() if who]
    return sorted(found, key=lambda match: (-match.weight, match.user_id))


def _advice(
    tables: Mapping[str, pl.DataFrame],
    kind: str,
    key: str,
    seen: str,
    found: list[Match],
    weight: float,
) -> Advice:
    about, table = f"{kind} {key}", f"{kind}s"
    if not found:
        do = f"ask whose it is; add it to context/{table}.csv, or have it closed"
        return Advice("unmapped", about, f"{seen}; nobody's name fits", do, weight=weight)
    best, rest = found[0], found[1:]
    rivals = [match.user_id for match in rest if match.weight == best.weight]
    said = f"{seen}; perhaps {best.user_id}: {'; '.join(best.reasons)}"
    said += f"; as well fits {', '.join(rivals[:3])}" if rivals else ""
    sure = "likely" if best.weight >= 3 and not rivals else "possible"
    line = _line(tables, table, key, best.user_id)
    do = f"ask {best.user_id}; if it is so, add the line to context/{table}.csv"
    return Advice("unmapped", about, said, do, sure, line, weight)


def _line(tables: Mapping[str, pl.DataFrame], table: str, key: str, user_id: str) -> str:
    """Return the line in the columns that the site's own file has."""
    singular = table.removesuffix("s")
    name = "account" if singular == "account" else "badge_id"
    affixes = key.lower().startswith(PREFIXES) or key.lower().endswith(SUFFIXES)
    words = {"account": "privileged" if affixes else "person", "badge": "card"}
    values = {name: key, "user_id": user_id, "kind": words[singular]}
    columns = tables[table].columns if table in tables else [name, "user_id", "kind"]
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow([values.get(column, "") for column in columns])
    return text.getvalue()
