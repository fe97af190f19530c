"""Reveal as it is typed: a reason, another person, and a note of every step."""

from collections.abc import Callable
from pathlib import Path

import orjson
import pytest
from reported import TOML, Site, finding

from nightporter.cli import console
from nightporter.cli.app import main
from nightporter.config import load
from nightporter.desk import analysts
from nightporter.names import PLAIN, mask_of

MORE = """
[desk]
watchers_to = ["ida"]
[desk.analysts]
lena = "u1"
lena2 = "u1"
ida = "u2"
bea = "u3"
[names]
pseudonyms = true
"""
Typed = Callable[..., tuple[int, str, str]]


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    site = Site(tmp_path)
    (site.root / "nightporter.toml").write_text(TOML + MORE)
    (site.root / "context" / "people.csv").write_text(
        "user_id,name\nana,Ana Velten\nu1,Lena Maar\nu2,Ida Roth\nu3,Bea Lund\n"
    )
    (site.root / "context" / "accounts.csv").write_text("account,user_id\nadm-lena,u1\n")
    site.scanned(finding())
    monkeypatch.setattr(console, "_masking", lambda: PLAIN)
    return site


@pytest.fixture
def typed(site: Site, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Typed:
    def run(by: str, *words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(analysts, "machine_account", lambda: by)
        with pytest.raises(SystemExit) as ended:
            main(["reveal", *words, "--workspace", str(site.root)])
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return run


def called(site: Site, kind: str, whose: str) -> str:
    return mask_of(load(site.root)).called[kind, whose]


def test_who_asked_is_told_after_another_person_agreed(site: Site, typed: Typed) -> None:
    name = called(site, "person", "ana")
    assert typed("lena", name)[0] == 2  # nobody asked
    assert typed("lena", name, "--reason", " ")[0] == 2  # no reason
    assert typed("lena", name, "--reason", "SEC-17")[0] == 0
    assert typed("lena", name)[0] == 2  # nobody agreed
    for by in ("lena", "lena2"):  # two accounts of one person are one person
        assert typed(by, name, "--approve")[0] == 2
    code, out, err = typed("ida", name, "--approve")
    assert code == 0 and "ana" not in (out + err).lower()
    assert typed("bea", name)[0] == 2  # another asked
    assert typed("lena", name)[1] == f"{name}  ana  Ana Velten\n"
    said = orjson.loads(typed("bea", "--list", "--json")[1])
    assert [(row["act"], row["pseudonym"]) for row in said] == [
        ("reveal", name), ("approve", name), ("revealed", name),
    ]  # fmt: skip
    assert said[0]["reason"] == "SEC-17"
    assert typed("ida", name, "--approve")[0] == 2  # nothing waits any more


@pytest.mark.parametrize(("kind", "whose"), [("person", "u1"), ("account", "adm-lena")])
def test_nobody_reveals_himself_nor_a_watcher_that_is_not_his_to_see(
    site: Site, typed: Typed, kind: str, whose: str
) -> None:
    name = called(site, kind, whose)
    for by in ("lena", "bea"):
        assert typed(by, name, "--reason", "who is that")[0] == 2
    assert typed("ida", name, "--reason", "a watcher")[0] == 0
    for by in ("lena", "bea"):
        assert typed(by, name, "--approve")[0] == 2


def test_each_of_two_agrees_to_what_the_other_asked(site: Site, typed: Typed) -> None:
    name = called(site, "person", "ana")
    for by in ("lena", "bea"):
        assert typed(by, name, "--reason", "SEC-17")[0] == 0
    assert typed("bea", name, "--approve")[0] == 0  # what lena asked
    assert typed("bea", name, "--approve")[0] == typed("bea", name)[0] == 2
    assert typed("lena", name, "--approve")[0] == 0
    assert typed("bea", name)[0] == typed("lena", name)[0] == 0


def test_the_list_leaves_out_whom_its_reader_may_not_ask_about(site: Site, typed: Typed) -> None:
    """Who finds his own pseudonym there knows that somebody is after him."""
    for kind, whose in (("person", "u1"), ("account", "adm-lena"), ("person", "ana")):
        assert typed("ida", called(site, kind, whose), "--reason", f"about {whose}")[0] == 0
    for by, count in (("lena", 1), ("bea", 1), ("ida", 3)):
        code, out, err = typed(by, "--list")
        assert (code, len(out.splitlines())) == (0, count)
        assert ("2 more are not for" in err) is (count == 1)


@pytest.mark.parametrize("word", ["ana", "Ana Velten", "person-00000000", "nobody"])
def test_a_name_is_no_pseudonym_whether_it_is_known_or_not(typed: Typed, word: str) -> None:
    code, out, err = typed("lena", word, "--reason", "x")
    assert (code, out) == (2, "") and "that is no pseudonym" in err
