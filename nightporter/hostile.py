"""Text that an adversary may have written, made harmless for whoever reads it.

Names, paths, doors and hosts come from logs; nothing in them may move a cursor, turn the
direction of writing, or bury a page. Knows text, not where it is shown: a page still escapes.
"""

import re

# C0 and C1 controls, marks that turn or hide writing, line separators, lone surrogates.
CONTROL = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]"
)

# So much of one value is shown.
LONGEST = 300
# What was begun where a text is cut: of half a name nobody can tell any more that it is one.
_BEGUN = re.compile(r"(?<![\w.@+-])[\w.@+-]{1,60}$")


def safe(text: object) -> str:
    """Return `text` with every control character shown as its code, such as \\x1b."""
    return CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode(), str(text))


def in_json(text: str) -> str:
    """Return JSON whose strings show every control character as its escape; it means the same."""
    return CONTROL.sub(
        lambda found: found[0] if found[0] == "\n" else f"\\u{ord(found[0]):04x}", text
    )


def brief(text: object, longest: int = LONGEST) -> str:
    """Return `text` made safe; where it is longer than `longest`, cut before a word that would
    not be whole, with its length said."""
    whole = str(text)
    if len(whole) <= longest:
        return safe(whole)
    cut = whole[:longest]
    if _BEGUN.search(whole[longest]):
        cut = _BEGUN.sub("", cut)
    return f"{safe(cut)}… ({len(whole):,} characters)"
