"""What is covered as a layer of MITRE's ATT&CK Navigator (layer format 4.5).

https://github.com/mitre-attack/attack-navigator/blob/master/layers/spec/v4.5/layerformat.md
"""

from typing import Any

from nightporter.hostile import brief
from nightporter.overview.coverage import STATES, Row

# The oldest Navigator that reads this format.
NAVIGATOR, LAYER = "4.9.0", "4.5"
NONE, SOME, MANY = "#f4b183", "#d9ead3", "#38761d"


def layer(covered: Row, name: str) -> dict[str, Any]:
    """Return the layer: a technique's score is how many detectors judge it here.

    0 is a technique whose detectors judged nothing; what has no detector is not in the layer.
    """
    rows = [row for row in covered["articles"] if row["kind"] == "technique"]
    by_id = {row["detector"]: row for row in covered["detectors"]}
    most = max((len(row["evaluated"]) for row in rows), default=0)
    return {
        "name": name,
        "versions": {"navigator": NAVIGATOR, "layer": LAYER},
        "domain": "enterprise-attack",
        "description": f"{_span(covered)} Score: detectors that judge it; 0: none does here.",
        "layout": {
            "layout": "side",
            "showName": True,
            "showID": True,
            "expandedSubtechniques": "annotated",
        },
        "sorting": 3,
        "techniques": [_technique(row, by_id) for row in rows],
        "gradient": {"colors": [NONE, SOME, MANY], "minValue": 0, "maxValue": max(most, 1)},
        "legendItems": [
            {"label": "a detector is there, but none judges it here", "color": NONE},
            {"label": "judged by as many detectors as any", "color": MANY},
        ],
        "selectSubtechniquesWithParent": False,
    }


def _span(covered: Row) -> str:
    if covered["first_day"] is None:
        return "Nothing was scanned yet."
    return f"As of {covered['first_day']} to {covered['last_day']}."


def _technique(row: Row, by_id: dict[str, Row]) -> dict[str, Any]:
    bearers = sorted([*row["evaluated"], *row["not_here"]])
    return {
        "techniqueID": row["id"],
        "score": len(row["evaluated"]),
        "comment": "; ".join(f"{name}: {_here(by_id[name])}" for name in bearers),
        "metadata": [{"name": name, "value": by_id[name]["title"]} for name in bearers],
        "showSubtechniques": True,
    }


def _here(row: Row) -> str:
    why = f" ({brief(row['reason'])})" if row["reason"] else ""
    return f"{STATES[row['state']]}{why}"
