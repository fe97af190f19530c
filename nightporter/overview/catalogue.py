"""The catalogue page: every detector in words, from nothing but its file, and what was measured.

Knows Markdown; texts of a file never become markup of the page.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from nightporter.findings import COUNTED, ONE_DETECTOR
from nightporter.hostile import safe
from nightporter.overview.figures import NOTHING, Figures, Measured
from nightporter.rules import TACTICS, Detector
from nightporter.rules.articles import article
from nightporter.rules.evidence import features_of, kinds_of

FILE_NAME = "catalogue.md"
UNMEASURED = "not measured"

_HEAD = """\
# The detectors

Written by `nightporter detectors docs` from the detector files; `make docs` writes it anew.
"""
_NOTE = f"""\
*Found*: in how many cases of invented insiders the detector spoke on a day that counts, of all
cases; no detector is meant for all of them. *Innocent*: findings about people who had done
nothing, a thousand people and day; at most {ONE_DETECTOR:g} for a detector of level medium or
above. How both are measured: [evaluation](evaluation.md).
"""


def catalogue_page(detectors: Sequence[Detector], figures: Figures = NOTHING) -> str:
    """Return the page in Markdown: a table of all `detectors`, then a section of each."""
    return "\n".join([*_top(detectors, figures), *_sections(detectors, figures), ""])


def _top(detectors: Sequence[Detector], figures: Figures) -> Iterator[str]:
    yield _HEAD
    cases = sum(len(detector.cases) for detector in detectors)
    by = f"Measured by `{_word(figures.command)}`" if figures.command else "Not measured yet"
    yield f"{len(detectors)} detectors, {cases} cases. {by}.\n"
    yield "| detector | level | finds | found | innocent |\n| --- | --- | --- | --- | --- |"
    for detector in _ordered(detectors):
        rows = figures.detectors.get(detector.id, ())
        found = ", ".join(f"{row.profile} {row.found} of {row.cases}" for row in rows)
        innocent = ", ".join(f"{row.profile} {row.innocent:.2f}" for row in rows)
        link = f"[`{detector.id}`](#{detector.id})"
        yield (
            f"| {link} | {detector.level} | {_plain(detector.title)}"
            f" | {_plain(found) or UNMEASURED} | {_plain(innocent) or UNMEASURED} |"
        )
    yield f"\n{_NOTE}"


def _ordered(detectors: Iterable[Detector]) -> list[Detector]:
    return sorted(detectors, key=lambda each: (TACTICS.index(each.tactic), each.id))


def _sections(detectors: Sequence[Detector], figures: Figures) -> Iterator[str]:
    tactic = ""
    for detector in _ordered(detectors):
        if detector.tactic != tactic:
            tactic = detector.tactic
            yield f"## {tactic.title()}\n"
        yield from _section(detector, figures.detectors.get(detector.id, ()))


def _section(detector: Detector, measured: Sequence[Measured]) -> Iterator[str]:
    header = detector.header
    yield f"### {detector.id}\n"
    yield f"{_plain(detector.title)}. Level {detector.level}, {header.status}.\n"
    if header.description:
        yield f"{_plain(header.description)}\n"
    yield f"> {_plain(header.says)}\n"
    yield f"**Reads** {_reads(detector)}.\n"
    yield from _knobs(detector)
    for kind, title in (("fires", "It fires on"), ("silent", "It is silent on")):
        names = [each.name for each in detector.cases if each.kind == kind]
        yield from _list(title, names)
    yield from _list("False positives", header.falsepositives)
    yield from _list("Blind spots", header.blindspots)
    if header.triage:
        yield f"**Triage.** {_plain(header.triage)}\n"
    yield f"**Tags**: {', '.join(_tag(tag) for tag in header.tags)}.\n"
    yield from _list("References", header.references)
    yield from _measured(detector, measured)


def _reads(detector: Detector) -> str:
    """Tables; which features and kinds of them; how far back; what must be there."""
    parts = [_names(detector.query.tables)]
    if features := {each.name for each in features_of(detector)} & detector.query.texts:
        parts.append(f"features {_names(features)}")
    if kinds := {each.name for each in kinds_of(detector)} & detector.query.texts:
        parts.append(f"kinds {_names(kinds)}")
    if detector.header.lookback:
        parts.append(f"{detector.header.lookback} days back")
    if detector.header.needs:
        parts.append(f"needs {_names(detector.header.needs)}")
    about = f"a finding is about {_names(detector.header.about)} and a day"
    return "; ".join([*parts, about])


def _names(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in sorted(names))


def _knobs(detector: Detector) -> Iterator[str]:
    if not detector.query.knobs:
        return
    yield "| knob | default | why |\n| --- | --- | --- |"
    told = {knob.name: knob for knob in detector.query.knobs}
    for knob in told.values():
        yield f"| `{knob.name}` | {knob.default:g} | {_plain(knob.reason)} |"
    yield ""


def _list(title: str, texts: Iterable[str]) -> Iterator[str]:
    lines = [f"- {_plain(text)}" for text in texts]
    if lines:
        yield "\n".join([f"**{title}**\n", *lines, ""])


def _tag(tag: str) -> str:
    meant = article(tag)
    said = meant.name or meant.section
    return f"{meant.framework} {meant.id}{f' ({_plain(said)})' if said else ''}"


def _measured(detector: Detector, measured: Sequence[Measured]) -> Iterator[str]:
    if not measured:
        yield f"**Measured**: {UNMEASURED}.\n"
        return
    rates = ", ".join(f"{row.innocent:.2f} ({row.profile})" for row in measured)
    counted = "" if detector.level in COUNTED else f"; level {detector.level} has no budget"
    yield f"**Measured**: {_plain(rates)} innocent findings a thousand people and day{counted}.\n"
    names = sorted(
        {name for row in measured for name, (found, _) in row.campaigns.items() if found}
    )
    if not names:
        yield "It spoke of no insider.\n"
        return
    heads = [row.profile for row in measured]
    yield f"| campaign | {' | '.join(map(_plain, heads))} |\n|{' --- |' * (len(heads) + 1)}"
    for name in names:
        cells = (row.campaigns.get(name, (0, 0)) for row in measured)
        said = " | ".join(f"{found} of {cases}" for found, cases in cells)
        yield f"| {_plain(name)} | {said} |"
    yield ""


def _plain(text: str) -> str:
    """Return `text` in one line, with nothing that Markdown or HTML would take for a sign."""
    line = re.sub(r"([\\|<*`\[\]&])", r"\\\1", safe(" ".join(text.split())))
    # What would be a heading, quotation, list or rule where it begins a line.
    return re.sub(r"^(\d*)(?=[#>+=~-]|(?<=\d)[.)](\s|$))", r"\1\\", line)


def _word(text: str) -> str:
    """Return `text` as it may stand between backticks."""
    return safe(" ".join(text.split())).replace("`", "'")
