"""The commands case hold and case release: what a case stands on is frozen, or no longer."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated

from cyclopts import Parameter

from nightporter import desk
from nightporter.cli import console
from nightporter.cli.case import opened, print_case
from nightporter.cli.options import Json, Workspace
from nightporter.config import Settings
from nightporter.hostile import brief, safe
from nightporter.morning import seen_of
from nightporter.rules import load_pack

Note = Annotated[str | None, Parameter(help="why; it needs one")]


def hold(case: str, /, *, note: Note = None, workspace: Workspace = None) -> None:
    """Freeze what CASE stands on, and print the path of the manifest.

    Raw logs, its rows and its detectors are copied to holds/; upkeep leaves its days alone.
    """
    desk_ = opened(workspace, case)
    desk.check_reason("hold", note)
    rules = _rules(desk_.settings)
    moment = datetime.now(UTC)
    frozen = desk.freeze(
        desk_.settings, desk_.lake, desk_.case, rules, note, desk_.analyst.account, moment
    )
    seen = seen_of(desk_.settings, desk_.lake, desk_.case)
    words = [("hold", frozen.sha256)]
    desk.say(desk_.lake, desk_.analyst, desk_.case, words, note, seen)
    for raw in frozen.said["raw"]:
        if raw["state"] != "kept":
            console.say(f"{raw['state']}: {brief(raw['path'] or raw['sha256'])} of {raw['feed']}")
    kept = sum(raw["state"] == "kept" for raw in frozen.said["raw"])
    console.say(
        f"held: {kept} of {len(frozen.said['raw'])} raw logs, {len(frozen.said['days'])} days,"
        f" {len(frozen.said['detectors'])} detectors; SHA-256 of the manifest {frozen.sha256}"
    )
    console.out(safe(frozen.manifest))


def release(
    case: str, /, *, note: Note = None, workspace: Workspace = None, json: Json = False
) -> None:
    """Ask that CASE be held no longer; a second person approves it with triage --approve.

    The copies stay where they are.
    """
    desk_ = opened(workspace, case)
    seen = seen_of(desk_.settings, desk_.lake, desk_.case)
    desk.say(desk_.lake, desk_.analyst, desk_.case, [("release", None)], note, seen)
    console.say("noted: release; it waits for a second person: nightporter triage CASE --approve")
    print_case(desk_, json)


def _rules(settings: Settings) -> Mapping[str, desk.Rule]:
    return {
        each.id: desk.Rule(
            each.text, each.version_with(settings.knobs.get(each.id, {})), each.path.name
        )
        for each in load_pack(settings).detectors
    }
