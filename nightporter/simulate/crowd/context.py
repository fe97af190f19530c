"""The context files and the settings of the crowd's workspace."""

from datetime import timedelta

import polars as pl

from nightporter.simulate.chance import Chance
from nightporter.simulate.crowd import parameters as p
from nightporter.simulate.crowd.days import SHIFT_LENGTH, SHIFT_STARTS, on_leave
from nightporter.simulate.crowd.events import card_of, stick_of
from nightporter.simulate.crowd.lines import LOGS
from nightporter.simulate.crowd.places import SITES, doors
from nightporter.simulate.crowd.population import DEPARTMENTS
from nightporter.simulate.span import WEEKDAYS, Span

_OURS = {
    "account": "account", "host": "host", "action": "action", "result": "outcome",
    "path": "resource", "doc": "resource_id", "size": "bytes", "serial": "device_id",
    "device_class": "device_class", "card": "badge_id", "door": "door_id",
    "direction": "direction", "reason": "reason",
}  # fmt: skip


def settings_text() -> str:
    """Return nightporter.toml."""
    head = '# An invented house, for measuring.\n\n[workspace]\nlake = "lake"\nlateness = "7d"\n'
    head += '\n[names]\npseudonyms = false\nkeep_unconfirmed = "36500d"\n'
    sites = [
        f'\n[site.{site.name}]\nzone = "{site.zone}"\ncountry = "{site.country}"\n'
        'hours = "07:00-19:00"\n'
        for site in SITES
    ]
    return head + "".join(sites) + "".join(_feed(source) for source in LOGS)


def _feed(source: str) -> str:
    log = LOGS[source]
    stamp = "" if log.utc else 'stamp = "%Y-%m-%d %H:%M:%S%.f"\n'
    fields = [f'  {_OURS[ours]} = "{theirs}"\n' for theirs, ours in log.columns if ours in _OURS]
    return (
        f'\n[[feed]]\nname = "{source}"\nsource = "{source}"\npaths = ["logs/{source}/*.csv"]\n'
        f'format = "csv"\nsite_column = "site"\n{stamp}  [feed.fields]\n  ts = "time"\n'
        f'  record_id = "record_id"\n{"".join(fields)}'
        '  [feed.values.outcome]\n  "OK" = "success"\n  "NO" = "failure"\n'
    )


def context_tables(
    chance: Chance, span: Span, profile: p.Profile, *, people: pl.DataFrame, teams: pl.DataFrame,
    loaned: pl.DataFrame,
) -> dict[str, pl.DataFrame]:  # fmt: skip
    """Return every context file by its name; `loaned` are the (number, n) of loaner cards."""
    return {
        "people": _people(span, people),
        "accounts": _accounts(span, people),
        "badges": _badges(span, people, loaned),
        "doors": doors(teams),
        "hosts": _hosts(people),
        "devices": _devices(chance, people, profile),
        "shifts": _shifts(chance, people, profile),
        "absences": _absences(chance, span, people),
        "labels": pl.DataFrame({"prefix": ["/legal", "/company"], "label": ["secret", "internal"]}),
    }  # fmt: skip


def _day(span: Span, number: pl.Expr) -> pl.Expr:
    return pl.lit(span.first) + pl.duration(days=number)


def _people(span: Span, people: pl.DataFrame) -> pl.DataFrame:
    department = dict(enumerate(DEPARTMENTS))
    return people.select(
        "user_id", pl.format("Person {}", pl.col("number") + 10_001).alias("name"), "site",
        pl.format("team{}", "team").alias("team"), pl.format("role{}", "role").alias("role"),
        pl.col("department").replace_strict(department, return_dtype=pl.String),
        pl.col("lead").alias("manager"), "privileged",
        joined=_day(span, pl.col("joins")), left=_day(span, pl.col("leaves")),
    )  # fmt: skip


def _accounts(span: Span, people: pl.DataFrame) -> pl.DataFrame:
    own = people.select(
        "user_id", account="user_id", kind=pl.lit("person"),
        valid_from=_day(span, pl.col("joins")), valid_to=_day(span, pl.col("leaves")),
    )  # fmt: skip
    services = pl.DataFrame(
        {"account": [f"svc-backup-{site.name}" for site in SITES], "kind": ["service"] * len(SITES)}
    )
    columns = ["account", "user_id", "kind", "valid_from", "valid_to"]
    return pl.concat([own, services], how="diagonal").select(columns)


def _badges(span: Span, people: pl.DataFrame, loaned: pl.DataFrame) -> pl.DataFrame:
    again = people.filter(pl.col("reissued") < span.days)
    first = people.select(
        "user_id",
        "joins",
        "leaves",
        badge_id=card_of(pl.col("number"), pl.lit(0)),
        until=pl.when(pl.col("reissued") < span.days).then("reissued").otherwise("leaves"),
    )
    second = again.select(
        "user_id", badge_id=card_of(pl.col("number"), pl.lit(1)),
        joins="reissued", until="leaves",
    )  # fmt: skip
    cards = pl.concat([first.drop("leaves"), second], how="diagonal").select(
        "badge_id", "user_id", kind=pl.lit("card"),
        valid_from=_day(span, pl.col("joins")).cast(pl.String),
        valid_to=_day(span, pl.col("until")).cast(pl.String),
    )  # fmt: skip
    loaners = loaned.join(people, on="number").select(
        "user_id", badge_id=card_of(pl.col("number"), pl.lit(2)), kind=pl.lit("loaner"),
        valid_from=pl.format("{}T06:00:00", _day(span, pl.col("n"))),
        valid_to=pl.format("{}T23:00:00", _day(span, pl.col("n"))),
    )  # fmt: skip
    return pl.concat([cards, loaners.select(cards.columns)])


def _hosts(people: pl.DataFrame) -> pl.DataFrame:
    desks = people.select(
        host=pl.format("WS{}", "number"), owner="user_id",
        zone=pl.format("{}-z{}", "site", "team"), kind=pl.lit("workstation"),
    )  # fmt: skip
    laptops = people.select(
        host=pl.format("LT{}", "number"), owner="user_id", kind=pl.lit("laptop")
    )
    servers = pl.DataFrame(
        [{"host": f"{s.name}-BKP", "zone": f"{s.name}-server", "kind": "server"} for s in SITES]
    )
    columns = ["host", "owner", "zone", "kind"]
    return pl.concat([desks, laptops, servers], how="diagonal").select(columns)


def _devices(chance: Chance, people: pl.DataFrame, profile: p.Profile) -> pl.DataFrame:
    sticks = people.filter(pl.col("sticks") > 0)
    sticks = sticks.with_columns(nth=pl.int_ranges(0, "sticks")).explode("nth")
    known = sticks.filter(chance.uniform("registered", "number", "nth") < profile.registered_sticks)
    return known.select(
        "user_id", device_id=stick_of(pl.col("number"), pl.col("nth")),
        device_class=pl.lit("mass_storage"), approved=True,
    )  # fmt: skip


def _shifts(chance: Chance, people: pl.DataFrame, profile: p.Profile) -> pl.DataFrame:
    """One row for each weekday of each shift worker whom the register knows."""
    listed = people.filter(
        pl.col("shift") > 0, chance.uniform("listed", "number") >= profile.unlisted_shifts
    )
    week = pl.DataFrame(
        {"weekday": range(7), "word": WEEKDAYS}, schema_overrides={"weekday": pl.Int64}
    )
    rows = listed.join(week, how="cross").filter((pl.col("weekday") + pl.col("number")) % 7 < 5)
    begin = pl.col("shift").replace_strict(SHIFT_STARTS, return_dtype=pl.Int64)
    return rows.select(
        "user_id", weekday="word", start=_clock(begin), end=_clock(begin + SHIFT_LENGTH)
    )


def _clock(minutes: pl.Expr) -> pl.Expr:
    return pl.format("{}:00", (minutes // 60 % 24).cast(pl.String).str.zfill(2))


def _absences(chance: Chance, span: Span, people: pl.DataFrame) -> pl.DataFrame:
    """Leave in whole weeks, half-open; nobody states a reason, and illness is not registered."""
    weeks = span.frame().group_by("week").agg(since=pl.col("day").min(), until=pl.col("day").max())
    rows = people.join(weeks, how="cross").filter(on_leave(chance)).sort("number", "week")
    return rows.select(
        "user_id", pl.col("since").alias("from"), to=pl.col("until") + timedelta(days=1)
    )
