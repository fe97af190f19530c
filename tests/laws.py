"""How long a law is tried: the same few examples each time, or many new ones when asked.

`make laws` sets NIGHTPORTER_LAWS: so many times the usual number, and other ones each time.
"""

import os

from hypothesis import HealthCheck, Phase, settings

TIMES = int(os.environ.get("NIGHTPORTER_LAWS", "0"))
# A lake is slow: to shrink a story of it would take minutes.
_UNSHRUNK = (Phase.explicit, Phase.reuse, Phase.generate)


def tried(examples: int, *, shrinks: bool = True) -> settings:
    """Return settings under which a law is tried on `examples` cases."""
    return settings(
        max_examples=examples * max(TIMES, 1),
        derandomize=not TIMES,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=tuple(Phase) if shrinks else _UNSHRUNK,
    )
