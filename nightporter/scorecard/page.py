"""The scorecard as one HTML file, in the report's look."""

from pathlib import Path

from nightporter.report.page import environment, policy, style
from nightporter.scorecard.advice import ADVICE
from nightporter.scorecard.card import Card

HERE = Path(__file__).parent


def render(card: Card) -> str:
    """Return the whole page; it names no person."""
    page = environment(HERE / "templates").get_template("scorecard.html.j2")
    return page.render(card=card, style=style(), policy=policy(), advice=ADVICE)
