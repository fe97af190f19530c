"""A look-alike that ordinary life plays: results on a stick, every Friday."""

from nightporter.simulate import cast
from nightporter.simulate.acts.campaign import Campaign
from nightporter.simulate.ordinary.courier import NAME

FRIDAY_RESULTS = Campaign(
    NAME, "look_alike", (cast.COURIER,),
    "downloads the week's results each Friday on which he is in, and writes them to his "
    "registered stick; ever since January",
)  # fmt: skip
