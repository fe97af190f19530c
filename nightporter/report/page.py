"""Contents as one HTML file: no script, nothing fetched, nothing that a log wrote is markup.

Whatever a template prints passes `hostile` first and is escaped after: by construction, not by
care in each place. The stylesheet stands in the file, and the page's policy names its hash.
"""

import base64
import hashlib
import shlex
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from nightporter.hostile import brief
from nightporter.report import people
from nightporter.report.contents import Contents
from nightporter.report.coverage import SAMPLES
from nightporter.report.news import NAMED
from nightporter.report.picture import described, draw
from nightporter.risk import MOST
from nightporter.wording import many

HERE = Path(__file__).parent

# Longest: a word of a log in a line of others, a sentence, a text of several. And how many rows
# a list of the page holds, and lines an error.
_WORD, _SENTENCE, _PROSE = 120, 700, 900
_ROWS, _LINES = 50, 8


def render(contents: Contents) -> tuple[str, dict[str, str]]:
    """Return the whole page, and the case files by their names."""
    weeks = {person.row["user_id"]: person.weeks for person in contents.people}
    # A picture takes 40 ms: the report and the case file show the same one.
    drawn = {user: draw(each, contents.starts(user)) for user, each in weeks.items() if each}
    given = {
        "it": contents,
        "style": style(),
        "policy": policy(),
        "catalogue": {row["detector"]: row for row in contents.coverage.detectors},
        "weeks": weeks,
        "drawn": drawn,
        "described": described,
        "limits": {
            "detailed": people.DETAILED, "reasons": people.REASONS, "rows": _ROWS, "lines": _LINES,
            "named": NAMED, "samples": SAMPLES, "day": MOST,
        },
    }  # fmt: skip
    file = environment().get_template("casefile.html.j2")
    page = environment().get_template("page.html.j2").render(given)
    return page, {each.subject.name: file.render(given, file=each) for each in contents.files}


def policy() -> str:
    """Return the page's Content-Security-Policy: its own stylesheet, and nothing else."""
    digest = base64.b64encode(hashlib.sha256(style().encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def fingerprint() -> str:
    """Return what changes whenever the look of the page changes."""
    digest = hashlib.sha256()
    for path in sorted(HERE.rglob("*")):
        if path.suffix in (".j2", ".css", ".py"):
            digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:16]


@cache
def style() -> Markup:
    """Return the stylesheet of every page."""
    return Markup((HERE / "templates" / "style.css").read_text("utf-8"))


@cache
def environment(*folders: Path) -> Environment:
    """Return what fills templates, of `folders` too; what is printed is made harmless first.

    Who writes many pages compiles each template once: that takes longer than filling it.
    """
    environment = Environment(
        loader=FileSystemLoader([*folders, HERE / "templates"]),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_harmless,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "sentence": lambda text: _Said(brief(text, _SENTENCE)),
        "prose": lambda text: _Said(brief(" ".join(text.split()), _PROSE)),
        "count": many,
        "number": lambda value: "" if value is None else f"{value:,}",
        "measure": lambda value: "" if value is None else f"{value:,.1f}".removesuffix(".0"),
        "raw": _raw,
        "markup": lambda ours: Markup(ours),
        "file_name": lambda path: path.rpartition("/")[2],
        "argument": lambda text: shlex.quote(str(text)),
    }
    return environment


class _Said(str):
    """Text that was made harmless at another length."""


def _harmless(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, Markup | _Said):
        return value
    return brief(value, _WORD)


def _raw(sample: dict[str, Any]) -> _Said:
    """The first bytes of a raw line; what is no text stands there as its code."""
    shown = brief(sample["raw"].decode("utf-8", "backslashreplace"), _SENTENCE)
    return _Said(f"{shown}… ({sample['size']:,} bytes)" if sample["cut"] else shown)
