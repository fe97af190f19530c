"""The kinds of values that nightporter.toml holds, each with what is said of a wrong one."""

import math
import re
from datetime import time
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field


def _days(value: object) -> object:
    match = re.fullmatch(r"(\d+)d", value) if isinstance(value, str) else None
    if not match:
        raise ValueError('a number of days such as "7d" is expected')
    return int(match[1])


def _clock(value: object) -> object:
    if not isinstance(value, str) or not re.fullmatch(r"\d\d:\d\d", value):
        raise ValueError('a time of day such as "05:00" is expected')
    return time.fromisoformat(value)


def _hours(value: object) -> object:
    if not isinstance(value, str) or not re.fullmatch(r"\d\d:\d\d-\d\d:\d\d", value):
        raise ValueError('hours such as "08:00-18:30" are expected')
    return tuple(_clock(part) for part in value.split("-"))


_BYTES = {"MB": 10**6, "GB": 10**9, "TB": 10**12}


def _size(value: object) -> object:
    match = re.fullmatch(r"(\d+)(MB|GB|TB)", value) if isinstance(value, str) else None
    if not match:
        raise ValueError('a size such as "50GB" is expected (MB, GB, TB)')
    return int(match[1]) * _BYTES[match[2]]


def _known_zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"no IANA time zone is called {value!r}") from error
    return value


def _pattern(value: str) -> str:
    try:
        groups = re.compile(value.replace("(?<", "(?P<")).groupindex
    except re.error as error:
        raise ValueError(f"not a regular expression: {error}") from error
    if "user_id" not in groups:
        raise ValueError("the pattern needs a group named user_id, such as (?<user_id>[a-z]+)")
    return value


def _theirs(value: object) -> object:
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list | tuple) or not all(isinstance(text, str) for text in texts):
        raise ValueError("a column of the log is expected, or a list of columns")
    if not texts:
        raise ValueError("the list names no column")
    return tuple(texts)


def _number(value: object) -> object:
    # A text would be read as the number in it, true as 1; and nothing is at least nan.
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError("a number is expected")
    return value


Days = Annotated[int, BeforeValidator(_days)]
Size = Annotated[int, BeforeValidator(_size)]
Clock = Annotated[time, BeforeValidator(_clock)]
Hours = Annotated[tuple[time, time], BeforeValidator(_hours)]
Number = Annotated[float, BeforeValidator(_number)]
Zone = Annotated[str, AfterValidator(_known_zone)]
Pattern = Annotated[str, AfterValidator(_pattern)]
Source = Literal["access", "usb", "badge"]
Format = Literal["csv", "ndjson", "parquet", "lines", "evtx"]
# A column of the log, a template of several, or several of these: the first that has a value.
Theirs = Annotated[tuple[str, ...], BeforeValidator(_theirs)]
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$", max_length=64)]
