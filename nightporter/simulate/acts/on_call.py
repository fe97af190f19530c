"""A look-alike: administrators who are called at night, look at logs, and go to bed again."""

from datetime import date, datetime, time, timedelta

from nightporter.simulate import cast
from nightporter.simulate.acts.campaign import Campaign
from nightporter.simulate.acts.quiet_nights import nights
from nightporter.simulate.diary import Clock, Diary
from nightporter.simulate.institute import Institute
from nightporter.simulate.plans import Plan
from nightporter.simulate.population import Person

NAME = "on-call night"
_CALLS, _COMES_IN = 0.2, 0.35


def calls(institute: Institute) -> list[tuple[date, str]]:
    """Return who is called in which night; each week another one is on call."""
    busy = {night.day for night in nights(institute)}
    span, found = institute.span, list[tuple[date, str]]()
    for n, day in enumerate(span.between(span.first, span.last)):
        who = cast.ON_CALL[n // 7 % len(cast.ON_CALL)]
        is_busy = who == cast.QUIET_ADMINISTRATOR and day in busy
        if institute.chance.draw("call", n) < _CALLS and not is_busy:
            found.append((day, who))
    return found


def _plans(institute: Institute) -> list[Plan]:
    return [
        Plan(None, who, day, day, tuple(range(7)), present=False, on_duty=True, tag_from=None)
        for day, who in calls(institute)
    ]


def _acts(institute: Institute) -> list[Diary]:
    return [
        _call(
            institute, institute.people[who], day,
            None if who == cast.QUIET_ADMINISTRATOR else NAME,
        )
        for day, who in calls(institute)
    ]  # fmt: skip


def _call(institute: Institute, person: Person, day: date, campaign: str | None) -> Diary:
    chance, n = institute.chance, institute.span.number(day)
    diary = Diary(institute, person, campaign)
    rings = datetime.combine(day, time(22, 20)) + timedelta(hours=6 * chance.draw("rings", n))
    clock = Clock(institute, "call clock", rings)
    comes_in = chance.draw("comes in", n) < _COMES_IN
    if comes_in:
        diary.door(clock.pause(1500, 0.2), "H-GATE", "entry")
        diary.door(clock.pause(130), "H-SRV", "entry")
    _look(diary, clock, person.host if comes_in else person.laptop, not comes_in, n)
    if comes_in:
        diary.door(clock.pause(240), "H-GATE", "exit")
    return diary


def _look(diary: Diary, clock: Clock, host: str, remote: bool, n: int) -> None:
    chance, account = diary.institute.chance, diary.person.admin_account
    logs = [doc for doc in diary.institute.documents if doc.project == "systemlogs"]
    diary.session(clock.pause(200), "logon", host, account=account, remote=remote)
    for look in range(4 + chance.pick(7, "looks", n)):
        document = logs[chance.pick(len(logs), "looks at", n, look)]
        diary.file(clock.pause(110, 0.7), "view", document, host, account=account)
    if chance.draw("repairs", n) < 0.6:
        diary.session(clock.pause(300), "admin_change", host, account=account)
    diary.session(clock.pause(400), "logoff", host, account=account)


ON_CALL = Campaign(
    NAME, "look_alike", tuple(who for who in cast.ON_CALL if who != cast.QUIET_ADMINISTRATOR),
    "are called at night, log on, view system logs and log off; some come in for it",
    _plans, _acts,
)  # fmt: skip
