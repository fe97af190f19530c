"""What people do on an ordinary sitting: sessions and files, sticks, doors. Machines, too."""

import polars as pl

from nightporter.simulate.chance import Chance
from nightporter.simulate.crowd import bursts
from nightporter.simulate.crowd import parameters as p
from nightporter.simulate.crowd.days import NOT_TEAMS, at_desk, clock
from nightporter.simulate.crowd.events import device, document, own_card, own_desk
from nightporter.simulate.crowd.places import SITES

# Shares of what people do with files, beside downloads, whose share is each person's own.
_MIX = {
    "view": 0.65, "write": 0.2, "copy": 0.03, "rename": 0.02, "delete": 0.02, "print": 0.07,
    "upload": 0.01,
}  # fmt: skip
# What a file's event needs of its sitting; the rest would be copied for each of them.
_DESK = (
    "number", "n", "day", "key", "site", "account", "host", "team", "department", "start", "end",
    "lunch", "pause", "morning", "afternoon", "visit", "visits", "today",
    "download_share",
)  # fmt: skip
_PHONE_SERIALS = 5_000_000
# Machines are numbered far behind people.
_MACHINES = 1_000_000


def access(
    chance: Chance, sittings: pl.DataFrame, teams: pl.DataFrame, profile: p.Profile
) -> list[pl.DataFrame]:
    """Return sessions and files of all sittings; `teams` says who sits in each."""
    rows = own_desk(sittings).select(*_DESK)
    return [
        *_sessions(chance, rows), _files(chance, rows, profile),
        bursts.fetched(chance, sittings, profile), *_guests(chance, rows, teams, profile),
    ]  # fmt: skip


def _guests(
    chance: Chance, rows: pl.DataFrame, teams: pl.DataFrame, profile: p.Profile
) -> list[pl.DataFrame]:
    """Who visits another team shows something at a desk there, whoever's it is."""
    visits = rows.filter(
        pl.col("afternoon") > 0, pl.col("visits") > 0,
        chance.uniform("guest", "key") < profile.guests,
    ).join(teams.select("members", visits="team"), on="visits")  # fmt: skip
    nth = chance.below(pl.col("members").list.len(), "guest desk", "key")
    visits = visits.with_columns(owner=pl.col("members").list.get(nth))
    visits = visits.with_columns(host=pl.format("WS{}", "owner"), k=pl.int_ranges(0, 4))
    came = pl.col("lunch") + pl.col("pause")
    files = visits.explode("k").with_columns(bits=pl.col("key") * 65536 + 49152 + pl.col("k"))
    files = files.with_columns(
        local=clock(came + 1.5 + 2 * pl.col("k")), action=pl.lit("view"), ok=pl.lit(True)
    )
    return [
        _session(visits, "logon", came), _session(visits, "logoff", came + 9),
        document(chance, files, pl.lit(False)),
    ]  # fmt: skip


def _sessions(chance: Chance, rows: pl.DataFrame) -> list[pl.DataFrame]:
    on = pl.col("start") + 4 + 3 * chance.uniform("logon", "key")
    off = pl.col("end") - 2 * chance.uniform("logoff", "key")
    back = pl.col("lunch") + pl.col("pause") + pl.col("afternoon") + 2
    slips = rows.filter(chance.uniform("slip", "key") < 0.03)
    lunched = rows.filter(pl.col("pause") > 0)
    return [
        _session(rows, "logon", on), _session(rows, "logoff", off),
        _session(slips, "logon_failed", on - 0.4, ok=False),
        _session(lunched, "lock", pl.col("lunch") - 1.5), _session(lunched, "unlock", back),
    ]  # fmt: skip


def _session(rows: pl.DataFrame, action: str, minutes: pl.Expr, ok: bool = True) -> pl.DataFrame:
    return rows.with_columns(local=clock(minutes), action=pl.lit(action), ok=pl.lit(ok))


def _files(chance: Chance, rows: pl.DataFrame, profile: p.Profile) -> pl.DataFrame:
    count = (pl.col("today") + chance.uniform("rest", "key")).floor().cast(pl.Int64)
    errand = chance.uniform("errand", "key") < profile.errands
    files = rows.with_columns(k=pl.int_ranges(0, count), errand=errand)
    files = files.explode("k", empty_as_null=False)
    files = files.with_columns(bits=pl.col("key") * 65536 + pl.col("k"))
    # Draws become columns before they are used: an expression would draw them at each mention.
    files = files.with_columns(
        drawn=chance.uniform("act", "bits"), place=chance.uniform("file at", "bits"),
        far=pl.col("errand") & (chance.uniform("errand file", "bits") < 0.2),
    )  # fmt: skip
    files = files.with_columns(local=clock(at_desk(pl.col("place"))), action=_act(), ok=True)
    return document(chance, files, pl.col("far"))


def _act() -> pl.Expr:
    """Return what `drawn` means: a download by the person's own share, else by the mix."""
    download = pl.col("download_share")
    rest = (pl.col("drawn") - download) / (1 - download)
    borders = pl.Series(list(_MIX.values())).cum_sum().to_list()[:-1]
    nth = sum(((rest >= border).cast(pl.Int8) for border in borders), pl.lit(0, pl.Int8))
    names = dict(enumerate(_MIX))
    action = nth.replace_strict(names, return_dtype=pl.String)
    return pl.when(pl.col("drawn") < download).then(pl.lit("download")).otherwise(action)


def usb(chance: Chance, sittings: pl.DataFrame, profile: p.Profile) -> list[pl.DataFrame]:
    """Return sticks of those who use them, and what else is plugged in."""
    rows = own_desk(sittings)
    heavy = pl.col("sticks") == 2
    short = pl.col("end") - pl.col("start") < p.SHORT_SITTING
    often = pl.when(heavy).then(p.USB_HEAVY_DAYS).otherwise(p.USB_LIGHT_DAYS)
    often = pl.when(short).then(often / 2).otherwise(often)
    using = rows.filter(
        pl.col("stick_from") <= pl.col("n"), chance.uniform("stick day", "key") < often
    )
    low = pl.when(heavy).then(p.USB_HEAVY_DAY[0]).otherwise(p.USB_LIGHT_DAY[0])
    high = pl.when(heavy).then(p.USB_HEAVY_DAY[1]).otherwise(p.USB_LIGHT_DAY[1])
    count = low + chance.below(high - low + 1, "plugs", "key")
    # In an evening's hour there is time for one.
    count = pl.when(short).then(1).otherwise(count)
    plugs = using.with_columns(k=pl.int_ranges(0, count), plugs=count).explode("k")
    plugs = plugs.with_columns(bits=pl.col("key") * 65536 + pl.col("k"))
    # Each in its own part of the day: a stick is out before it is in again.
    place = (pl.col("k") + 0.5 * chance.uniform("plug at", "bits")) / pl.col("plugs")
    plugs = device(chance, plugs.with_columns(minutes=at_desk(place)))
    return [
        *_plugged(chance, plugs), _phones(chance, rows, profile),
        *bursts.carried(chance, sittings, profile),
    ]  # fmt: skip


def _plugged(chance: Chance, plugs: pl.DataFrame) -> list[pl.DataFrame]:
    count = chance.below(4, "writes", "bits")
    writes = plugs.with_columns(w=pl.int_ranges(0, count)).explode("w", empty_as_null=False)
    writes = writes.with_columns(
        bits=pl.col("bits") * 64 + pl.col("w"),
        local=clock(pl.col("minutes") + 0.5 + 0.3 * pl.col("w")), action=pl.lit("write"),
    )  # fmt: skip
    out = pl.col("minutes") + 4 + 4 * chance.uniform("plug out", "bits")
    return [
        plugs.with_columns(local=clock(pl.col("minutes")), action=pl.lit("connect")),
        document(chance, writes, pl.lit(False)),
        plugs.with_columns(local=clock(out), action=pl.lit("disconnect")),
    ]


def _phones(chance: Chance, rows: pl.DataFrame, profile: p.Profile) -> pl.DataFrame:
    """A phone that charges connects and takes nothing."""
    return rows.filter(chance.uniform("phone", "key") < profile.phones).with_columns(
        local=clock(at_desk(chance.uniform("phone at", "key"))), action=pl.lit("connect"),
        serial=pl.format("PH{}", pl.col("number") + _PHONE_SERIALS), device_class=pl.lit("mtp"),
    )  # fmt: skip


def badge(chance: Chance, sittings: pl.DataFrame, profile: p.Profile) -> list[pl.DataFrame]:
    """Return the reads of all sittings in a building."""
    here = sittings.filter(~pl.col("home"))
    yard = pl.when(chance.uniform("yard", "key") < 0.25).then(pl.lit("YARD"))
    gate = pl.format("{}-{}", "site", yard.otherwise(pl.lit("GATE")))
    here = here.with_columns(gate=gate, room=pl.format("{}-R{}", "site", "team"))
    here = own_card(here)
    return [
        *_gates(chance, here, profile), *_rooms(chance, here), *_offices(chance, here),
        _refused(chance, here),
    ]  # fmt: skip


def reads(rows: pl.DataFrame, minutes: pl.Expr, door: str | pl.Expr, action: str) -> pl.DataFrame:
    """Return `rows` as reads at `door`; `action` is entry, exit or denied."""
    return rows.with_columns(
        local=clock(minutes), door=pl.col(door) if isinstance(door, str) else door,
        action=pl.lit(action), direction=pl.lit("out" if action == "exit" else "in"),
        reason=pl.lit("no_right") if action == "denied" else pl.lit(None, pl.String),
    )  # fmt: skip


def _gates(chance: Chance, here: pl.DataFrame, profile: p.Profile) -> list[pl.DataFrame]:
    """In, out to lunch and in again, out; who follows a colleague through is read nowhere."""
    seen = [chance.uniform(f"gate {nth}", "key") >= profile.missing_in for nth in range(4)]
    out = pl.col("end") + 2 + 3 * chance.uniform("leaves", "key")
    lunch = here.filter("outside")
    back = pl.col("lunch") + pl.col("pause") - 4
    return [
        reads(here.filter(seen[0]), pl.col("start"), "gate", "entry"),
        reads(here.filter(seen[1]), out, "gate", "exit"),
        reads(lunch.filter(seen[2]), pl.col("lunch") + 2, "gate", "exit"),
        reads(lunch.filter(seen[3]), back, "gate", "entry"),
    ]


def _rooms(chance: Chance, here: pl.DataFrame) -> list[pl.DataFrame]:
    """The own room; a visit elsewhere, and the own room again."""
    word = pl.col("visits").replace_strict(NOT_TEAMS, default=None)
    room = pl.coalesce(word, pl.format("R{}", "visits"))
    here = here.with_columns(other=pl.format("{}-{}", "site", room))
    other = "other"
    morning = here.filter(pl.col("morning") > 0)
    afternoon = here.filter(pl.col("afternoon") > 0)
    back = pl.col("lunch") + pl.col("pause")
    returning = here.filter(pl.col("outside") | (pl.col("afternoon") > 0))
    return [
        reads(here, pl.col("start") + 1.5 + chance.uniform("room", "key"), "room", "entry"),
        reads(morning, pl.col("visit"), other, "entry"),
        reads(morning, pl.col("visit") + pl.col("morning"), "room", "entry"),
        reads(afternoon, back - 1.5, other, "entry"),
        reads(returning, back + pl.col("afternoon") - 0.5, "room", "entry"),
    ]


def _offices(chance: Chance, here: pl.DataFrame) -> list[pl.DataFrame]:
    """Leads use their offices; now and then somebody of the team is sent there."""
    office = pl.format("{}-O{}", "site", "team")
    at = at_desk(chance.uniform("office at", "key"))
    leads = here.filter(pl.col("number") == pl.col("lead_number"))
    others = here.filter(
        pl.col("number") != pl.col("lead_number"),
        # Who is there late fetches what lies on a desk.
        chance.uniform("office", "key")
        < pl.when(pl.col("sitting") == 0).then(0.01).otherwise(0.04),
    )
    return [
        reads(leads, pl.col("start") + 3, office, "entry"),
        reads(others, at, office, "entry"),
        reads(others, at + 2 + 6 * chance.uniform("office stay", "key"), "room", "entry"),
    ]


def _refused(chance: Chance, here: pl.DataFrame) -> pl.DataFrame:
    """One read in two hundred; a sitting has about six."""
    rows = here.filter(chance.uniform("refused", "key") < 6 * p.BADGE_DENIED)
    wrong = chance.below(2, "refused where", "key")
    word = wrong.replace_strict({0: "SRV", 1: "ARC"}, return_dtype=pl.String)
    at = at_desk(chance.uniform("refused at", "key"))
    return reads(rows, at, pl.format("{}-{}", "site", word), "denied")


def machines(chance: Chance, calendar: pl.DataFrame, people: int) -> pl.DataFrame:
    """Return the nightly reading of each site's backup account, half a file for each person."""
    numbers = {site.name: _MACHINES + nth for nth, site in enumerate(SITES)}
    nights = calendar.with_columns(
        number=pl.col("site").replace_strict(numbers, return_dtype=pl.Int64)
    ).with_columns(key=(pl.col("number") * 4096 + pl.col("n")) * 4)
    files = nights.with_columns(k=pl.int_ranges(0, max(20, people // 6))).explode("k")
    files = files.with_columns(
        bits=pl.col("key") * 65536 + pl.col("k"),
        local=clock(120 + 45 * pl.col("k") / max(20, people // 6)), action=pl.lit("view"),
        ok=pl.lit(True), account=pl.format("svc-backup-{}", "site"),
        host=pl.format("{}-BKP", "site"), team=pl.lit(1, pl.Int64), department=pl.lit(0, pl.Int64),
    )  # fmt: skip
    return document(chance, files, pl.lit(True))
