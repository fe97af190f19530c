"""The quiet administrator stops the USB agent: for two working days it delivers nothing."""

from datetime import date, timedelta

from nightporter.simulate.acts import trade_fair
from nightporter.simulate.acts.quiet_nights import loads, nights, writes_out
from nightporter.simulate.institute import Institute
from nightporter.simulate.span import TUE, workdays

_WEEKS = 8


def stopped_on(institute: Institute) -> list[date]:
    """Return two neighbouring days with a working day after them.

    He writes on the night before and on both nights, so that nothing is carried in or out.
    """
    span = institute.span
    writing = {night.day for night in nights(institute) if writes_out(institute, night)}
    work = workdays("HAV", span, span.back(_WEEKS, TUE), 20)
    one = timedelta(days=1)
    pairs = [[day, day + one] for day in work if {day + one, day + 2 * one} <= {*work}]
    # The trade fair's stick is to be seen.
    pairs = [pair for pair in pairs if trade_fair.held_on(institute) not in pair]
    fitting = [pair for pair in pairs if {pair[0] - one, *pair} <= writing]
    return (fitting or pairs)[0]


def stops_on(institute: Institute) -> date:
    """Return the night at whose end he stops it."""
    return stopped_on(institute)[0] - timedelta(days=1)


def starts_on(institute: Institute) -> date:
    """Return the night at whose end he starts it again."""
    return stopped_on(institute)[1]


def unseen(institute: Institute) -> int:
    """Return how many documents he writes out while it is stopped."""
    silent = stopped_on(institute)
    return sum(len(load.written) for load in loads(institute) if load.night.day in silent)
