"""What something took, of the clock and of the processor, with the processes that have ended."""

import resource
import time
from dataclasses import dataclass


@dataclass(frozen=True)
class Took:
    """Seconds, and seconds of CPU: where others use the machine, too, only these compare."""

    wall: float = 0.0
    cpu: float = 0.0

    @classmethod
    def now(cls) -> "Took":
        spent = [
            resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
        ]
        return cls(time.monotonic(), sum(who.ru_utime + who.ru_stime for who in spent))

    def __sub__(self, other: "Took") -> "Took":
        return Took(self.wall - other.wall, self.cpu - other.cpu)

    def __add__(self, other: "Took") -> "Took":
        return Took(self.wall + other.wall, self.cpu + other.cpu)

    def __str__(self) -> str:
        return f"{self.wall:5.2f} s, {self.cpu:5.2f} s of CPU"
