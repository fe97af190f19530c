"""The same events as files of any form that a feed may have, packed or plain."""

import gzip
import io
import json
from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import polars as pl
import pytest
import zstandard

from nightporter.sources import compression, reading

FORMS = ("csv", "ndjson", "parquet", "lines")
PACKINGS = ("plain", "gzip", "zstd")
COLUMNS = ("time", "card", "event")


class Said(NamedTuple):
    """What a record says. A stamp may be no stamp; `noise` is what the feed ignores."""

    time: str
    card: str
    event: str

    @property
    def taken(self) -> bool:
        return self.event != "noise" and self.time.startswith("2024")


def feed_of(form: str, name: str = "doors") -> str:
    """Return a [[feed]] that reads files of `form`."""
    pattern = r"pattern = '^(?<time>[^|]*)\|(?<card>[^|]*)\|(?<event>[^|]*)$'"
    return f"""
[[feed]]
name = "{name}"
source = "badge"
paths = ["logs/*"]
format = "{form}"
site = "BE"
{pattern if form == "lines" else ""}
only = {{ event = ["entry", "exit"] }}
[feed.fields]
ts = "time"
badge_id = "card"
action = "event"
[feed.constants]
door_id = "gate"
"""


SITE = '[site.BE]\nzone = "Europe/Berlin"\n'


def written(form: str, said: Sequence[Said], packing: str = "plain") -> bytes:
    """Return the bytes of a file that says `said`; Parquet packs itself."""
    if form == "parquet":
        file = io.BytesIO()
        pl.DataFrame(said, dict.fromkeys(COLUMNS, pl.String), orient="row").write_parquet(file)
        return file.getvalue()
    data = "".join(f"{line}\n" for line in _lines(form, said)).encode()
    if packing == "gzip":
        return gzip.compress(data, mtime=0)
    return zstandard.compress(data) if packing == "zstd" else data


def _lines(form: str, said: Sequence[Said]) -> list[str]:
    if form == "ndjson":
        return [json.dumps(each._asdict()) for each in said]
    if form == "lines":
        return ["|".join(each) for each in said]
    return [",".join(each) for each in (COLUMNS, *said)]


def tighten(patch: pytest.MonkeyPatch) -> None:
    """Make every limit so small that records cross blocks, files spill and batches are many."""
    patch.setattr("nightporter.ingest.read", partial(reading.read, block=23))
    patch.setattr("nightporter.ingest._BATCH_LINES", 4)
    patch.setattr("nightporter.sources.staging._HELD_BYTES", 300)
    patch.setattr("nightporter.sources.columnar.ROWS", 2)
    patch.setattr("nightporter.sources.compression._PLAIN", 7)
    for packing in compression._PIECE:
        patch.setitem(compression._PIECE, packing, 9)
