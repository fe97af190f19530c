"""Sites, their calendars and doors, and how a wall clock becomes an instant."""

from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from nightporter.simulate.crowd.parameters import QUARTER_DAYS
from nightporter.simulate.span import SAT, Span


@dataclass(frozen=True)
class Site:
    """One place with one wall clock; `share` of the people work there."""

    name: str
    zone: str
    country: str
    share: float


# One without summer time; two that change it on different days.
SITES = (
    Site("BER", "Europe/Berlin", "DE", 0.6),
    Site("NYC", "America/New_York", "US", 0.25),
    Site("SIN", "Asia/Singapore", "SG", 0.15),
)
NAMES = [site.name for site in SITES]


def calendar(span: Span) -> pl.DataFrame:
    """Return (site, n, day, weekday, week, workday, quarter_end), a row for each site and day."""
    return pl.concat([_site_calendar(site, span) for site in SITES])


def _site_calendar(site: Site, span: Span) -> pl.DataFrame:
    import holidays  # every command would wait for it

    years = range(span.first.year, span.last.year + 2)
    free = sorted(holidays.country_holidays(site.country, years=list(years)))
    frame = span.frame().with_columns(
        site=pl.lit(site.name),
        workday=(pl.col("weekday") < SAT) & ~pl.col("day").is_in(free),
    )
    ends = [day for end in _quarter_ends(span) for day in _last_workdays(end, set(free))]
    return frame.with_columns(quarter_end=pl.col("day").is_in(ends))


def _quarter_ends(span: Span) -> list[date]:
    first = [date(year, month, 1) for year in range(span.first.year, span.last.year + 2)
             for month in (1, 4, 7, 10)]  # fmt: skip
    return [day - timedelta(days=1) for day in first]


def _last_workdays(end: date, free: set[date]) -> list[date]:
    days = [end - timedelta(days=n) for n in range(15)]
    return [day for day in days if day.weekday() < SAT and day not in free][:QUARTER_DAYS]


def instants(events: pl.DataFrame) -> pl.DataFrame:
    """Add `ts` (UTC, whole milliseconds) from `local`; a skipped hour is the next one.

    `local` becomes the wall clock of `ts`.
    """
    return pl.concat([_instants(events.filter(pl.col("site") == s.name), s.zone) for s in SITES])


def _instants(events: pl.DataFrame, zone: str) -> pl.DataFrame:
    local = pl.col("local").dt.truncate("1ms")
    placed = events.with_columns(ts=_placed(local, zone))
    if placed["ts"].null_count():
        later = _placed(local + pl.duration(hours=1), zone)
        placed = placed.with_columns(ts=pl.coalesce("ts", later))
        local = pl.col("ts").dt.replace_time_zone(None)
    return placed.with_columns(local=local, ts=pl.col("ts").dt.convert_time_zone("UTC"))


def _placed(wall: pl.Expr, zone: str) -> pl.Expr:
    return wall.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")


def doors(teams: pl.DataFrame) -> pl.DataFrame:
    """Return context/doors.csv: two entrances a site, a room for each team, an office for its lead.

    `teams` has (team, site, lead).
    """
    rows = [
        {"door_id": f"{site.name}-{word}", "site": site.name, "zone_from": zone_from,
         "zone_to": f"{site.name}-{zone_to}", "kind": kind, "out_reader": kind == "entrance",
         "sensitive": kind in ("server_room", "archive")}
        for site in SITES
        for word, zone_from, zone_to, kind in (
            ("GATE", "outside", "main", "entrance"), ("YARD", "outside", "main", "entrance"),
            ("MEET", f"{site.name}-main", "meeting", "room"),
            ("SRV", f"{site.name}-main", "server", "server_room"),
            ("ARC", f"{site.name}-main", "archive", "archive"),
        )
    ]  # fmt: skip
    rooms = teams.select(
        door_id=pl.format("{}-R{}", "site", "team"), site="site",
        zone_from=pl.format("{}-main", "site"), zone_to=pl.format("{}-z{}", "site", "team"),
        kind=pl.lit("room"), out_reader=False, sensitive=False,
    )  # fmt: skip
    offices = teams.select(
        door_id=pl.format("{}-O{}", "site", "team"), site="site",
        zone_from=pl.format("{}-z{}", "site", "team"),
        zone_to=pl.format("{}-office{}", "site", "team"),
        kind=pl.lit("office"), owner="lead", out_reader=False, sensitive=False,
    )  # fmt: skip
    whole = pl.concat([pl.DataFrame(rows), rooms, offices], how="diagonal")
    return whole.select(
        "door_id", "site", "zone_from", "zone_to", "kind", "owner", "out_reader", "sensitive"
    )
