"""Changes to somebody's ordinary days: who, when, and what is different."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import polars as pl

from nightporter.simulate.span import Span

SCHEMA = {
    "user_id": pl.String, "day": pl.Date, "planned": pl.Boolean, "needed": pl.Boolean,
    "campaign": pl.String, "tag_from": pl.Int64, "plan_start": pl.Int64, "plan_end": pl.Int64,
    "plan_site": pl.String, "plan_team": pl.String, "pace": pl.Float64,
    "downloads": pl.Float64, "plan_card": pl.String, "seen": pl.Boolean, "off": pl.Boolean,
    "gone_from": pl.Int64, "gone_to": pl.Int64, "server_at": pl.Int64,
}  # fmt: skip
# One plan's word is enough for these; of the others, the first one's counts.
_ANY = ("planned", "needed", "seen", "off")


@dataclass(frozen=True)
class Plan:
    """From `first` to `last` (both included) this person is at work, and lives as said here.

    Minutes count from midnight; `tag_from` is the minute from which events belong to
    `campaign`; a plan with `present=False` changes days without forcing attendance, and
    `on_duty` only keeps leave away. `seen`: no read at an entrance is lost; `off`: stays at
    home; `gone`: neither at the desk nor on ordinary ways between these minutes; `server_at`:
    goes to the server room at this minute.
    """

    campaign: str | None
    person: str
    first: date
    last: date
    weekdays: tuple[int, ...] = (0, 1, 2, 3, 4)
    present: bool = True
    on_duty: bool = False
    tag_from: int | None = 0
    start: int | None = None
    end: int | None = None
    site: str | None = None
    team: str | None = None
    pace: float | None = None
    downloads: float | None = None
    card: str | None = None
    seen: bool = False
    off: bool = False
    gone: tuple[int | None, int | None] = (None, None)
    server_at: int | None = None

    def days(self, span: Span) -> list[date]:
        """Return the days on which the plan holds."""
        days = span.between(self.first, self.last)
        return [day for day in days if day.weekday() in self.weekdays]


def plan_frame(plans: Iterable[Plan], span: Span) -> pl.DataFrame:
    """Return one row for each person and planned day; an earlier plan's wish goes first."""
    rows = [
        (
            plan.person, day, plan.present, plan.present or plan.on_duty, plan.campaign,
            plan.tag_from, plan.start, plan.end, plan.site, plan.team, plan.pace,
            plan.downloads, plan.card, plan.seen, plan.off, *plan.gone, plan.server_at,
        )
        for plan in plans
        for day in plan.days(span)
    ]  # fmt: skip
    frame = pl.DataFrame(rows, schema=SCHEMA, orient="row")
    return frame.group_by("user_id", "day", maintain_order=True).agg(
        pl.col(_ANY).any(),
        pl.exclude(_ANY).drop_nulls().first(),
    )
