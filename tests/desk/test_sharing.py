"""The morning's list after verdicts, and what it says of people whose cases go elsewhere."""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from reported import DAY, NOON, TOML, Outline, Site, evidence, finding

from nightporter import config, context
from nightporter.desk import Act, hidden, read_acts, reader_of, write_acts
from nightporter.exports import Selection, lines
from nightporter.looks import REST, RISEN, Look
from nightporter.morning import morning, seen_of
from nightporter.publish import CALLED, PUBLISHED, Known, publish
from nightporter.risk import rested
from nightporter.rules import load_pack
from nightporter.rules.catalogue import catalogue, knobs
from nightporter.schema import TABLES
from nightporter.window import Window
from nightporter.workspace import lake_of

DESK = '[desk]\nwatchers_to = ["ida"]\n[desk.analysts]\nida = "u2"\n'


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def said(site: Site) -> Any:
    settings = config.load(site.root)
    return morning(settings, lake_of(settings))


def listed(site: Site) -> list[str]:
    return [row["user_id"] for row in said(site)["ranking"]]


def verdict(site: Site, user: str = "ana", **more: Any) -> None:
    settings = config.load(site.root)
    lake = lake_of(settings)
    seen = seen_of(settings, lake, {"user_id": user, "days": []})
    known = {"day": seen.day, "risk": seen.risk, "kinds": seen.kinds, **more}
    act = Act("lena", "verdict", f"case-{user}", user, "authorised", **known)
    write_acts(lake, [act], read_acts(lake))


def test_who_was_reviewed_stands_back_and_is_named_with_the_day_of_return(site: Site) -> None:
    site.scanned(finding(), finding(finding_id="f2", user_id="bo"))
    verdict(site)
    assert listed(site) == ["bo"]
    assert said(site)["rested"] == [
        {"user_id": "ana", "case_id": "case-ana", "verdict": "authorised", "reviewed": DAY,
         "returns": DAY + REST}
    ]  # fmt: skip
    text = " ".join(" ".join(Outline(site.text()).texts).split())
    assert f"authorised on {DAY}, back from {DAY + REST}" in text


def read(site: Site, day: date, at: datetime = NOON) -> None:
    """Somebody reads the report of `day`."""
    lake = lake_of(config.load(site.root))
    act = Act("lena", "read", "", "", day.isoformat(), day=day)
    write_acts(lake, [act], read_acts(lake), at)


def seen_on(site: Site, ago: int, user: str, **more: Any) -> None:
    day = DAY - timedelta(days=ago)
    stamp = NOON - timedelta(days=ago)
    found = {"found_at": stamp, "changed_at": stamp, **more}
    site.scanned(finding(finding_id=user, user_id=user, day=day, **found), day=day, run=user)


def test_once_a_report_was_read_the_list_is_of_whom_something_was_found_since(site: Site) -> None:
    for ago, user in ((9, "ana"), (5, "bo"), (1, "cy")):
        seen_on(site, ago, user)
    site.scanned(run="newest")
    assert listed(site) == ["ana", "bo", "cy"]
    read(site, DAY - timedelta(days=6), NOON - timedelta(days=5, hours=6))
    assert listed(site) == ["bo", "cy"]
    assert said(site)["since"] == DAY - timedelta(days=5)
    read(site, DAY - timedelta(days=1))
    assert listed(site) == ["cy"], "of three days at least"
    assert f"since {DAY - timedelta(days=2)}" in " ".join(Outline(site.text()).texts)


def test_the_list_of_a_morning_stays_when_its_own_report_is_read(site: Site) -> None:
    seen_on(site, 9, "ana")
    site.scanned(run="newest")
    read(site, DAY)
    assert listed(site) == ["ana"]


def test_late_logs_about_a_day_long_past_are_new(site: Site) -> None:
    seen_on(site, 9, "ana", changed_at=NOON)
    seen_on(site, 8, "bo")
    site.scanned(run="newest")
    site.holds(risk=[{"user_id": user, "day": DAY, "risk": 5.0, "factor": 1.0, "parts": "{}"}
                     for user in ("ana", "bo")])  # fmt: skip
    read(site, DAY - timedelta(days=1), NOON - timedelta(hours=1))
    assert [(row["user_id"], row["risk"]) for row in said(site)["ranking"]] == [("ana", 5.0)]


def test_what_waits_for_a_second_person_leaves_the_list_as_it_is(site: Site) -> None:
    site.scanned(finding())
    verdict(site, second=True)
    assert listed(site) == ["ana"]


@pytest.mark.parametrize(
    ("more", "back"),
    [
        ({"detector": "other", "level": "medium"}, True),
        ({"level": "high", "day": DAY + timedelta(days=1)}, True),
        ({"level": "medium", "day": DAY + timedelta(days=1)}, False),
    ],
    ids=["another detector", "a new high one", "a new medium one"],
)
def test_a_reviewed_person_returns_with_something_new(
    site: Site, more: dict[str, Any], back: bool
) -> None:
    site.scanned(finding())
    verdict(site)
    site.scanned(finding(finding_id="f9", **more), day=DAY + timedelta(days=1))
    assert listed(site) == (["ana"] if back else [])


def test_half_as_much_again_or_thirty_days_bring_somebody_back(site: Site) -> None:
    site.scanned(finding(level="medium"))
    lake = lake_of(config.load(site.root))
    bulk, enough = frozenset({"bulk"}), 99.0 / RISEN + 0.1
    for look, back in (
        (Look(DAY, enough, bulk), False),
        (Look(DAY, 99.0 / RISEN, bulk), True),
        (Look(DAY, 0.0, bulk), True),
        (Look(DAY - REST, enough, bulk), True),
        (Look(DAY - REST + timedelta(days=1), enough, bulk), False),
    ):
        assert rested(lake, Window(DAY, DAY), {"ana": look}) == ([] if back else ["ana"]), look


def test_a_later_verdict_changes_no_earlier_morning(site: Site) -> None:
    site.scanned(finding(), day=DAY)
    site.scanned(day=DAY + timedelta(days=1))
    verdict(site)
    settings = config.load(site.root)
    earlier = morning(settings, lake_of(settings), DAY)
    assert [row["user_id"] for row in earlier["ranking"]] == ["ana"]
    assert listed(site) == []


def test_watchers_are_counted_in_the_shared_morning_and_not_shown(site: Site) -> None:
    (site.root / "nightporter.toml").write_text(TOML + DESK)
    (site.root / "context" / "people.csv").write_text("user_id,watcher\nguard,true\nu2,false\n")
    both = {"user_id": None, "candidates": ["ana", "guard"], "title": "Two", "level": "medium"}
    site.scanned(
        finding(user_id="guard", sentence="SECRET one"),
        finding(finding_id="f2", user_id="u2", sentence="SECRET two"),
        finding(finding_id="f3", **both, sentence="SECRET three", about='{"door_id":"d"}'),
        finding(finding_id="f4", user_id="ana", sentence="ana took 9 files"),
        finding(finding_id="f5", user_id=None, candidates=["guard"], sentence="SECRET four"),
    )
    shared = said(site)
    assert [row["user_id"] for row in shared["ranking"]] == ["ana"]
    assert (shared["apart"], shared["levels"]) == (2, {"high": 4, "medium": 1})
    assert [place["candidates"] for place in shared["places"]] == [["ana", "somebody else"]]
    page = site.text()
    assert "2 people more would stand on the list" in page
    for word in ("SECRET", "guard"):
        assert word not in page and word not in repr(shared)


def test_files_that_are_given_away_tell_nothing_of_watchers(site: Site) -> None:
    (site.root / "context" / "people.csv").write_text("user_id,watcher\nu2,false\n")
    both = {"user_id": None, "candidates": ["ana", "guard"], "title": "Two"}
    site.scanned(
        finding(user_id="guard", sentence="SECRET one"),
        finding(finding_id="f3", **both, sentence="SECRET three", columns='{"who":"guard"}'),
        finding(finding_id="f4", user_id="ana", sentence="ana took 9 files"),
    )
    whose = [{"user_id": user, "day": DAY} for user in ("guard", "ana")]
    ids = ("f1", "f3", "f4")
    site.holds(
        evidence=[
            evidence(finding_id="f1", user_id="guard"),
            evidence(finding_id="f3", user_id="guard", event="access/a/3"),
            evidence(finding_id="f4", user_id="ana", event="access/a/4"),
        ],
        finding_history=[
            {"finding_id": each, "day": DAY, "sentence": f"SECRET {each}"} for each in ids[:2]
        ],
        cases=[{**row, "case_id": row["user_id"], "opened": DAY} for row in whose],
        flagged=[{**row, "event": "e", "source": "access", "ts": NOON} for row in whose],
        nearby=[
            {"user_id": "ana", "day": DAY, "how": "zone", "what": "z", "other": who}
            for who in ("guard", "bo")
        ],
        exceptions=[{"name": "x", "people": ["guard"], "reason": "SECRET"}],
    )  # fmt: skip
    lake = lake_of(config.load(site.root))
    write_acts(
        lake,
        [Act("lena", "note", "c", user, note=f"{user}?") for user in ("guard", "ana")],
        read_acts(lake),
    )
    whole = given_away(site)
    assert [name for name, text in whole.items() if "guard" not in text and "SECRET" not in text
            and name not in ("places", "robots")] == []  # fmt: skip
    guarded = "user_id,watcher\nguard,true\nu2,false\n"
    (site.root / "context" / "people.csv").write_text(guarded)
    (site.root / "nightporter.toml").write_text(TOML + DESK)
    shared = given_away(site)
    assert [name for name, text in shared.items() if "guard" in text or "SECRET" in text] == []
    assert {name for name, text in shared.items() if "ana" not in text} <= {
        "finding_history", "exceptions", "places", "robots",
    }  # fmt: skip


def test_an_export_has_no_event_of_a_watcher_in_somebody_else_s_finding(site: Site) -> None:
    (site.root / "nightporter.toml").write_text(TOML + DESK)
    (site.root / "context" / "people.csv").write_text("user_id,watcher\nguard,true\nu2,false\n")
    site.scanned(finding())
    mine = evidence(user_id="guard", event="access/a/2", record='{"account":"guard"}')
    site.holds(evidence=[evidence(), mine])
    export = given_away(site)["export"]
    assert '"events":1' in export and "guard" not in export


def given_away(site: Site) -> dict[str, str]:
    """The tables of findings.duckdb that tell of people, and an export."""
    settings = config.load(site.root)
    lake, pack = lake_of(settings), load_pack(settings)
    tables = context.read_tables(settings)
    publish(settings, lake, Known(catalogue(pack), knobs(pack, settings.knobs), tables))
    reader = reader_of(settings, tables, "soc")
    chosen = Selection(without=hidden(lake, reader))
    with duckdb.connect(str(site.root / "findings.duckdb"), read_only=True) as con:
        told = {CALLED.get(name, name): "" for name in PUBLISHED if "user_id" in
                TABLES[name].columns or name in ("finding_history", "exceptions")}  # fmt: skip
        for name in told:
            told[name] = repr(con.execute(f"FROM {name}").fetchall())
    return {**told, "export": "".join(lines(lake, "jsonl", chosen))}
