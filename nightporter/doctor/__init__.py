"""What an administrator should look at: proposals for the registers, calendars and clocks.

Proposes and never decides: nothing here writes a file or changes what an event means.
"""

from nightporter.doctor.advice import SECTIONS, Advice
from nightporter.doctor.examination import examine

__all__ = ["SECTIONS", "Advice", "examine"]
