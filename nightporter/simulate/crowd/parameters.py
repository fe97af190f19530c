"""What the crowd's life is drawn from: one named constant each, its source in the line above it.

Measured ones come from CERT r4.2 (1,000 people, 17 months); the others are design, and
docs/decisions/ says so. Minutes count from the midnight of the site.
"""

from dataclasses import dataclass

# CERT r4.2, logon.csv: first logons lie around 08:06, 37 min apart between people, 20 within.
START_MEAN, START_BETWEEN, START_WITHIN = 8 * 60 + 6, 37.0, 20.0
# design: a day of eight and a half hours with its break
DAY_MEAN, DAY_SPREAD, LUNCH_MINUTES = 510.0, 35.0, 45.0
# CERT r4.2, logon.csv: 11 % of people have logons off hours at all
OFF_HOURS_PEOPLE = 0.11
# CERT r4.2, logon.csv: 5 % of people work on some weekends
WEEKEND_PEOPLE = 0.05
# file server of a research house: median 35 accesses a day, lognormal between people
FILES_MEDIAN, FILES_BETWEEN = 35.0, 0.8
# the same: a person's own days are over-dispersed; variance/mean^2 near .3, as fits of counts give
FILES_WITHIN = 0.5
# CERT r4.2, device.csv: 22 % of people use sticks, in two clusters a day: 1-3 and 8-9
USB_PEOPLE, USB_HEAVY_SHARE = 0.22, 0.25
USB_LIGHT_DAY, USB_HEAVY_DAY = (1, 3), (8, 9)
# design: light users do so on every other day, heavy ones on most
USB_LIGHT_DAYS, USB_HEAVY_DAYS = 0.4, 0.85
# CERT r4.2, device.csv: one new user of sticks per 1,000 people and week
USB_NEW_WEEKLY = 0.001
# door logs of office buildings: 1.5 entries into a building, 3 inner reads a day
LUNCH_OUTSIDE = 0.5
VISITS = (0.3, 0.4)
# the same: .5 % of reads are refused
BADGE_DENIED = 0.005
# design: every fortieth card is replaced within a year
REISSUED_YEARLY = 1 / 40
# turnover of a settled house
JOINERS_YEARLY, LEAVERS_YEARLY = 0.08, 0.08
# design: 30 days of leave a year in whole weeks, three days of illness in a hundred
LEAVE_WEEKS, SICK = 0.1, 0.02
# design: who may work at home does so on one day in five
HOME_PEOPLE, HOME_DAYS = 0.6, 0.2
# design: night and evening shifts; one in ten of them is missing in shifts.csv on `noisy`
SHIFT_PEOPLE = 0.03
# design: administrators are 6 in 100, at least so many; one night in nine is on call
ADMIN_PEOPLE, ADMIN_LEAST, ON_CALL_NIGHTS = 0.06, 8, 0.11
# quarter ends: the last five workdays; finance half as much again, others a little
QUARTER_DAYS, QUARTER_FINANCE, QUARTER_OTHERS = 5, 1.6, 1.15
# HR registers: sizes of roles are lognormal; the smallest hold one to three people
ROLE_MEDIAN, ROLE_SPREAD = 12.0, 1.2
# log shippers: 95 % arrive within minutes, 4 % a day later, 1 % after three days
LATE_MINUTES_MEAN, LATE_DAY, LATE_THREE_DAYS = 4.0, 0.04, 0.01
# lines that rotate badly: one in two thousand is broken, one in a thousand delivered twice
BROKEN_LINES, DOUBLED_LINES = 0.0005, 0.001
# time services: hosts stand within seconds of each other
SKEW_SECONDS = 5.0
# exfiltration studies: 70 % leave within 60 days of the theft
LEAVES_AFTER, LEAVES_WITHIN = 0.7, 60
# CERT r4.2 answers: half of the night thieves had used sticks before
S1_STICKS_BEFORE = 0.5
# design: so many insiders live with benign night or stick habits
HABIT_SHARE = 1 / 3
# the case behind the scan: eight documents a night
QUIET_DOCUMENTS, QUIET_NIGHTS = 8.0, 120
# design: a slow thief takes 3.5 % more each day
RAMP_DAILY = 0.035


@dataclass(frozen=True)
class Profile:
    """How orderly the house is; the campaigns are the same in every profile."""

    missing_in: float  # share of entries that no reader saw: 1-3 %
    evenings: float  # share of workdays on which people of the habit work off hours
    weekends: float  # share of weekend days on which people of the habit work
    bursts: float  # share of person-days with a benign mass of downloads
    phones: float  # share of person-days on which something charges at a desk
    unlisted_shifts: float
    drifting_clocks: float  # share of hosts minutes off
    registered_sticks: float
    errands: float  # share of person-days that touch another department's files
    guests: float  # share of visits to another team that log on at a desk there


PROFILES = {
    "regular": Profile(0.01, 0.12, 0.15, 0.001, 0.02, 0.0, 0.0, 0.9, 0.05, 0.04),
    "noisy": Profile(0.03, 0.25, 0.3, 0.004, 0.06, 0.1, 0.02, 0.7, 0.15, 0.1),
}
