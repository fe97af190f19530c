"""Why a person stands where (s)he stands on a day, and what kept each detector silent."""

from nightporter.explain.account import Account, Answer, explain
from nightporter.explain.nearest import Alternatives, Condition, Met, Nearest
from nightporter.explain.telling import told

__all__ = ["Account", "Alternatives", "Answer", "Condition", "Met", "Nearest", "explain", "told"]
