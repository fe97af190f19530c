"""A whole invented house of up to tens of thousands of people, written column by column.

Logs of three sources, context, settings, and the truth of each event of a campaign. Knows no
detector. Every draw is a function of the seed, so equal seeds give equal bytes.
"""

from nightporter.simulate.crowd.parameters import PROFILES
from nightporter.simulate.crowd.writing import Crowd, Written, write_crowd

__all__ = ["PROFILES", "Crowd", "Written", "write_crowd"]
