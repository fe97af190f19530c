"""Findings for other programs: OCSF Detection Findings, CSV, JSON lines.

Reads the lake and changes nothing; `docs/exports.md` says what stands where.
"""

from nightporter.exports.cells import original
from nightporter.exports.selection import STATUSES, Selection
from nightporter.exports.writing import FORMATS, lines, write

__all__ = ["FORMATS", "STATUSES", "Selection", "lines", "original", "write"]
