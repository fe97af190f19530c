"""What the crowd's life is drawn from: one named constant each, its source in the line above it.

`design` is the simulator's specification, `chosen` was set here so that the rest works out; both
stand in docs/decisions/0014. Nothing is fitted to a detector. Minutes count from midnight.
"""

from dataclasses import dataclass

# design: first logons at about 08:06, 37 min apart between people, 20 min within one's days
START_MEAN, START_BETWEEN, START_WITHIN = 8 * 60 + 6, 37.0, 20.0
# chosen: a day of eight and a half hours with its break
DAY_MEAN, DAY_SPREAD, LUNCH_MINUTES = 510.0, 35.0, 45.0
# design: 11 % of people have logons off hours
OFF_HOURS_PEOPLE = 0.11
# chosen: one in seven of those sittings begins after half past ten
SMALL_HOURS = 1 / 7
# design: 5 % of people work on weekend days
WEEKEND_PEOPLE = 0.05
# design: file accesses lognormal between people, median 35 a day, sigma .8
FILES_MEDIAN, FILES_BETWEEN = 35.0, 0.8
# design says over-dispersed; chosen: variance / mean^2 of about .28 within a person
FILES_WITHIN = 0.5
# design: 22 % of people use sticks, in two clusters: 1-3 and 8-9 a day; chosen: a quarter heavy
USB_PEOPLE, USB_HEAVY_SHARE = 0.22, 0.25
USB_LIGHT_DAY, USB_HEAVY_DAY = (1, 3), (8, 9)
# chosen: on which share of days
USB_LIGHT_DAYS, USB_HEAVY_DAYS = 0.4, 0.85
# chosen: a folder taken along has some 70 files, within 6 % of a sitting, one in ten elsewhere's
BURST_MEDIAN, BURST_SPREAD, BURST_WIDTH, BURST_FAR = 70.0, 0.6, 0.06, 0.1
# chosen: one in two goes to a stick where its owner has one, one in seven to a store outside
BURST_BY_STICK, BURST_SENT = 0.5, 1 / 7
# design: one new user of sticks per 1,000 people and week
USB_NEW_WEEKLY = 0.001
# design: 1.5 building and 3 inner reads a day; so every other lunch is outside
LUNCH_OUTSIDE = 0.5
# chosen, so that inner reads come to 3: who visits elsewhere in the morning, in the afternoon
VISITS = (0.3, 0.4)
# design: .5 % of reads are refused
BADGE_DENIED = 0.005
# design says cards are re-issued; chosen: one in forty a year
REISSUED_YEARLY = 1 / 40
# design says joiners and leavers; chosen: 8 % a year each
JOINERS_YEARLY, LEAVERS_YEARLY = 0.08, 0.08
# design says leave; chosen: one week in ten, and two days of illness in a hundred
LEAVE_WEEKS, SICK = 0.1, 0.02
# chosen: who may work at home does so on one day in five
HOME_PEOPLE, HOME_DAYS = 0.6, 0.2
# chosen: a sitting of less than so many minutes is an evening's, a call's or a day of rest's
SHORT_SITTING = 240
# design says shifts; chosen: 3 %, half by night, half in the evening
SHIFT_PEOPLE = 0.03
# design says on-call administrators; chosen: 6 %, at least so many, called one night in nine
ADMIN_PEOPLE, ADMIN_LEAST, ON_CALL_NIGHTS = 0.06, 8, 0.11
# design says quarter-end peaks; chosen: five workdays, finance 1.6 times, others a little
QUARTER_DAYS, QUARTER_FINANCE, QUARTER_OTHERS = 5, 1.6, 1.15
# design: sizes of roles are lognormal, some of 1-3; chosen: median 12, sigma 1.2
ROLE_MEDIAN, ROLE_SPREAD = 12.0, 1.2
# design: 95 % of lines arrive within minutes, 4 % a day later, 1 % after three days
LATE_MINUTES_MEAN, LATE_DAY, LATE_THREE_DAYS = 4.0, 0.04, 0.01
# design says broken lines and duplicates; chosen: one in 2,000, one in 1,000
BROKEN_LINES, DOUBLED_LINES = 0.0005, 0.001
# design says clock skew; chosen: hosts stand within seconds of each other
SKEW_SECONDS = 5.0
# design: 70 % of thefts lie in the last 60 days before leaving
LEAVES_AFTER, LEAVES_WITHIN = 0.7, 60
# design: half of the night thieves had benign sticks before
S1_STICKS_BEFORE = 0.5
# design: a third of insiders live with benign night or stick habits
HABIT_SHARE = 1 / 3
# design: eight documents a night over 120 nights, weekends and office entries among them
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
    late_bursts: float  # the same for evenings, nights and days of rest
    phones: float  # share of person-days on which something charges at a desk
    unlisted_shifts: float
    drifting_clocks: float  # share of hosts minutes off
    registered_sticks: float
    errands: float  # share of person-days that touch another department's files
    guests: float  # share of visits to another team that log on at a desk there


PROFILES = {
    "regular": Profile(0.01, 0.12, 0.15, 0.001, 0.01, 0.02, 0.0, 0.0, 0.9, 0.05, 0.04),
    "noisy": Profile(0.03, 0.25, 0.3, 0.004, 0.03, 0.06, 0.1, 0.02, 0.7, 0.15, 0.1),
}
