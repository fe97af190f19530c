"""What a site knows to be harmless, for whom, and until when: hidden from the list, never lost."""

from nightporter.exceptions.matching import marked, stored, suppressed
from nightporter.exceptions.noting import expect, hidden, morning_news, settle, state, touched
from nightporter.exceptions.reading import (
    Site,
    doubts,
    load_exceptions,
    read_exceptions,
)
from nightporter.exceptions.words import EVERY, Entry

__all__ = [
    "EVERY", "Entry", "Site", "doubts", "expect", "hidden", "load_exceptions",
    "marked", "morning_news", "read_exceptions", "settle", "state", "stored", "suppressed",
    "touched",
]  # fmt: skip
