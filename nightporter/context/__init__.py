"""Who, where, when: what a site knows of its people and places, joined when logs are read."""

from nightporter.context.identity import write_identities
from nightporter.context.loading import load_tables
from nightporter.context.registers import days_concerned, registers
from nightporter.context.tables import fingerprint, form, read_tables
from nightporter.context.views import named_sql, write_views

__all__ = [
    "days_concerned",
    "fingerprint",
    "form",
    "load_tables",
    "named_sql",
    "read_tables",
    "registers",
    "write_identities",
    "write_views",
]
