"""A finding's sentence: the words of `says` with the row's values, rounded for a reader.

A value may come from a log that an adversary wrote: here it is short and harmless, in the
finding's columns it stands as it was.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from nightporter.errors import DetectorError, did_you_mean
from nightporter.hostile import brief
from nightporter.rules.detector import Detector
from nightporter.rules.header import fields

# So many items of a list are shown; the sentence says how many more there are.
SHOWN = 8


def sentence(detector: Detector, row: Mapping[str, object]) -> str:
    """Return what `detector` says of one row of its result."""
    text = detector.header.says
    for name in fields(text):
        if name not in row:
            hint = did_you_mean(name, row)
            message = f"says names a column {name!r} that the SELECT does not return"
            raise DetectorError(message, path=detector.path, hint=hint)
    parts = text.replace("}", "{").split("{")
    return "".join(shown(row[part]) if at % 2 else part for at, part in enumerate(parts))


def shown(value: object) -> str:
    """Return one value as a reader writes it."""
    if value is None:
        return "unknown"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float | Decimal):
        return _number(float(value))
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    if isinstance(value, time):
        return value.strftime("%H:%M")
    if isinstance(value, date | int | str | timedelta):
        return brief(value)
    if isinstance(value, Mapping):
        return ", ".join(f"{brief(key)} {shown(item)}" for key, item in value.items())
    return _list(value) if isinstance(value, Iterable) else brief(value)


def _number(value: float) -> str:
    rounded = f"{value:z.1f}" if abs(value) < 1e15 else f"{value:g}"
    return rounded.removesuffix(".0")


def _list(values: Iterable[object]) -> str:
    texts = [shown(value) for value in values]
    more = f" and {len(texts) - SHOWN} more" if len(texts) > SHOWN else ""
    return ", ".join(texts[:SHOWN]) + more if texts else "none"
