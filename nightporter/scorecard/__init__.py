"""How each detector does at the desk: figures from findings, verdicts and the ledger; advice."""

from nightporter.scorecard.advice import ADVICE, Advice, advise
from nightporter.scorecard.card import Card, scorecard
from nightporter.scorecard.judged import judged_findings

__all__ = ["ADVICE", "Advice", "Card", "advise", "judged_findings", "scorecard"]
