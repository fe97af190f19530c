"""The context files: what the institute's registers say of people, cards, doors and devices."""

from datetime import timedelta
from itertools import pairwise

import polars as pl

from nightporter.simulate import cast
from nightporter.simulate.acts import borrowed_card, cards
from nightporter.simulate.acts.quiet_administrator import drives
from nightporter.simulate.documents import label_prefixes
from nightporter.simulate.institute import Institute
from nightporter.simulate.ordinary.machines import BACKUP, INDEXER
from nightporter.simulate.ordinary.usb import serial
from nightporter.simulate.places import DOORS, TEAMS
from nightporter.simulate.presence import SHIFTS
from nightporter.simulate.span import WEEKDAYS, shutdowns

Rows = list[dict[str, object]]


def context_tables(institute: Institute, leave: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Return every context file by its name."""
    tables: dict[str, Rows] = {
        "people": _people(institute),
        "accounts": _accounts(institute),
        "badges": _badges(institute),
        "doors": _doors(),
        "hosts": _hosts(institute),
        "devices": _devices(institute),
        "labels": [dict(row) for row in label_prefixes()],
        "shifts": _shifts(institute),
        "absences": _absences(leave),
        "calendar": _calendar(institute),
    }
    return {name: pl.DataFrame(rows, infer_schema_length=None) for name, rows in tables.items()}


def _people(institute: Institute) -> Rows:
    return [
        {
            "user_id": person.user_id, "name": person.name, "site": person.site,
            # The register knows where people are today, not where they were.
            "team": "Materials" if person.user_id == cast.ROLE_CHANGER else person.team,
            "role": person.role, "department": TEAMS[person.team].department,
            "manager": person.manager, "privileged": person.privileged,
            "watcher": person.watcher, "joined": person.joined, "left": person.left,
        }
        for person in institute.people.values()
    ]  # fmt: skip


def _accounts(institute: Institute) -> Rows:
    rows: Rows = []
    for person in institute.people.values():
        dates = {"valid_from": person.joined, "valid_to": person.left}
        own = {"user_id": person.user_id, **dates}
        if person.has_account:
            rows.append({"account": person.user_id, "kind": "person", **own})
        if person.privileged:
            rows.append({"account": person.admin_account, "kind": "privileged", **own})
    for account in (BACKUP, INDEXER):
        rows.append({"account": account, "kind": "service"})
    names = ("account", "user_id", "kind", "valid_from", "valid_to")
    return [{name: row.get(name) for name in names} for row in rows]


def _badges(institute: Institute) -> Rows:
    lost = borrowed_card.replaced_at(institute)
    again = cards.reissued_on(institute)
    loaned = cards.forgotten_on(institute)
    ends: dict[str, object] = {cast.BORROWED_CARD: lost.isoformat(), cast.REISSUED: again}
    rows: Rows = [
        _badge(person.card, person.user_id, "card", person.joined,
               ends.get(person.user_id, person.left))
        for person in institute.people.values()
    ]  # fmt: skip
    since = f"{loaned}T07:30:00"
    return [
        *rows,
        _badge(borrowed_card.NEW_CARD, cast.BORROWED_CARD, "card", lost.isoformat(), None),
        _badge(cards.SECOND_CARD, cast.REISSUED, "card", again, None),
        _badge(cards.LOANER_CARD, cast.FORGETFUL, "loaner", since, f"{loaned}T23:00:00"),
    ]


def _badge(card: str, user_id: str, kind: str, since: object, until: object) -> dict[str, object]:
    dates = {
        "valid_from": str(since) if since else None,
        "valid_to": str(until) if until else None,
    }
    return {"badge_id": card, "user_id": user_id, "kind": kind, **dates}


def _doors() -> Rows:
    return [
        {
            "door_id": door.door_id, "site": door.site, "zone_from": door.zone_from,
            "zone_to": door.zone_to, "kind": door.kind, "owner": door.owner or None,
            "out_reader": door.out_reader, "contact": door.contact, "rex": door.rex,
            "offline": False, "sensitive": door.sensitive,
            "camera_days": door.camera_days or None,
        }
        for door in DOORS
    ]  # fmt: skip


def _hosts(institute: Institute) -> Rows:
    offices = {door.owner: door.zone_to for door in DOORS if door.owner}
    rows: Rows = []
    for person in institute.people.values():
        if not person.has_account:
            continue
        zone = offices.get(person.user_id, TEAMS[person.team].zone)
        mine = {"owner": person.user_id}
        rows.append({"host": person.host, **mine, "zone": zone, "kind": "workstation"})
        rows.append({"host": person.laptop, **mine, "zone": None, "kind": "laptop"})
    shared = (
        ("HAV-FS-02", "HAV-server", "server"), ("HAV-BKP-01", "HAV-server", "server"),
        ("HAV-IDX-01", "HAV-server", "server"), ("HAV-KSK-01", "HAV-main", "shared"),
        ("HAV-KSK-02", "HAV-archive", "shared"), ("REY-PC-GUEST", "REY-main", "shared"),
    )  # fmt: skip
    rows += [{"host": h, "owner": None, "zone": zone, "kind": kind} for h, zone, kind in shared]
    return rows


def _devices(institute: Institute) -> Rows:
    """Most sticks in ordinary use are registered; one of the administrator's disks is."""
    everybody = {"host": None, "device_class": "mass_storage", "approved": True}
    dates = {"valid_from": None, "valid_to": None}
    users = [
        person for person in institute.people.values()
        if person.sticks != "none"
        and (
            institute.chance.draw("registers", person.number) < 0.8
            or person.user_id == cast.COURIER
        )
    ]  # fmt: skip
    rows: Rows = [
        {
            "device_id": serial(institute.chance, person.number, 0),
            "user_id": person.user_id, **everybody, **dates,
        }
        for person in users
    ]  # fmt: skip
    first = drives(institute)[0].serial
    rows.append({"device_id": first, "user_id": cast.QUIET_ADMINISTRATOR, **everybody, **dates})
    return rows


def _shifts(institute: Institute) -> Rows:
    return [
        {
            "user_id": who, "weekday": WEEKDAYS[weekday], "start": _clock(start),
            "end": _clock(end), "valid_from": institute.span.first, "valid_to": None,
        }
        for who, (weekdays, start, end) in SHIFTS.items()
        for weekday in sorted(weekdays)
    ]  # fmt: skip


def _clock(minutes: int) -> str:
    return f"{minutes // 60 % 24:02d}:{minutes % 60:02d}"


def _absences(leave: pl.DataFrame) -> Rows:
    """Return half-open runs of days."""
    rows: Rows = []
    for (user_id,), part in leave.sort("user_id", "day").group_by("user_id", maintain_order=True):
        days = part["day"].to_list()
        breaks = [n for n, (one, two) in enumerate(pairwise(days), 1) if (two - one).days > 1]
        for start, end in pairwise([0, *breaks, len(days)]):
            until = days[end - 1] + timedelta(days=1)
            rows.append({"user_id": user_id, "from": days[start], "to": until})
    return rows


def _calendar(institute: Institute) -> Rows:
    """Public holidays are known from the country; only the house's own days are declared."""
    return [
        {"site": site, "day": day, "day_type": "shutdown"}
        for site in ("HAV", "REY")
        for day in shutdowns(site, institute.span)
    ]
