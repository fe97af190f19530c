"""A new detector passes its own cases and gates as it stands, whatever it begins on."""

import re
from pathlib import Path

import pytest

from nightporter.errors import UsageError
from nightporter.proof import Proof
from nightporter.rules import READS, TACTICS, Sheet, blank, parse
from nightporter.rules.tags import tag_fault


@pytest.mark.parametrize("reads", READS)
def test_a_new_detector_passes_its_own_gates(reads: str) -> None:
    detector = parse(Sheet(Path("/pack/misuse/fresh.sql"), blank("misuse", reads)))
    assert detector.header.status == "experimental"
    assert detector.query.tables == {reads}
    with Proof(detector) as proof:
        for at in range(len(detector.cases)):
            assert proof.nights.result(at).passed, str(proof.nights.result(at))
        for gate in proof.gates():
            assert gate.passed, str(gate)


def test_the_walk_through_of_the_docs_ends_where_it_says() -> None:
    page = (Path(__file__).parents[2] / "docs" / "add-a-detector.md").read_text("utf-8")
    walk = page.split("## From nothing to a proved detector\n")[1].split("\n## ")[0]
    where, cases = re.findall(r"```sql\n(.*?)```", walk, re.S)
    text = blank("presence", "badge")
    assert "WHERE action = 'denied'\n" in text
    changed = text.replace("WHERE action = 'denied'\n", where)
    path = Path("detectors/presence/refused_off_hours.sql")
    with Proof(parse(Sheet(path, changed))) as proof:
        said = "\n".join(str(gate) for gate in proof.gates() if not gate.passed)
    assert f"```\n{said}\n```" in walk
    kept = changed[: changed.index("-- /// silent")]
    with Proof(parse(Sheet(path, kept + cases))) as proof:
        assert [str(gate) for gate in proof.gates() if not gate.passed] == []


@pytest.mark.parametrize("tactic", TACTICS)
def test_every_tactic_begins_with_a_true_tag_of_its_own(tactic: str) -> None:
    detector = parse(Sheet(Path(f"/pack/{tactic}/fresh.sql"), blank(tactic, "access")))
    (tag,) = detector.header.tags
    assert tag_fault(tag) is None
    others = {other: blank(other, "access") for other in TACTICS if other != tactic}
    assert all(f'"{tag}"' not in text for text in others.values())


@pytest.mark.parametrize("reads", READS)
def test_its_words_say_what_to_replace(reads: str) -> None:
    detector = parse(Sheet(Path("/pack/misuse/fresh.sql"), blank("misuse", reads)))
    head = detector.header
    said = (head.title, head.description, *head.falsepositives, *head.blindspots, head.triage)
    assert all("eplace" in text for text in said)
    assert any("replace" in knob.reason for knob in detector.query.knobs)
    assert all(knob.reason for knob in detector.query.knobs)


@pytest.mark.parametrize(("tactic", "reads"), [("misuses", "access"), ("misuse", "acess")])
def test_an_unknown_word_comes_with_the_nearest(tactic: str, reads: str) -> None:
    with pytest.raises(UsageError) as caught:
        blank(tactic, reads)
    assert caught.value.hint is not None and "did you mean" in caught.value.hint
