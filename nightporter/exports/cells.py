"""Cells of a CSV file that neither a spreadsheet nor a terminal can be made to run.

What was changed can be undone: `original` gives back the very text. Knows text, no table.
"""

import re

from nightporter.hostile import in_json

# What begins so is a formula to some spreadsheet; the full-width twins to some in East Asia.
# The apostrophe is among them so that one that was there is told from one that was added.
_FORMULA = ("=", "+", "-", "@", "'", "\uff1d", "\uff0b", "\uff0d", "\uff20")
# Where the comma is in numbers, a spreadsheet divides at semicolons: a formula may begin there.
_INNER = re.compile(rf';(?=[\s"]*[{re.escape("".join(_FORMULA))}])')
_CODE = re.compile(r"\\u([0-9a-f]{4})")


def cell(text: str) -> str:
    """Return `text` without control characters and line ends, and no formula.

    A control character becomes its code (\\u001b), so does a backslash before what looks like
    a code, and a semicolon before what spreadsheets run; before such a beginning stands an
    apostrophe.
    """
    plain = in_json(_CODE.sub(r"\\u005cu\1", text)).replace("\n", "\\u000a")
    plain = _INNER.sub(r"\\u003b", plain)
    return f"'{plain}" if plain.startswith(_FORMULA) else plain


def original(text: str) -> str:
    """Return the text that `cell` was given."""
    return _CODE.sub(lambda found: chr(int(found[1], 16)), text.removeprefix("'"))
