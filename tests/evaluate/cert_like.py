"""An invented company in the layout of CERT r4.2: thirty people, 150 days, three insiders."""

import csv
import random
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from pathlib import Path

FIRST, DAYS, PEOPLE = date(2010, 1, 4), 150, 30
# By scenario; the third signs in as his supervisor in the end.
INSIDERS = {"1": "AAA0007", "2": "AAA0011", "3": "AAA0002"}
SUPERVISOR = "AAA0001"
SHARED_PC = "PC-0100"
WINDOWS = {
    "1": (date(2010, 5, 3), date(2010, 5, 6)),
    "2": (date(2010, 4, 19), date(2010, 5, 21)),
    "3": (date(2010, 5, 12), date(2010, 5, 13)),
}
# Names that an adversary would choose; none of them may do any harm on the way.
HOSTILE_NAME = '=cmd|"/C calc"!A0, <b>Bo</b>'
HOSTILE_FILES = ("\x1b[31mred.doc", "'; DROP TABLE usb;--.zip", '=1+"1".xls', "two\nlines.pdf")
# Lines that are no events, by log.
BROKEN = {"logon": 3, "device": 2, "file": 1}

_HEADS = {
    "logon": ("id", "date", "user", "pc", "activity"),
    "device": ("id", "date", "user", "pc", "activity"),
    "file": ("id", "date", "user", "pc", "filename", "content"),
}
_LDAP = ("employee_name", "user_id", "email", "role", "business_unit", "functional_unit",
         "department", "team", "supervisor")  # fmt: skip
Row = tuple[str, ...]


def user(number: int) -> str:
    return f"AAA{number:04}"


class Company:
    """The rows of every file, drawn from one seed, and what the answers say of them."""

    def __init__(self, seed: int = 5) -> None:
        self.chance = random.Random(seed)
        self.logs: dict[str, list[tuple[datetime, Row]]] = {name: [] for name in _HEADS}
        self.deeds: dict[str, list[Row]] = {scenario: [] for scenario in INSIDERS}
        self.count = 0
        for day in (FIRST + timedelta(days=n) for n in range(DAYS)):
            if day.weekday() < 5:
                for number in range(1, PEOPLE + 1):
                    self._workday(number, day)
        self._leaks_by_night()
        self._takes_more_and_more()
        self._logs_the_keys()

    def event(self, log: str, at: datetime, who: str, pc: str, *rest: str, of: str = "") -> None:
        self.count += 1
        row = (f"{{T{self.count:07}-MADE}}", f"{at:%m/%d/%Y %H:%M:%S}", who, pc, *rest)
        self.logs[log].append((at, row))
        if of:
            self.deeds[of].append((log, *row))

    def _workday(self, number: int, day: date) -> None:
        who, pc = user(number), f"PC-{number:04}"
        if self._gone(who, day) or self.chance.random() < 0.04:
            return
        begin = datetime.combine(day, time(8)) + timedelta(minutes=self.chance.gauss(0, 20))
        end = begin + timedelta(hours=8.5, minutes=self.chance.gauss(0, 20))
        self.event("logon", begin, who, pc, "Logon")
        if number in (4, 5, 6):
            self.event("logon", begin + timedelta(hours=1), who, SHARED_PC, "Logon")
        # One in three carries a stick, as far as anybody knows for good reasons.
        for _ in range(self.chance.randint(0, 3) if number % 3 == 2 else 0):
            at = begin + (end - begin) * self.chance.random()
            self._copies(at, who, pc, self.chance.randint(0, 3))
        self.event("logon", end, who, pc, "Logoff")

    def _gone(self, who: str, day: date) -> bool:
        return any(who == gone and day > WINDOWS[s][1] for s, gone in INSIDERS.items())

    def _copies(self, at: datetime, who: str, pc: str, files: int, of: str = "") -> None:
        self.event("device", at, who, pc, "Connect", of=of)
        for n in range(files):
            name = (
                self.chance.choice(HOSTILE_FILES) if self.count % 40 == 0 else f"F{self.count}.doc"
            )
            content = f'D0-CF-11 a "plan", {n}\nand more'
            self.event("file", at + timedelta(seconds=20 * n + 9), who, pc, name, content, of=of)
        self.event("device", at + timedelta(minutes=20), who, pc, "Disconnect", of=of)

    def _leaks_by_night(self) -> None:
        """Scenario 1: never a stick, never late; then some nights of both, and gone."""
        who, pc = INSIDERS["1"], "PC-0007"
        for n in range(3):
            at = datetime.combine(WINDOWS["1"][0] + timedelta(days=n), time(1, 30)) + timedelta(1)
            self.event("logon", at, who, pc, "Logon", of="1")
            self._copies(at + timedelta(minutes=5), who, pc, 12, of="1")
            self.event("logon", at + timedelta(minutes=50), who, pc, "Logoff", of="1")

    def _takes_more_and_more(self) -> None:
        """Scenario 2: looks for other work; in the last two weeks many times the usual copies."""
        first, last = WINDOWS["2"]
        self._elsewhere("2", datetime.combine(first, time(9)), INSIDERS["2"], "http")
        for n in range(14):
            day = last - timedelta(days=n)
            if day.weekday() < 5:
                for hour in range(9, 16):
                    at = datetime.combine(day, time(hour, 17))
                    self._copies(at, INSIDERS["2"], "PC-0011", 6, of="2")

    def _logs_the_keys(self) -> None:
        """Scenario 3: carries a key logger to the supervisor's machine, then is the supervisor."""
        first, last = WINDOWS["3"]
        who, theirs = INSIDERS["3"], f"PC-{int(SUPERVISOR[3:]):04}"
        self._copies(datetime.combine(first, time(14, 50)), who, "PC-0002", 1, of="3")
        at = datetime.combine(first, time(19, 8))
        self.event("logon", at, who, theirs, "Logon", of="3")
        self.event("device", at + timedelta(minutes=2), who, theirs, "Connect", of="3")
        self.event("logon", at + timedelta(minutes=9), who, theirs, "Logoff", of="3")
        at = datetime.combine(last, time(18, 57))
        self.event("logon", at, SUPERVISOR, theirs, "Logon", of="3")
        self._elsewhere("3", at, SUPERVISOR, "email")
        self.event("logon", at + timedelta(minutes=11), SUPERVISOR, theirs, "Logoff", of="3")

    def _elsewhere(self, scenario: str, at: datetime, who: str, log: str) -> None:
        """A deed in a log that is not read."""
        self.deeds[scenario].append((log, "{W1}", f"{at:%m/%d/%Y %H:%M:%S}", who, "PC-1", "x, y"))


def write_cert(folder: Path, company: Company) -> None:
    """Write every file of the release below `folder`, answers included."""
    for log, rows in company.logs.items():
        good = [row for _, row in sorted(rows)]
        bad = [("{BROKEN}", "yesterday", user(3), "PC-0003", *["x"] * (len(good[0]) - 4))]
        write_rows(folder / f"{log}.csv", [_HEADS[log], *good, *bad * BROKEN[log]])
    write_rows(folder / "http.csv", [("id", "date", "user", "pc", "url", "content")])
    for month in ("2009-12", "2010-01", "2010-02", "2010-03", "2010-04", "2010-05", "2010-06"):
        write_rows(folder / "LDAP" / f"{month}.csv", [_LDAP, *_listed(month)])
    write_answers(folder / "answers", company)


def _listed(month: str) -> Iterable[Row]:
    """Who is there at the end of the month; insiders go in May, one person comes in February."""
    for number in range(1, PEOPLE + 1):
        who = user(number)
        here = month < "2010-05" or who not in INSIDERS.values()
        if here and (number != PEOPLE or month > "2010-01"):
            role = "ITAdmin" if number < 4 else "Salesman"
            name = HOSTILE_NAME if number == 9 else f"Person No {number}"
            boss = "" if number == 1 else "Person No 1"
            yield (name, who, f"{who}@dtaa.example", role, "1", "2 - House", "3 - Works",
                   f"{number % 3} - Team", boss)  # fmt: skip


def write_answers(folder: Path, company: Company) -> None:
    head = ("dataset", "scenario", "details", "user", "start", "end")
    rows: list[Row] = [
        ("3.1", "1", "r3.1-1.csv", "ZZZ0001", "3/6/2010 1:41:56", "3/9/2010 2:00:00")
    ]
    for scenario, who in INSIDERS.items():
        first, last = WINDOWS[scenario]
        details = f"r4.2-{scenario}-{who}.csv"
        rows.append(("4.2", scenario, details, who, f"{first:%m/%d/%Y} 09:00:00",
                     f"{last:%m/%d/%Y} 20:00:00"))  # fmt: skip
        write_rows(folder / f"r4.2-{scenario}" / details, company.deeds[scenario])
    write_rows(folder / "insiders.csv", [head, *rows])


def write_rows(path: Path, rows: Iterable[Row]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
