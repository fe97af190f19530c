"""Commands that a newcomer types first: demo, init, simulate."""

import shutil
import sys
from datetime import date
from pathlib import Path
from shutil import which
from typing import Annotated

from cyclopts import Parameter

from nightporter import config
from nightporter.cli import console
from nightporter.cli.prefect_run import run_flow
from nightporter.errors import UsageError
from nightporter.report import newest_report
from nightporter.shipped import shipped
from nightporter.simulate import write_institute
from nightporter.simulate.crowd import PROFILES, Crowd, Written, write_crowd

# The sample logs end here; scanned as of today they would be months of silence.
DEMO_AS_OF = "2026-06-30T08:00"


def demo(folder: Path = Path("nightporter-demo"), /) -> None:
    """Scan half a year of an invented institute through the Prefect flow, in FOLDER.

    Half a minute goes to Prefect's temporary server; `nightporter nightly` needs none.
    """
    _copy_samples(folder)
    console.say(f"scanning {folder}: 180 days of 40 people, as Prefect would every night")
    # The demo leaves no trace in the user's own Prefect.
    code = run_flow(folder, {"as-of": DEMO_AS_OF}, home=folder / "state" / "prefect")
    if code == 0:
        if page := newest_report(config.load(folder)):
            console.say(f"open the report in a browser: {page}")
        console.say(f"the answers: {folder / 'STORY.md'}")
        program = "nightporter" if which("nightporter") else sys.argv[0]
        console.say(f"the findings: {program} findings --workspace {folder}")
    console.end(code)


def _copy_samples(folder: Path) -> None:
    if folder.exists() and not (folder / config.FILE_NAME).is_file() and any(folder.iterdir()):
        raise UsageError(f"{folder} holds other files", hint="name a new folder")
    for path in sorted(shipped("sample_logs").rglob("*")):
        target = folder / path.relative_to(shipped("sample_logs"))
        if path.is_file() and not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            shutil.copyfile(path, target)


def init(folder: Path = Path(), /) -> None:
    """Write a nightporter.toml to start from, and the folders that it speaks of."""
    path = folder / config.FILE_NAME
    if path.exists():
        raise UsageError(f"{path} exists already", hint="edit it, or name another folder")
    for name in ("logs", "context", "detectors"):
        (folder / name).mkdir(parents=True, exist_ok=True, mode=0o700)
    path.write_text(TEMPLATE, "utf-8")
    console.say(f"wrote {path}: name your site and your first log file in it, then")
    console.say(
        f"  nightporter ingest  --workspace {folder}     reads the logs; says what it could not"
    )
    console.say(f"  nightporter nightly --workspace {folder}     says whom to look at")


# The profile that tells the story of the sample logs; the others are crowds.
STORY = "story"


def simulate(
    folder: Path,
    /,
    *,
    seed: int = 1,
    people: Annotated[int, Parameter(help="how many people work there")] = 40,
    days: Annotated[int, Parameter(help="how many days the logs cover")] = 180,
    first_day: Annotated[str, Parameter(help="the first of them")] = "2026-01-01",
    profile: Annotated[str, Parameter(help=f"{STORY}, {', '.join(PROFILES)}")] = STORY,
    insiders: Annotated[int | None, Parameter(help="of each campaign, in a crowd")] = None,
    broken: Annotated[
        bool, Parameter(help="broken and doubled lines, in a crowd", negative=())
    ] = False,
) -> None:
    """Write an invented organisation to FOLDER: raw logs, context, settings, and the truth."""
    if folder.exists() and any(folder.iterdir()):
        raise UsageError(f"{folder} is not empty", hint="name a new folder")
    start = _day(first_day)
    if profile != STORY:
        crowd = Crowd(people, days, seed, profile, insiders, broken, start)
        written = write_crowd(folder, crowd)
        console.say(f"wrote {folder}: {_lines(written)}; {written.campaigns} campaigns in truth/")
        return
    if insiders is not None or broken:
        hint = f"--profile {' or '.join(PROFILES)}"
        raise UsageError("--insiders and --broken are for crowds", hint=hint)
    write_institute(folder, seed=seed, people=people, first_day=start, days=days)
    console.say(f"wrote {folder}; the answers are in {folder / 'STORY.md'}")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"--first-day {text}: not a day", hint="such as 2026-01-01") from None


def _lines(written: Written) -> str:
    return ", ".join(f"{lines:,} lines of {source}" for source, lines in written.lines.items())


TEMPLATE = """\
# nightporter: what it reads, and how. Every key: docs/configuration.md

[workspace]
lake = "lake"                  # events and results, as Parquet
lateness = "7d"                # late logs re-open at most this many days by themselves
day_starts = "05:00"           # so that a night is never cut in two

[names]
pseudonyms = true              # nobody stands by name in what is shown: docs/privacy.md
keep_unconfirmed = "180d"      # what nobody confirmed is erased then

[packs]
paths = ["detectors"]          # your own, beside those that ship

[site.MAIN]
zone = "Europe/Berlin"         # an IANA time zone
country = "DE"                 # public holidays
weekend = ["sat", "sun"]
hours = "08:00-18:30"          # a person's own hours go to context/shifts.csv

[[feed]]
name = "fileserver"
source = "access"              # access | usb | badge
paths = ["logs/access/*.csv"]  # plain, gzip or zstd
format = "csv"                 # csv | ndjson | parquet | lines | evtx
site = "MAIN"
  [feed.fields]                # ours = theirs
  ts = "time"
  account = "user"
  host = "client"
  action = "operation"
  resource = "path"
  [feed.values.action]         # theirs = ours
  read = "view"
  download = "download"

# A log whose layout is known already needs no more than this; `nightporter presets` lists them.
# [[feed]]
# name = "samba"
# preset = "samba-full-audit"
# paths = ["logs/samba/*.log"]
# site = "MAIN"

# [[feed]]
# name = "removable_media"
# source = "usb"
# paths = ["logs/usb/*.ndjson"]
# format = "ndjson"
# site = "MAIN"
#   [feed.fields]
#   ts = "time"
#   account = "user"
#   host = "computer"
#   action = "event"           # connect | write | read | eject ...
#   device_id = "serial"
#   resource = "file"

# [[feed]]
# name = "doors"
# source = "badge"
# paths = ["logs/badge/*.csv"]
# format = "csv"
# delimiter = ";"
# stamp = "%d.%m.%Y %H:%M:%S"
# site = "MAIN"
#   [feed.fields]
#   ts = "{date} {time}"       # several columns make one value
#   badge_id = "card"
#   door_id = "reader"
#   action = "event"           # entry | granted | denied | door_opened ...
"""
