"""The command explain: why a person stands where (s)he stands, and why not higher."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from itertools import groupby
from typing import Any

from nightporter.cli import console
from nightporter.cli.options import Json, Workspace, day_of, person_of, settings_of
from nightporter.context import read_tables
from nightporter.desk import hidden, reader_of
from nightporter.errors import UsageError
from nightporter.explain import Account, Answer, told
from nightporter.explain import explain as account_of
from nightporter.hostile import brief
from nightporter.risk import MOST
from nightporter.rules import load_pack
from nightporter.wording import many
from nightporter.workspace import lake_of

# A sentence is cut there: the analyst has one screen. --json has all of it.
SENTENCE = 110
NAME = 60


def explain(
    person: str, /, *, date: str | None = None, workspace: Workspace = None, json: Json = False
) -> None:
    """Print why PERSON stands where (s)he stands on --date, and what kept each detector silent.

    The default date is the newest that was scanned.
    """
    settings = settings_of(workspace)
    person = person_of(person) or person
    reader, lake = reader_of(settings, read_tables(settings)), lake_of(settings)
    if not reader.sees(person):
        raise UsageError(
            "what concerns this person is not for who asks",
            hint="nobody explains himself; [desk] watchers_to gets what is about watchers",
        )
    pack = load_pack(settings)
    day, without = day_of("--date", date), hidden(lake, reader)
    account = account_of(settings, lake, pack, person, day, without)
    account = console.shown(account)
    if json:
        console.out_json(_data(account))
        return
    for line in _lines(account):
        console.out(line)


def _data(account: Account) -> dict[str, Any]:
    said = asdict(account)
    for row, answer in zip(said["answers"], account.answers, strict=True):
        row["said"] = told(answer)
    for key, value in account.without.items():
        said["without"][key] = value._asdict()
    return {**said, "standing": account.standing._asdict()}


def _lines(account: Account) -> Iterator[str]:
    yield _head(account)
    if account.parts:
        yield f"  {_sum(account.parts)}"
    yield from _why(account.findings)
    yield from _hidden(account.hidden)
    yield from _without(account)
    yield from _why_not(account.answers)


def _head(account: Account) -> str:
    who = f"{brief(account.person, NAME)} on {account.day:%Y-%m-%d, %A}"
    away = "" if account.present else "; no event of this person on that day"
    if account.standing.rank is None:
        return f"{who}: no risk: no finding of six weeks counts{away}"
    return f"{who}: rank {account.standing.rank} of {account.people}, risk {_risk(account)}{away}"


def _risk(account: Account) -> str:
    return f"{account.standing.risk:.2f}"


def _sum(parts: Mapping[str, Any]) -> str:
    said = (
        f"= ({parts['carried']:.2f} from all days of six weeks, fading + twice"
        f" {min(parts['today'], MOST):.2f} for this day) x {parts['spread']:g}"
        f" for {many(parts['tactics'], 'tactic')} in seven days"
    )
    factor = parts.get("factor", 1)
    because = ", ".join(brief(reason, NAME) for reason in parts.get("reasons") or ())
    return said if factor == 1 else f"{said} x {factor:g} for {because}"


def _why(findings: tuple[Mapping[str, Any], ...]) -> Iterator[str]:
    """One line a detector: on how many days it spoke, and what it said last."""
    if not findings:
        return
    yield f"\nWHY: {len(findings)} findings of six weeks; newest of each detector"
    order = sorted(findings, key=lambda row: row["detector"])
    groups = [list(rows) for _, rows in groupby(order, key=lambda row: row["detector"])]
    for rows in sorted(groups, key=lambda rows: (rows[0]["day"], len(rows)), reverse=True):
        last = rows[0]
        days = len({row["day"] for row in rows})
        yield (
            f"  {last['day']}  {last['level']:<8} {last['detector']:<33} {days} day"
            f"{'s' if days > 1 else ''}"
        )
        yield f"    {brief(last['sentence'], SENTENCE)}"


def _hidden(findings: tuple[Mapping[str, Any], ...]) -> Iterator[str]:
    """One line for each detector and exception: they hide what would count."""
    if findings:
        yield f"\nHIDDEN by exceptions: {len(findings)} findings of six weeks"
    said = Counter((row["detector"], row["suppressed_by"]) for row in findings)
    for (detector, name), count in sorted(said.items()):
        yield f"  {detector:<33} {count} by {name}"


def _without(account: Account) -> Iterator[str]:
    if not account.without:
        return
    yield f"\nWITHOUT{'':<30}risk  rank   (now {_risk(account)}, {account.standing.rank})"
    for name, standing in sorted(account.without.items(), key=lambda each: each[1].risk):
        yield f"  {name:<33}{standing.risk:>6.2f}  {standing.rank or 'none':>4}"


def _why_not(answers: tuple[Answer, ...]) -> Iterator[str]:
    yield "\nWHY NOT: what was nearest to firing, by detector"
    near = [each for each in answers if each.status in ("missed", "held")]
    for each in sorted(near, key=_nearness):
        yield f"  {each.detector:<33} {told(each)}"
    for each in answers:
        if each.status in ("no_row", "failed"):
            yield f"  {each.detector:<33} {told(each)}"
    blind = [each for each in answers if each.status == "not_evaluated"]
    if blind:
        yield "\nCOULD NOT JUDGE this day"
    for each in blind:
        yield f"  {each.detector:<33} {told(each)}"
    others = [each.detector for each in answers if each.status == "not_about_people"]
    if others:
        yield f"\nABOUT NO PERSON: {', '.join(others)}"


def _nearness(answer: Answer) -> tuple[int, float]:
    assert answer.nearest is not None
    return answer.nearest.failing, answer.nearest.gap
