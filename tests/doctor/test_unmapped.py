"""Who an unmapped account may be: with reasons, never more certain than they allow."""

import pytest
from stored import night, stored, table

from nightporter.doctor.advice import Advice
from nightporter.doctor.unmapped import matches, of_account, of_card

PEOPLE = [("jmuell", "Jörg Müller"), ("e10234", "Ana Lima"), ("bsolm", "Brita Solm"),
          ("bsolm2", "Bert Solm")]  # fmt: skip


def best(account: str, accounts: dict[str, str] | None = None) -> str | None:
    found = of_account(account, PEOPLE, accounts or {}, [])
    return found[0].user_id if found else None


@pytest.mark.parametrize(
    "account",
    ["jmueller", "J.Mueller", "joerg.mueller", "muellerj", "jorg.muller", "adm-jmuell",
     "CORP\\jmueller", "joerg.mueller@example.org", "jmueller-adm", "jmueller2"],
)  # fmt: skip
def test_an_account_made_of_a_name_points_to_its_person(account: str) -> None:
    assert best(account) == "jmuell"


@pytest.mark.parametrize("account", ["temp-7", "ghost", "scanner", "jm", "administrator"])
def test_an_account_made_of_no_name_points_to_nobody(account: str) -> None:
    assert best(account) is None


def test_a_known_account_behind_a_prefix_is_the_strongest_reason() -> None:
    (match,) = of_account("adm-nick", PEOPLE, {"nick": "bsolm"}, [])
    assert (match.user_id, match.weight) == ("bsolm", 3)
    assert match.reasons == ("nick is an account of theirs, with adm- before it",)


def test_two_people_of_one_name_are_both_said() -> None:
    assert [(m.user_id, m.weight) for m in of_account("solmb", PEOPLE, {}, [])] == [
        ("bsolm", 2), ("bsolm2", 2),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("card", "who"), [("00010234", ["e10234"]), ("7710234", ["e10234"]), ("0000234", [])]
)
def test_a_card_that_holds_an_employee_number_points_to_its_person(
    card: str, who: list[str]
) -> None:
    assert [match.user_id for match in of_card(card, PEOPLE)] == who


def advised(*accounts: str) -> dict[str, Advice]:
    tables = {
        "people": table("user_id name", "jmuell Jörg~Müller", "bsolm Brita~Solm", "b2 Bert~Solm"),
        "accounts": table("account kind user_id valid_from", "bsolm - bsolm -", "b2 - b2 -"),
        "hosts": table("host owner", "pc-1 jmuell"),
    }
    tables["people"] = tables["people"].with_columns(
        name=tables["people"]["name"].str.replace("~", " ")
    )
    rows = [
        {"at": f"2026-03-03T10:{minute:02}", "account": account, "action": "view", "host": "PC-1"}
        for account in accounts
        for minute in range(3)
    ]
    con = night({"access": stored("access", rows)}, tables)
    return {each.about: each for each in matches(con, tables)}


def test_a_proposal_says_why_how_sure_and_which_line_to_add_in_the_files_own_columns() -> None:
    said = advised("adm-jmuell", "bsolm")
    assert set(said) == {"account adm-jmuell"}
    advice = said["account adm-jmuell"]
    assert advice.sure == "likely"
    assert advice.line == "adm-jmuell,privileged,jmuell,"
    assert "adm- before it; was used at pc-1, their workstation" in advice.says


def test_a_workstation_alone_is_a_possible_reason_and_a_rival_is_named() -> None:
    said = advised("ghost", "solm")
    assert said["account ghost"].sure == "possible"
    assert "perhaps jmuell" in said["account ghost"].says
    assert said["account solm"].sure == "possible"
    assert "as well fits" in said["account solm"].says
