"""A finding as one JSON object a line, with all its columns and all its evidence.

Knows the columns of the lake's tables by name alone; nothing is left out, shortened or renamed.
"""

from collections.abc import Mapping
from typing import Any

import orjson

from nightporter.exports.json_text import array, value
from nightporter.schema import TABLES

# These hold JSON already: it stands in the line as what it is.
_JSON = ("about", "columns")
_STAMPS = {"ts": "%Y-%m-%dT%H:%M:%S.%fZ", "local_ts": "%Y-%m-%dT%H:%M:%S.%f"}


def line(row: Mapping[str, Any]) -> str:
    """Return a row of `findings`, with what `GATHERED` adds, as one JSON object."""
    texts = {key: orjson.Fragment(row[key] or "null") for key in _JSON}
    evidence = orjson.Fragment(row["evidence"] or "[]")
    option = orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z
    whole = {**row, **texts, "evidence": evidence, "events": row["events"] or 0}
    return orjson.dumps(whole, option=option).decode()


def _member(column: str) -> str:
    if column == "record":
        return "'\"record\":' || coalesce(record, 'null')"
    sql = f"strftime({column}, '{_STAMPS[column]}')" if column in _STAMPS else column
    return f"'\"{column}\":' || coalesce({value(sql)}, 'null')"


_COLUMNS = [c for c in TABLES["evidence"].columns if c not in ("finding_id", "detector", "day")]

# The evidence of a finding, each row with its columns but those that the finding has, too.
GATHERED = {
    "evidence": array(
        f"'{{' || concat_ws(',', {', '.join(_member(column) for column in _COLUMNS)}) || '}}'",
        " ORDER BY ts, event",
    ),
    "events": "count(*)",
}
