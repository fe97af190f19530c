"""Who was where: desks, doors and feeds of the story, against what the answer key says."""

import itertools
from datetime import date, datetime, timedelta

import pytest
from samples import SAMPLE, Row, context_rows, local, log_lines

Acts = dict[tuple[str, str], list[Row]]
Moments = dict[str, list[tuple[datetime, str, str]]]

QUIET = "quiet administrator"
AFTERNOONS = ("2026-05-21", "2026-06-10", "2026-06-24")
DOOR_SHUT = "2026-06-10"


def last_read(reads: Moments, who: str, moment: datetime) -> tuple[datetime, str, str]:
    return max(read for read in reads[who] if read[0] <= moment)


def at_a_desk(acts: Acts, account: str) -> list[tuple[datetime, Row]]:
    """What he does under somebody else's name, in order."""
    rows = [(local(r["at"]), r) for r in acts[QUIET, "access"] if r["who"] == account]
    return sorted(rows, key=lambda told: told[0])


def off_hours(acts: Acts, day: str, door: str) -> list[datetime]:
    rows = [r for r in acts[QUIET, "badge"] if r["door"] == door and r["day"] == day]
    return sorted(datetime.fromisoformat(row["at"]) for row in rows)


@pytest.mark.parametrize(
    ("day", "door", "owner"),
    [("2026-04-18", "H-OFF-FIN", "lmarwitz"), ("2026-06-05", "H-OFF-RES", "sthorn")],
)
def test_on_a_night_with_a_key_the_owners_account_is_used_in_the_room_while_he_is_inside(
    acts: Acts, reads: Moments, day: str, door: str, owner: str
) -> None:
    rows, leaf = at_a_desk(acts, owner), off_hours(acts, day, door)
    assert [row["what"] for _, row in rows] == ["LOGON", *["READ"] * (len(rows) - 2), "LOGOFF"]
    assert 4 <= len(rows) - 2 <= 7
    assert {row["day"] for _, row in rows} == {day}
    assert leaf[0] < rows[0][0] < rows[-1][0] < leaf[-1]
    (zone,) = (row["zone_to"] for row in context_rows("doors") if row["door_id"] == door)
    zones = {row["host"]: row["zone"] for row in context_rows("hosts")}
    assert {zones[row["host"]] for _, row in rows} == {zone}
    left, _, what = last_read(reads, owner, rows[0][0])
    assert what == "Austritt"
    assert rows[0][0] - left > timedelta(hours=2)


def test_on_three_afternoons_her_account_is_used_at_her_desk_while_she_is_in_the_server_room(
    acts: Acts, reads: Moments
) -> None:
    rows = at_a_desk(acts, "hbrandis")
    assert sorted({row["day"] for _, row in rows}) == list(AFTERNOONS)
    assert {row["host"] for _, row in rows} == {"HAV-PC-001"}
    for moment, _ in rows:
        came, door, _ = last_read(reads, "hbrandis", moment)
        assert door == "H-SRV"
        back = min(read for read in reads["hbrandis"] if read[0] > moment)
        assert back[1] == "H-IT"
        assert timedelta(minutes=30) <= back[0] - came <= timedelta(minutes=51)
        assert last_read(reads, "avelten", moment)[1] in ("H-IT", "H-OFF-IT")


@pytest.mark.parametrize("day", AFTERNOONS)
def test_an_afternoon_is_an_unlock_a_few_documents_and_a_lock(acts: Acts, day: str) -> None:
    rows = [row for _, row in at_a_desk(acts, "hbrandis") if row["day"] == day]
    assert (rows[0]["what"], rows[-1]["what"]) == ("UNLOCK", "LOCK")
    assert 3 <= len({row["doc"] for row in rows[1:-1]}) <= 5


def test_only_the_door_that_was_shut_tells_of_his_way_in(acts: Acts) -> None:
    office = [r for r in acts[QUIET, "badge"] if r["door"] == "H-OFF-IT" and r["day"] in AFTERNOONS]
    assert {row["day"] for row in office} == {DOOR_SHUT}
    assert [row["what"] for row in office].count("Eintritt") == 1


def test_he_types_nothing_at_his_own_desk_while_he_sits_at_hers(acts: Acts, typed: Moments) -> None:
    for day in AFTERNOONS:
        rows = [moment for moment, row in at_a_desk(acts, "hbrandis") if row["day"] == day]
        around = rows[0] - timedelta(minutes=8), rows[-1] + timedelta(minutes=8)
        for account in ("avelten", "adm-avelten"):
            assert not [1 for moment, *_ in typed[account] if around[0] <= moment <= around[1]]


def test_she_goes_to_the_server_room_now_and_then_and_nothing_happens_at_her_desk(
    reads: Moments, typed: Moments
) -> None:
    own = reads["hbrandis"]
    visits = [
        (moment, min(read for read in own if read[0] > moment))
        for moment, door, what in own if (door, what) == ("H-SRV", "Eintritt")
    ]  # fmt: skip
    ordinary = [visit for visit in visits if visit[0].date().isoformat() not in AFTERNOONS]
    assert len(ordinary) >= 10
    assert min(visit[0] for visit in ordinary) < datetime(2026, 2, 1)
    for came, (back, door, _) in ordinary:
        assert door == "H-IT"
        assert not [1 for moment, *_ in typed["hbrandis"] if came <= moment <= back]


def test_the_usb_agent_is_silent_for_two_working_days_between_two_changes_of_his(
    acts: Acts,
) -> None:
    lines = log_lines(SAMPLE / "logs/usb/2026-W19.csv")[1:]
    days = {(datetime.fromisoformat(line[:19]) - timedelta(hours=5)).date().day for line in lines
            if line.count(";") == 11 and line[11:13] < "24"}  # fmt: skip
    assert days >= {4, 7}
    assert not days & {5, 6}
    changes = [local(r["at"]) for r in acts[QUIET, "access"] if r["what"] == "ADMIN"]
    assert [moment.date().day for moment in sorted(changes)] == [4, 6]


def test_the_stations_doors_are_silent_for_three_working_days_on_which_people_work(
    typed: Moments,
) -> None:
    silent = {"2026-02-17", "2026-02-18", "2026-02-19"}
    lines = log_lines(SAMPLE / "logs/badge/rey/2026-02.csv")
    read = {line[1:11] for line in lines}
    assert {"2026-02-16", "2026-02-20"} <= read
    assert not silent & read
    worked = {m.date().isoformat() for rows in typed.values() for m, host, _ in rows
              if host.startswith("REY-PC")}  # fmt: skip
    assert silent <= worked


def test_the_helpdesk_logs_on_as_himself_while_the_owner_is_elsewhere(
    acts: Acts, reads: Moments, typed: Moments
) -> None:
    owners = {row["host"]: row["owner"] for row in context_rows("hosts")}
    rooms = {"HAV-porter": "H-PORTER", "HAV-finance": "H-FIN", "HAV-directorate": "H-DIR",
             "HAV-data": "H-DATA"}  # fmt: skip
    zones = {row["host"]: row["zone"] for row in context_rows("hosts")}
    rows = acts["helpdesk at another's desk", "access"]
    assert {row["who"] for row in rows} == {"ekeil"}
    assert 5 <= len({row["day"] for row in rows}) <= 8
    for row in rows:
        moment, host, owner = local(row["at"]), row["host"], owners[row["host"]]
        assert owner != "ekeil"
        assert last_read(reads, owner, moment)[1] != rooms[zones[host]]
        assert last_read(reads, "ekeil", moment)[1] == rooms[zones[host]]
        assert max(deed for deed in typed[owner] if deed[0] <= moment)[2] == "LOCK"


def test_who_calls_at_an_office_finds_its_owner_in(acts: Acts, reads: Moments) -> None:
    owners = {row["door_id"]: row["owner"] for row in context_rows("doors")}
    calls = [r for r in acts["call on an owner who is in", "badge"] if r["what"] == "Eintritt"]
    assert len(calls) >= 5
    for row in calls:
        moment, owner = datetime.fromisoformat(row["at"]), owners[row["door"]]
        came, door, what = last_read(reads, owner, moment)
        assert (door, what) == (row["door"], "Eintritt")
        assert moment - came < timedelta(minutes=30)


def test_each_friday_the_same_documents_are_downloaded_and_then_written(acts: Acts) -> None:
    access, usb = (acts["Friday results", source] for source in ("access", "usb"))
    registered = {row["device_id"]: row["user_id"] for row in context_rows("devices")}
    assert {registered[row["serial"]] for row in usb} == {"bquist"}
    days = {row["day"] for row in access}
    assert len(days) >= 15
    assert {datetime.fromisoformat(day).weekday() for day in days} == {4}
    for day in days:
        taken = {row["doc"]: local(row["at"]) for row in access if row["day"] == day}
        written = {row["doc"]: datetime.fromisoformat(row["at"]) for row in usb
                   if row["day"] == day and row["what"] == "geschrieben"}  # fmt: skip
        assert taken.keys() == written.keys()
        assert all(taken[doc] < written[doc] for doc in taken)


def test_no_line_of_a_silent_feed_is_in_the_truth(acts: Acts) -> None:
    told = {row["day"] for (_, source), rows in acts.items() if source == "usb" for row in rows}
    assert not told & {"2026-05-05", "2026-05-06"}


def test_on_the_saturday_of_the_key_every_line_of_that_account_is_his(
    acts: Acts, typed: Moments
) -> None:
    saturday = [deed for deed in typed["lmarwitz"] if deed[0].date() == date(2026, 4, 18)]
    assert [deed[0] for deed in saturday] == [told[0] for told in at_a_desk(acts, "lmarwitz")]


def test_who_is_out_for_lunch_or_in_the_server_room_types_nothing_at_the_own_desk(
    reads: Moments, typed: Moments
) -> None:
    owners = {row["host"]: row["owner"] for row in context_rows("hosts") if "-PC-" in row["host"]}
    second = timedelta(seconds=1)
    spells = [
        (who, one[0] + second, two[0] - second)
        for who, own in reads.items() for one, two in itertools.pairwise(own)
        if (one[1:] == (two[1], "Austritt") or one[1] == "H-SRV")
        and who not in ("ukron", "iruhl", "jtamm") and two[0] - one[0] < timedelta(hours=1)
    ]  # fmt: skip
    assert len(spells) > 500
    deeds = {who: [m for m, host, _ in rows if owners.get(host) == who]
             for who, rows in typed.items()}  # fmt: skip
    found = {(who, since.date().isoformat()) for who, since, until in spells
             if [1 for moment in deeds[who] if since <= moment <= until]}  # fmt: skip
    assert found == {("hbrandis", day) for day in AFTERNOONS}
