"""The sample logs as tests read them: lines, context rows, and what a line says."""

import csv
import functools
import gzip
import json
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

SAMPLE = Path(__file__).parents[1] / "sample_logs"
LAST = date(2026, 6, 29)
COLUMNS = {
    "people": "user_id,name,site,team,role,department,manager,privileged,watcher,joined,left",
    "accounts": "account,user_id,kind,valid_from,valid_to",
    "badges": "badge_id,user_id,kind,valid_from,valid_to",
    "doors": "door_id,site,zone_from,zone_to,kind,owner,out_reader,contact,rex,offline,"
    "sensitive,camera_days",
    "hosts": "host,owner,zone,kind",
    "devices": "device_id,user_id,host,device_class,approved,valid_from,valid_to",
    "labels": "prefix,label,project",
    "shifts": "user_id,weekday,start,end,valid_from,valid_to",
    "absences": "user_id,from,to",
    "calendar": "site,day,day_type",
}
Row = dict[str, str]


def unpacked(path: Path) -> bytes:
    # Packed bytes depend on the zlib build, what is packed does not.
    return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()


def log_lines(path: Path) -> list[str]:
    """Return a log's lines; what is not UTF-8 is Latin-1 here."""
    data = unpacked(path)
    encoding = "latin-1" if "badge/hav" in path.as_posix() else "utf-8-sig"
    return data.decode(encoding, errors="replace").splitlines()


def files_below(root: Path) -> list[str]:
    return sorted(p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_file())


def context_rows(name: str) -> list[Row]:
    with (SAMPLE / "context" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def parsed(path: Path, line: str) -> Row:
    """Return one line as (who, what, ...) under the names used below."""
    if path.name.endswith(".ndjson.gz"):
        row = json.loads(line)
        told = {"at": row["time"], "who": row["login"], "what": row["op"], "doc": row.get("doc")}
        return {**told, "host": row["client"]["name"]}
    if "usb" in path.parts:
        at, host, who, what, serial, *rest = line.split(";")
        return {"at": at, "who": who, "what": what, "serial": serial, "doc": rest[5], "host": host}
    if "rey" in path.parts:
        at, card, door, _, what = next(csv.reader([line]))
        return {"at": at, "who": card, "door": door, "what": what}
    day, clock, card, door, _, what, *_ = line.split(";")
    iso = "-".join(reversed(day.split(".")))
    return {"at": f"{iso} {clock}", "who": card, "door": door, "what": what}


@functools.cache
def document_paths() -> dict[str, str]:
    """Return each document's path, as the logs tell it."""
    lines = [line for file in (SAMPLE / "logs/access").iterdir() for line in log_lines(file)]
    rows = [json.loads(line) for line in lines if '"doc"' in line and not is_broken(line)]
    return {row["doc"]: row["path"] for row in rows}


def label_of(path: str) -> str:
    fitting = [row for row in context_rows("labels") if path.startswith(row["prefix"])]
    return max(fitting, key=lambda row: len(row["prefix"]))["label"]


def local(utc: str) -> datetime:
    """Return the wall clock of the main house at a stamp of the file server."""
    moment = datetime.fromisoformat(utc).astimezone(ZoneInfo("Europe/Berlin"))
    return moment.replace(tzinfo=None)


def is_broken(line: str) -> bool:
    try:
        return "\ufffd" in line or json.loads(line)["time"][11:13] > "24"
    except json.JSONDecodeError:
        return True
