"""Curves of an evaluation: insiders caught, by how many people are looked at.

Knows names, budgets and shares. Colours are the page's own custom properties; lines differ by
their dashes too, for print and for eyes that take red for green.
"""

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from nightporter.evaluate.measuring import OURS
from nightporter.evaluate.results import Figures
from nightporter.hostile import brief

_NAME = 40
_INK = ("var(--flag)", "var(--off)", "var(--good)", "var(--warn)", "var(--muted)", "var(--own)")
_DASHES = ([1, 0], [6, 2], [2, 2], [8, 3, 2, 3], [1, 3])


def draw(curves: Sequence[Figures], least: Sequence[Figures] = ()) -> Markup:
    """Return an SVG element with a line a curve (name, points of budget and share).

    `least` are points that should lie below the lines: name, at, share.
    """
    import vl_convert  # 0.5 s and 90 MB: only where something is drawn

    svg = vl_convert.vegalite_to_svg(_chart(curves, least), vl_version="6.4")
    return Markup(svg)  # drawn here; names are escaped by the drawer


def _chart(curves: Sequence[Figures], least: Sequence[Figures]) -> dict[str, Any]:
    names = [brief(curve["name"], _NAME) for curve in curves]
    rows = [
        {"name": name, "at": at, "share": share}
        for name, curve in zip(names, curves, strict=True)
        for at, share in curve["points"]
    ]
    wanted = [{**row, "name": brief(row["name"], _NAME)} for row in least]
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "width": 520,
        "height": 260,
        "padding": 4,
        "background": None,
        "config": _LOOK,
        "encoding": {
            "x": _axis("at", "people looked at, a thousand and day", [0, 20], "~g"),
            "y": _axis("share", "insiders caught", [0, 1], ".0%"),
            "color": _by_name(names, _INK),
        },
        "layer": [_lines(names, rows), _ours(rows), _marks(wanted)],
    }


def _by_name(names: list[str], looks: Sequence[Any]) -> dict[str, Any]:
    cycle = [looks[nth % len(looks)] for nth in range(len(names))]
    scale = {"domain": names, "range": cycle}
    return {"field": "name", "type": "nominal", "sort": None, "scale": scale}


def _lines(names: list[str], rows: list[Figures]) -> dict[str, Any]:
    return {
        "data": {"values": rows},
        "mark": {"type": "line", "strokeWidth": 2, "point": {"size": 18, "filled": True}},
        "encoding": {"strokeDash": _by_name(names, _DASHES)},
    }


def _ours(rows: list[Figures]) -> dict[str, Any]:
    own = [row for row in rows if row["name"] == OURS]
    return {"data": {"values": own}, "mark": {"type": "line", "strokeWidth": 4}}


def _marks(wanted: list[Figures]) -> dict[str, Any]:
    mark = {"type": "point", "shape": "triangle-up", "size": 60, "filled": False}
    return {"data": {"values": wanted}, "mark": mark}


def _axis(field: str, title: str, domain: list[float], form: str) -> dict[str, Any]:
    return {
        "field": field,
        "type": "quantitative",
        "scale": {"domain": domain},
        "axis": {"title": title, "format": form},
    }


_LOOK = {
    "font": "inherit",
    "aria": False,
    "view": {"stroke": None},
    "axis": {
        "domain": False, "gridColor": "var(--line)", "tickColor": "var(--line)",
        "labelColor": "var(--muted)", "titleColor": "var(--muted)", "labelFontSize": 11,
        "titleFontSize": 11, "titleFontWeight": "normal",
    },
    "legend": {
        "title": None, "labelColor": "var(--ink)", "labelFontSize": 11, "symbolSize": 300,
        "symbolType": "stroke", "labelLimit": 240,
    },
}  # fmt: skip
