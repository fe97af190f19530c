"""Where people were: what reads, leave and the own keyboard establish, and what they do not."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from stored import night, spanned, stored, table

from nightporter.window import Window

DOORS = table(
    "door_id site kind zone_from zone_to",
    "gate BER entrance street house",
    "lab BER lab house bench",
    "cell BER lab bench cell",
    "north NOR entrance - -",
)
HOSTS = table("host zone kind", "pc bench workstation", "lt bench laptop")
PEOPLE = table("user_id", "ana", "bo")
BADGES = table("badge_id user_id", "c-ana ana", "c-bo bo")
TABLES = {"doors": DOORS, "hosts": HOSTS, "people": PEOPLE, "badges": BADGES}
FIRST, LAST = date(2026, 3, 2), date(2026, 4, 2)  # a month, up to a Thursday


def reads(*rows: str) -> list[dict[str, Any]]:
    """Rows `2026-04-03 09:00 ana gate in`; the way is in or out."""
    cells = [row.split() for row in rows]
    return [
        {"at": f"{day}T{clock}", "badge_id": f"c-{who}", "door_id": door, "direction": way,
         "action": "exit" if way == "out" else "entry"}
        for day, clock, who, door, way in cells
    ]  # fmt: skip


def ordinary(door: str = "gate", out: float = 1.0, last: date = LAST) -> list[dict[str, Any]]:
    """Bo's days: in at nine, out at five; only on a share `out` of them read out."""
    days = [FIRST + timedelta(days=n) for n in range((last - FIRST).days)]
    rows = [f"{day} 09:00 bo {door} in" for day in days]
    return reads(*rows, *(f"{day} 17:00 bo {door} out" for day in days[: round(out * len(days))]))


def asked(
    sql: str, badge: list[dict[str, Any]], access: tuple[dict[str, Any], ...] = (),
    window: Window | None = None, **more: Any,
) -> list[tuple[Any, ...]]:  # fmt: skip
    events = {"badge": stored("badge", badge), "access": stored("access", list(access))}
    con = night(events, {**TABLES, **more}, window=window or spanned(events))
    return con.sql(sql).fetchall()


def known(at: str, *rows: str, who: str = "ana", **more: Any) -> list[tuple[Any, ...]]:
    """State, site and zone of `who` at an instant of Berlin, by what its day knows."""
    day = (datetime.fromisoformat(at) - timedelta(hours=5)).date()
    return asked(
        f"""SELECT state, site, zone FROM whereabouts
        WHERE user_id = '{who}' AND day = DATE '{day}'
          AND since <= timezone('Europe/Berlin', TIMESTAMP '{at}')
          AND until > timezone('Europe/Berlin', TIMESTAMP '{at}')""",
        [*ordinary(), *reads(f"{LAST} 12:00 bo gate in", *rows)],
        **more,
    )


IN, OUT = f"{LAST} 09:00 ana gate in", f"{LAST} 12:00 ana gate out"


@pytest.mark.parametrize(
    ("at", "rows", "expected"),
    [
        (f"{LAST} 10:00", [IN], [("in", "BER", "house")]),
        (f"{LAST} 10:00", [IN, f"{LAST} 09:30 ana lab in"], [("in", "BER", "bench")]),
        (f"{LAST} 10:00", [IN, f"{LAST} 09:30 ana lab out"], [("in", "BER", "house")]),
        (f"{LAST} 13:00", [IN, OUT], [("out", "BER", None)]),
        (f"{LAST} 08:00", [IN, OUT], []),  # before the first read nothing is known
        ("2026-04-03 00:59", [IN], [("in", "BER", "house")]),
        ("2026-04-03 01:01", [IN], []),  # 16 hours later the way out may have been missed
        (f"{LAST} 10:00", [f"{LAST} 09:00 ana north in"], [("in", "NOR", None)]),
        (f"{LAST} 10:00", [f"{LAST} 09:00 ana north out"], []),  # nobody is counted there
        (f"{LAST} 10:00", [f"{LAST} 09:00 ana nowhere out"], []),  # a door that no register knows
    ],
)
def test_a_read_tells_where_its_holder_is_until_it_has_grown_old(
    at: str, rows: list[str], expected: list[tuple[Any, ...]]
) -> None:
    assert known(at, *rows) == expected


@pytest.mark.parametrize(
    ("left", "expected"), [("2026-04-01", [("out", "BER", None)]), ("2026-03-26", [])]
)
def test_a_read_out_holds_on_the_days_after_for_a_week(left: str, expected: list[Any]) -> None:
    assert known(f"{LAST} 22:00", f"{left} 17:00 ana gate out") == expected


def test_leave_is_out_of_every_site_until_the_first_read() -> None:
    leave = {"absences": table("user_id from to", f"ana {LAST} 2026-04-05")}
    assert known(f"{LAST} 06:00", IN, **leave) == [("out", None, None)]
    assert known(f"{LAST} 10:00", IN, **leave) == [("in", "BER", "house")]


@pytest.mark.parametrize(
    ("host", "account", "expected"),
    [
        ("pc", "ana", []),
        ("lt", "ana", [("out", "BER", None)]),
        ("pc", "bo", [("out", "BER", None)]),
    ],
)
def test_who_sits_at_the_own_keyboard_is_not_known_to_be_out(
    host: str, account: str, expected: list[Any]
) -> None:
    use = {"at": f"{LAST}T13:00", "account": account, "host": host, "action": "unlock"}
    assert known(f"{LAST} 12:59", OUT, access=(use,)) == [("out", "BER", None)]
    assert known(f"{LAST} 14:00", OUT, access=(use,)) == expected


@pytest.mark.parametrize(
    ("share", "last", "expected"),
    [
        (1.0, LAST, 1),
        (0.9, LAST, 0),  # one in ten leaves unread
        (1.0, FIRST + timedelta(days=19), 0),  # fewer than twenty entries prove nothing
    ],
)
def test_absence_is_claimed_only_where_who_goes_in_is_read_going_out(
    share: float, last: date, expected: int
) -> None:
    out = reads(f"{LAST} 17:00 ana gate out")
    sql = f"SELECT count(*) FROM whereabouts WHERE state = 'out' AND day = '{LAST}'"
    assert asked(f"{sql} AND user_id = 'ana'", [*ordinary(out=share, last=last), *out]) == [
        (expected,)
    ]


@pytest.mark.parametrize(
    ("door", "expected"), [("gate", "house"), ("lab", "bench"), ("cell", None)]
)
def test_the_innermost_zone_that_nobody_leaves_unread_is_named(
    door: str, expected: str | None
) -> None:
    counted = ordinary(door) if door != "cell" else []
    went = reads(f"{LAST} 12:00 ana cell in")
    sql = f"SELECT within FROM whereabouts WHERE user_id = 'ana' AND day = '{LAST}'"
    assert asked(sql, [*counted, *went], window=Window(FIRST, LAST)) == [(expected,)]


def test_a_day_says_the_same_whatever_comes_after_it() -> None:
    rows = [*ordinary(), *reads(IN, OUT, "2026-04-06 09:00 ana gate in")]
    sql = "SELECT * EXCLUDE (event) FROM whereabouts WHERE day = '{}' ORDER BY ALL"
    days = (LAST, LAST + timedelta(days=1))
    later = [asked(sql.format(day), rows) for day in days]
    cut = [row for row in rows if row["at"] < "2026-04-05"]
    assert all(later)
    assert [asked(sql.format(day), cut, window=Window(FIRST, days[-1])) for day in days] == later


def test_zones_lie_in_each_other_and_doors_may_lead_in_a_circle() -> None:
    circle = table(
        "door_id site zone_from zone_to",
        "gate BER street a", "up BER a b", "down BER b a",
    )  # fmt: skip
    said = asked("SELECT zone, within FROM zones ORDER BY ALL", reads(IN), doors=circle)
    assert said == [("a", "a"), ("a", "b"), ("b", "a"), ("b", "b")]


@pytest.mark.parametrize(
    ("rows", "minutes"),
    [
        ([f"{LAST} 21:30 ana gate in"], 30),
        ([f"{LAST} 21:30 ana gate out"], None),
        ([f"{LAST} 18:30 ana gate in"], None),  # half an hour after hours is no night
        ([IN, f"{LAST} 21:30 ana lab in"], None),  # in already: going back to a room
        ([IN, f"{LAST} 17:00 ana gate out", f"{LAST} 21:30 ana lab in"], 30),
    ],
)
def test_events_know_how_long_ago_their_person_came_in_off_hours(
    rows: list[str], minutes: int | None
) -> None:
    view = {"at": f"{LAST}T22:00", "account": "ana", "host": "pc", "action": "view"}
    assert asked("SELECT since_entry FROM access", reads(*rows), (view,)) == [(minutes,)]


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ({"action": "unlock"}, True),
        ({"action": "logon", "logon_type": "2"}, True),
        ({"action": "logon", "logon_type": "10"}, False),
        ({"action": "logon", "outcome": "failure"}, False),
        ({"action": "logon", "account": "PC$"}, False),
        ({"action": "logon", "host": "lt"}, False),
        ({"action": "view"}, False),
    ],
)
def test_a_console_is_the_keyboard_of_a_machine_that_stays_where_it_is(
    event: dict[str, str], expected: bool
) -> None:
    use = {"at": f"{LAST}T10:00", "account": "ana", "host": "pc", **event}
    assert asked("SELECT console FROM access", reads(IN), (use,)) == [(expected,)]


@pytest.mark.parametrize(
    ("deaf", "expected"),
    [(date(2026, 3, 31), []), (date(2026, 3, 29), [("out", "BER", None)])],
    ids=["a workday", "a Sunday"],
)
def test_after_a_workday_without_a_single_read_nobody_is_known_to_be_out(
    deaf: date, expected: list[Any]
) -> None:
    rows = [*ordinary(), *reads("2026-03-28 12:00 ana gate out")]
    sql = f"SELECT state, site, zone FROM whereabouts WHERE user_id = 'ana' AND day = '{LAST}'"
    heard = [row for row in rows if not row["at"].startswith(str(deaf))]
    assert asked(sql, [*heard, *reads(f"{LAST} 09:00 bo gate in")]) == expected


@pytest.mark.parametrize(("also", "site"), [((), "NOR"), (("n",), "BER")])
def test_a_door_name_read_at_two_sites_moves_nobody_to_the_other(
    also: tuple[str, ...], site: str
) -> None:
    here = {"at": f"{LAST}T09:00", "badge_id": "c-ana", "door_id": "north"}
    here |= {"action": "entry", "direction": "in"}
    there = [here | {"badge_id": "c-bo", "site": "NOR"} for _ in also]
    found = asked("SELECT DISTINCT site FROM whereabouts WHERE user_id = 'ana'", [here, *there])
    assert found == [(site,)]
