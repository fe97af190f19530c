"""Who works at the institute: the cast of the story first, then as many others as asked for."""

from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from nightporter.simulate.cast import CAST, FIRST_NAMES, LAST_NAMES, Part
from nightporter.simulate.chance import Chance
from nightporter.simulate.places import TEAMS
from nightporter.simulate.span import Span

_ASCII = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


@dataclass(frozen=True)
class Person:
    """One person, with the one account, card and workstation of ordinary days."""

    number: int
    user_id: str
    name: str
    team: str
    role: str
    manager: str
    privileged: bool
    watcher: bool
    joined: date
    left: date | None
    sticks: str  # none | light | heavy: how often removable media is ordinary
    has_account: bool

    @property
    def site(self) -> str:
        return TEAMS[self.team].site

    @property
    def host(self) -> str:
        return f"{self.site}-PC-{self.number:03d}"

    @property
    def laptop(self) -> str:
        return f"{self.site}-LT-{self.number:03d}"

    @property
    def card(self) -> str:
        return f"{100217 + 37 * self.number}"

    @property
    def admin_account(self) -> str:
        return f"adm-{self.user_id}" if self.privileged else self.user_id


def population(chance: Chance, span: Span, people: int) -> dict[str, Person]:
    """Return `people` persons by user_id; the cast of the story comes first."""
    parts = [*CAST, *_others(chance, people - len(CAST))]
    return {
        part.user_id: _person(chance, span, number, part) for number, part in enumerate(parts, 1)
    }


def _others(chance: Chance, wanted: int) -> list[Part]:
    taken, found = {part.user_id for part in CAST}, list[Part]()
    attempt = 0
    while len(found) < wanted:
        first = FIRST_NAMES[chance.pick(len(FIRST_NAMES), "first name", attempt)]
        last = LAST_NAMES[chance.pick(len(LAST_NAMES), "last name", attempt)]
        user_id = (first[0] + last).lower().translate(_ASCII)
        if user_id in taken:
            user_id += str(attempt)
        found.append(_other(chance, len(found), user_id, f"{first} {last}"))
        taken.add(user_id)
        attempt += 1
    return found


def _other(chance: Chance, index: int, user_id: str, name: str) -> Part:
    field, ice, materials, data = "Field station", "Ice cores", "Materials", "Data"
    teams = (field, ice, field, materials, field, data, field, ice, field, materials, data)
    team = teams[index] if index < len(teams) else teams[chance.pick(len(teams), "team", index)]
    roles = ("data analyst", "researcher") if team == data else ("researcher", "technician")
    drawn = chance.draw("sticks", index)
    sticks = "heavy" if drawn < 0.05 else "light" if drawn < 0.27 else "none"
    return Part(user_id, name, team, roles[index % 4 == 3], sticks=sticks)


def _person(chance: Chance, span: Span, number: int, part: Part) -> Person:
    head = TEAMS[part.team].head
    years = timedelta(days=200 + chance.pick(4000, "joined", number))
    return Person(
        number, part.user_id, part.name, part.team, part.role,
        manager="pharden" if head == part.user_id else head,
        privileged=part.privileged,
        watcher=part.watcher,
        joined=span.back(*part.joins) if part.joins else (span.first - years).replace(day=1),
        left=span.back(*part.leaves) if part.leaves else None,
        sticks=part.sticks,
        has_account=part.has_account,
    )  # fmt: skip


def people_frame(people: dict[str, Person]) -> pl.DataFrame:
    """Return one row for each person with what ordinary life needs of him or her."""
    return pl.DataFrame(
        [
            {
                "number": person.number, "user_id": person.user_id, "site": person.site,
                "team": person.team, "role": person.role, "card": person.card,
                "host": person.host, "laptop": person.laptop, "sticks": person.sticks,
                "admin_account": person.admin_account, "has_account": person.has_account,
                "joined": person.joined, "left": person.left,
            }
            for person in people.values()
        ],
        schema_overrides={"left": pl.Date},
    )  # fmt: skip
