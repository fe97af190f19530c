"""Who, off hours or not, and what kind of day, across zones, shifts and calendars."""

import pytest
from stored import BERLIN, night, settings, stored, table

from nightporter.config import Site

HOURS = BERLIN


def off_hours(at: str, tables: dict | None = None, **row: str) -> bool:
    event = {"at": at, "account": "ana", "action": "view", **row}
    con = night({"access": stored("access", [event])}, tables, settings(BER=HOURS))
    return con.sql("SELECT off_hours FROM access").fetchall()[0][0]


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-03-03T07:59:59", True),
        ("2026-03-03T08:00", False),
        ("2026-03-03T18:00", False),
        ("2026-03-03T18:00:01", True),
        ("2026-03-07T11:00", True),  # Saturday
        ("2026-03-04T02:00", True),  # the night after Tuesday
        ("2026-05-01T11:00", True),  # Labour Day
    ],
)
def test_office_hours_end_at_the_second_and_on_free_days(at: str, expected: bool) -> None:
    assert off_hours(at) is expected


NIGHT = {
    "people": table("user_id", "ana"),
    "shifts": table("user_id weekday start end", "ana mon 22:00 06:00", "ana tue 22:00 06:00"),
}


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-03-02T22:30", False),  # Monday's shift
        ("2026-03-03T02:00", False),  # still Monday's shift
        ("2026-03-03T06:00", False),
        ("2026-03-03T06:01", True),
        ("2026-03-03T11:00", True),  # asleep by day, whatever the site's hours
        ("2026-03-05T02:00", True),  # no shift started on Wednesday
    ],
)
def test_a_night_shift_belongs_to_the_date_on_which_it_starts(at: str, expected: bool) -> None:
    assert off_hours(at, NIGHT) is expected


@pytest.mark.parametrize(
    ("at", "minutes"),
    [
        ("2026-03-03T07:40", 20),
        ("2026-03-03T12:00", 0),
        ("2026-03-03T20:30", 150),
        ("2026-03-04T02:00", 360),
        ("2026-03-08T12:00", 1200),
    ],
)
def test_off_minutes_count_to_the_nearer_end_of_own_hours(at: str, minutes: int) -> None:
    rows = [{"at": at, "account": "ana", "action": "view"}]
    rows += [{"at": f"2026-03-{n:02}T12:00", "account": "x", "action": "view"} for n in (1, 10)]
    con = night({"access": stored("access", rows)}, None, settings(BER=HOURS))
    assert con.sql("SELECT off_minutes FROM access WHERE line = 1").fetchall() == [(minutes,)]


def test_a_shift_that_has_ended_gives_the_sites_hours_back() -> None:
    shifts = table("user_id weekday start end valid_to", "ana mon 22:00 06:00 2026-03-01")
    assert off_hours("2026-03-02T11:00", {"shifts": shifts}) is False


def test_work_during_leave_is_off_hours_and_the_day_says_so() -> None:
    tables = {
        "people": table("user_id", "ana"),
        "absences": table("user_id from to", "ana 2026-03-02 2026-03-05"),
    }
    event = {"at": "2026-03-04T11:00", "account": "ana", "action": "view"}
    con = night({"access": stored("access", [event, {**event, "at": "2026-03-05T11:00"}])}, tables)
    rows = con.sql("SELECT off_hours, day_type FROM access ORDER BY ts").fetchall()
    assert rows == [(True, "leave"), (False, "workday")]


def test_a_declared_day_beats_the_holiday_and_the_weekend() -> None:
    tables = {
        "calendar": table("site day day_type", "BER 2026-05-01 workday", "BER 2026-03-07 make_up")
    }
    assert off_hours("2026-05-01T11:00", tables) is False
    assert off_hours("2026-03-07T11:00", tables) is False


def test_any_set_of_days_can_be_the_weekend() -> None:
    riyadh = Site(zone="Asia/Riyadh", weekend=["fri", "sat"], hours="08:00-16:00")
    rows = [
        {"at": f"2026-03-0{day}T10:00", "account": "ana", "action": "view"} for day in (5, 6, 7, 8)
    ]
    con = night({"access": stored("access", rows, "Asia/Riyadh")}, None, settings(BER=riyadh))
    said = con.sql("SELECT day_type FROM access ORDER BY ts").fetchall()
    assert [kind for (kind,) in said] == ["workday", "weekend", "weekend", "workday"]


def test_chinas_make_up_sunday_is_a_working_day() -> None:
    shanghai = Site(zone="Asia/Shanghai", country="CN", hours="08:00-18:00")
    rows = [{"at": "2025-01-26T10:00", "account": "ana", "action": "view"}]
    con = night({"access": stored("access", rows, "Asia/Shanghai")}, None, settings(BER=shanghai))
    assert con.sql("SELECT day_type, off_hours FROM access").fetchall() == [("make_up", False)]


def test_the_hours_of_the_site_follow_its_clock_over_the_spring_change() -> None:
    """08:30 on the wall is 07:30 UTC in winter and 06:30 UTC in summer: both are office hours."""
    rows = [
        {"at": f"2026-03-{day}T08:30", "account": "ana", "action": "view"} for day in ("27", "30")
    ]
    con = night({"access": stored("access", rows)})
    said = con.sql("SELECT hour(ts), off_hours FROM access ORDER BY ts").fetchall()
    assert said == [(7, False), (6, False)]


def test_the_longest_prefix_gives_the_label_and_the_events_own_label_wins() -> None:
    labels = table("prefix label", "/projects internal", "/projects/alloy secret")
    rows = [
        {"at": "2026-03-03T10:00", "account": "a", "action": "view", "resource": path, "label": own}
        for path, own in (
            ("/projects/alloy/1", None),
            ("/projects/ice/1", None),
            ("/home/1", None),
            ("/projects/alloy/2", "public"),
        )
    ]
    con = night({"access": stored("access", rows)}, {"labels": labels})
    said = con.sql("SELECT label FROM access ORDER BY line").fetchall()
    assert [label for (label,) in said] == ["secret", "internal", None, "public"]


def test_doors_and_hosts_say_whose_they_are() -> None:
    tables = {
        "doors": table("door_id zone_to kind owner sensitive", "d1 office-1 office boss true"),
        "hosts": table("host owner zone", "pc1 ana lab"),
    }
    con = night(
        {
            "badge": stored(
                "badge",
                [{"at": "2026-03-03T10:00", "door_id": "d1", "badge_id": "7", "action": "entry"}],
            ),
            "usb": stored(
                "usb",
                [{"at": "2026-03-03T10:00", "host": "pc1", "account": "ana", "action": "connect"}],
            ),
        },
        tables,
    )
    badge = con.sql("SELECT zone, owner, door_kind, sensitive FROM badge").fetchall()
    assert badge == [("office-1", "boss", "office", True)]
    assert con.sql("SELECT zone, owner FROM usb").fetchall() == [("lab", "ana")]


def test_the_last_night_of_a_shift_pattern_is_worked_to_its_end() -> None:
    shifts = table("user_id weekday start end valid_to", "ana mon 22:00 06:00 2026-03-03")
    tables = {"people": table("user_id", "ana"), "shifts": shifts}
    assert off_hours("2026-03-02T23:00", tables) is False
    assert off_hours("2026-03-03T02:00", tables) is False
    assert off_hours("2026-03-03T11:00", tables) is False  # the site's hours again


def test_between_two_patterns_the_sites_hours_count() -> None:
    columns = "user_id weekday start end valid_from valid_to"
    tables = {
        "people": table("user_id", "ana"),
        "shifts": table(
            columns,
            "ana mon 22:00 06:00 2026-01-01 2026-02-01",
            "ana mon 22:00 06:00 2026-04-01 2026-05-01",
        ),
    }
    assert off_hours("2026-03-03T11:00", tables) is False
    assert off_hours("2026-04-07T11:00", tables) is True


def test_a_short_shift_within_a_long_one_hides_nothing() -> None:
    shifts = table("user_id weekday start end", "ana tue 06:00 18:00", "ana tue 10:00 12:00")
    tables = {"people": table("user_id", "ana"), "shifts": shifts}
    assert off_hours("2026-03-03T15:00", tables) is False


def test_an_early_start_is_measured_alike_whatever_days_are_scanned() -> None:
    """The distance to own hours must not depend on how many days lie in the window."""
    row = {"at": "2026-04-07T07:40", "account": "ana", "action": "view"}  # after Easter Monday
    con = night({"access": stored("access", [row])}, None, settings(BER=HOURS))
    assert con.sql("SELECT off_minutes FROM access").fetchall() == [(20,)]


def test_hosts_are_found_whatever_their_case_and_events_stay_single() -> None:
    row = {"at": "2026-03-03T10:00", "account": "ana", "action": "view", "host": "PC1"}
    con = night({"access": stored("access", [row])}, {"hosts": table("host owner", "pc1 ana")})
    assert con.sql("SELECT owner FROM access").fetchall() == [("ana",)]


def test_an_empty_outcome_hides_no_event() -> None:
    row = {"at": "2026-03-03T10:00", "account": "ana", "action": "logon", "outcome": None}
    con = night({"access": stored("access", [row])})
    assert con.sql("SELECT count(*) FROM access WHERE outcome <> 'failure'").fetchall() == [(1,)]


@pytest.mark.parametrize(("said", "console"), [(None, True), (False, True), (True, False)])
def test_a_keyboard_is_used_unless_the_feed_says_that_a_machine_did_it(
    said: bool | None, console: bool
) -> None:
    row = {"at": "2026-03-03T11:00", "account": "ana", "action": "unlock", "host": "pc-a"}
    tables = {"hosts": table("host zone kind", "pc-a room workstation")}
    con = night({"access": stored("access", [{**row, "automated": said}])}, tables)
    assert con.sql("SELECT console, automated FROM access").fetchall() == [(console, not console)]


@pytest.mark.parametrize(
    ("register", "called"), [((), "ws-1"), (("Ws-1",), "Ws-1")], ids=["unknown", "in hosts.csv"]
)
def test_a_host_is_one_however_its_logs_spell_it(register: tuple[str, ...], called: str) -> None:
    tables = {"hosts": table("host", *register)} if register else {}
    at = "2026-03-03T10:00"
    access = [{"at": at, "account": "ana", "host": h, "action": "logon"} for h in ("WS-1", "ws-1")]
    usb = [{"at": at, "host": "WS-1", "action": "connect"}]
    con = night({"access": stored("access", access), "usb": stored("usb", usb)}, tables)
    assert con.sql("SELECT DISTINCT host FROM access").fetchall() == [(called,)]
    assert con.sql("SELECT host, user_id FROM usb").fetchall() == [(called, "host:ws-1")]


@pytest.mark.parametrize(
    ("resource", "label"),
    [
        (r"\\SRV\Board\Plans\a.doc", "secret"),
        (r"\\srv\board\a.doc", "internal"),
        ("/board/a.doc", "public"),
        ("/Board/a.doc", None),
    ],
)
def test_a_path_of_windows_has_its_label_in_any_case(resource: str, label: str | None) -> None:
    labels = (r"\\srv\board\ internal", r"\\srv\board\PLANS\ secret", "/board/ public")
    tables = {"labels": table("prefix label", *labels)}
    at = "2026-03-03T10:00"
    events = [{"at": at, "account": "ana", "action": "view", "resource": resource}]
    con = night({"access": stored("access", events)}, tables)
    assert con.sql("SELECT label FROM access").fetchall() == [(label,)]
