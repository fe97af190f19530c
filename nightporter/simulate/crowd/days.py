"""Who works on which day, from when to when, and where: person-days, some of them two sittings.

Minutes count from the midnight of the day; a night shift ends after 1440.
"""

import polars as pl

from nightporter.simulate.chance import Chance
from nightporter.simulate.crowd import parameters as p
from nightporter.simulate.crowd.population import FINANCE

# Start of the shifts 1 and 2 in minutes; eight hours each.
SHIFT_STARTS, SHIFT_LENGTH = {1: 22 * 60, 2: 14 * 60}, 480
DAY, EVENING, CALL = 0, 1, 2
# Rooms that are no team's: server room, meeting room, archive.
NOT_TEAMS = {-1: "SRV", -2: "MEET", -3: "ARC"}


def on_leave(chance: Chance) -> pl.Expr:
    """Return whether the person of `number` has leave in the week `week`: whole weeks."""
    return chance.uniform("leave", "number", "week") < p.LEAVE_WEEKS


def employed() -> pl.Expr:
    """Return whether the person works there on day `n`."""
    return (pl.col("joins") <= pl.col("n")) & (
        pl.col("leaves").is_null() | (pl.col("n") < pl.col("leaves"))
    )


def present(chance: Chance, people: pl.DataFrame, calendar: pl.DataFrame) -> pl.DataFrame:
    """Return one row for each person and day at work, on the days of `calendar`.

    People's columns and the calendar's, and `home`: the work is done elsewhere.
    """
    days = people.join(calendar, on="site").filter(
        employed(), pl.col("workday") | pl.col("weekends") | (pl.col("shift") > 0)
    )
    days = days.filter(~on_leave(chance)).filter(chance.uniform("sick", "number", "n") >= p.SICK)
    # Shifts run five days of seven, each person's from another weekday on.
    rota = (pl.col("weekday") + pl.col("number")) % 7 < 5
    return days.with_columns(
        rota=rota,
        weekend_drawn=chance.uniform("weekend", "number", "n"),
        home=(pl.col("at_home") & (pl.col("shift") == 0))
        & (chance.uniform("home", "number", "n") < p.HOME_DAYS),
    )


def person_days(
    chance: Chance, people: pl.DataFrame, calendar: pl.DataFrame, profile: p.Profile
) -> pl.DataFrame:
    """Return one row for each sitting: (number, n, sitting, key, start, end, lunch, ...).

    `key` numbers sittings over the whole span: the counter of all draws within one.
    """
    days = present(chance, people, calendar).filter(
        pl.when(pl.col("shift") > 0).then("rota")
        .otherwise(pl.col("workday") | (pl.col("weekend_drawn") < profile.weekends))
    )  # fmt: skip
    base = _clocked(chance, days)
    sittings = pl.concat([base, _evenings(chance, base, profile), _calls(chance, people, calendar)],
                         how="diagonal_relaxed")  # fmt: skip
    sittings = sittings.with_columns(
        key=(pl.col("number") * 4096 + pl.col("n")) * 4 + pl.col("sitting")
    )
    return _paced(chance, _with_breaks(chance, sittings))


def _clocked(chance: Chance, days: pl.DataFrame) -> pl.DataFrame:
    wobble = p.START_WITHIN * chance.normal("start of day", "number", "n")
    length = p.DAY_MEAN + p.DAY_SPREAD * chance.normal("length of day", "number", "n")
    shift_start = pl.col("shift").replace_strict({0: 0, **SHIFT_STARTS}, return_dtype=pl.Int64)
    weekend = ~pl.col("workday")
    own = pl.when(weekend).then(pl.col("usual_start") + 100).otherwise("usual_start") + wobble
    own_length = pl.when(weekend).then(length * 0.4).otherwise(length)
    by_shift = pl.col("shift") > 0
    start = pl.when(by_shift).then(shift_start + wobble / 4 - 8).otherwise(own)
    return days.with_columns(
        sitting=pl.lit(DAY), start=start, effort=pl.when(weekend).then(0.5).otherwise(1.0)
    ).with_columns(end=pl.col("start") + pl.when(by_shift).then(SHIFT_LENGTH).otherwise(own_length))


def _evenings(chance: Chance, base: pl.DataFrame, profile: p.Profile) -> pl.DataFrame:
    """People of the habit sit down again after dinner, mostly at home, some in the office.

    Some do so in the small hours, as thieves do: the hour alone is no proof.
    """
    tonight = chance.uniform("evening", "number", "n") < profile.evenings
    start = 20.3 * 60 + 40 * chance.normal("evening start", "number", "n")
    small = chance.uniform("small hours", "number", "n")
    # Four hours from half past ten on, by the same draw.
    late = 22.5 * 60 + 240 * small / p.SMALL_HOURS
    start = pl.when(small < p.SMALL_HOURS).then(late).otherwise(start.clip(19.2 * 60, 22 * 60))
    length = 30 + 75 * chance.uniform("evening length", "number", "n")
    return (
        base.filter("evenings", pl.col("shift") == 0, tonight, pl.col("end") < 19 * 60)
        .with_columns(
            sitting=pl.lit(EVENING), start=start, effort=pl.lit(0.2),
            home=pl.col("home") | (chance.uniform("evening home", "number", "n") < 0.7),
        )
        .with_columns(end=pl.col("start") + length)
    )  # fmt: skip


def _calls(chance: Chance, people: pl.DataFrame, calendar: pl.DataFrame) -> pl.DataFrame:
    """On-call administrators are called at night; one in four of them has to come in."""
    days = people.filter("privileged").join(calendar, on="site").filter(employed())
    days = days.filter(
        ~on_leave(chance), chance.uniform("call", "number", "n") < p.ON_CALL_NIGHTS
    )  # fmt: skip
    start = 22 * 60 + 360 * chance.uniform("called at", "number", "n")
    length = 25 + 90 * chance.uniform("call length", "number", "n")
    return days.with_columns(
        sitting=pl.lit(CALL), start=start, effort=pl.lit(0.15),
        home=chance.uniform("call home", "number", "n") < 0.75,
    ).with_columns(end=pl.col("start") + length)  # fmt: skip


def _with_breaks(chance: Chance, rows: pl.DataFrame) -> pl.DataFrame:
    """Add a morning's and an afternoon's visit elsewhere, and lunch: nobody is at the desk then."""
    long = pl.col("end") - pl.col("start") > 300
    near = pl.when(pl.col("shift") == 0).then(735.0).otherwise(pl.col("start") + 230)
    noon = near + 25 * chance.normal("lunch", "key")
    stay = [10 + 50 * chance.uniform(f"stay {nth}", "key") for nth in (0, 1)]
    goes = [
        long & ~pl.col("home") & (chance.uniform(f"visit {nth}", "key") < share)
        for nth, share in enumerate(p.VISITS)
    ]
    earliest, latest = pl.col("start") + 150, pl.col("end") - 150
    return rows.with_columns(
        outside=long & ~pl.col("home") & (chance.uniform("outside", "key") < p.LUNCH_OUTSIDE),
        lunch=pl.max_horizontal(earliest, pl.min_horizontal(latest, noon)),
        pause=pl.when(long).then(p.LUNCH_MINUTES).otherwise(0.0),
        morning=pl.when(goes[0]).then(stay[0]).otherwise(0.0),
        afternoon=pl.when(goes[1]).then(stay[1]).otherwise(0.0),
        visits=_visited(chance),
    ).with_columns(visit=pl.col("start") + 40 + (pl.col("lunch") - pl.col("start") - 110) / 2)


def _visited(chance: Chance) -> pl.Expr:
    """Return where a sitting's visits lead: a team, mostly a near one, or a room of NOT_TEAMS."""
    drawn, far = chance.uniform("where to", "key"), chance.uniform("how far", "key")
    steps = 1 + (pl.min_horizontal(pl.lit(30), pl.col("site_teams") - 1) * far**4).cast(pl.Int64)
    place = (pl.col("team") - pl.col("site_first") + steps) % pl.col("site_teams")
    server, meeting, archive = NOT_TEAMS
    return (
        pl.when(pl.col("privileged") & (drawn < 0.5)).then(server)
        .when(drawn < 0.6).then(meeting).when(drawn < 0.7).then(archive)
        .otherwise(pl.col("site_first") + place)
    )  # fmt: skip


def _paced(chance: Chance, rows: pl.DataFrame) -> pl.DataFrame:
    ends = pl.when(pl.col("department") == FINANCE).then(p.QUARTER_FINANCE)
    season = pl.when("quarter_end").then(ends.otherwise(p.QUARTER_OTHERS)).otherwise(1.0)
    mood = (p.FILES_WITHIN * chance.normal("mood", "key")).exp()
    return rows.with_columns(today=pl.col("pace") * pl.col("effort") * mood * season)


def at_desk(place: pl.Expr) -> pl.Expr:
    """Return the minute at which `place`, in [0, 1), of the time at the own desk is over.

    Lunch and visits elsewhere are left out.
    """
    first, last = pl.col("start") + 8, pl.col("end") - 3
    away = pl.col("morning") + pl.col("pause") + pl.col("afternoon")
    net = first + place * (last - first - away).clip(lower_bound=5)
    met = net + pl.when(net > pl.col("visit") - 1).then(pl.col("morning") + 2).otherwise(0.0)
    back = pl.col("pause") + pl.col("afternoon") + 2
    lunched = pl.when((met > pl.col("lunch") - 1) & (pl.col("pause") > 0)).then(back)
    return met + lunched.otherwise(0.0)


def clock(minutes: pl.Expr) -> pl.Expr:
    """Return the wall clock `minutes` after the midnight of `day`."""
    micros = (minutes * 60_000_000).cast(pl.Int64)
    return pl.col("day").cast(pl.Datetime("us")) + pl.duration(microseconds=micros)
