"""Known words become pseudonyms wherever they stand, and nothing else becomes anything else."""

import re

import orjson
import polars as pl
import pytest

from nightporter.hostile import LONGEST, brief
from nightporter.names.known import Word, words_of
from nightporter.names.masking import Mask

PEOPLE = pl.DataFrame(
    {
        "user_id": ["hbrandis", "ana", "u1017", "host", "okoenig", "4711"],
        "name": ["Henrike Brandis", "Ana Velten", "Ida O'Brien", None, "Oda König", "Max Velten"],
    }
)
ACCOUNTS = pl.DataFrame(
    {
        "account": ["hbrandis", "adm-ana", "svc-backup"],
        "user_id": ["hbrandis", "ana", "svc-backup"],
        "kind": ["person", "privileged", "service"],
    }
)
BADGES = pl.DataFrame({"badge_id": ["100254", "17"], "user_id": ["hbrandis", "ana"]})
HOSTS = pl.DataFrame({"host": ["HAV-PC-001", "HAV-PRN"], "owner": ["hbrandis", None]})
TABLES = {"people": PEOPLE, "accounts": ACCOUNTS, "badges": BADGES, "hosts": HOSTS}
MASK = Mask(tuple(words_of(TABLES, ["account:jdoe", "account:system", "door:H-GATE"])), b"k" * 32)


def _called(kind: str, whose: str) -> str:
    return MASK.called[kind, whose]


@pytest.mark.parametrize(
    ("text", "kind", "whose"),
    [
        ("{} took 240 files", "person", "hbrandis"),
        ("/home/{}/x.pdf", "person", "hbrandis"),
        ("LT7{}2", "person", "hbrandis"),
        ("{}'s desk", "person", "u1017"),
    ],
)
def test_an_id_is_found_in_a_sentence_a_path_and_a_host(text: str, kind: str, whose: str) -> None:
    assert MASK.text(text.format(whose)) == text.format(_called(kind, whose))


def test_a_record_in_which_a_name_is_only_part_of_a_word_stays() -> None:
    records = ['{"path":"/banana/x","n":17}', '{"host":"xhbrandisx"}']
    assert MASK.frame(pl.DataFrame({"record": records}))["record"].to_list() == records


@pytest.mark.parametrize(
    "written",
    ["Henrike Brandis", "HENRIKE BRANDIS", "Brandis, Henrike", "henrike.brandis", "Brandis",
     "HenrikeBrandis", "HBRANDIS"],
)  # fmt: skip
def test_a_name_is_found_however_it_is_written(written: str) -> None:
    assert MASK.text(f"C:\\Users\\{written}\\a.doc") == (
        f"C:\\Users\\{_called('person', 'hbrandis')}\\a.doc"
    )


@pytest.mark.parametrize("written", ["König", "KÖNIG", "koenig", "Konig", "Ko\u0308nig"])
def test_a_letter_beyond_ascii_hides_nobody(written: str) -> None:
    assert MASK.text(f"/x/{written}/y") == f"/x/{_called('person', 'okoenig')}/y"


@pytest.mark.parametrize(
    "text",
    ["banana analysis", "17 files of 4711", "the host HAV-PRN", "svc-backup", "account:system"],
)
def test_what_only_looks_like_somebody_stays(text: str) -> None:
    assert MASK.text(text) == text


@pytest.mark.parametrize(
    ("text", "kind", "whose"),
    [
        ("card {} opened", "badge", "17"),
        ("{} opened", "badge", "100254"),
        ("{}", "person", "4711"),
        ("{}", "person", "host"),
        ("at {}", "host", "HAV-PC-001"),
        ("as {}", "account", "adm-ana"),
    ],
)
def test_cards_accounts_and_computers_have_pseudonyms_of_their_own(
    text: str, kind: str, whose: str
) -> None:
    assert MASK.text(text.format(whose)) == text.format(_called(kind, whose))


def test_an_account_that_no_register_has_is_somebodys() -> None:
    assert MASK.text("account:jdoe, jdoe") == ", ".join([_called("account", "jdoe")] * 2)


def test_whom_only_an_absence_or_a_device_names_is_somebody() -> None:
    more = {"absences": pl.DataFrame({"user_id": ["xaver"]}),
            "devices": pl.DataFrame({"user_id": ["yasmin", None]})}  # fmt: skip
    mask = Mask(tuple(words_of({**TABLES, **more}, [])), b"k" * 32)
    assert re.fullmatch(r"(person-[0-9a-f]{8} ?){2}", mask.text("xaver yasmin"))


def test_a_part_of_two_names_means_neither() -> None:
    assert MASK.text("Velten") == _called("name", "velten")


def test_json_stays_json_and_its_numbers_and_keys_stay() -> None:
    text = orjson.dumps({"host": "100254", "bytes": 100254, "user_id": "ana"}).decode()
    assert orjson.loads(MASK.text(text)) == {
        "host": _called("badge", "100254"), "bytes": 100254, "user_id": _called("person", "ana"),
    }  # fmt: skip


@pytest.mark.parametrize(
    "text",
    ['[{}].doc', '{{"a":1}} {}', '{{"a":{}}}', '{{"a":"say \\"{}\\""}}', '[["{}"],true,-1.5e3]',
     '{{"{}":null}}', '{{"a":"{}', '"{}"'],
)  # fmt: skip
def test_what_is_or_only_begins_like_json_hides_nobody(text: str) -> None:
    ana = _called("person", "hbrandis")
    assert MASK.text(text.format("hbrandis")) == text.format(ana)


def test_json_that_only_looks_like_somebody_stays() -> None:
    assert MASK.text('{"a":"xhbrandisx"}') == '{"a":"xhbrandisx"}'


def test_marks_in_a_log_neither_hide_a_name_nor_break_the_search() -> None:
    assert (
        MASK.text("\x03hbrandis\x01 \x02") == f"\ufffd{_called('person', 'hbrandis')}\ufffd \ufffd"
    )


def test_rows_lists_and_raw_lines_of_a_table_are_covered_and_ids_of_findings_are_not() -> None:
    rows = pl.DataFrame(
        {"user_id": ["ana", None], "candidates": [["ana", "hbrandis"], None],
         "raw": [b"who;ana", b"\xffana"], "level": ["ana", "ana"]}
    )  # fmt: skip
    told = MASK.frame(rows)
    ana = _called("person", "ana")
    assert told.to_dict(as_series=False) == {
        "user_id": [ana, None], "candidates": [[ana, _called("person", "hbrandis")], None],
        "raw": [f"who;{ana}".encode(), None], "level": ["ana", "ana"],
    }  # fmt: skip


def test_what_commands_print_is_told_anew_whatever_holds_it() -> None:
    ana = _called("person", "ana")
    said = {"ranking": [{"user_id": "ana", "n": 1}], "hbrandis": ("ana", 2), "host": "x"}
    assert MASK.of(said) == {
        "ranking": [{"user_id": ana, "n": 1}], _called("person", "hbrandis"): (ana, 2), "host": "x",
    }  # fmt: skip


def test_a_raw_line_is_told_to_its_last_word() -> None:
    ana = _called("person", "ana")
    assert MASK.of([(b"ana;broken",), (b"no;ana",)]) == [
        (f"{ana};broken".encode(),), (f"no;{ana}".encode(),),
    ]  # fmt: skip


def test_one_text_is_searched_whichever_word_it_holds() -> None:
    words = pl.Series([word.text for word in MASK.words])
    assert [MASK.text(word) for word in words] == MASK.series(words).to_list()


def test_a_pseudonym_leads_back_and_two_keys_have_nothing_in_common() -> None:
    assert all(MASK.meant[_called("person", user)] == user for user in ("ana", "hbrandis", "4711"))
    other = Mask(MASK.words, b"l" * 32)
    assert not set(other.called.values()) & set(MASK.called.values())
    assert Mask().text("ana") == "ana"


@pytest.mark.parametrize("at", range(LONGEST - 14, LONGEST + 2))
def test_a_stored_text_is_not_cut_within_a_name(at: int) -> None:
    stored = brief("x" * (at - 1) + "/hbrandis/and/more")
    assert re.search("hb|rand", MASK.text(stored)) is None
    assert len(stored) > LONGEST - 20


def test_a_flood_without_an_end_is_cut_where_it_must_be() -> None:
    assert brief("x" * 10_000) == "x" * LONGEST + "… (10,000 characters)"
    assert brief(["x" * 10_000]).startswith("['x")


@pytest.mark.parametrize(
    "called",
    [": true", 'a"b', "b\\", "\\n x", "a\nb", "x\x1b", "$svc", "Anna Velten", "100254", "müller"],
)
def test_a_string_that_is_a_name_is_replaced_and_the_record_stays_one(called: str) -> None:
    mask = Mask((Word(called, "person", "she"), Word("p7", "person", "p7")), b"k" * 32)
    row = {"a": "x", "b": [called, "y"], "c": f"/{called}/", "d": True, "e": 'say "p7" \\'}
    she, he = mask.called["person", "she"], mask.called["person", "p7"]
    assert orjson.loads(mask.text(orjson.dumps(row).decode())) == {
        **row, "b": [she, "y"], "c": f"/{she}/", "e": f'say "{he}" \\'
    }  # fmt: skip


@pytest.mark.parametrize("called", [",", "a", "true", "5"])
def test_a_word_that_says_nothing_alone_leaves_a_record_one(called: str) -> None:
    mask = Mask((Word(called, "person", "she"), Word("p7", "person", "p7")), b"k" * 32)
    row = {"a": ["p7", "p7"], "b": True, "c": [5, 5]}
    he = mask.called["person", "p7"]
    assert orjson.loads(mask.text(orjson.dumps(row).decode())) == {**row, "a": [he, he]}
