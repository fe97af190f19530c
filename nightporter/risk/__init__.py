"""From findings to one ranking of people, and one of places; cases gather what belongs together."""

from nightporter.risk.filing import forget
from nightporter.risk.ranking import list_size, ranking, rested
from nightporter.risk.scoring import MEMORY, MOST, PLACE, WHOM
from nightporter.risk.writing import write_risk

__all__ = [
    "MEMORY",
    "MOST",
    "PLACE",
    "WHOM",
    "forget",
    "list_size",
    "ranking",
    "rested",
    "write_risk",
]
