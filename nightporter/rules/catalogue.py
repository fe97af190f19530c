"""The table of detectors that ships with the findings: what each means and does not see."""

from collections.abc import Mapping

import polars as pl

from nightporter.rules.blindness import sources_needed
from nightporter.rules.evidence import features_of
from nightporter.rules.pack import Pack

_LISTS = dict.fromkeys(
    ("tags", "falsepositives", "blindspots", "features", "sources"), pl.List(pl.String)
)
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

_KNOBS: dict[str, pl.DataType | type[pl.DataType]] = {
    **dict.fromkeys(("detector", "knob"), pl.String),
    **dict.fromkeys(("value", "file_value"), pl.Float64),
    **dict.fromkeys(("origin", "reason"), pl.String),
}


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
            "blindspots": list(d.header.blindspots),
            "features": [f.name for f in features_of(d) if f.name in d.query.texts],
            "sources": sorted({source for choice in sources_needed(d) for source in choice}),
            "lookback_days": d.header.lookback,
            "switch": pack.switch(d),
        }
        for d in pack.known
    ]  # fmt: skip
    return pl.DataFrame(rows, schema={**_TEXTS, **_LISTS, "lookback_days": pl.Int64})


def knobs(pack: Pack, turned: Mapping[str, Mapping[str, float]]) -> pl.DataFrame:
    """Return one row a detector and knob, as it is here: `turned` is what nightporter.toml says."""
    rows = [
        {
            "detector": d.id, "knob": knob.name,
            "value": turned.get(d.id, {}).get(knob.name, knob.default),
            "file_value": knob.default,
            "origin": "nightporter.toml" if knob.name in turned.get(d.id, {})
            else f"{d.tactic}/{d.path.name}:{knob.line}",
            "reason": knob.reason,
        }
        for d in pack.known
        for knob in {knob.name: knob for knob in reversed(d.query.knobs)}.values()
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=_KNOBS).sort("detector", "knob")
