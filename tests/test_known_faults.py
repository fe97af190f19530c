"""Faults of well-known shipped rules: what each of them gets wrong comes out right here.

Eleven weeks of a house in Shanghai, which is eight hours ahead of UTC, go through one night of
the real pipeline with shipped detectors. It runs at two in the afternoon of a Tuesday there.
"""

import contextlib
import io
import json
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import pytest
from sigma_rules import at, correlation, found, rule
from sigma_rules import night as sigma_night
from sigma_rules import written as sigma_pack
from small import House
from workspaces import asked

from nightporter import config
from nightporter.book import write_book
from nightporter.cli.app import main
from nightporter.proof import Proof
from nightporter.rules import Sheet, detector_sources, parse, read_pack, run
from nightporter.rules.faults import faults
from nightporter.rules.reading import draft
from nightporter.rules.sigma import read_sigma
from nightporter.scan import reach
from nightporter.schema import SOURCES
from nightporter.shipped import shipped
from nightporter.window import Window
from nightporter.workspace import lake_of

FIRST, LAST = date(2026, 1, 5), date(2026, 3, 23)  # both Mondays
RULES = (
    "collection/off_hours_bulk_download", "collection/bulk_download",
    "exfiltration/first_removable_media", "presence/first_entry_to_room",
)  # fmt: skip
WHO = ("ana", "bo", "cy", "di", "clerk", "analyst")
TOML = """\
[site.MAIN]
zone = "Asia/Shanghai"
"""
FEED = """
[[feed]]
name = "{source}"
source = "{source}"
paths = ["logs/{source}-*.csv"]
format = "csv"
site = "MAIN"
  [feed.fields]
"""
FIELDS = {
    "access": ("ts", "account", "action", "resource"),
    "usb": ("ts", "account", "host", "action", "device_id"),
    "badge": ("ts", "badge_id", "door_id", "action"),
}


def workdays(first: date, last: date) -> list[date]:
    return [day for day in Window(first, last) if day.weekday() < 5]


def taken(when: str, who: str, files: int) -> list[str]:
    """So many downloads within a minute; a stamp with an offset keeps it."""
    stamp, _, offset = when.partition("+")
    offset = offset and f"+{offset}"
    return [
        f"{stamp}:{n % 60:02}{offset},{who},download,/{who}/{stamp[11:]}/{n}" for n in range(files)
    ]


def usual() -> dict[str, list[str]]:
    """What everybody does on every day of work."""
    days = workdays(FIRST, LAST)
    access = [f"{day} 10:00:00,{who},view,/{who}/plan" for day in days for who in WHO]
    for day in days:
        access += taken(f"{day} 11:00", "clerk", 5) + taken(f"{day} 11:00", "analyst", 120)
    return {
        "access": access,
        "usb": [],
        "badge": [f"{day} 09:00:00,{who},gate,entry" for day in days for who in WHO],
    }


def noted() -> dict[str, list[str]]:
    """What must be found, and what comes close."""
    tuesdays = [day for day in Window(date(2026, 1, 20), date(2026, 3, 10)) if day.weekday() == 1]
    return {
        "access": [
            *taken("2026-03-18 01:00+08:00", "ana", 60),  # 17:00 UTC
            *taken("2026-03-18 11:00+08:00", "bo", 60),  # 03:00 UTC
            *taken("2026-03-11 23:30", "di", 60),  # 15:30 UTC
            *taken("2026-03-12 00:10", "di", 60),
            *taken("2026-03-17 11:00", "clerk", 125),
            *taken("2026-03-17 11:00", "analyst", 125),
            *(line for day in tuesdays for line in taken(f"{day} 10:00", "rare", 5)),
            *taken("2026-03-17 10:00", "rare", 400),
            *taken("2026-03-22 11:00", "ana", 60),
        ],
        "usb": [
            *(f"2026-0{month}-09 15:00:00,cy,pc-cy,write,backup" for month in (1, 2, 3)),
            "2026-03-10 15:00:00,di,pc-di,write,stick",
        ],
        "badge": [
            "2026-03-12 22:00:00,ana,boss,entry",
            *(f"2026-03-12 22:0{n}:00,bo,boss,denied" for n in range(5)),
        ],
    }


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with pytest.MonkeyPatch.context() as patch:
        made = House(tmp_path_factory.mktemp("known"), patch)
        shutil.rmtree(made.root / "own")
        for each in RULES:
            (made.root / "own" / each).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(shipped("detectors") / f"{each}.sql", made.root / "own" / f"{each}.sql")
        _registers(made.root)
        patch.setattr("nightporter.nightly.write_report", lambda *_: None)
        usually, besides = usual(), noted()
        for source in SOURCES:
            lines = [",".join(FIELDS[source]), *usually[source], *besides[source], ""]
            (made.root / "logs" / f"{source}-all.csv").write_text("\n".join(lines))
        night = made.night(date(2026, 3, 24))
        assert night.exit_code == 0, night.problems
        yield made


def _registers(root: Path) -> None:
    names = {
        source: "".join(f'  {field} = "{field}"\n' for field in fields)
        for source, fields in FIELDS.items()
    }
    feeds = [FEED.format(source=source) + names[source] for source in SOURCES]
    (root / "nightporter.toml").write_text(TOML + "".join(feeds))
    for table, key in (("accounts", "account"), ("badges", "badge_id")):
        rows = [f"{who},{who}" for who in (*WHO, "rare", "eve")]
        (root / "context" / f"{table}.csv").write_text("\n".join([f"{key},user_id", *rows, ""]))
    doors = "door_id,kind,owner\ngate,entrance,\nboss,office,eve\n"
    (root / "context" / "doors.csv").write_text(doors)


def flagged(house: House, detector: str) -> set[tuple[str, str]]:
    """Whom a detector found, and on which business day."""
    asking = f"SELECT user_id, day::VARCHAR FROM findings WHERE detector = '{detector}'"
    return set(asked(house.root, asking))


AT_NIGHT = {("ana", "2026-03-17"), ("di", "2026-03-11"), ("ana", "2026-03-22")}


def test_1_the_night_after_a_working_day_counts_as_a_sunday_does(house: House) -> None:
    assert flagged(house, "off_hours_bulk_download") >= AT_NIGHT


def test_2_hours_are_those_of_the_wall_and_not_of_utc(house: House) -> None:
    """In UTC the clerk's morning is night, and somebody's night the afternoon."""
    said = flagged(house, "off_hours_bulk_download")
    assert ("di", "2026-03-11") in said
    assert not {user for user, _ in said} & {"clerk", "analyst", "rare"}


def test_3_the_day_that_is_judged_is_no_part_of_its_own_yardstick(house: House) -> None:
    """The guest's nine days can hold no outlier of three deviations: (n - 1)/sqrt(n) is 2.7."""
    columns = "(columns ->> 'usual')::DOUBLE, (columns ->> 'files')::INT"
    judged = asked(
        house.root,
        f"""SELECT user_id, {columns} FROM findings
        WHERE detector = 'bulk_download' AND day = '2026-03-17' ORDER BY user_id""",
    )
    assert [(user, files) for user, _, files in judged] == [("clerk", 125), ("rare", 400)]
    assert all(usual < 10 for _, usual, _ in judged)


WATCHER = shipped("detectors") / "tampering/watch_the_watcher.sql"
OFF_HOURS = shipped("detectors") / "collection/off_hours_bulk_download.sql"


def changed(path: Path, said: str, instead: str) -> Sheet:
    text = path.read_text("utf-8")
    assert said in text
    return Sheet(path, text.replace(said, instead, 1))


def test_4_a_check_that_is_promised_and_not_made_breaks_a_case() -> None:
    """Watchers may work, "everybody else is named, refused or not": the cases hold it to that."""
    with Proof(parse(Sheet(WATCHER, WATCHER.read_text("utf-8")))) as proof:
        for check, less in (
            ("people.watcher IS NOT TRUE\n    AND ", ""),
            ("NOT automated\n", "outcome <> 'failure'\n"),
        ):
            broken = parse(changed(WATCHER, check, less))
            assert proof.nights.breaking(changed=broken) is not None, check


@pytest.mark.parametrize(
    ("said", "instead", "fault"),
    [
        ("{files} files outside", "more than 50 files outside", "types the number 50"),
        ("most in 90 days {usual_max}", "most ever {most_ever}", "no column 'most_ever'"),
    ],
)
def test_4_a_sentence_promises_only_what_the_select_returns(
    said: str, instead: str, fault: str
) -> None:
    found = faults(draft(changed(OFF_HOURS, said, instead)))
    assert [each.message for each in found if fault in each.message]


def test_5_a_monthly_backup_disk_is_not_new_each_month(house: House) -> None:
    assert flagged(house, "first_removable_media") == {("di", "2026-03-10")}


def test_6_who_is_let_in_is_looked_at_and_not_only_who_is_refused(house: House) -> None:
    assert flagged(house, "first_entry_to_room") == {("ana", "2026-03-12")}


def test_7_an_offset_is_not_read_as_utc(house: House) -> None:
    said = flagged(house, "off_hours_bulk_download")
    assert ("ana", "2026-03-17") in said
    assert "bo" not in {user for user, _ in said}
    hours = "SELECT DISTINCT hour(ts), hour(local_ts) FROM access WHERE action = 'download'"
    assert asked(house.root, f"{hours} AND account = 'bo'") == [(3, 11)]


CORRELATED = {
    "three, the last outside the window": (
        {"type": "event_count", "condition": {"gte": 3}},
        [at(0), at(5), at(10.1)],
    ),
    "three, of two people": (
        {"type": "event_count", "condition": {"gte": 3}},
        [at(0), at(1, account="bo"), at(2)],
    ),
    "first, third, second": (
        {"type": "temporal_ordered"},
        [at(0, host="a"), at(1, host="c"), at(2, host="b")],
    ),
}
STEPS = [rule(f"host: {host}") for host in "abc"]


@pytest.mark.parametrize(("said", "events"), CORRELATED.values(), ids=CORRELATED)
def test_8_windows_groups_and_order_are_kept_to_the_last_step(
    tmp_path: Path, said: dict, events: list[dict]
) -> None:
    steps = STEPS if said["type"] == "temporal_ordered" else [rule("action: view")]
    detector = read_sigma(sigma_pack(tmp_path, *correlation(*steps, timespan="10m", **said)))
    assert found(sigma_night({"access": events}), detector) == set()
    right = sorted(events, key=lambda event: event.get("host", ""))
    kept = [{**event, **{key: at(n)[key] for key in ("ts", "account")}}
            for n, event in enumerate(right)]  # fmt: skip
    assert found(sigma_night({"access": kept}), detector) == {0, 1, 2}


def test_9_the_calendar_is_that_of_the_event_and_not_of_the_scan(house: House) -> None:
    """The scan reads a Sunday and the nights before it in office hours."""
    assert flagged(house, "off_hours_bulk_download") == AT_NIGHT


def test_10_a_burst_across_midnight_is_one(house: House) -> None:
    burst = "detector = 'bulk_download' AND user_id = 'di'"
    asking = f"SELECT day::VARCHAR, columns ->> 'files' FROM findings WHERE {burst}"
    assert asked(house.root, asking) == [("2026-03-11", "120")]


def test_11_rows_come_in_one_order_however_the_events_lie(house: House, tmp_path: Path) -> None:
    pack = read_pack([house.root / "own"]).detectors
    settings, days = config.load(house.root), Window(FIRST, LAST)
    book = tmp_path / "book.duckdb"
    write_book(book, settings, lake_of(settings), days, reach(pack), detector_sources(pack))
    with duckdb.connect(book) as con:
        con.execute("SET timezone = 'UTC'")
        once = [run(con, detector, days, {}).rows() for detector in pack]
        assert max(map(len, once)) > 2
        for table in ("user_day", "seen", "badge"):
            mixed = f"FROM main.{table} AS t ORDER BY hash(t)"
            con.execute(f"CREATE OR REPLACE TABLE main.{table} AS {mixed}")
        assert [run(con, detector, days, {}).rows() for detector in pack] == once


def test_11_findings_are_printed_in_the_order_of_what_they_are(house: House) -> None:
    """Of the day and of an id that the finding's person, day and detector make."""
    with contextlib.redirect_stdout(io.StringIO()) as out, pytest.raises(SystemExit):
        main(["findings", "--json", "--workspace", str(house.root)])
    told = [(row["day"], row["finding_id"]) for row in json.loads(out.getvalue())]
    newest = sorted({day for day, _ in told}, reverse=True)
    assert told == [pair for day in newest for pair in sorted(told) if pair[0] == day]
