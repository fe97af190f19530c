"""Who, where, when: what a site knows of its people and places, joined when logs are read."""

from nightporter.context.loading import load_tables
from nightporter.context.registers import days_concerned, registers
from nightporter.context.tables import fingerprint, form, read_tables
from nightporter.context.views import write_views

__all__ = [
    "days_concerned",
    "fingerprint",
    "form",
    "load_tables",
    "read_tables",
    "registers",
    "write_views",
]
