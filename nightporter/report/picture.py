"""A picture of somebody's weeks: each day a column, each hour a row, what was flagged marked.

Knows days and hours, not people or findings; no text of a log reaches it. Colours are the
page's own custom properties, so one drawing serves light, dark and paper.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from markupsafe import Markup

from nightporter.window import Window

# So many days fit on a screen, four pixels each; half a year shows a slow leak.
DAYS = 182
_WIDTH = 728
_ROW = 7
_STEPS = ((10, 1.0), (3, 0.72), (1, 0.5))


@dataclass(frozen=True)
class Hour:
    """What somebody did in one wall-clock hour of a business day."""

    day: date
    hour: int
    events: int
    off_hours: int


@dataclass(frozen=True)
class Weeks:
    """Somebody's hours within `window`, and the (day, hour) of every flagged event."""

    window: Window
    hours: tuple[Hour, ...]
    flagged: frozenset[tuple[date, int]]


def draw(weeks: Weeks, day_starts: time) -> Markup:
    """Return an SVG element; a business day runs down its column from `day_starts`."""
    import vl_convert  # 0.5 s and 90 MB at the first picture: only where one is drawn

    svg = vl_convert.vegalite_to_svg(_chart(weeks, day_starts), vl_version="6.4")
    return Markup(svg)


def described(weeks: Weeks) -> str:
    """Say what the picture shows, for whoever does not see it."""
    days = {hour.day for hour in weeks.hours}
    off = {hour.day for hour in weeks.hours if hour.off_hours}
    flagged = {day for day, _ in weeks.flagged}
    return (
        f"Activity by hour from {weeks.window}: present on {len(days)} of {len(weeks.window)} days,"
        f" outside own hours on {len(off)}, flagged on {len(flagged)}."
    )


def _chart(weeks: Weeks, day_starts: time) -> dict[str, Any]:
    step = max(4, min(14, _WIDTH // len(weeks.window)))
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "width": step * len(weeks.window),
        "height": _ROW * 24,
        "padding": {"left": 2, "right": 2, "top": 8, "bottom": 2},
        "background": None,
        "config": _LOOK,
        "layer": [
            _cells("own", _own(weeks, day_starts), weeks.window, day_starts),
            _cells("off", _off(weeks, day_starts), weeks.window, day_starts),
            _flags(weeks, day_starts, step),
        ],
    }


_LOOK = {
    "font": "inherit",
    "aria": False,
    "mark": {"aria": False},
    "view": {"stroke": None},
    "axis": {
        "domain": False, "grid": False, "tickColor": "var(--line)", "labelColor": "var(--muted)",
        "labelFontSize": 11, "title": None,
    },
}  # fmt: skip


def _own(weeks: Weeks, day_starts: time) -> list[dict[str, Any]]:
    return _values((hour for hour in weeks.hours if not hour.off_hours), day_starts)


def _off(weeks: Weeks, day_starts: time) -> list[dict[str, Any]]:
    return _values((hour for hour in weeks.hours if hour.off_hours), day_starts)


def _values(hours: Iterable[Hour], day_starts: time) -> list[dict[str, Any]]:
    return [
        {
            **_place(hour.day, hour.hour, day_starts),
            "shade": next(shade for least, shade in _STEPS if hour.events >= least),
        }
        for hour in hours
    ]


def _place(day: date, hour: int, day_starts: time) -> dict[str, int]:
    row = (hour - day_starts.hour) % 24
    return {"day": _instant(day), "next": _instant(day + timedelta(days=1)), "row": row,
            "below": row + 1}  # fmt: skip


def _instant(day: date) -> int:
    return int(datetime.combine(day, time(), UTC).timestamp() * 1000)


def _cells(
    name: str, values: list[dict[str, Any]], window: Window, day_starts: time
) -> dict[str, Any]:
    return {
        "name": name,
        "data": {"values": values},
        "mark": {"type": "rect", "fill": f"var(--{name})", "x2Offset": -1, "y2Offset": -1},
        "encoding": {
            "x": _across(window),
            "x2": {"field": "next"},
            "y": _down(day_starts),
            "y2": {"field": "below"},
            "fillOpacity": {"field": "shade", "type": "quantitative", "scale": None},
        },
    }


def _across(window: Window) -> dict[str, Any]:
    ends = [_instant(window.first), _instant(window.last + timedelta(days=1))]
    return {
        "field": "day",
        "type": "temporal",
        "scale": {"type": "utc", "domain": ends, "nice": False},
        "axis": {
            "tickCount": {"interval": "month", "step": 1},
            "labelExpr": "utcFormat(datum.value, utcmonth(datum.value) ? '%b' : '%b %Y')",
            "labelAlign": "left",
            "labelFlush": False,
        },
    }


def _down(day_starts: time) -> dict[str, Any]:
    marks = [(hour - day_starts.hour) % 24 for hour in (0, 6, 12, 18)]
    return {
        "field": "row",
        "type": "quantitative",
        "scale": {"domain": [0, 24], "nice": False, "reverse": True},
        "axis": {
            "values": sorted(marks),
            "labelExpr": f"format((datum.value + {day_starts.hour}) % 24, '02') + ':00'",
        },
    }


def _flags(weeks: Weeks, day_starts: time, step: int) -> dict[str, Any]:
    """Diamonds, in the middle of their cells: a shape of their own, for print and for eyes
    that take red for green."""
    return {
        "name": "flagged",
        "data": {"values": [_place(*at, day_starts) for at in sorted(weeks.flagged)]},
        "mark": {
            "type": "point", "shape": "diamond", "filled": True, "size": 32, "opacity": 1,
            "fill": "var(--flag)", "stroke": "var(--paper)", "strokeWidth": 0.8,
            "xOffset": (step - 1) / 2, "yOffset": (_ROW - 1) / 2,
        },
        "encoding": {"x": _across(weeks.window), "y": _down(day_starts)},
    }  # fmt: skip
