"""The tags that a detector may carry: ATT&CK's and the Insider Threat Matrix's ids, as data.

Knows ids and names; nothing of detectors.
"""

import functools
import re
from dataclasses import dataclass
from pathlib import Path

from nightporter.errors import did_you_mean

# Of the tactics and techniques in known/attack.tsv.
ATTACK_VERSION = "19"

_FOLDER = Path(__file__).parent / "known"
_FORM = re.compile(r"attack\.t\d{4}(\.\d{3})?|itm\.(mt|me|pr|if|af)\d{3}(\.\d{3})?")
_SECTION = re.compile(r"(itm\.[a-z]{2}\d{3})\.\d{3}")
# A hint with hundreds of words helps nobody: so many of the same family are listed.
_LISTED = 12


@dataclass(frozen=True)
class Tag:
    """A tag's name in its framework; `successor` is what took its place, "" while it stands."""

    name: str
    successor: str = ""


@functools.cache
def known_tags() -> dict[str, Tag]:
    """Return every tag by its id, the withdrawn ones among them."""
    found = {}
    for file in ("attack.tsv", "itm.tsv"):
        for line in (_FOLDER / file).read_text("utf-8").splitlines():
            if not line.startswith("#"):
                tag, name, successor = line.split("\t")
                found[tag] = Tag(name, successor)
    return found


def has_form(tag: str) -> bool:
    """Tell whether `tag` is a known one or has the form of an id; a newer id loads, too."""
    return tag in known_tags() or _FORM.fullmatch(tag) is not None


def tag_fault(tag: str) -> tuple[str, str] | None:
    """Return what is wrong with a tag, and a hint; None if it is an id that stands.

    Subsections of the Insider Threat Matrix (itm.if002.001) are checked as far as their section.
    """
    section = _SECTION.fullmatch(tag)
    found = known_tags().get(section[1] if section else tag)
    if found is None:
        return f"no tag {tag!r} in ATT&CK or the Insider Threat Matrix", _near(tag)
    if found.successor:
        return (
            f"ATT&CK {ATTACK_VERSION} withdrew {tag!r} ({found.name})",
            f"it is {found.successor} now",
        )
    return None


def _near(tag: str) -> str:
    """Return the nearest tag, and those of the same technique, framework or article."""
    standing = [name for name, found in known_tags().items() if not found.successor]
    for family in (tag[:12], tag[:8], tag[:6], tag.partition(".")[0] + "."):
        words = [name for name in standing if name.startswith(family)]
        if 0 < len(words) <= _LISTED:
            return did_you_mean(tag, words)
    guess, _, _ = did_you_mean(tag, standing).partition("(")
    return guess.strip() or "tags are such as attack.collection, attack.t1213 or itm.if002"
