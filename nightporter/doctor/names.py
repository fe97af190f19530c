"""Account names and people's names, and which of the one could have been made of the other."""

import re
import unicodedata
from collections.abc import Iterator

# What administrators put before or behind the name of an everyday account.
PREFIXES = ("adm-", "adm_", "adm.", "admin-", "admin_", "admin.", "a-", "a_", "da-", "da_",
            "t0-", "t1-", "t2-", "x-", "x_", "ext-", "ext_", "priv-", "su-", "root-")  # fmt: skip
SUFFIXES = ("-adm", "_adm", ".adm", "-admin", "_admin", ".admin", "-a", "_a", "-da", "-priv",
            "-su", "-ext", "_ext")  # fmt: skip
_SPELLED = str.maketrans({
    "ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ø": "oe", "å": "aa", "æ": "ae", "œ": "oe",
    "ł": "l", "đ": "d", "þ": "th", "ð": "d",
})  # fmt: skip


def spellings(text: str) -> set[str]:
    """Return `text` in letters a to z: as it is transliterated, and without its accents."""
    lower = text.lower()
    return {_bare(lower.translate(_SPELLED)), _bare(lower)}


def _bare(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text)
    return "".join(sign for sign in apart if not unicodedata.combining(sign))


def stems(account: str) -> Iterator[tuple[str, str]]:
    """Yield what may be the person's part of an account, each with what was taken away."""
    name = account.lower().strip()
    yield name, ""
    if "\\" in name:
        name = name.rpartition("\\")[2]
        yield name, "a domain before it"
    if "@" in name:
        name = name.partition("@")[0]
        yield name, "an e-mail address"
    for prefix in PREFIXES:
        if name.startswith(prefix) and len(name) > len(prefix) + 1:
            yield name.removeprefix(prefix), f"{prefix} before it"
    for suffix in SUFFIXES:
        if name.endswith(suffix) and len(name) > len(suffix) + 1:
            yield name.removesuffix(suffix), f"{suffix} behind it"
    if found := re.fullmatch(r"(.*[a-z])\d{1,3}", name):
        yield found[1], "a number behind it"


def made_of(name: str) -> dict[str, str]:
    """Return account names that are made of a person's name, each with how."""
    made: dict[str, str] = {}
    for spelled in sorted(spellings(name)):
        parts = re.findall(r"[a-z]+", spelled.replace("'", "").replace("-", ""))
        if len(parts) < 2:
            continue
        first, last = parts[0], parts[-1]
        for form, how in (
            (first + last, "first and last name"),
            (last + first, "last and first name"),
            (first[0] + last, "initial and last name"),
            (last + first[0], "last name and initial"),
            (first + last[0], "first name and initial"),
            (last, "last name"),
        ):
            made.setdefault(form, how)
    return made


def squeezed(text: str) -> str:
    """Return `text` without what separates the parts of a name."""
    return re.sub(r"[ ._-]", "", text)
