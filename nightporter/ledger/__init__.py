"""The ledger of windows: which stage has seen which day, and what is left to do."""

from nightporter.ledger.backlog import backlog
from nightporter.ledger.days import events_by_day, last_ended_day
from nightporter.ledger.off import switched_off
from nightporter.ledger.planning import FEATURES, JUDGED, NEVER, OFF, Opened, Plan, plan
from nightporter.ledger.registers import changed, expect, settle
from nightporter.ledger.rows import record

__all__ = [
    "FEATURES",
    "JUDGED",
    "NEVER",
    "OFF",
    "Opened",
    "Plan",
    "backlog",
    "changed",
    "events_by_day",
    "expect",
    "last_ended_day",
    "plan",
    "record",
    "settle",
    "switched_off",
]
