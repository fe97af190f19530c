"""A run of business days, both ends included."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, order=True)
class Window:
    """The business days from `first` to `last`, both included."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError(f"a window ends before it starts: {self}")

    def __iter__(self) -> Iterator[date]:
        return (self.first + timedelta(days=n) for n in range(len(self)))

    def __len__(self) -> int:
        return (self.last - self.first).days + 1

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and self.first <= day <= self.last

    def __str__(self) -> str:
        if self.first == self.last:
            return self.first.isoformat()
        return f"{self.first} to {self.last}"

    def parts(self, days: int) -> Iterator["Window"]:
        """Yield the windows of `days` days (the last maybe fewer) that this one is made of."""
        for at in range(0, len(self), days):
            first = self.first + timedelta(days=at)
            yield Window(first, min(first + timedelta(days=days - 1), self.last))

    def within(self, other: "Window") -> "Window | None":
        """Return the days that both have, None where there are none."""
        first, last = max(self.first, other.first), min(self.last, other.last)
        return Window(first, last) if first <= last else None

    def reaching_back(self, days: int) -> "Window":
        """Return the window with `days` more days before it."""
        return Window(self.first - timedelta(days=days), self.last)
