"""Who works there: one row for each person, drawn by number, all columns at once."""

import polars as pl

from nightporter.simulate.chance import Chance
from nightporter.simulate.crowd import parameters as p
from nightporter.simulate.crowd.places import SITES
from nightporter.simulate.span import Span

TEAM_SIZE = 9
DEPARTMENTS = ("research", "production", "sales", "finance", "it", "legal")
FINANCE, IT = DEPARTMENTS.index("finance"), DEPARTMENTS.index("it")
# How many roles there are beside the administrators' one follows from the median size.
_NEVER = 10**6


def population(chance: Chance, span: Span, people: int) -> pl.DataFrame:
    """Return the people, numbered from 0 in the order of their ids, which tells nothing.

    Days (`joins`, `leaves`, `stick_from`, `reissued`) are numbers of days after the first.
    """
    frame = pl.DataFrame({"number": pl.int_range(people, dtype=pl.Int64, eager=True)})
    frame = _placed(chance, frame)
    frame = _habits(chance, frame)
    return _dated(chance, span, frame)


def teams(people: pl.DataFrame) -> pl.DataFrame:
    """Return (team, site, lead, lead_number, members): the first of each team leads it."""
    return people.group_by("team", maintain_order=True).agg(
        pl.col("site").first(), lead=pl.col("user_id").first(),
        lead_number=pl.col("number").first(), members="number",
    )  # fmt: skip


def _placed(chance: Chance, frame: pl.DataFrame) -> pl.DataFrame:
    """Site, role, team: a team is a run of people of one site and role."""
    shares = pl.Series([site.share for site in SITES]).cum_sum().to_list()
    drawn = chance.uniform("site", "number")
    site = pl.lit(SITES[-1].name)
    for place, until in reversed(list(zip(SITES, shares, strict=True))):
        site = pl.when(drawn < until).then(pl.lit(place.name)).otherwise(site)
    admins = max(p.ADMIN_LEAST, round(p.ADMIN_PEOPLE * frame.height))
    frame = frame.with_columns(
        site=site,
        privileged=chance.uniform("admin", "number").rank("ordinal") <= admins,
        user_id=pl.format("u{}", (pl.col("number") + 10_001)),
    )
    roles = _role_borders(chance, frame.height)
    role = roles.select(
        pl.col("until"), role=pl.int_range(1, pl.len() + 1, dtype=pl.Int64)
    )  # fmt: skip
    frame = (
        frame.with_columns(at=chance.uniform("role", "number"))
        .sort("at")
        .join_asof(role, left_on="at", right_on="until", strategy="forward")
        .sort("number")
        .with_columns(role=pl.when("privileged").then(0).otherwise("role"))
    )
    department = pl.when("privileged").then(IT).otherwise(pl.col("role") % len(DEPARTMENTS))
    frame = frame.with_columns(
        department=department,
        nth=pl.int_range(pl.len()).over("site", "role") // TEAM_SIZE,
    )
    return (
        frame.with_columns(team=pl.struct("site", "role", "nth").rank("dense").cast(pl.Int64))
        .with_columns(
            # The teams of a site have neighbouring numbers.
            site_first=pl.col("team").min().over("site"),
            site_teams=pl.col("team").n_unique().over("site"),
        )
        .drop("at", "until", "nth")
    )


def _role_borders(chance: Chance, people: int) -> pl.DataFrame:
    """Return `until`: the upper borders in (0, 1] of lognormal role sizes."""
    mean = p.ROLE_MEDIAN * 2.718281828 ** (p.ROLE_SPREAD**2 / 2)
    roles = pl.DataFrame({"r": pl.int_range(max(6, round(people / mean)), eager=True)})
    size = (chance.normal("role size", "r") * p.ROLE_SPREAD).exp()
    until = roles.select(until=size.cum_sum())
    return until.with_columns(pl.col("until") / pl.col("until").max())


def _habits(chance: Chance, frame: pl.DataFrame) -> pl.DataFrame:
    def person(stream: str) -> pl.Expr:
        return chance.uniform(stream, "number")

    heavy = person("sticks") < p.USB_PEOPLE * p.USB_HEAVY_SHARE
    shift = (person("shift") < p.SHIFT_PEOPLE) & ~pl.col("privileged")
    return frame.with_columns(
        shift=pl.when(~shift).then(0).when(person("night") < 0.5).then(1).otherwise(2),
        usual_start=p.START_MEAN + p.START_BETWEEN * chance.normal("start", "number"),
        pace=(p.FILES_BETWEEN * chance.normal("files", "number")).exp() * p.FILES_MEDIAN,
        download_share=(0.6 * chance.normal("downloads", "number")).exp().clip(0.1, 5) * 0.08,
        sticks=pl.when(heavy).then(2).when(person("sticks") < p.USB_PEOPLE).then(1).otherwise(0),
        evenings=person("evenings") < p.OFF_HOURS_PEOPLE,
        weekends=person("weekends") < p.WEEKEND_PEOPLE,
        at_home=person("at home") < p.HOME_PEOPLE,
    )


def _dated(chance: Chance, span: Span, frame: pl.DataFrame) -> pl.DataFrame:
    """Joins and leaves; the register knows of leavers up to 60 days ahead."""
    days, ahead = span.days, span.days + p.LEAVES_WITHIN

    def day(stream: str, yearly: float, until: int) -> pl.Expr:
        happens = chance.uniform(f"{stream}?", "number") < yearly * until / 365
        return pl.when(happens).then(chance.below(until, stream, "number"))

    weeks = chance.uniform("new stick", "number").log() / pl.lit(1 - p.USB_NEW_WEEKLY).log()
    return frame.with_columns(
        joins=day("joins", p.JOINERS_YEARLY, days).fill_null(
            -200 - chance.below(4000, "years", "number")
        ),
        leaves=day("leaves", p.LEAVERS_YEARLY, ahead),
        reissued=day("reissued", p.REISSUED_YEARLY, days).fill_null(_NEVER),
        stick_from=pl.when(pl.col("sticks") > 0).then(0).otherwise(weeks * 7).cast(pl.Int64),
    ).with_columns(
        # Who comes and goes within one span would be a rarity of its own.
        leaves=pl.when(pl.col("leaves") > pl.col("joins") + 60).then("leaves")
    )
