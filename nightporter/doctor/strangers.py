"""Lines of the context files that nobody and nothing answers to: unknown people, times that end
before they begin, labels that are nearly a word of the detectors.

None of them is an error, for registers come late and from several hands; each is silently
without effect.
"""

import difflib
from collections.abc import Iterator, Mapping

import polars as pl

from nightporter.doctor.advice import Advice
from nightporter.features.declared import LABELS

# Columns that name a person whom another file should know.
_NAMING = {
    "people": "manager", "absences": "user_id", "shifts": "user_id", "doors": "owner",
    "hosts": "owner", "devices": "user_id",
}  # fmt: skip
_KNOWING = ("people", "accounts", "badges")
_SPANS = {
    **dict.fromkeys(("accounts", "badges", "devices", "shifts"), ("valid_from", "valid_to")),
    "absences": ("from", "to"),
    "people": ("joined", "left"),
}
# So many are named of one kind; the total is always said.
_SHOWN = 5

Tables = Mapping[str, pl.DataFrame]


def strangers(tables: Tables) -> Iterator[Advice]:
    """Yield what the files say in vain, one piece of advice for each file and column."""
    known = {user for name in _KNOWING for user in _texts(tables, name, "user_id")}
    for name, column in _NAMING.items():
        unknown = _texts(tables, name, column) - known if known else set()
        yield from _advice(
            name, f"{column} names nobody of people.csv, accounts.csv or badges.csv", unknown,
            "correct it, or add the person",
        )  # fmt: skip
    for name, (first, last) in _SPANS.items():
        yield from _advice(
            name, f"{first} lies after {last}, so the line never holds",
            _reversed(tables, name, first, last), "correct the dates",
        )  # fmt: skip
    for label in sorted(_texts(tables, "labels", "label")):
        near = difflib.get_close_matches(label.lower(), LABELS, n=1, cutoff=0.85)
        if near and label.lower() not in LABELS:
            says = f"no detector knows the label {label}"
            yield Advice(_SECTION, "context/labels.csv", says, f"write {near[0]}, if that is meant")


_SECTION = "overlaps and gaps"


def _advice(name: str, says: str, found: set[str], do: str) -> Iterator[Advice]:
    if found:
        shown = ", ".join(sorted(found)[:_SHOWN])
        more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
        yield Advice(
            _SECTION, f"context/{name}.csv", f"{says}: {shown}{more}", do, weight=len(found)
        )


def _texts(tables: Tables, name: str, column: str) -> set[str]:
    frame = tables.get(name)
    if frame is None or column not in frame.columns:
        return set()
    return {text for text in frame[column] if text}


def _reversed(tables: Tables, name: str, first: str, last: str) -> set[str]:
    """Return whom or what such a line is about; stamps are compared by their day."""
    frame = tables.get(name)
    if frame is None or not {first, last} <= set(frame.columns):
        return set()
    late = frame.filter(pl.col(first).str.head(10) > pl.col(last).str.head(10))
    return {str(key) for key in late[late.columns[0]]}
