"""The table of detectors that ships with the findings: what each means and does not see."""

import polars as pl

from nightporter.rules.pack import Pack

_LISTS = dict.fromkeys(("tags", "falsepositives", "blindspots"), pl.List(pl.String))
_TEXTS = dict.fromkeys(
    (
        "detector",
        "tactic",
        "title",
        "level",
        "status",
        "version",
        "description",
        "triage",
        "switch",
    ),
    pl.String,
)


def columns(pack: Pack) -> dict[str, frozenset[str] | None]:
    """Return what the findings of each detector can be told by; None where its file, broken or
    with a star, does not say."""
    said = {
        d.id: None if d.query.columns is None else frozenset((*d.query.columns, *d.header.about))
        for d in pack.known
    }
    return {**dict.fromkeys(pack.broken), **said}


def catalogue(pack: Pack) -> pl.DataFrame:
    """Return one row a detector, sorted by id; `switch` is "on", or says who put it off."""
    rows = [
        {
            "detector": d.id, "tactic": d.tactic, "title": d.title, "level": d.level,
            "status": d.header.status, "version": d.version,
            "description": d.header.description.strip(), "triage": d.header.triage.strip(),
            "tags": list(d.header.tags), "falsepositives": list(d.header.falsepositives),
            "blindspots": list(d.header.blindspots), "lookback_days": d.header.lookback,
            "switch": pack.switch(d),
        }
        for d in pack.known
    ]  # fmt: skip
    return pl.DataFrame(rows, schema={**_TEXTS, **_LISTS, "lookback_days": pl.Int64})
