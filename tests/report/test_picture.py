"""The picture of the weeks: of numbers only, in the page's own colours."""

import re
from datetime import date, time
from typing import Any

from reported import Outline

from nightporter.report.picture import Hour, Weeks, described, draw
from nightporter.window import Window

WINDOW = Window(date(2026, 5, 1), date(2026, 6, 29))
WEEKS = Weeks(
    WINDOW,
    (Hour(date(2026, 6, 2), 9, 4, 0), Hour(date(2026, 6, 2), 1, 1, 1)),
    frozenset({(date(2026, 6, 2), 1)}),
)


def paths(svg: str, name: str) -> list[str]:
    (group,) = re.findall(rf'<g class="mark-\w+ role-mark {name}[^"]*"[^>]*>(.*?)</g>', svg)
    return re.findall(r"<path ([^>]*)/>", group)


def test_hours_and_flags_are_drawn_each_in_its_own_way() -> None:
    svg = str(draw(WEEKS, time(5)))
    (own,), (off,), (flag,) = (paths(svg, name) for name in ("own", "off", "flagged"))
    assert 'fill="var(--own)"' in own and 'fill="var(--off)"' in off
    assert 'fill="var(--flag)"' in flag
    assert top(off) > top(own), "one in the morning is late in the business day"


def top(path: str) -> float:
    found = re.search(r'd="M[\d.]+,([\d.]+)', path)
    assert found
    return float(found[1])


def test_it_has_no_style_no_script_and_no_link() -> None:
    outline = Outline(str(draw(WEEKS, time(5))))
    assert {tag for tag, _ in outline.elements} <= {"svg", "g", "path", "text", "line"}
    names: set[Any] = {name for name, _ in outline.values}
    assert not names & {"style", "href", "xlink:href", "id"}


def test_equal_weeks_make_equal_pictures() -> None:
    assert draw(WEEKS, time(5)) == draw(WEEKS, time(5))


def test_what_it_shows_is_said_in_words() -> None:
    said = described(WEEKS)
    assert "present on 1 of 60 days, outside own hours on 1, flagged on 1" in said
