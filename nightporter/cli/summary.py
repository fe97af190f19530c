"""A night in one screen: whom to look at, why, and what was not seen."""

from collections.abc import Mapping
from typing import Any

from nightporter.cli.console import out, safe

# A screen holds this many reasons a person; the total is always said.
REASONS = 5


def print_morning(said: Mapping[str, Any], names: Mapping[str, str]) -> None:
    """Print what `morning` returned; `names` maps user_id to a name where one is known."""
    if said["days"] is None:
        out("No business day has ended yet in these logs: nothing was scanned.")
        return
    _print_ranking(said, names)
    _print_places(said["places"])
    _print_unjudged(said["unjudged"])
    _print_feeds(said["feeds"])


def _print_ranking(said: Mapping[str, Any], names: Mapping[str, str]) -> None:
    days, scanned = said["days"], said["scanned"]
    out(f"WHOM TO LOOK AT   {days['first']} to {days['last']}, {said['people']} people")
    if scanned["first"] != days["first"]:
        out(f"                  (scanned so far: {scanned['first']} to {scanned['last']})")
    if not said["ranking"]:
        out("\n  Nobody. Every detector below was judged unless it says otherwise.")
    for row in said["ranking"]:
        name = names.get(row["user_id"])
        who = f"{name} ({row['user_id']})" if name else row["user_id"]
        out(
            f"\n{row['place']:>3}  {safe(who):<38} risk {row['risk']:5.1f}"
            f"   {row['findings']} finding{'s' if row['findings'] != 1 else ''}, peak {row['day']}"
        )
        for reason in row["reasons"][:REASONS]:
            out(f"     {reason['level']:<13} {safe(reason['sentence'])}")
            out(f"     {'':<13} {_when(reason)}")
        if len(row["reasons"]) > REASONS:
            out(f"     and {len(row['reasons']) - REASONS} more kinds of finding")


def _when(reason: Mapping[str, Any]) -> str:
    detector = f"{reason['tactic']}/{reason['detector']}"
    if reason["days"] == 1:
        return f"{detector}, {reason['day']}"
    return (
        f"{detector}, {reason['day']}; in all {reason['days']} days"
        f" from {reason['first_day']} to {reason['last_day']}"
    )


def _print_places(places: list[Mapping[str, Any]]) -> None:
    if places:
        out("\nABOUT NO PERSON")
    for place in places:
        out(f"     {place['level']:<13} {safe(place['sentence'])}")
        times = f"{place['findings']} times, last {place['last_day']}"
        out(f"     {'':<13} {place['detector']}, {times}")


def _print_unjudged(unjudged: list[Mapping[str, Any]]) -> None:
    out("\nNOT EVALUATED")
    if not unjudged:
        out("     nothing: every detector judged every day")
    for row in unjudged:
        reason = safe(row["reason"] or "").split("\n")[0]
        days = f"{row['days']} day{'s' if row['days'] != 1 else ''}, last {row['last_day']}"
        out(f"     {row['detector']:<28} {row['status']}: {reason} ({days})")


def _print_feeds(feeds: list[Mapping[str, Any]]) -> None:
    out("\nLOGS")
    width = max((len(feed["feed"]) for feed in feeds), default=0)
    for feed in feeds:
        newest = f"{feed['newest']:%Y-%m-%d %H:%M}Z" if feed["newest"] else "nothing"
        out(
            f"     {feed['feed']:<{width}}  {feed['lines']:>9,} lines = {feed['accepted']:,} events"
            f" + {feed['rejected']:,} rejected + {feed['duplicates']:,} duplicates; newest {newest}"
        )
