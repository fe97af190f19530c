"""Every fault that the text of a detector file shows, the file's own words for what it does.

Beyond what refuses a file when it is loaded: tags that are no ids, a lookback that is too short,
numbers typed twice, parts that nothing reads. Runs no SQL of the file.
"""

import re
from collections.abc import Iterator

from nightporter.errors import DetectorError
from nightporter.rules.detector import SCANNED
from nightporter.rules.header import FIELD, key_fault
from nightporter.rules.reach import reaches
from nightporter.rules.reading import Draft
from nightporter.rules.syntax import Node, common, line_of, nodes, parsed, within
from nightporter.rules.tags import has_form, tag_fault

# Over so many days the engine itself sums and remembers; a sentence may say so.
SPANS = frozenset((14, 30, 90, 365))
_TYPED = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?)(\s+(?:minute|hour|day|week|month)s?\b)?")


def faults(read: Draft) -> list[DetectorError]:
    """Return every fault of the file that `read` holds, by line."""
    found = [*read.faults, *_tag_faults(read)]
    if read.query is not None:
        query = parsed(read.sheet.text)
        found += [*_short_lookback(read), *_numbers(read, query), *_knob_faults(read)]
        found += _unread(read, query)
    return sorted(found, key=lambda fault: fault.line or 0)


def _tag_faults(read: Draft) -> Iterator[DetectorError]:
    block = read.header_block
    for tag in read.words.get("tags", ()) if block else ():
        if has_form(tag) and (fault := tag_fault(tag)):
            assert block is not None
            line = next((n for n, text in block if f'"{tag}"' in text), block.line)
            yield read.sheet.fault(fault[0], line, fault[1])


def _short_lookback(read: Draft) -> Iterator[DetectorError]:
    lookback = read.words.get("lookback")
    if lookback is None or read.query is None:
        return
    for reach in reaches(read.sheet.text):
        days = -int(-reach.days // 1)
        if days > lookback:
            today = sorted(read.query.tables & SCANNED)
            hint = f'lookback = "{days}d"; it is "{lookback}d"'
            if today:
                hint = f"{', '.join(today)} holds only the scanned days: read user_day instead"
            yield read.sheet.fault(f"this reads {days} days back", reach.line, hint)


def _numbers(read: Draft, query: Node) -> Iterator[DetectorError]:
    """A number in the sentence is a lie as soon as a site turns the knob that it stands for."""
    if read.header_block is None or read.query is None:
        return
    literals = _literals(query)
    for typed, unit in _TYPED.findall(FIELD.sub("", read.words.get("says", ""))):
        number = float(typed)
        # "in 30 days" is today and 29 days before it.
        stated = {number, number - 1} & literals or number in SPANS
        if unit and stated:
            continue
        knob = next((k for k in read.query.knobs if k.default == number), None)
        turned = f": knob {knob.name} of line {knob.line} can be turned" if knob else ""
        hint = "return it as a column of the SELECT, and write {column}"
        yield key_fault(
            read.sheet, read.header_block, "says", f"says types the number {typed}{turned}", hint
        )


def _literals(query: Node) -> set[float]:
    """Return the numbers of the SELECT, without defaults of knobs."""
    held = [id(each) for knob in _knobs(query) for each in nodes(knob)]
    found = set()
    for constant in within(query, ("CONSTANT",)):
        literal = constant["literal"]
        # A text such as '10.0.0.1' is no number, however many digits it has.
        if id(constant) not in held and literal["kind"] in ("INTEGER", "NUMERIC"):
            found.add(float(literal["text"]))
    return found


def _knobs(value: object) -> list[Node]:
    return [node for node in within(value, ("FUNCTION",)) if node["function_name"] == "knob"]


def _knob_faults(read: Draft) -> Iterator[DetectorError]:
    for knob in read.query.knobs if read.query else ():
        if not knob.reason:
            hint = "say beside it, or above it, why this number"
            yield read.sheet.fault(f"knob {knob.name} has no reason", knob.line, hint)


def _unread(read: Draft, query: Node) -> Iterator[DetectorError]:
    """Yield each CTE that the final SELECT does not rest on, and the knobs that turn nothing."""
    parts = common(query)
    left = [{key: value for key, value in query.items() if key != "cte_map"}]
    used: set[str] = set()
    while left:
        for table in within(left.pop(), ("BASE_TABLE",)):
            name = str(table["table_name"]).lower()
            for key in parts.keys() - used:
                if key.lower() == name:
                    used.add(key)
                    left.append(parts[key])
    for name, part in parts.items():
        if name not in used:
            knobs = {k["arguments"][0]["expression"]["literal"]["text"] for k in _knobs(part)}
            also = f", nor its knobs {', '.join(sorted(knobs))}" if knobs else ""
            line = line_of(read.sheet.text, part)
            yield read.sheet.fault(f"nothing reads {name}{also}", line, "drop it")
