"""What every part of the story shares: the draws, the days, the people, the documents."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

import polars as pl

from nightporter.errors import UsageError
from nightporter.simulate.cast import CAST
from nightporter.simulate.chance import Chance
from nightporter.simulate.documents import Document, catalogue, documents
from nightporter.simulate.population import Person, population
from nightporter.simulate.span import Span

# The story starts 17 weeks before the end and needs an ordinary past before it.
LEAST_DAYS = 150


@dataclass(frozen=True)
class Institute:
    """One invented organisation, determined by its seed and its size."""

    chance: Chance
    span: Span
    people: dict[str, Person]

    def owner_of(self, host: str, otherwise: Person) -> Person:
        """Return whose workstation or laptop this is."""
        found = (person for person in self.people.values() if host in (person.host, person.laptop))
        return next(found, otherwise)

    @cached_property
    def catalogue(self) -> pl.DataFrame:
        return catalogue(self.chance)

    @cached_property
    def documents(self) -> list[Document]:
        return documents(self.catalogue)


def institute(seed: int, people: int, first_day: date, days: int) -> Institute:
    """Return the organisation, or raise UsageError where the story would not fit."""
    if people < len(CAST) + 6:
        raise UsageError(f"{people} people are too few", hint=f"at least {len(CAST) + 6}")
    if days < LEAST_DAYS:
        raise UsageError(f"{days} days are too few", hint=f"at least {LEAST_DAYS}")
    chance, span = Chance(seed), Span(first_day, days)
    return Institute(chance, span, population(chance, span, people))
