"""The sample logs: the same bytes each time, and the story is in them as the answer key says."""

import csv
import functools
import gzip
import itertools
import json
import tomllib
from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from nightporter import config
from nightporter.errors import UsageError
from nightporter.simulate import write_institute, write_sample_logs
from nightporter.simulate.chance import Chance
from nightporter.simulate.span import Span, easter, holidays

SAMPLE = Path(__file__).parents[2] / "sample_logs"
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


def _unpacked(path: Path) -> bytes:
    # Packed bytes depend on the zlib build, what is packed does not.
    return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()


def _text(path: Path) -> list[str]:
    """Return a log's lines; what is not UTF-8 is Latin-1 here."""
    data = _unpacked(path)
    encoding = "latin-1" if "badge/hav" in path.as_posix() else "utf-8-sig"
    return data.decode(encoding, errors="replace").splitlines()


def _files(root: Path) -> list[str]:
    return sorted(p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_file())


def _context(name: str) -> list[Row]:
    with (SAMPLE / "context" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _parsed(path: Path, line: str) -> Row:
    """Return one line as (who, what, ...) under the names used below."""
    if path.name.endswith(".ndjson.gz"):
        row = json.loads(line)
        return {"at": row["time"], "who": row["login"], "what": row["op"], "doc": row.get("doc")}
    if "usb" in path.parts:
        at, host, who, what, serial, *rest = line.split(";")
        return {"at": at, "who": who, "what": what, "serial": serial, "doc": rest[5], "host": host}
    if "rey" in path.parts:
        at, card, door, _, what = next(csv.reader([line]))
        return {"at": at, "who": card, "door": door, "what": what}
    day, clock, card, door, _, what, *_ = line.split(";")
    iso = "-".join(reversed(day.split(".")))
    return {"at": f"{iso} {clock}", "who": card, "door": door, "what": what}


@pytest.fixture(scope="module")
def again(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("again")
    write_sample_logs(out)
    return out


@pytest.fixture(scope="module")
def acts() -> dict[tuple[str, str], list[Row]]:
    """Return the raw lines to which truth.csv points, by (campaign, source)."""
    found: dict[tuple[str, str], list[Row]] = {}
    texts: dict[str, list[str]] = {}
    for row in pl.read_csv(SAMPLE / "truth.csv", infer_schema_length=None).to_dicts():
        path = SAMPLE / row["file"]
        lines = texts.setdefault(row["file"], _text(path))
        for line in lines[row["line"] - 1 : row["line"] - 1 + row["events"]]:
            told = {"person": row["person"], "day": row["day"], **_parsed(path, line)}
            found.setdefault((row["campaign"], row["source"]), []).append(told)
    return found


@pytest.fixture(scope="module")
def truth() -> pl.DataFrame:
    return pl.read_csv(SAMPLE / "truth.csv", try_parse_dates=True, infer_schema_length=None)


def test_the_committed_logs_are_what_the_simulator_writes(again: Path) -> None:
    assert _files(SAMPLE) == _files(again)
    differing = [f for f in _files(again) if _unpacked(SAMPLE / f) != _unpacked(again / f)]
    assert differing == []


def test_two_runs_write_the_same_bytes_packed_ones_included(again: Path, tmp_path: Path) -> None:
    write_sample_logs(tmp_path)
    assert [
        f for f in _files(again) if (again / f).read_bytes() != (tmp_path / f).read_bytes()
    ] == []


def test_another_seed_is_another_institute_with_the_same_story(tmp_path: Path, again: Path) -> None:
    write_institute(tmp_path, seed=2, people=60, first_day=date(2025, 6, 2), days=200)
    assert (tmp_path / "truth.csv").read_bytes() != (again / "truth.csv").read_bytes()
    names = {row["campaign"] for row in pl.read_csv(tmp_path / "truth.csv").to_dicts()}
    expected = {row["campaign"] for row in pl.read_csv(again / "truth.csv").to_dicts()}
    assert names == expected


@pytest.mark.parametrize(("people", "days"), [(12, 180), (40, 60)], ids=["people", "days"])
def test_too_small_an_institute_is_refused(tmp_path: Path, people: int, days: int) -> None:
    with pytest.raises(UsageError, match="too few"):
        write_institute(tmp_path, seed=1, people=people, first_day=date(2026, 1, 1), days=days)


def test_the_sample_logs_stay_small() -> None:
    assert sum((SAMPLE / f).stat().st_size for f in _files(SAMPLE)) < 4_500_000


@pytest.mark.parametrize("name", COLUMNS)
def test_a_context_file_has_the_columns_of_the_contract(name: str) -> None:
    assert (SAMPLE / "context" / f"{name}.csv").read_text("utf-8").splitlines()[0] == COLUMNS[name]


def test_no_path_of_a_real_machine_is_in_any_file() -> None:
    for file in _files(SAMPLE):
        data = _unpacked(SAMPLE / file)
        assert not any(p in data for p in (b"/work/", b"/home/", b"/tmp/", b"/root/", b"C:\\"))


def test_the_settings_load_and_find_every_log_file() -> None:
    settings = config.load(SAMPLE)
    found = {p for feed in settings.feed for pattern in feed.paths for p in SAMPLE.glob(pattern)}
    assert found == {p for p in (SAMPLE / "logs").rglob("*") if p.is_file()}


def test_every_mapped_field_is_in_the_header() -> None:
    feeds = tomllib.loads((SAMPLE / "nightporter.toml").read_text("utf-8"))["feed"]
    for feed in (feed for feed in feeds if feed["format"] == "csv"):
        first = _text(next(iter(SAMPLE.glob(feed["paths"][0]))))[0]
        header = next(csv.reader([first], delimiter=feed.get("delimiter", ",")))
        named = [name for field, name in feed["fields"].items() if field != "ts"]
        assert set(named) <= set(header)


def test_every_line_of_the_truth_is_by_the_person_it_names(
    acts: dict[tuple[str, str], list[Row]],
) -> None:
    cards = {row["badge_id"]: row["user_id"] for row in _context("badges")}
    for rows in acts.values():
        for row in rows:
            who = cards.get(row["who"], row["who"]).removeprefix("adm-")
            # A door that moves without a card names nobody.
            assert who in (row["person"], "")


def test_insiders_and_at_least_eight_look_alikes_are_in_the_truth(truth: pl.DataFrame) -> None:
    kinds = dict(truth.select("campaign", "kind").unique().iter_rows())
    assert Counter(kinds.values())["insider"] == 3
    assert Counter(kinds.values())["look_alike"] >= 8


def test_insiders_act_in_the_last_120_days_and_the_lesser_two_in_the_last_28(
    truth: pl.DataFrame,
) -> None:
    insiders = truth.filter(pl.col("kind") == "insider")
    first = dict(insiders.group_by("campaign").agg(pl.col("day").min()).iter_rows())
    assert first.pop("quiet administrator") == date(2026, 3, 2)
    assert min(first.values()) > LAST - timedelta(days=28)


def test_the_quiet_administrator_takes_a_thousand_documents_a_few_a_night(
    acts: dict[tuple[str, str], list[Row]],
) -> None:
    taken = [r for r in acts["quiet administrator", "access"] if r["what"] == "GET"]
    nights = Counter(row["day"] for row in taken)
    assert 900 <= len({row["doc"] for row in taken}) <= 1100
    assert max(nights.values()) <= 18
    assert len(nights) > 90
    labels = Counter(_label(_paths()[row["doc"]]) for row in taken)
    assert (labels["classified"], labels["confidential"]) == (6, 536)


@functools.cache
def _paths() -> dict[str, str]:
    """Return each document's path, as the logs tell it."""
    lines = [line for file in (SAMPLE / "logs/access").iterdir() for line in _text(file)]
    rows = [json.loads(line) for line in lines if '"doc"' in line and not _is_broken(line)]
    return {row["doc"]: row["path"] for row in rows}


def _label(path: str) -> str:
    fitting = [row for row in _context("labels") if path.startswith(row["prefix"])]
    return max(fitting, key=lambda row: len(row["prefix"]))["label"]


def test_he_writes_every_one_of_them_to_three_disks(
    acts: dict[tuple[str, str], list[Row]],
) -> None:
    taken = {r["doc"] for r in acts["quiet administrator", "access"] if r["what"] == "GET"}
    usb = acts["quiet administrator", "usb"]
    assert {row["doc"] for row in usb if row["what"] == "geschrieben"} == taken
    assert len({row["serial"] for row in usb}) == 3


def test_on_two_nights_an_office_opens_without_a_read(
    acts: dict[tuple[str, str], list[Row]],
) -> None:
    offices = [r for r in acts["quiet administrator", "badge"] if r["door"].startswith("H-OFF")]
    opened = {(r["day"], r["door"]) for r in offices if r["what"] == "Tür auf"}
    read = {(r["day"], r["door"]) for r in offices if r["what"] == "Eintritt"}
    assert len(opened - read) == 2
    assert len(opened & read) >= 3


def test_the_leaver_fills_a_stick_that_nobody_saw_before(
    acts: dict[tuple[str, str], list[Row]],
) -> None:
    downloads = Counter(r["day"] for r in acts["leaver", "access"] if r["what"] == "GET")
    assert len(downloads) == 2
    assert all(200 <= many <= 300 for many in downloads.values())
    usb = acts["leaver", "usb"]
    (serial,) = {row["serial"] for row in usb}
    first = min(row["at"] for row in usb)
    lines = [line for f in (SAMPLE / "logs/usb").iterdir() for line in _text(f)]
    assert not [line for line in lines if serial in line and line[:19] < first]
    assert sum(row["what"] == "geschrieben" for row in usb) > 0.8 * sum(downloads.values())


def test_the_old_card_opens_doors_after_it_was_replaced(
    acts: dict[tuple[str, str], list[Row]],
) -> None:
    old, new = (row for row in _context("badges") if row["user_id"] == "ukron")
    assert old["valid_to"] == new["valid_from"]
    reads = [row for row in acts["borrowed card", "badge"] if row["who"] == old["badge_id"]]
    assert min(row["at"] for row in reads) > old["valid_to"]
    assert {"H-ARC", "H-SRV"} <= {row["door"] for row in reads}


def test_the_old_and_the_new_card_are_read_minutes_apart_in_two_buildings(
    acts: dict[tuple[str, str], list[Row]],
) -> None:
    rows = sorted(acts["borrowed card", "badge"], key=lambda row: row["at"])
    gaps = [
        datetime.fromisoformat(two["at"]) - datetime.fromisoformat(one["at"])
        for one, two in itertools.pairwise(rows)
        if one["who"] != two["who"]
    ]
    assert sum(gap < timedelta(minutes=5) for gap in gaps) >= 2


def test_the_loaner_and_the_forgotten_card_never_meet_on_one_day(
    acts: dict[tuple[str, str], list[Row]],
) -> None:
    (day,) = {row["day"] for row in acts["forgotten card", "badge"]}
    assert {row["who"] for row in acts["forgotten card", "badge"]} == {"109001"}
    own = next(row["badge_id"] for row in _context("badges") if row["user_id"] == "wostrau")
    german = ".".join(reversed(day.split("-")))
    lines = _text(SAMPLE / "logs/badge/hav" / f"{day[:7]}.csv.gz")
    assert not [line for line in lines if line.startswith(german) and f";{own};" in line]


def test_service_accounts_read_thousands_of_files_in_one_night() -> None:
    most: Counter[str] = Counter()
    for file in (SAMPLE / "logs/access").iterdir():
        for account in ("svc-backup", "svc-index"):
            many = sum(f'"login":"{account}"' in line for line in _text(file))
            most[account] = max(most[account], many)
    assert most["svc-backup"] >= 2000
    kinds = {row["account"]: row["kind"] for row in _context("accounts")}
    assert {kinds["svc-backup"], kinds["svc-index"]} == {"service"}


def test_nobody_on_leave_is_read_at_a_door() -> None:
    leave = {(r["user_id"], r["from"], r["to"]) for r in _context("absences")}
    cards = {row["badge_id"]: row["user_id"] for row in _context("badges")}
    nights = {row["user_id"] for row in _context("shifts")}
    for file in (SAMPLE / "logs/badge/hav").iterdir():
        for line in _text(file)[1:]:
            row = _parsed(file, line) if line.count(";") == 7 else {"who": ""}
            user = cards.get(row["who"])
            if user and user not in nights and row["at"][11:13] > "05":
                assert not [
                    1 for who, since, to in leave if who == user and since <= row["at"] < to
                ]


def test_no_local_stamp_lies_in_the_hour_that_the_spring_change_skips() -> None:
    march = _text(SAMPLE / "logs/badge/hav/2026-03.csv.gz")
    assert [line for line in march if line.startswith("29.03.2026;03")]
    assert not [line for line in march if line.startswith("29.03.2026;02")]


@pytest.mark.parametrize("day", ["2026-03-27", "2026-03-31"], ids=["winter", "summer"])
def test_utc_logons_follow_local_gate_reads_within_minutes(day: str) -> None:
    zone = ZoneInfo("Europe/Berlin")
    cards = {row["badge_id"]: row["user_id"] for row in _context("badges")}
    came: dict[str, datetime] = {}
    badge = SAMPLE / "logs/badge/hav/2026-03.csv.gz"
    for row in (_parsed(badge, line) for line in _text(badge)[1:] if line.count(";") == 7):
        if (
            row["at"].startswith(day)
            and "05" < row["at"][11:13] < "24"
            and row["what"] == "Eintritt"
        ):
            user, moment = cards.get(row["who"], ""), datetime.fromisoformat(row["at"])
            came.setdefault(user, moment.replace(tzinfo=zone))
    access = SAMPLE / f"logs/access/{day}.ndjson.gz"
    rows = [json.loads(line) for line in _text(access) if not _is_broken(line)]
    waits = [
        datetime.fromisoformat(row["time"]) - came[row["login"]]
        for row in rows
        if row["op"] == "LOGON" and "-PC-" in row["client"]["name"] and row["login"] in came
    ]
    soon = [wait for wait in waits if timedelta(0) < wait < timedelta(minutes=15)]
    assert len(soon) > 0.7 * len(waits) > 10


def test_about_one_line_in_two_thousand_is_broken() -> None:
    lines = [line for f in sorted((SAMPLE / "logs/access").iterdir()) for line in _text(f)]
    broken = [line for line in lines if _is_broken(line)]
    assert 0.0003 < len(broken) / len(lines) < 0.001
    assert "-- log rotated --" in broken


def _is_broken(line: str) -> bool:
    try:
        return "\ufffd" in line or json.loads(line)["time"][11:13] > "24"
    except json.JSONDecodeError:
        return True


def test_some_files_begin_with_the_end_of_the_file_before() -> None:
    files = sorted((SAMPLE / "logs/usb").iterdir())
    texts = [_text(file)[1:] for file in files]
    repeats = [two[:5] == one[-5:] for one, two in itertools.pairwise(texts)]
    assert sum(repeats) == 2


def test_some_accounts_and_cards_are_in_no_register() -> None:
    accounts = {row["account"] for row in _context("accounts")}
    cards = {row["badge_id"] for row in _context("badges")}
    access = "\n".join(line for f in (SAMPLE / "logs/access").iterdir() for line in _text(f))
    assert '"login":"tmp-gast3"' in access
    assert "tmp-gast3" not in accounts
    badge = "\n".join(line for f in (SAMPLE / "logs/badge/hav").iterdir() for line in _text(f))
    assert ";990113;" in badge
    assert "990113" not in cards


def test_the_story_names_what_no_log_shows() -> None:
    text = (SAMPLE / "STORY.md").read_text("utf-8")
    for word in ("No log shows", "photographed", "recorder", "key turned", "avelten", "ukron"):
        assert word in text


def test_a_column_of_draws_and_one_draw_agree() -> None:
    chance = Chance(7)
    frame = pl.DataFrame({"a": [0, 1, 2, 99], "b": [5, 6, 7, 2**40]})
    column = frame.select(u=chance.uniform("x", "a", "b"))["u"].to_list()
    assert column == [chance.draw("x", a, b) for a, b in frame.iter_rows()]


def test_draws_are_uniform_and_normal() -> None:
    frame = pl.DataFrame({"k": range(100_000)})
    drawn = frame.select(u=Chance(1).uniform("u", "k"), z=Chance(1).normal("z", "k"))
    assert drawn["u"].mean() == pytest.approx(0.5, abs=0.01)
    assert drawn["z"].mean() == pytest.approx(0, abs=0.02)
    assert drawn["z"].std() == pytest.approx(1, abs=0.02)


@pytest.mark.parametrize(
    ("year", "day"),
    [(2024, date(2024, 3, 31)), (2026, date(2026, 4, 5)), (2038, date(2038, 4, 25))],
)
def test_easter_falls_where_the_church_says(year: int, day: date) -> None:
    assert easter(year) == day


def test_both_countries_have_their_own_holidays() -> None:
    span = Span(date(2026, 1, 1), 180)
    assert date(2026, 4, 23) in set(holidays("REY", span)) - set(holidays("HAV", span))
    assert date(2026, 6, 17) in set(holidays("REY", span)) - set(holidays("HAV", span))
