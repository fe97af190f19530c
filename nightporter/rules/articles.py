"""What a detector's tags stand for: tactics and techniques of ATT&CK, articles of the ITM.

Knows how tags are written, not which detector bears them.
"""

from dataclasses import dataclass
from typing import Literal

from nightporter.rules.tags import known_tags

Kind = Literal["tactic", "technique", "article"]

# The Insider Threat Matrix's five sections, in its own order.
SECTIONS = {
    "MT": "Motive",
    "ME": "Means",
    "PR": "Preparation",
    "IF": "Infringement",
    "AF": "Anti-Forensics",
}


@dataclass(frozen=True)
class Article:
    """One thing that a tag names: `id` as its framework writes it (T1052.001, IF002, collection).

    `name` is empty where it is not known, and where the id says it. `section` is the ITM's; a
    technique has none, for it may serve several tactics.
    """

    kind: Kind
    id: str
    name: str = ""
    section: str = ""

    @property
    def framework(self) -> str:
        return "Insider Threat Matrix" if self.kind == "article" else "ATT&CK"


def article(tag: str) -> Article:
    """Return what `tag` (attack.collection, attack.t1213, itm.if002) names."""
    framework, _, id = tag.partition(".")
    if framework == "itm":
        return Article("article", id.upper(), _name(tag), SECTIONS[id[:2].upper()])
    if id[1:5].isdigit():
        return Article("technique", id.upper(), _name(tag))
    return Article("tactic", id)


def _name(tag: str) -> str:
    """Return the name that ships with the tag; a newer id has none."""
    known = known_tags().get(tag)
    return known.name if known else ""
