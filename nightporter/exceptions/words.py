"""The words of an exceptions file, what each may hold, and how much one may hide unseen.

Knows one exception by itself; not its file, nor the people and detectors that there are.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from nightporter.config.settings import Section

# How long an exception holds where it does not say, and at most.
USUAL_DAYS, MOST_DAYS = 30, 180

# People x things x days that one person may hide; above, a second one approves.
MOST_BREADTH = 1000
# What stands for so many by itself. Fixed, not counted: a register that grows overnight must
# not turn a valid file into a faulty one.
GROUP, EVERYBODY, PREFIX, ANYTHING = 100, 1000, 10, 10

# Columns of context/people.csv that can say who is meant, besides the person's own id.
GROUPS = ("team", "role", "department")
WHO = ("user_id", *GROUPS)

# Every detector there is, and will be.
EVERY = "*"

_SHORTEST_PREFIX = 3


def _texts(value: object) -> object:
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list | tuple) or not all(isinstance(text, str) for text in texts):
        raise ValueError("a text is expected, or a list of texts")
    if not texts or not all(text.strip() for text in texts):
        raise ValueError("it names nothing")
    return tuple(dict.fromkeys(texts))


def _exact(value: object) -> object:
    texts = _texts(value)
    if isinstance(texts, tuple) and any("*" in text for text in texts):
        raise ValueError("people are named one by one, or by team, role or department")
    return texts


def _patterns(value: object) -> object:
    texts = _texts(value)
    for text in texts if isinstance(texts, tuple) else ():
        if "*" in text[:-1]:
            raise ValueError(f"{text!r}: a * stands at the end alone")
        if text.endswith("*") and len(text) <= _SHORTEST_PREFIX:
            raise ValueError(f"{text!r}: at least {_SHORTEST_PREFIX} characters before the *")
    return texts


def _day(value: object) -> object:
    # A number would be taken for seconds since 1970, a date with a time for its day.
    if type(value) is date or (isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value)):
        return value
    raise ValueError("a day such as 2026-06-30 is expected")


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Day = Annotated[date, BeforeValidator(_day)]
Names = Annotated[tuple[str, ...], BeforeValidator(_exact)]
Patterns = Annotated[tuple[str, ...], BeforeValidator(_patterns)]
Detectors = Annotated[tuple[str, ...], BeforeValidator(_texts)]


class Written(Section):
    """[exception.NAME] as it stands in its file."""

    who: Mapping[str, Names] = Field(default_factory=dict)
    what: Mapping[str, Patterns] = Field(default_factory=dict)
    detector: Detectors
    owner: Text
    reason: Text
    ticket: Text
    from_: Day | None = Field(None, alias="from")
    expires: Day | None = None
    days: int | None = Field(None, strict=True, ge=1, le=MOST_DAYS)
    approved_by: Text | None = None

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if not self.who and not self.what:
            raise ValueError("it names neither a person (who) nor a thing (what)")
        if self.from_ is None and self.expires is None:
            raise ValueError("it never ends: give `expires`, or `from` and `days`")
        if None not in (self.from_, self.expires, self.days):
            raise ValueError("give two of from, expires and days, not all three")
        try:
            length = (self.until - self.first).days + 1
        except OverflowError:
            end = "begins" if self.from_ is None else "ends"
            raise ValueError(f"it {end} beyond the calendar") from None
        if length < 1:
            raise ValueError(f"it ends on {self.until}, before it begins on {self.first}")
        if length > MOST_DAYS:
            raise ValueError(f"it holds for {length} days; at most {MOST_DAYS} are allowed")
        return self

    @property
    def first(self) -> date:
        """The first day whose findings it hides."""
        if self.from_ is not None:
            return self.from_
        assert self.expires is not None
        return self.expires - timedelta(days=(self.days or USUAL_DAYS) - 1)

    @property
    def until(self) -> date:
        """The last day whose findings it hides."""
        return self.expires or self.first + timedelta(days=(self.days or USUAL_DAYS) - 1)

    @property
    def people(self) -> int:
        """How many people it is taken to name: the fewest that one of its words names."""
        named = [
            len(names) * (1 if column == "user_id" else GROUP) for column, names in self.who.items()
        ]
        return min(named, default=EVERYBODY)

    @property
    def things(self) -> int:
        """How many things it is taken to name: the fewest that one of its columns names."""
        named = [
            sum(PREFIX if value.endswith("*") else 1 for value in values)
            for values in self.what.values()
        ]
        return min(named, default=ANYTHING)

    @property
    def breadth(self) -> int:
        return self.people * self.things * ((self.until - self.first).days + 1)


@dataclass(frozen=True)
class Entry:
    """One exception, checked; `people` are those it covers, None where it names nobody.

    `detectors` is empty where every one is meant. `spared`: its owner and who approved it,
    whose own findings it never hides.
    """

    name: str
    file: str
    line: int | None
    detectors: tuple[str, ...]
    people: tuple[str, ...] | None
    spared: tuple[str, ...]
    who: Mapping[str, tuple[str, ...]]
    what: Mapping[str, tuple[str, ...]]
    first: date
    until: date
    owner: str
    approved_by: str | None
    reason: str
    ticket: str
