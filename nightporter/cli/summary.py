"""A night in one screen: whom to look at, why, and what was not seen."""

import shutil
from collections.abc import Mapping, Sequence
from typing import Any

from nightporter.cli.console import folded, out
from nightporter.hostile import brief, safe
from nightporter.wording import many

# A screen holds this many reasons a person; the total is always said.
REASONS = 5
# A name is shown that far.
NAME = 60


def print_morning(said: Mapping[str, Any], names: Mapping[str, str]) -> None:
    """Print what `morning` returned; `names` maps user_id to a name where one is known."""
    if said["days"] is None:
        out("Nothing was scanned: the lake holds no day that has ended.")
        _print_feeds(said["feeds"], [])
        return
    _print_ranking(said, names)
    _print_robots(said["robots"])
    _print_places(said["places"])
    _print_unjudged(said["unjudged"])
    _print_exceptions(said["exceptions"])
    _print_feeds(said["feeds"], said["newest"]["silent"])


def _print_ranking(said: Mapping[str, Any], names: Mapping[str, str]) -> None:
    days, scanned = said["days"], said["scanned"]
    out(f"WHOM TO LOOK AT   {days['first']} to {days['last']}, {seen(said)}")
    if scanned["first"] != days["first"]:
        out(f"                  (scanned so far: {scanned['first']} to {scanned['last']})")
    if said["since"]:
        out(f"                  (who is new since {said['since']}: the report before was read)")
    _print_newest(said["newest"])
    if not said["ranking"]:
        out("\n     nobody stands above the risk floor")
    for row in said["ranking"]:
        name, user = names.get(row["user_id"]), brief(row["user_id"], NAME)
        who = f"{brief(name, NAME)} ({user})" if name else user
        peak = f"peak {row['day']}"
        found = many(row["findings"], "finding")
        out(f"\n{row['place']:>3}  {who:<34} risk {row['risk']:5.1f}   {found}, {peak}")
        out(f"     {_beside(row)}")
        if row["listed_by"] == "level":
            out("     below the list's length, but a high finding is never cut")
        for reason in row["reasons"][:REASONS]:
            _told(reason["level"], reason["sentence"], _when(reason))
        if len(row["reasons"]) > REASONS:
            more = many(len(row["reasons"]) - REASONS, "more kind", "more kinds")
            out(f"     and {more} of finding")
    _print_not_shown(said)


def seen(said: Mapping[str, Any]) -> str:
    """Who was seen on these days: a card that the register does not know is no person."""
    unresolved = said["unresolved"]
    people = many(said["people"] - unresolved, "person", "people")
    nobodys = many(unresolved, "account or card", "accounts or cards")
    return f"{people} and {nobodys} of nobody known" if unresolved else people


def _print_not_shown(said: Mapping[str, Any]) -> None:
    """Who stands back after a verdict, and how many are shown to somebody else."""
    if said["rested"]:
        out("\nREVIEWED, and nothing new since")
    for row in said["rested"]:
        out(
            f"     {brief(row['user_id'], NAME)}: {row['verdict']} on {row['reviewed']}, back from"
            f" {row['returns']}; case {row['case_id']}"
        )
    if said["apart"]:
        out(f"\n{said['apart']} more on the list, for the separate recipient ([desk] watchers_to)")


def _beside(row: Mapping[str, Any]) -> str:
    """The case, and what is known beside the logs: that has raised the risk."""
    case = f"case {row['case_id']}" if row["case_id"] else "no case"
    if row["factor"] == 1:
        return case
    return f"{case}; risk x {row['factor']:.2f} for {', '.join(row['because'])}"


def _print_newest(newest: Mapping[str, Any]) -> None:
    """A night that could not look is no quiet night: that stands above everything."""
    if newest["blind"]:
        out(
            f"BLIND             {newest['blind']} of {newest['detectors']} detectors"
            f" judged nothing on {newest['day']}; below: NOT EVALUATED"
        )
    if newest["never"]:
        out(
            f"NO DATA           {newest['never']} of {newest['detectors']} detectors"
            " have had nothing to judge; below: NOT EVALUATED"
        )
    if newest["off"]:
        out(f"OFF               {newest['off']} detectors are switched off; below: NOT EVALUATED")
    if newest["silent"]:
        for line in folded(brief(", ".join(newest["silent"])), _width()):
            out(f"SILENT            {line}")


def _told(level: str, sentence: str, when: str) -> None:
    """Print a sentence under its level, folded to the terminal, and where it comes from."""
    said = [*folded(safe(sentence), _width()), *folded(when, _width())]
    for at, line in enumerate(said):
        out(f"     {'' if at else level:<13} {line}")


def _width() -> int:
    return max(60, shutil.get_terminal_size((100, 24)).columns - 20)


def _when(reason: Mapping[str, Any]) -> str:
    detector = f"{reason['tactic']}/{reason['detector']}"
    if reason["one_of"] > 1:
        detector += f", one of {reason['one_of']} who may be meant"
    if reason["days"] == 1:
        return f"{detector}, {reason['day']}"
    span = f"{reason['first_day']}..{reason['last_day']}"
    return f"{detector}, {reason['days']} days {span}, here {reason['day']}"


def _print_robots(robots: list[Mapping[str, Any]]) -> None:
    if robots:
        out("\nSET ASIDE, they act like machines")
    for robot in robots:
        out(
            f"     {brief(robot['user_id'], NAME)}: at least {robot['events']:,} events on each of"
            f" its days since {robot['since']}; 99 of 100 people have at most {robot['usual']:,.0f}"
        )
        if robot["findings"]:
            more = f"the worst of {robot['findings']}, {robot['day']}"
            _told(robot["level"], robot["sentence"], more)


def _print_places(places: list[Mapping[str, Any]]) -> None:
    if places:
        out("\nABOUT NO CERTAIN PERSON")
    for place in places:
        when = f"{place['findings']} times, last" if place["findings"] > 1 else "on"
        where = f"{place['detector']}, {when} {place['last_day']}"
        if place["risk"] is not None:
            where += f"; {brief(place['place'], NAME)}, risk {place['risk']:.1f}"
        if place["candidates"]:
            where += f"; may be meant: {brief(', '.join(place['candidates']))}"
        _told(place["level"], place["sentence"], where)


def _print_unjudged(unjudged: list[Mapping[str, Any]]) -> None:
    """Print each reason once, with the detectors that it stopped."""
    out("\nNOT EVALUATED")
    if not unjudged:
        out("     nothing: every detector judged every day")
    for row in unjudged:
        days = f"{many(row['days'], 'day')}, last {row['last_day']}"
        reason = brief((row["reason"] or "").partition("\n")[0])
        for line in folded(f"{row['status'].replace('_', ' ')} on {days}: {reason}", _width()):
            out(f"     {line}")
        for line in folded(", ".join(row["detectors"]), _width()):
            out(f"         {line}")


def _print_exceptions(known: Mapping[str, Any]) -> None:
    """Print what is hidden and by what; and which exceptions have ended, or soon will."""
    if not (known["suppressed"] or known["expired"] or known["expiring"]):
        return
    out("\nEXCEPTIONS")
    by = ", ".join(f"{row['name']} {row['findings']:,}" for row in known["by"])
    said = [f"findings hidden: {known['suppressed']:,}{f' ({by})' if by else ''}"]
    for word, key in (("expired, findings are open again", "expired"), ("ends soon", "expiring")):
        said += [
            f"{row['name']}: {word}; last day {row['until']}, {row['owner']}, {row['ticket']}"
            for row in known[key]
        ]
    for line in (part for text in said for part in folded(safe(text), _width())):
        out(f"     {line}")


def _print_feeds(feeds: list[Mapping[str, Any]], silent: Sequence[str]) -> None:
    out("\nLOGS")
    if not feeds:
        out("     nothing was loaded")
    width = max((len(feed["feed"]) for feed in feeds), default=0)
    for feed in feeds:
        newest = f"{feed['newest']:%Y-%m-%d %H:%M}Z" if feed["newest"] else "nothing"
        out(
            f"     {feed['feed']:<{width}}  {feed['lines']:>9,} lines = {feed['accepted']:,} events"
            f" + {feed['rejected']:,} rejected + {feed['duplicates']:,} duplicates{_ignored(feed)};"
            f" newest {newest}"
            f"{' SILENT' if feed['feed'] in silent else ''}"
        )


def _ignored(feed: Mapping[str, Any]) -> str:
    return f" + {feed['ignored']:,} ignored" if feed["ignored"] else ""
