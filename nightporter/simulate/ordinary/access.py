"""Logons and files of ordinary days."""

import polars as pl

from nightporter.simulate.documents import project_number, project_ranges
from nightporter.simulate.events import at
from nightporter.simulate.institute import Institute
from nightporter.simulate.ordinary.errands import (
    ARCHIVE,
    DESK_ADDRESS,
    READING_DESK,
    away_from_desk,
    errands,
)
from nightporter.simulate.ordinary.lunch import lunches
from nightporter.simulate.ordinary.server_room import server_visits
from nightporter.simulate.ordinary.whereabouts import without
from nightporter.simulate.places import TEAMS
from nightporter.simulate.presence import AT_DESKS

# What people do with files, and how often; the share of downloads is each person-day's own.
_MIX = {
    "view": 0.60, "preview": 0.08, "write": 0.20, "copy": 0.03, "rename": 0.02, "delete": 0.02,
    "print": 0.045, "touch": 0.005,
}  # fmt: skip
# Added to n: an evening draws other numbers than its day.
EVENING = 10_000
_ADMINISTRATORS = ("network administrator", "systems administrator", "storage administrator")


def ordinary_access(institute: Institute, days: pl.DataFrame) -> list[pl.DataFrame]:
    """Return the events of all person-days: sessions, and files within them."""
    days = days.filter("has_account")
    desks = _desks(institute, pl.concat([days, _evenings(institute, days)]))
    away = away_from_desk(institute.chance, days)
    at_desks = [*_sessions(institute, desks), _files(institute, desks)]
    return [
        *(without(events, away) for events in at_desks),
        *_server_visits(institute, desks), *_archive_desk(institute, desks),
    ]  # fmt: skip


def _evenings(institute: Institute, days: pl.DataFrame) -> pl.DataFrame:
    """One in seven of those at desks now and then works for an hour at home after dinner."""
    chance = institute.chance
    habit = pl.col("team").is_in(AT_DESKS) & (chance.uniform("evenings", "number") < 0.15)
    tonight = chance.uniform("evening", "number", "n") < 0.07
    start = 1215 + 35 * chance.normal("evening start", "number", "n")
    length = 35 + 40 * chance.uniform("evening length", "number", "n")
    rows = days.filter(habit & tonight & (pl.col("end") < 1120)).with_columns(
        start=start.clip(1140, 1330).cast(pl.Int64), home=pl.lit(True), pace=pl.lit(0.45)
    )
    return rows.with_columns(end=(pl.col("start") + length).cast(pl.Int64), n=pl.col("n") + EVENING)


def _desks(institute: Institute, days: pl.DataFrame) -> pl.DataFrame:
    """Add what a day at the desk has: host, address, lunch (outside, as the gate has it)."""
    outside = lunches(institute.chance, days).select("number", "n", "leaves", "back")
    days = days.join(outside, on=["number", "n"], how="left", maintain_order="left")
    lunch = 735 + 25 * institute.chance.normal("lunch", "number", "n")
    home_net = pl.format("10.99.{}.{}", pl.col("number") // 250, pl.col("number") % 250 + 2)
    office_net = pl.format(
        "10.{}.{}.{}", pl.when(pl.col("site") == "HAV").then(20).otherwise(40),
        pl.col("number") // 250, pl.col("number") % 250 + 2,
    )  # fmt: skip
    # Who travels logs on at the visitors' desk of the other site.
    desk = pl.when(pl.col("host").str.starts_with(pl.col("site"))).then("host")
    host = pl.when("home").then("laptop").otherwise(desk.otherwise(pl.lit("REY-PC-GUEST")))
    return days.with_columns(
        lunch=(pl.col("leaves") - 2).fill_null((pl.col("start") + 270).clip(lower_bound=lunch)),
        host=host,
        ip=pl.when("home").then(home_net).otherwise(office_net), account=pl.col("user_id"),
    )  # fmt: skip


def _sessions(institute: Institute, desks: pl.DataFrame) -> list[pl.DataFrame]:
    chance = institute.chance
    arrive = pl.col("start") + 4 + 5 * chance.uniform("logon", "number", "n")
    leave = pl.col("end") - 3 * chance.uniform("logoff", "number", "n")
    inside = pl.col("lunch") + 32 + 9 * chance.normal("lunch length", "number", "n").abs()
    back = (pl.col("back") + 3).fill_null(inside)
    locks = (chance.uniform("locks", "number", "n") < 0.6) & (pl.col("lunch") + 60 < pl.col("end"))
    mistypes = chance.uniform("mistypes", "number", "n") < 0.03
    kind = pl.when("home").then(10).otherwise(2)
    first = desks.with_columns(logon_type=kind)
    return [
        _moment(first.filter(mistypes), arrive - 0.4, "logon_failed").with_columns(ok=False),
        _moment(first, arrive, "logon"),
        _moment(first.filter(locks), pl.col("lunch"), "lock"),
        _moment(first.filter(locks), back, "unlock"),
        _moment(first, leave, "logoff"),
    ]


def _server_visits(institute: Institute, desks: pl.DataFrame) -> list[pl.DataFrame]:
    """She locks before she goes down, and unlocks when she is back."""
    rows = server_visits(institute.chance, desks.filter(pl.col("n") < EVENING))
    rows, came = rows.with_columns(logon_type=2), pl.col("minutes")
    return [
        _moment(rows, came - 1.5, "lock"), _moment(rows, came + pl.col("length") + 3, "unlock"),
    ]  # fmt: skip


def _moment(desks: pl.DataFrame, minutes: pl.Expr, action: str) -> pl.DataFrame:
    tagged = pl.when(minutes >= pl.col("tag_from")).then("campaign")
    return desks.with_columns(
        local=at("day", minutes), action=pl.lit(action), ok=pl.lit(True), campaign=tagged
    )


def _files(institute: Institute, desks: pl.DataFrame) -> pl.DataFrame:
    chance = institute.chance
    habit = 10 * (0.35 * chance.normal("own files", "number")).exp() * pl.col("pace")
    guard = pl.when(pl.col("role") == "guard").then(0.15).otherwise(1.0)
    many = chance.count(habit * guard, 0.5, "files", "number", "n").clip(0, 400)
    events = desks.with_columns(k=pl.int_ranges(0, many)).explode("k").drop_nulls("k")
    events = _with_minutes(institute, events).with_columns(action=_actions(institute))
    events = _with_documents(institute, events)
    refused = (chance.uniform("refused", "number", "n", "k") < 0.2) & pl.col("foreign")
    account = _accounts(institute)
    changes = (account == pl.col("admin_account")) & pl.col("action").is_in(["rename", "delete"])
    said = events.with_columns(
        said=pl.when(changes & account.str.starts_with("adm-"))
        .then(pl.lit("admin_change"))
        .otherwise("action")
    )
    return _moment(said, pl.col("minutes"), "").with_columns(
        action=pl.col("said"), account=account, ok=~refused
    )


def _archive_desk(institute: Institute, desks: pl.DataFrame) -> list[pl.DataFrame]:
    """Who has an errand in the archive reads a few documents at its desk."""
    chance = institute.chance
    there = errands(chance, desks.filter(pl.col("n") < EVENING))
    there = there.filter(pl.col("door") == ARCHIVE).with_columns(
        host=pl.lit(READING_DESK), ip=pl.lit(DESK_ADDRESS), logon_type=2
    )
    many = chance.below(6, "archive reads", "number", "n") + 2
    reads = there.with_columns(k=pl.int_ranges(0, many)).explode("k")
    begin, shelf = institute.catalogue.filter(pl.col("project") == "digital-archive").select(
        first=pl.col("number").min(), many=pl.len()
    ).row(0)  # fmt: skip
    number = begin + chance.below(shelf, "archive document", "number", "n", "k")
    reads = reads.with_columns(document=number).join(
        institute.catalogue.select(pl.exclude("number"), document="number"),
        on="document", how="left", maintain_order="left",
    )  # fmt: skip
    came = pl.col("minutes")
    pause = 3.1 * pl.col("k") + chance.uniform("archive pause", "number", "n", "k")
    return [
        _moment(there, came + 2, "logon"), _moment(reads, came + 4 + pause, "view"),
        _moment(there, came + 33, "logoff"),
    ]  # fmt: skip


def _with_minutes(institute: Institute, events: pl.DataFrame) -> pl.DataFrame:
    """Work on files comes in four bursts a day."""
    chance = institute.chance
    burst = chance.below(4, "burst", "number", "n", "k")
    centre = chance.uniform("burst centre", "number", "n", burst)
    spread = 0.045 * chance.normal("burst spread", "number", "n", "k")
    share = (centre + spread).clip(0.0, 1.0)
    room = pl.col("end") - pl.col("start") - 18
    return events.with_columns(minutes=pl.col("start") + 11 + share * room)


def _actions(institute: Institute) -> pl.Expr:
    drawn = institute.chance.uniform("action", "number", "n", "k")
    downloads = pl.col("downloads").fill_null(0.09)
    rest, chosen = (drawn - downloads) / (1 - downloads), pl.lit("touch")
    below = 1.0
    for action, share in reversed(_MIX.items()):
        chosen = pl.when(rest < below).then(pl.lit(action)).otherwise(chosen)
        below -= share
    return pl.when(drawn < downloads).then(pl.lit("download")).otherwise(chosen)


def _with_documents(institute: Institute, events: pl.DataFrame) -> pl.DataFrame:
    """People return to a dozen documents a week, nearly always of their own projects."""
    chance, at_event = institute.chance, ("number", "n", "k")
    drawn = chance.uniform("project", *at_event)
    shelf = chance.below(7, "commons", *at_event).replace_strict(
        dict(enumerate(("handbook", "templates", "house", "handbook", "templates", "budget",
                        "procurement"))), return_dtype=pl.String,
    )  # fmt: skip
    abroad = chance.below(20, "foreign project", *at_event)
    own = [
        pl.col("team").replace_strict(
            {name: team.projects[rank] for name, team in TEAMS.items()}, return_dtype=pl.String
        )
        for rank in range(3)
    ]
    named = pl.when(drawn < 0.55).then(own[0]).when(drawn < 0.75).then(own[1])
    of_choice = named.when(drawn < 0.86).then(own[2]).otherwise(shelf)
    foreign = drawn >= 0.985
    number = pl.when(foreign).then(abroad).otherwise(project_number(of_choice))
    focus = (chance.uniform("focus", *at_event) ** 2 * 14).floor()
    aim = chance.uniform("document", "number", "week", focus, pl.col("project_number"))
    placed = events.with_columns(project_number=number, foreign=foreign)
    placed = placed.join(project_ranges(), on="project_number", how="left", maintain_order="left")
    document = pl.col("offset") + (aim * pl.col("many")).floor().cast(pl.Int64)
    catalogue = institute.catalogue.select(pl.exclude("number"), document="number")
    return placed.with_columns(document=document).join(
        catalogue, on="document", how="left", maintain_order="left"
    )


def _accounts(institute: Institute) -> pl.Expr:
    """Administrators do a third of their work with their second account."""
    drawn = institute.chance.uniform("second account", "number", "n", "k")
    second = pl.col("role").is_in(_ADMINISTRATORS) & (drawn < 0.33)
    return pl.when(second).then("admin_account").otherwise("user_id")
