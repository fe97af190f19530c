"""From findings to one ranking of people, and one of places; cases gather what belongs together."""

from nightporter.risk.ranking import list_size, ranking
from nightporter.risk.scoring import place_of, scores_sql
from nightporter.risk.writing import PEOPLE_DAY, write_risk

__all__ = ["PEOPLE_DAY", "list_size", "place_of", "ranking", "scores_sql", "write_risk"]
