"""A cell can neither be run nor move a cursor, and gives back what it was made of."""

import pytest
from hostiles import STRINGS
from hypothesis import given
from hypothesis import strategies as st

from nightporter.exports.cells import cell, original
from nightporter.hostile import safe


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_no_cell_begins_as_a_formula(begin: str) -> None:
    made = cell(f'{begin}cmd|"/C calc"!A0')
    assert made[0] in ("'", "\\")
    assert original(made) == f'{begin}cmd|"/C calc"!A0'


@pytest.mark.parametrize("begin", [";=", ";;@", '; "+', ";＝"])
def test_no_part_of_a_cell_begins_as_a_formula_where_semicolons_divide(begin: str) -> None:
    """So a spreadsheet opens a file of commas in much of Europe."""
    text = f"offer{begin}cmd|x"
    made = cell(text)
    parts = [part.strip(' "') for part in made.split(";")]
    assert not [part for part in parts if part.startswith(("=", "+", "-", "@", "＝"))]
    assert original(made) == text


@pytest.mark.parametrize("text", [*STRINGS, "'quoted", "''", "C:\\new\\u0041", "\\\\u0041", ""])
def test_a_hostile_cell_is_harmless_and_gives_back_the_text(text: str) -> None:
    made = cell(text)
    assert safe(made) == made
    assert original(made) == text


def test_what_is_harmless_stays_as_it_is() -> None:
    for text in ("ana", "C:\\new\\reports\\users", "Müller, Ann-Kathrin", "2026-06-29", "3 < 4"):
        assert cell(text) == text


# What the escapes are made of, so that they meet each other often.
TEXTS = st.text(st.sampled_from("\\u005c1bx'=;\t\n\r\x1b\u202ea")) | st.text()


@given(TEXTS.filter(lambda text: not any("\ud800" <= letter <= "\udfff" for letter in text)))
def test_every_text_comes_back(text: str) -> None:
    made = cell(text)
    assert original(made) == text
    assert safe(made) == made
