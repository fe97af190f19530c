"""Who is at work on which day, from when to when, and where; and who is on leave.

Makes person-days; knows nothing of what people do on them.
"""

from datetime import date, timedelta

import polars as pl

from nightporter.simulate.cast import CLEANER, GUARDS, OPERATOR, QUIET_ADMINISTRATOR
from nightporter.simulate.institute import Institute
from nightporter.simulate.plans import Plan, plan_frame
from nightporter.simulate.population import people_frame
from nightporter.simulate.span import FRI, MON, SAT, SUN, THU, TUE, WED, Span, holidays, shutdowns

# person: weekdays on which the shift starts, start and end in minutes after that midnight
SHIFTS = {
    OPERATOR: ((SUN, MON, TUE, WED, THU), 22 * 60, 30 * 60),
    GUARDS[0]: ((MON, TUE, WED), 20 * 60, 30 * 60),
    GUARDS[1]: ((THU, FRI, SAT, SUN), 20 * 60, 30 * 60),
    CLEANER: ((MON, TUE, WED, THU, FRI), 17 * 60 + 30, 20 * 60 + 30),
}
_SICK, _SATURDAY, _HOME = 0.012, 0.004, 0.08
AT_DESKS = ("Finance", "Ice cores", "Materials", "Data")


def absences(institute: Institute, plans: list[Plan]) -> pl.DataFrame:
    """Return (user_id, day) of every leave; never on a day on which somebody is planned."""
    span, chance = institute.span, institute.chance
    rows: list[tuple[str, date]] = []
    for person in institute.people.values():
        for block in range(2 * span.days // 180):
            week = chance.pick(span.days // 7 - 2, "leave week", person.number, block)
            length = 12 if chance.draw("leave length", person.number, block) < 0.4 else 5
            monday = span.first + timedelta(days=7 * week - span.first.weekday() + 7)
            rows += [(person.user_id, day) for day in _block(span, monday, length)]
    leave = pl.DataFrame(rows, schema={"user_id": pl.String, "day": pl.Date}, orient="row")
    found = pl.concat([leave, _sick_days(institute)]).unique().sort("user_id", "day")
    needed = plan_frame(plans, span).filter("needed").select("user_id", "day")
    return _without_whole_blocks(found, needed).filter(
        # Nobody notices a man who never takes a day off.
        (pl.col("user_id") != QUIET_ADMINISTRATOR) | (pl.col("day") < span.back(17, MON))
    )


def _block(span: Span, monday: date, length: int) -> list[date]:
    return span.between(monday, monday + timedelta(days=length - 1))


def _sick_days(institute: Institute) -> pl.DataFrame:
    days = people_frame(institute.people).join(institute.span.frame(), how="cross")
    drawn = institute.chance.uniform("sick", "number", "n")
    return days.filter((drawn < _SICK) & (pl.col("weekday") < SAT)).select("user_id", "day")


def _without_whole_blocks(leave: pl.DataFrame, needed: pl.DataFrame) -> pl.DataFrame:
    """Drop each run of leave days that meets a planned day: leave is moved, not cut."""
    run = (pl.col("day").diff().dt.total_days() != 1).fill_null(True).cum_sum().over("user_id")
    runs = leave.with_columns(run=run)
    hit = runs.join(needed, on=["user_id", "day"], how="semi").select("user_id", "run").unique()
    kept = runs.join(hit, on=["user_id", "run"], how="anti", maintain_order="left")
    return kept.select("user_id", "day")


def person_days(institute: Institute, plans: list[Plan], leave: pl.DataFrame) -> pl.DataFrame:
    """Return one row for each person and day at work.

    start and end are minutes after the day's midnight at `site`; `home` is work from home.
    """
    span = institute.span
    days = people_frame(institute.people).join(span.frame(), how="cross")
    days = days.join(plan_frame(plans, span), on=["user_id", "day"], how="left")
    days = days.join(_closed_days(span), on=["site", "day"], how="left")
    days = days.join(leave.with_columns(away=pl.lit(True)), on=["user_id", "day"], how="left")
    employed = (pl.col("day") >= pl.col("joined")) & (
        pl.col("left").is_null() | (pl.col("day") < pl.col("left"))
    )
    shifts = _shift_frame()
    days = days.join(shifts, on=["user_id", "weekday"], how="left")
    days = days.with_columns(on_rota=pl.col("user_id").is_in(list(SHIFTS)))
    at_work = pl.col("planned").fill_null(False) | (pl.col("away").is_null() & _comes_in(institute))
    kept = days.filter(employed & at_work & ~pl.col("off").fill_null(False))
    return _with_hours(institute, kept).sort("number", "n")


def _closed_days(span: Span) -> pl.DataFrame:
    rows = [
        (site, day)
        for site in ("HAV", "REY")
        for day in sorted({*holidays(site, span), *shutdowns(site, span)})
    ]
    frame = pl.DataFrame(rows, schema={"site": pl.String, "day": pl.Date}, orient="row")
    return frame.with_columns(closed=pl.lit(True))


def _shift_frame() -> pl.DataFrame:
    rows = [(who, day, start, end) for who, (days, start, end) in SHIFTS.items() for day in days]
    names = ["user_id", "weekday", "shift_start", "shift_end"]
    return pl.DataFrame(rows, schema=names, orient="row")


def _comes_in(institute: Institute) -> pl.Expr:
    """Rotas run through holidays; the rest works Monday to Friday, and seldom on a Saturday."""
    chance = institute.chance
    keen = chance.uniform("works weekends", "number") < 0.05
    weekend = chance.uniform("weekend work", "number", "n") < (
        pl.when(keen).then(0.15).otherwise(_SATURDAY)
    )
    workday = (pl.col("weekday") < SAT) & pl.col("closed").is_null()
    office = workday | ((pl.col("weekday") >= SAT) & weekend)
    return pl.when("on_rota").then(pl.col("shift_start").is_not_null()).otherwise(office)


def _with_hours(institute: Institute, days: pl.DataFrame) -> pl.DataFrame:
    chance = institute.chance
    own_start = 486 + 37 * chance.normal("own start", "number")
    start = own_start + 20 * chance.normal("start", "number", "n")
    late = chance.uniform("late evening", "number", "n") < 0.03
    length = 510 + 30 * chance.normal("length", "number", "n") + late.cast(pl.Int64) * 130
    punctual = pl.col("shift_start") - 8 + 5 * chance.normal("shift start", "number", "n")
    start = pl.coalesce("plan_start", punctual, start.clip(330, 690))
    shift_end = pl.col("shift_end") + 5 + 4 * chance.normal("shift end", "number", "n")
    is_desk = pl.col("team").is_in(AT_DESKS) & (pl.col("weekday") < SAT)
    home = is_desk & (chance.uniform("home", "number", "n") < _HOME)
    late_end = pl.col("plan_end") + 25 * chance.normal("plan end", "number", "n")
    return days.with_columns(
        start=start.cast(pl.Int64), pace=pl.col("pace").fill_null(1.0),
        home=home & pl.col("planned").is_null(), seen=pl.col("seen").fill_null(False),
        site=pl.coalesce("plan_site", "site"), team=pl.coalesce("plan_team", "team"),
        card=pl.coalesce("plan_card", "card"),
    ).with_columns(
        end=pl.coalesce(late_end, shift_end, pl.col("start") + length.clip(300, 720)).cast(pl.Int64)
    )  # fmt: skip
