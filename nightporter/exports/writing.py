"""The formats by name, and how lines of one become a file: whole or not at all, for its owner."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nightporter.exports import json_lines, ocsf, table
from nightporter.exports.selection import Selection, found
from nightporter.hostile import in_json
from nightporter.lake import Lake
from nightporter.names import PLAIN, Mask
from nightporter.workspace import fresh


@dataclass(frozen=True)
class Format:
    """How a finding becomes a line, what evidence that asks for, and how a line ends."""

    line: Callable[[Mapping[str, Any]], str]
    gathered: Mapping[str, str]
    end: str = "\n"
    head: Callable[[], str] | None = None


FORMATS = {
    "ocsf": Format(ocsf.line, ocsf.GATHERED),
    "csv": Format(table.line, table.GATHERED, "\r\n", table.head),
    "jsonl": Format(json_lines.line, json_lines.GATHERED),
}


def lines(lake: Lake, format: str, chosen: Selection, mask: Mask = PLAIN) -> Iterator[str]:
    """Yield the lines of an export with their ends; no control character is in them else.

    `mask` says how people are called in them.
    """
    how = FORMATS[format]
    if how.head:
        yield how.head() + how.end
    for row in found(lake, chosen, how.gathered, mask):
        yield in_json(how.line(row)) + how.end


def write(target: Path, lines: Iterable[str]) -> None:
    """Put `lines` in the place of `target` in one instant, readable by its owner alone."""
    with fresh(target) as file:
        for line in lines:
            file.write(line.encode())
