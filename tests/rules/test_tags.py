"""Tags are ids of ATT&CK and of the Insider Threat Matrix, and the ids ship as data."""

import pytest

from nightporter.rules.tags import has_form, known_tags, tag_fault


def test_the_data_hold_all_of_attack_19() -> None:
    standing = [tag for tag, found in known_tags().items() if not found.successor]
    techniques = [tag for tag in standing if tag.startswith("attack.t") and tag[8].isdigit()]
    subs = [tag for tag in techniques if "." in tag[8:]]
    assert (len(techniques) - len(subs), len(subs)) == (222, 475)
    assert sum(tag.startswith("attack.") for tag in standing) - len(techniques) == 15


def test_every_tag_has_a_name_and_every_successor_stands() -> None:
    for tag, found in known_tags().items():
        assert has_form(tag)
        assert found.name
        for successor in found.successor.split(" or ") if found.successor else ():
            assert tag_fault(successor) is None


@pytest.mark.parametrize("tag", ["attack.collection", "attack.t1052.001", "itm.if002"])
def test_a_true_tag_has_no_fault(tag: str) -> None:
    assert tag_fault(tag) is None


def test_a_subsection_of_the_matrix_is_checked_as_far_as_its_section() -> None:
    assert tag_fault("itm.if002.001") is None
    assert tag_fault("itm.if099.001") is not None


WRONG = {
    "attack.colection": "did you mean attack.collection?",
    "attack.t1213.999": "attack.t1213.006",
    "attack.t1562.008": "it is attack.t1685.002 now",
    "attack.defense-evasion": "attack.stealth or attack.defense-impairment",
    "itm.pr0044": "did you mean itm.pr004?",
}


@pytest.mark.parametrize(("tag", "hint"), WRONG.items(), ids=WRONG)
def test_a_wrong_tag_comes_with_the_nearest(tag: str, hint: str) -> None:
    fault = tag_fault(tag)
    assert fault is not None
    assert hint in fault[1]


def test_the_hint_of_a_wrong_tag_never_lists_hundreds() -> None:
    for tag in ("attack.x", "attack.t9999", "itm.zz001", "", "x"):
        fault = tag_fault(tag)
        assert fault is not None and len(fault[1]) < 300
