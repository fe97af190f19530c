"""What leaves the house after a night: one digest to each route, and a beat for whoever counts
nights from outside.

Counts and a link, never a name. What could not be told is a problem of the night, and is tried
again by the next one.
"""

from nightporter.notify.addresses import address, service
from nightporter.notify.heartbeat import beat
from nightporter.notify.telling import tell, tried

__all__ = ["address", "beat", "service", "tell", "tried"]
