"""The text of a new detector: an example that passes its own gates, with what to replace.

Knows what a new file reads and its tactic; no folders.
"""

import re
from pathlib import Path

from nightporter.errors import UsageError, did_you_mean
from nightporter.rules.detector import TACTICS
from nightporter.schema import SOURCES

_FOLDER = Path(__file__).parent / "templates"

# What a first detector can be written on: events of one source, counts, or first times.
READS = (*SOURCES, "user_day", "seen")
# Each folder's nearest tactic of ATT&CK.
_TAGS = {
    "collection": "attack.collection",
    "exfiltration": "attack.exfiltration",
    "misuse": "attack.privilege-escalation",
    "presence": "attack.initial-access",
    "tampering": "attack.defense-impairment",
}


def blank(tactic: str, reads: str) -> str:
    """Return the text of a new detector of `tactic` that reads the table `reads`."""
    if tactic not in TACTICS:
        raise UsageError(f"no tactic {tactic!r}", hint=did_you_mean(tactic, TACTICS))
    if reads not in READS:
        raise UsageError(f"no detector begins on {reads!r}", hint=did_you_mean(reads, READS))
    text = (_FOLDER / f"{reads}.sql").read_text("utf-8")
    return re.sub(r"(?m)^-- tags = \[[^]]*\]", f'-- tags = ["{_TAGS[tactic]}"]', text, count=1)
