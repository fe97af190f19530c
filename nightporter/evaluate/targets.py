"""What the figures are meant to reach; a figure below its target is shown as such, never hidden."""

# Least recall by campaign at 1 and at 5 people a thousand and day.
RECALL: dict[str, dict[float, float]] = {
    "nights_with_stick": {1: 0.90, 5: 0.97},
    "office_hours_surge": {1: 0.90, 5: 0.97},
    "off_hours_bulk_day": {1: 0.85, 5: 0.95},
    "slow_ramp": {1: 0.90, 5: 0.97},
    "quiet_administrator": {1: 0.90, 5: 0.97},
}
# Of these, not more than a third of the documents may be gone when they are first listed.
EARLY = ("slow_ramp", "quiet_administrator")
GONE = 1 / 3
# Points of recall at 5 above each of these references.
MARGIN, MARGIN_AT = 0.10, 5
BEATEN = ("isolation forest", "mean and sd, largest", "mean and sd, sum")
# Look-alikes may hold so much of the list.
LOOKALIKES = 0.25
# All insiders caught with one place a thousand, where days are noisy: the invented logs leak.
LEAK_AT = 1
