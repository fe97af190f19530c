"""An evaluation as one HTML file: the report's look, no script, no name of a log as markup."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from nightporter.evaluate import targets
from nightporter.evaluate.curves import draw
from nightporter.evaluate.results import Figures
from nightporter.evaluate.tables import percent, tables
from nightporter.report.page import environment, policy, style

HERE = Path(__file__).parent

# A page shows so many of the methods that ours is compared with; tables hold all.
_DRAWN = ("ours", "reference", "bound")


def render(profiles: Sequence[Figures], command: str) -> str:
    """Return the whole page for the profiles of a `summary`; `command` is what was typed."""
    page = environment(HERE / "templates").get_template("evaluation.html.j2")
    return page.render(
        style=style(), policy=policy(), command=command, percent=percent,
        profiles=[{"told": told, "tables": list(tables(told)), "curves": _curves(told),
                   "leaks": leaks(told), **glance(told)} for told in profiles],
    )  # fmt: skip


def glance(told: Figures) -> dict[str, Any]:
    """Return what a profile comes to in a line: caught and cost at the middle budget, targets."""
    at = targets.MARGIN_AT
    return {
        "at": at,
        "whole": next((row for row in told["all"] if row["budget"] == at), None),
        "paid": next(row for row in told["cost"] if row["budget"] == at),
        "missed": sum(not row["met"] for row in told["targets"]),
    }


def leaks(told: Figures) -> bool:
    """Say whether the figures are too good: with one place a thousand, everybody is caught."""
    first = [row for row in told["all"] if row["budget"] == targets.LEAK_AT]
    return bool(first) and first[0]["share"] == 1.0 and told["profile"] == "noisy"


def _curves(told: Figures) -> Iterator[dict[str, Any]]:
    whole = [curve for curve in told["curves"] if curve["role"] in _DRAWN]
    own = [curve for curve in told["curves"] if curve["role"] == "campaign"]
    if not whole:
        return
    whole.sort(key=lambda curve: _DRAWN.index(curve["role"]))
    yield {
        "svg": draw(whole),
        "text": "All campaigns together: nightporter, the references, and what the best and a"
        " random order come to.",
    }
    wanted = [
        {"name": name, "at": at, "share": share}
        for name, least in targets.RECALL.items()
        for at, share in least.items()
        if any(curve["name"] == name for curve in own)
    ]
    yield {"svg": draw(own, wanted), "text": "Each campaign by itself; triangles are targets."}
