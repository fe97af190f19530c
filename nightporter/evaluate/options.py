"""What an evaluation is asked for, and where its days are cut."""

from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

from nightporter.errors import UsageError
from nightporter.window import Window


@dataclass(frozen=True)
class Options:
    """The invented organisations (people, days, insiders a campaign), and how they are judged.

    `warm_up` days are history only, in the `choose` days after them references may learn, the
    rest is the test.
    """

    people: int = 2000
    days: int = 180
    insiders: int | None = None
    warm_up: int = 90
    choose: int = 30
    ablations: bool = True

    def __post_init__(self) -> None:
        for name, days in (("--warm-up", self.warm_up), ("--choose", self.choose)):
            if days < 0:
                raise UsageError(f"{name} {days}: at least 0")

    @property
    def before(self) -> int:
        """Days that are not tested."""
        return self.warm_up + self.choose

    def tested(self, window: Window) -> Window:
        """Return the days of `window` that are tested; raise UsageError where none are left."""
        first: date = window.first + timedelta(days=self.before)
        if first > window.last:
            raise UsageError(
                f"{window} is {len(window)} days: none is left to test after {self.before}",
                hint="more days, or less of --warm-up and --choose",
            )
        return Window(first, window.last)

    def plain(self) -> dict[str, Any]:
        return asdict(self)
