"""Days on which a feed delivers nothing: a broken controller, and an agent that was stopped."""

from datetime import date

import polars as pl

from nightporter.simulate.acts.stopped_agent import stopped_on
from nightporter.simulate.institute import Institute
from nightporter.simulate.span import TUE, workdays
from nightporter.simulate.truth import business_day

_BROKEN = (19, TUE)


def outages(institute: Institute) -> dict[str, list[date]]:
    """Return the business days without a line, by feed."""
    span = institute.span
    broken = workdays("REY", span, span.back(*_BROKEN), 3)
    return {"badge-rey": broken, "usb-hav": stopped_on(institute)}


def delivered(institute: Institute, feed: str, events: pl.DataFrame) -> pl.DataFrame:
    """Return the events that a feed delivers: what happens during its outage is not told."""
    return events.filter(~business_day().is_in(outages(institute).get(feed, [])))
