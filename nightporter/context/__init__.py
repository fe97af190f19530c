"""Who, where, when: what a site knows of its people and places, joined when logs are read."""

from nightporter.context.tables import fingerprint, read_tables
from nightporter.context.views import write_views

__all__ = ["fingerprint", "read_tables", "write_views"]
