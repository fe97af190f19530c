"""Who an account or a badge was at an instant: dated, never guessed."""

import pytest
from stored import night, settings, stored, table

from nightporter.config import Settings


def users(
    accounts: list[tuple[str, str]], tables: dict, with_settings: Settings | None = None
) -> list[str]:
    rows = [{"at": at, "account": account, "action": "view"} for at, account in accounts]
    con = night({"access": stored("access", rows)}, tables, with_settings)
    return [user for (user,) in con.sql("SELECT user_id FROM access ORDER BY line").fetchall()]


def test_several_accounts_are_one_person_whatever_their_case() -> None:
    tables = {"accounts": table("account user_id kind", "wei u1 person", "adm-wei u1 privileged")}
    day = "2026-03-03T10:00"
    assert users([(day, "wei"), (day, "ADM-Wei"), (day, "wie")], tables) == [
        "u1",
        "u1",
        "account:wie",
    ]


def test_an_account_that_no_register_has_is_one_whatever_its_case() -> None:
    """A log of logons has it as somebody typed it, a log of files as the directory has it."""
    day = "2026-03-03T10:00"
    assert users([(day, "wei"), (day, "WEI"), (day, "Wei")], {}) == ["account:wei"] * 3


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [(("person", "privileged"), "privileged"), (("person", "service"), "person")],
)
def test_what_an_account_is_does_not_depend_on_the_order_of_the_lines(
    kinds: tuple[str, str], expected: str
) -> None:
    """Two kinds at once are a slip, and none that hides what a person does."""
    event = {"at": "2026-03-03T10:00", "account": "wei", "action": "view"}
    for said in (kinds, kinds[::-1]):
        lines = table("account user_id kind", *(f"wei u1 {kind}" for kind in said))
        con = night({"access": stored("access", [event])}, {"accounts": lines})
        assert con.sql("SELECT account_kind FROM access").fetchall() == [(expected,)]


def test_a_pooled_account_changes_hands_at_an_instant() -> None:
    tables = {
        "people": table("user_id site", "u1 BER", "u2 BER"),
        "accounts": table(
            "account user_id valid_from valid_to",
            "desk u1 2026-03-01 2026-03-03T12:00",
            "desk u2 2026-03-03T12:00 -",
        ),
    }
    said = users([("2026-03-03T11:59", "desk"), ("2026-03-03T12:00", "desk")], tables)
    assert said == ["u1", "u2"]


def test_two_holders_at_once_are_nobody_and_are_reported() -> None:
    tables = {"accounts": table("account user_id", "desk u1", "desk u2")}
    rows = [{"at": "2026-03-03T10:00", "account": "desk", "action": "view"}]
    con = night({"access": stored("access", rows)}, tables)
    assert con.sql("SELECT user_id FROM access").fetchall() == [("account:desk",)]
    assert con.sql("SELECT identity, events FROM identities_unmapped").fetchall() == [
        ("account:desk", 1)
    ]


def test_a_gap_between_two_holders_belongs_to_nobody() -> None:
    tables = {
        "accounts": table(
            "account user_id valid_from valid_to",
            "desk u1 2026-01-01 2026-02-01",
            "desk u2 2026-03-01 -",
        )
    }
    assert users([("2026-02-10T10:00", "desk")], tables) == ["account:desk"]


def test_what_resolves_to_nobody_says_why_and_between_whom() -> None:
    tables = {
        "accounts": table(
            "account user_id valid_from valid_to",
            "desk u1 2026-01-01 2026-02-01",
            "desk u2 2026-03-01 2026-04-01",
            "both u1 - -",
            "both u2 - -",
        )
    }
    days = {"desk": ("2026-02-10", "2026-03-10", "2026-05-10"), "both": ("2026-03-10",)}
    rows = [
        {"at": f"{day}T10:00", "account": account, "action": "view"}
        for account, several in {**days, "ghost": ("2026-03-10",)}.items()
        for day in several
    ]
    con = night({"access": stored("access", rows)}, tables)
    found = con.sql("SELECT day, identity, why, held_by FROM identities_unmapped ORDER BY 1, 2")
    said = [(f"{day:%m-%d}", *rest) for day, *rest in found.fetchall()]
    assert said == [
        ("02-10", "account:desk", "gap", ["u1", "u2"]),
        ("03-10", "account:both", "overlap", ["u1", "u2"]),
        ("03-10", "account:ghost", "unknown", None),
        ("05-10", "account:desk", "ended", []),
    ]


def test_a_person_is_an_account_of_the_same_name_unless_the_register_says_otherwise() -> None:
    tables = {
        "people": table("user_id", "ana", "bo"),
        "accounts": table("account user_id", "bo ana"),
    }
    day = "2026-03-03T10:00"
    assert users([(day, "ana"), (day, "bo")], tables) == ["ana", "ana"]


def test_services_and_machines_are_automated_and_no_unmapped_identity() -> None:
    tables = {"accounts": table("account user_id kind", "svc-backup - service")}
    rows = [
        {"at": "2026-03-03T10:00", "account": name, "action": "view"}
        for name in ("svc-backup", "PC-7$", "SYSTEM", "ghost")
    ]
    con = night({"access": stored("access", rows)}, tables)
    said = con.sql("SELECT automated FROM access ORDER BY line").fetchall()
    assert [flag for (flag,) in said] == [True, True, True, False]
    assert con.sql("SELECT identity FROM identities_unmapped").fetchall() == [("account:ghost",)]


@pytest.mark.parametrize("form", ["(?<user_id>[a-z]+)", "(?P<user_id>[a-z]+)"])
def test_a_pattern_reads_the_person_out_of_a_card_number(form: str) -> None:
    site = settings().model_copy(
        update={
            "context": settings().context.model_copy(
                update={"badge_pattern": f"^{form}[0-9]{{3}}$"}
            )
        }
    )
    rows = [
        {"at": "2026-03-03T10:00", "badge_id": card, "door_id": "d", "action": "entry"}
        for card in ("young001", "young002", "0815")
    ]
    con = night({"badge": stored("badge", rows)}, None, site)
    said = con.sql("SELECT user_id FROM badge ORDER BY line").fetchall()
    assert [user for (user,) in said] == ["young", "young", "badge:0815"]


def test_a_person_whom_a_pattern_names_is_one_whatever_the_case() -> None:
    mail = r"^(?<user_id>\w+)@porter\.example$"
    read = settings().context.model_copy(update={"account_pattern": mail})
    site, day = settings().model_copy(update={"context": read}), "2026-03-03T10:00"
    said = [(day, f"{name}@porter.example") for name in ("LIN", "lin", "Bo", "bo")]
    assert users(said, {"people": table("user_id", "Lin")}, site) == ["Lin", "Lin", "bo", "bo"]


def test_an_event_without_any_name_still_has_a_user_id() -> None:
    con = night(
        {
            "badge": stored(
                "badge", [{"at": "2026-03-03T10:00", "door_id": "d1", "action": "forced"}]
            ),
            "usb": stored("usb", [{"at": "2026-03-03T10:00", "host": "pc1", "action": "connect"}]),
        }
    )
    assert con.sql("SELECT user_id FROM badge").fetchall() == [("door:d1",)]
    assert con.sql("SELECT user_id FROM usb").fetchall() == [("host:pc1",)]
