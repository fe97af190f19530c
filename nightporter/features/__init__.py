"""Events counted by person and day, and how surprising each count is."""

from nightporter.features.declared import FEATURES, KINDS, Feature, Kind
from nightporter.features.hosts import OWNED_DAYS
from nightporter.features.slow import slow_days
from nightporter.features.surprise import CONFIRMED
from nightporter.features.writing import HISTORY_DAYS, write

__all__ = [
    "CONFIRMED",
    "FEATURES",
    "HISTORY_DAYS",
    "KINDS",
    "OWNED_DAYS",
    "Feature",
    "Kind",
    "slow_days",
    "write",
]
