"""A Sigma file, parsed by pySigma, becomes the text of a detector: header above SELECT.

What cannot be meant on the lake is refused at its line; nothing that a rule says is left out.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from sigma.collection import SigmaCollection
from sigma.correlations import SigmaCorrelationRule
from sigma.exceptions import SigmaError
from sigma.rule import SigmaRule, SigmaRuleBase

from nightporter.errors import DetectorError, did_you_mean
from nightporter.rules.detector import Detector
from nightporter.rules.reading import parse
from nightporter.rules.sheet import Sheet, read_sheet
from nightporter.rules.sigma.mapping import Refusal
from nightporter.rules.sigma.selecting import Selection, correlated, matched, single
from nightporter.rules.tags import has_form

# Keys that would change what is found, and that no detector has.
_FOREIGN = {
    "action": "documents that change others are not supported",
    "filter": "filters are not supported: a site's exceptions do this, with an owner and an end",
}
# By so many words that pySigma quotes a line is looked for.
_QUOTED = 9
# What a correlation can say; of another key pySigma says nothing.
_CORRELATION = ("type", "rules", "group-by", "timespan", "condition", "aliases", "generate")


def compiled(path: Path) -> Detector:
    """Return the detector that the Sigma rule in `path` means; raise DetectorError."""
    return _compiled(read_sheet(path))


@lru_cache(maxsize=1000)
def _compiled(sheet: Sheet) -> Detector:
    documents = _documents(sheet)
    rules = _rules(sheet, documents)
    *bases, main = sorted(rules, key=lambda rule: isinstance(rule, SigmaCorrelationRule))
    _check_one(sheet, bases, main)
    try:
        selection = _selection(sheet, documents, main)
        text = _header(main, selection) + selection.sql + "\n"
    except Refusal as refusal:
        raise _at(sheet, refusal, _number(documents, main)) from None
    try:
        return _placed(sheet, documents, main, parse(Sheet(sheet.path, text)))
    except DetectorError as error:
        # Its line is the compiled text's, which nobody sees.
        raise DetectorError(error.message, path=sheet.path, hint=error.hint) from None


def _placed(
    sheet: Sheet, documents: list[dict[str, Any]], main: SigmaRuleBase, detector: Detector
) -> Detector:
    """Return `detector` with its knob where the rule says the number."""
    line = _line(sheet, "condition", _number(documents, main)) or 1
    knobs = tuple(replace(knob, line=line) for knob in detector.query.knobs)
    return replace(detector, query=replace(detector.query, knobs=knobs))


def _documents(sheet: Sheet) -> list[dict[str, Any]]:
    try:
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(sheet.text)):
            raise sheet.fault("aliases of YAML are not supported")
        for node in yaml.compose_all(sheet.text, yaml.SafeLoader):
            _check_keys(sheet, node)
        documents = list(yaml.safe_load_all(sheet.text))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        message = f"the rule is not YAML: {error.problem}"
        raise sheet.fault(message, mark.line + 1 if mark else None) from None
    except (yaml.YAMLError, AttributeError, LookupError, ValueError, RecursionError) as error:
        raise sheet.fault(f"the rule is not YAML: {str(error).partition(chr(10))[0]}") from None
    if not documents or not all(isinstance(document, dict) for document in documents):
        raise sheet.fault("the file holds no Sigma rule", 1)
    return documents


def _check_keys(sheet: Sheet, node: Any) -> None:
    """Refuse a key that stands twice: YAML would keep one of them, and say nothing."""
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            name = str(key.value)
            if name in seen:
                raise sheet.fault(f"the key {name!r} stands twice", key.start_mark.line + 1)
            seen.add(name)
            _check_keys(sheet, value)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            _check_keys(sheet, value)


def _rules(sheet: Sheet, documents: list[dict[str, Any]]) -> list[SigmaRuleBase]:
    for number, document in enumerate(documents):
        for key, message in _FOREIGN.items():
            if key in document:
                raise _at(sheet, Refusal(message, key), number)
        detection = document.get("detection")
        if isinstance(detection, dict) and "timeframe" in detection:
            hint = "a correlation says it: correlation: timespan"
            raise _at(sheet, Refusal("timeframe is not supported", "timeframe", hint), number)
        said = document.get("correlation")
        for key in said if isinstance(said, dict) else ():
            if key not in _CORRELATION:
                message = f"the correlation is told by {key!r}, which is not supported"
                raise _at(sheet, Refusal(message, key, did_you_mean(key, _CORRELATION)), number)
    try:
        rules = list(SigmaCollection.from_dicts(documents))
        for rule in rules:
            if isinstance(rule, SigmaRule):
                [condition.parsed for condition in rule.detection.parsed_condition]
    except (SigmaError, AttributeError, KeyError, TypeError, ValueError, RecursionError) as error:
        message = f"this is no Sigma rule: {error}"
        # Each is looked for in the whole file; the error may quote all of it.
        quoted = re.findall(r"'\s*([^']+?)\s*'", str(error))[:_QUOTED]
        lines = (_line(sheet, word, number) for word in quoted for number in range(len(documents)))
        raise sheet.fault(message, next((line for line in lines if line), None)) from None
    return rules


def _check_one(sheet: Sheet, bases: list[SigmaRuleBase], main: SigmaRuleBase) -> None:
    """A file is one detector: a rule, or a correlation with the rules that it names."""
    named = []
    if isinstance(main, SigmaCorrelationRule):
        if main.generate and bases:
            hint = "put the rule that shall find by itself into a file of its own, too"
            raise sheet.fault("generate is not supported: a file is one detector", None, hint)
        named = [reference.rule for reference in main.referenced_rules]
    for rule in bases:
        if not any(rule is each for each in named):
            message = f"a file is one detector; this one holds {rule.title!r} as well"
            raise sheet.fault(message, _line(sheet, str(rule.title), None))


def _selection(sheet: Sheet, documents: list[dict[str, Any]], main: SigmaRuleBase) -> Selection:
    if isinstance(main, SigmaRule):
        return single(main)
    assert isinstance(main, SigmaCorrelationRule)

    def match(rule: SigmaRule) -> Any:
        try:
            return matched(rule)
        except Refusal as refusal:
            raise _at(sheet, refusal, _number(documents, rule)) from None

    return correlated(main, match)


def _header(rule: SigmaRuleBase, selection: Selection) -> str:
    lines = ["/// detector", *(f"{key} = {value}" for key, value in _words(rule, selection)), "///"]
    return "".join(f"-- {line}\n" for line in lines) + "\n"


def _words(rule: SigmaRuleBase, selection: Selection) -> Iterator[tuple[str, str]]:
    """Yield the header's keys as TOML: JSON's texts and lists of texts are TOML's."""
    if rule.level is None:
        raise Refusal("the rule has no level", "title", "level: low, medium, high, ...")
    tags = [tag for tag in map(_tag, rule.tags) if has_form(tag)]
    if not tags:
        hint = (
            "tags: [attack.t1052.001], an id of ATT&CK, or of the Insider Threat Matrix: itm.if002"
        )
        raise Refusal("the rule has no tag of ATT&CK or the Insider Threat Matrix", "tags", hint)
    title = re.sub(r"\s+", " ", str(rule.title)).translate(str.maketrans("{}", "()"))
    shown = ", ".join(f"{{{column}}}" for column in selection.about)
    source = [f" {rule.id}" if rule.id else "", f" by {rule.author}" if rule.author else ""]
    words: dict[str, object] = {
        "title": title,
        "level": rule.level.name.lower(),
        "status": rule.status.name.lower() if rule.status else "experimental",
        "tags": list(dict.fromkeys(tags)),
        "lookback": f"{selection.lookback}d",
        "says": f"{shown}: {title}, {selection.found}",
        "description": f"{rule.description or title} (Sigma rule{''.join(source)})",
        "falsepositives": [text for text in map(str, rule.falsepositives or ()) if text],
        "references": [text for text in map(str, rule.references or ()) if text],
        "about": list(selection.about),
        "needs": list(selection.needs),
    }
    for key, value in words.items():
        yield key, json.dumps(value, ensure_ascii=False)


def _tag(tag: object) -> str:
    return str(tag).lower().replace("_", "-")


def _number(documents: list[dict[str, Any]], rule: SigmaRuleBase) -> int:
    """Return which document `rule` is; pySigma may have sorted them."""
    said = (rule.title, rule.name)
    found = (n for n, one in enumerate(documents) if (one.get("title"), one.get("name")) == said)
    return next(found, 0)


def _at(sheet: Sheet, refusal: Refusal, number: int) -> DetectorError:
    line = _line(sheet, refusal.word, number) if refusal.word else None
    return sheet.fault(refusal.message, line, refusal.hint)


def _line(sheet: Sheet, word: str, number: int | None) -> int | None:
    """Return where `word` first stands as a key, a value, or a part of `field|modifier`."""
    at = -1
    for event in yaml.parse(sheet.text):
        at += isinstance(event, yaml.DocumentStartEvent)
        if not isinstance(event, yaml.ScalarEvent) or number not in (at, None):
            continue
        if event.start_mark and word in (event.value, *event.value.split("|")):
            return int(event.start_mark.line) + 1
    return None
