"""Detector files become findings: read, allowed, run in a locked child process, said in words."""

from nightporter.rules.blank import READS, blank
from nightporter.rules.blindness import columns_needed, detector_sources
from nightporter.rules.counted import features_seen
from nightporter.rules.detector import (
    LEVELS,
    STATUSES,
    TACTICS,
    Case,
    Detector,
    Header,
    Knob,
    PipeTable,
    Query,
    Row,
)
from nightporter.rules.execution import found, lay, run
from nightporter.rules.pack import SIGMA, SWITCHED_OFF, Pack, load_pack, read_pack, read_rule
from nightporter.rules.reading import ID, is_id, parse, read_detector
from nightporter.rules.sandbox import Sandbox
from nightporter.rules.sentence import sentence, shown
from nightporter.rules.sheet import Sheet

__all__ = [
    "ID", "LEVELS", "READS", "SIGMA", "STATUSES", "SWITCHED_OFF", "TACTICS", "Case",
    "Detector", "Header", "Knob", "Pack", "PipeTable", "Query", "Row", "Sandbox", "Sheet",
    "blank", "columns_needed", "detector_sources", "features_seen", "found", "is_id", "lay",
    "load_pack", "parse", "read_detector", "read_pack", "read_rule", "run", "sentence", "shown",
]  # fmt: skip
