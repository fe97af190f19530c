"""Look-alikes by their hours: the night operator, the guards, finance at quarter's end."""

from datetime import date, timedelta

from nightporter.simulate import cast
from nightporter.simulate.acts.campaign import Campaign
from nightporter.simulate.institute import Institute
from nightporter.simulate.plans import Plan
from nightporter.simulate.span import SAT, Span, holidays

_ALL_DAYS = tuple(range(7))


def _operator(institute: Institute) -> list[Plan]:
    span, name = institute.span, "night shift"
    whole = Plan(
        name, cast.OPERATOR, span.first, span.last, _ALL_DAYS, present=False, pace=2.4,
        downloads=0.6,
    )  # fmt: skip
    return [whole]


def _guards(institute: Institute) -> list[Plan]:
    span = institute.span
    return [
        Plan("guard on nights", guard, span.first, span.last, _ALL_DAYS, present=False)
        for guard in cast.GUARDS
    ]


def _quarter_close(institute: Institute) -> list[Plan]:
    return [
        Plan(
            "quarter close", person, day, day, _ALL_DAYS, tag_from=18 * 60 + 30,
            end=20 * 60 + 50, pace=3.0, downloads=0.45,
        )
        for person in cast.FINANCE
        for day in closing_days(institute.span)
    ]  # fmt: skip


def closing_days(span: Span) -> list[date]:
    """Return the last four workdays of each quarter and the first two of the next."""
    free = holidays("HAV", span)
    work = [d for d in span.between(span.first, span.last) if d.weekday() < SAT and d not in free]
    found: list[date] = []
    for year in range(span.first.year, span.last.year + 2):
        for month in (4, 7, 10, 1):
            turn = date(year, month, 1)
            near = [day for day in work if abs((day - turn).days) < 12]
            found += [day for day in near if day < turn][-4:]
            found += [day for day in near if day >= turn][:2]
    # January's first days close the old year, which these logs do not hold.
    return [day for day in found if day >= span.first + timedelta(days=12)]


ROTAS = (
    Campaign(
        "night shift", "look_alike", (cast.OPERATOR,),
        "works Sunday to Thursday from 22:00 to 06:00 (shifts.csv) and downloads job results "
        "all night, every night", _operator,
    ),
    Campaign(
        "guard on nights", "look_alike", cast.GUARDS,
        "two tours a night through all rooms, server room and archive included", _guards,
    ),
    Campaign(
        "quarter close", "look_alike", cast.FINANCE,
        "stay until about nine and download many ledgers around the end of a quarter",
        _quarter_close,
    ),
)  # fmt: skip
