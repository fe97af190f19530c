"""Doors of ordinary days: entrances, rooms, lunch, offices with a sensor, guards' tours."""

import polars as pl

from nightporter.simulate.cast import CLEANER, GUARDS, HEAD_OF_RESEARCH, SECRETARY
from nightporter.simulate.chance import Chance
from nightporter.simulate.events import at
from nightporter.simulate.institute import Institute
from nightporter.simulate.ordinary.errands import errands
from nightporter.simulate.ordinary.lunch import lunches, noticed
from nightporter.simulate.ordinary.rooms import room_reads, within
from nightporter.simulate.ordinary.server_room import RETURNS_BY, SERVER_ROOM, server_visits
from nightporter.simulate.ordinary.whereabouts import elsewhere, without
from nightporter.simulate.places import OFFICES, TEAMS, TOUR

_REFUSED = 0.005


def ordinary_badge(institute: Institute, days: pl.DataFrame) -> list[pl.DataFrame]:
    """Return the reads and door contacts of all person-days in a building."""
    chance = institute.chance
    rooms = {name: team.room for name, team in TEAMS.items()}
    entrances = {name: team.entrance for name, team in TEAMS.items()}
    here = days.filter(~pl.col("home")).with_columns(
        room=pl.col("team").replace_strict(rooms, return_dtype=pl.String),
        entrance=pl.col("team").replace_strict(entrances, return_dtype=pl.String),
    )
    travelling = (pl.col("site") == "REY") & (pl.col("entrance") != "R-MAIN")
    # Who parks in the yard comes in by the side entrance.
    parks = (pl.col("entrance") == "H-GATE") & (chance.uniform("parks", "number", "n") < 0.2)
    side = pl.when(parks).then(pl.lit("H-YARD")).otherwise("entrance")
    here = here.with_columns(
        entrance=pl.when(travelling).then(pl.lit("R-MAIN")).otherwise(side),
        room=pl.when(travelling).then(pl.lit("R-LAB")).otherwise("room"),
    )
    away = elsewhere(chance, here)
    offices = without(_office_visits(chance, here), away, pl.col("minutes"))
    return [
        *_comings(chance, here), *(without(part, away) for part in _refusals(chance, here)),
        *_rooms(chance, here), *_errands(chance, here), *_moved(chance, offices),
        *_server_visits(chance, here), *_annex_cleaning(chance, here), *_tours(chance, here),
    ]  # fmt: skip


def read(rows: pl.DataFrame, minutes: pl.Expr, door: pl.Expr, action: str) -> pl.DataFrame:
    """Return one event for each row; `action` decides the direction."""
    direction = {"entry": "in", "denied": "in", "exit": "out"}.get(action, "unknown")
    tagged = pl.when(minutes >= pl.col("tag_from")).then("campaign")
    return rows.with_columns(
        local=at("day", minutes), door=door, action=pl.lit(action),
        direction=pl.lit(direction), campaign=tagged,
    )  # fmt: skip


def _comings(chance: Chance, here: pl.DataFrame) -> list[pl.DataFrame]:
    """In, out, and a lunch outside; the field station's only reader is on the way in."""
    seen_out = noticed(chance, "out") & (pl.col("entrance") != "R-MAIN")
    door = pl.col("entrance")
    start = pl.col("start") - chance.uniform("gate in", "number", "n")
    end = pl.col("end") + 2 + 3 * chance.uniform("gate out", "number", "n")
    lunchers = lunches(chance, here)
    return [
        read(here.filter(noticed(chance, "in")), start, door, "entry"),
        read(here.filter(seen_out), end, door, "exit"),
        read(lunchers, pl.col("leaves"), door, "exit"),
        read(lunchers, pl.col("back"), door, "entry"),
    ]


def _refusals(chance: Chance, here: pl.DataFrame) -> list[pl.DataFrame]:
    rows = here.filter(
        (chance.uniform("refused", "number", "n") < _REFUSED) & (pl.col("site") == "HAV")
    ).with_columns(reason=pl.lit("no_right"))
    main = _door(chance, "refused door", ("H-SRV", "H-ARC", "H-FIN", "H-DIR"), "number", "n")
    annex = _door(chance, "refused door", ("H-LAB1", "H-LAB2"), "number", "n")
    door = pl.when(pl.col("entrance") == "H-ANNEX").then(annex).otherwise(main)
    return [read(rows, within(chance, "refused at", "number", "n"), door, "denied")]


def _rooms(chance: Chance, here: pl.DataFrame) -> list[pl.DataFrame]:
    """Who was in the server room is read again at the own room."""
    rows, minutes = room_reads(chance, here), pl.col("minutes")
    door = pl.when("server").then(pl.lit(SERVER_ROOM)).otherwise("room")
    down = rows.filter("server")
    return [
        read(rows, minutes, door, "entry"),
        read(down, minutes + pl.col("stay"), pl.col("room"), "entry"),
    ]


def _errands(chance: Chance, here: pl.DataFrame) -> list[pl.DataFrame]:
    """Archive or another team's room in the main building, and back to the own one."""
    rows = errands(chance, here)
    minutes, door, gate = pl.col("minutes"), pl.col("door"), pl.lit("H-GATE")
    over, back = rows.filter(pl.col("entrance") == "H-ANNEX"), minutes + pl.col("stay")
    home = rows.filter(pl.col("user_id") != HEAD_OF_RESEARCH)
    return [
        read(over, minutes - 4, pl.col("entrance"), "exit"),
        read(over, minutes - 2, gate, "entry"),
        read(rows, minutes, door, "entry"),
        read(over, back, gate, "exit"),
        read(over, back + 2, pl.col("entrance"), "entry"),
        read(home, back + 3, pl.col("room"), "entry"),
    ]


def _server_visits(chance: Chance, here: pl.DataFrame) -> list[pl.DataFrame]:
    rows, came = server_visits(chance, here), pl.col("minutes")
    return [
        read(rows, came, pl.lit(SERVER_ROOM), "entry"),
        read(rows, came + pl.col("length"), pl.lit(RETURNS_BY), "entry"),
    ]


def _door(chance: Chance, stream: str, doors: tuple[str, ...], *counters: str) -> pl.Expr:
    index = chance.below(len(doors), stream, *counters)
    return index.replace_strict(dict(enumerate(doors)), return_dtype=pl.String)


def _office_visits(chance: Chance, here: pl.DataFrame) -> pl.DataFrame:
    """Return (person-day, door, minutes): owners, the cleaner, the secretary at the director's."""
    visits = []
    for index, office in enumerate(OFFICES):
        by = pl.col("user_id")
        stream = f"office {index}"
        owner = here.filter(by == office.owner).with_columns(k=pl.int_ranges(0, 3)).explode("k")
        owner = owner.with_columns(minutes=within(chance, stream, "number", "n", "k"))
        cleaner = here.filter(by == CLEANER).with_columns(
            k=pl.lit(9, pl.Int64),
            minutes=_cleaning(chance, index),
        )
        parts = [owner, cleaner]
        if office.owner == "pharden":
            secretary = here.filter(by == SECRETARY).with_columns(k=pl.lit(0, pl.Int64))
            parts.append(secretary.with_columns(minutes=within(chance, stream, "number", "n", "k")))
        visits += [part.with_columns(door=pl.lit(office.door_id)) for part in parts]
    return pl.concat(visits)


def _cleaning(chance: Chance, index: int) -> pl.Expr:
    return pl.col("start") + 30 + 40 * index + 5 * chance.uniform(f"office {index}", "number", "n")


def _annex_cleaning(chance: Chance, here: pl.DataFrame) -> list[pl.DataFrame]:
    """The last office stands in the annex: over there, and back."""
    rows, came = here.filter(pl.col("user_id") == CLEANER), _cleaning(chance, len(OFFICES) - 1)
    gate, annex = pl.lit("H-GATE"), pl.lit("H-ANNEX")
    return [
        read(rows, came - 4, gate, "exit"), read(rows, came - 2, annex, "entry"),
        read(rows, came + 29, annex, "exit"), read(rows, came + 31, gate, "entry"),
    ]  # fmt: skip


def _moved(chance: Chance, visits: pl.DataFrame) -> list[pl.DataFrame]:
    """A read, the leaf opens, it closes; and again on the way out, by the button inside."""
    delay = 2 + 3 * chance.uniform("leaf", "number", "n", "k")
    stay = 2 + 25 * chance.uniform("stay", "number", "n", "k")
    # Owners have a key as well, and now and then they use it: no read, but the leaf moves.
    by_key = (chance.uniform("own key", "number", "n", "k") < 0.006) & (pl.col("k") < 9)
    seen, door = visits.filter(~by_key), pl.col("door")
    nobody = visits.with_columns(card=pl.lit(None, pl.String), reason=pl.lit(None, pl.String))
    went = pl.col("minutes") + stay
    return [
        read(seen, pl.col("minutes"), door, "entry"),
        read(nobody, pl.col("minutes") + delay / 60, door, "door_opened"),
        read(nobody, pl.col("minutes") + (delay + 5) / 60, door, "door_closed"),
        read(nobody, went, door, "request_to_exit"),
        read(nobody, went + delay / 60, door, "door_opened"),
        read(nobody, went + (delay + 6) / 60, door, "door_closed"),
    ]


def _tours(chance: Chance, here: pl.DataFrame) -> list[pl.DataFrame]:
    """Two tours a night, door after door; offices are looked at from the corridor."""
    guards = here.filter(pl.col("user_id").is_in(list(GUARDS)))
    rows = guards.join(pl.DataFrame({"k": [0, 1]}), how="cross")
    begin = 22.5 * 60 + 195 * pl.col("k") + 20 * chance.normal("tour", "number", "n", "k")
    steps = pl.DataFrame(TOUR, schema=["door", "act"], orient="row").with_row_index("step")
    rows = rows.with_columns(begin=begin).join(steps, how="cross")
    pause = 0.8 * chance.uniform("tour pause", "number", "n", "k", "step")
    minutes, door = pl.col("begin") + 3.2 * pl.col("step") + pause, pl.col("door")
    return [
        read(rows.filter(pl.col("act") == act), minutes, door, act) for act in ("entry", "exit")
    ]
